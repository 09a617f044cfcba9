"""Who sees what of tracking: a table of every audience and field, over what each is really told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import product
from typing import Any

import pytest

from doorstep.delivery import Delivery, DeliveryEvent, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import EtaBasis
from doorstep.geo import LatLng, encode_polyline
from doorstep.loss_claim import ClaimEvidence, ClaimReason, ClaimStatus, LossClaim
from doorstep.money import Money
from doorstep.position import Position
from doorstep.proof import ProofKind
from doorstep.visibility import (
    TOLD,
    USUAL,
    Shown,
    TrackingAudience,
    TrackingField,
    VisibilityRule,
    VisibilityRules,
    as_seen,
)
from doorstep.webhook import WebhookEndpoint, WebhookTopic
from gateway.api import shopper_view
from gateway.api.ports.records import Page
from gateway.api.tracking_moves import mask_of
from gateway.auth.caller import Audience, Caller
from gateway.flow.messaging.systems.body import of_delivery
from gateway.flow.telling.report import Standing, compose
from gateway.flow.tracking.along import way_of
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, tracking

A, F = TrackingAudience, TrackingField
AT = w.DELIVERY.eta.at if w.DELIVERY.eta is not None else w.NOW
VAN = replace(
    w.DELIVERY,
    driver_id=w.DRIVER.id,
    eta=replace(w.DELIVERY.eta, stops_before=2, basis=EtaBasis.ROAD) if w.DELIVERY.eta else None,
)
DRIVER = Caller(Audience.DRIVER, w.MERCHANT.id, "", frozenset(), driver_id=w.DRIVER.id)
TOPICS = (WebhookTopic.DELIVERY_UPDATED,)
HOOK = WebhookEndpoint(
    "whe", w.MERCHANT.id, "ERP", "https://erp.example", TOPICS, w.NOW, with_personal_data=True
)

See = Callable[[Run, House], Awaitable[set[TrackingField]]]


def _named(courier: Any, name: str, phone: str, vehicle: str) -> set[TrackingField]:
    if courier is None:
        return set()
    found = {F.COURIER_NAME: courier.get(name), F.COURIER_PHONE: courier.get(phone)}
    seen = {field for field, value in found.items() if value}
    return seen | ({F.VEHICLE} if courier.get(vehicle, "OTHER") != "OTHER" else set())


def _arrival(eta: Any) -> set[TrackingField]:
    if eta is None:
        return set()
    said = eta["at"].replace("Z", "+00:00")
    is_point = said.startswith(f"{AT.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
    return {F.ETA} | ({F.ETA_POINT} if is_point else set()) | _stops(eta)


def _stops(eta: Any) -> set[TrackingField]:
    return {F.STOPS_BEFORE} if eta.get("stopsBefore") is not None else set()


async def _shopper(run: Run, house: House) -> set[TrackingField]:
    document = """{ tracking { ... on Tracking { position { location { latitude } }
      courier { displayName vehicle proxyPhone } eta { at stopsBefore } } } }"""
    shown = await _asked(run, document, tracking(), "tracking")
    place = {F.LIVE_PLACE} if shown["position"] else set()
    return place | _named(shown["courier"], "displayName", "proxyPhone", "vehicle") | _arrival(shown["eta"])


async def _driver(run: Run, house: House) -> set[TrackingField]:
    document = f'{{ route(id: "{w.ROUTE.id}") {{ stops {{ eta {{ at stopsBefore }} }} }} }}'
    (stop,) = (await _asked(run, document, DRIVER, "route"))["stops"]
    return _arrival(stop["eta"])


async def _desk(run: Run, house: House) -> set[TrackingField]:
    document = f"""{{ delivery(id: "{w.DELIVERY.id}") {{ activeLeg {{ position {{ ageSeconds }}
      courier {{ displayName vehicle proxyPhone }} }} driver {{ position {{ ageSeconds }} }}
      events(first: 1) {{ nodes {{ location {{ latitude }} }} }} }} }}"""
    here = Position(w.STATE.position.location, w.NOW)
    house.reads.events = {w.DELIVERY.id: (replace(w.EVENT, position=here),)}
    shown = await _asked(run, document, None, "delivery")
    leg = shown["activeLeg"]
    (event,) = shown["events"]["nodes"]
    assert (leg["position"] is None) == (event["location"] is None), "where something happened is a place too"
    assert (leg["position"] is None) == (shown["driver"]["position"] is None)
    place = {F.LIVE_PLACE} if leg["position"] else set()
    return place | _named(leg["courier"], "displayName", "proxyPhone", "vehicle")


async def _store(run: Run, house: House) -> set[TrackingField]:
    rules = house.reads.account.visibility
    here = Position(w.STATE.position.location, w.NOW)
    event = DeliveryEvent(
        "evt", w.MERCHANT.id, VAN.id, w.LEG.id, DeliveryStatus.PICKED_UP, w.NOW, w.NOW, EventSource.CARRIER,
        "1", "", position=here,
    )  # fmt: skip
    report = compose(
        Standing(
            w.STORE, w.ORDER, w.UNIT, as_seen(VAN, A.STORE, rules, w.NOW), (event,),
            shows_places=rules.shows(A.STORE, F.LIVE_PLACE),
        )
    )  # fmt: skip
    place = {F.LIVE_PLACE} if report.milestones[0].location else set()
    expected = report.expected_at
    return place | _arrival(None if expected is None else {"at": expected.isoformat()})


async def _webhook(run: Run, house: House) -> set[TrackingField]:
    seen = as_seen(VAN, A.WEBHOOK, house.reads.account.visibility, w.NOW)
    data = json.loads(of_delivery(seen, "https://x.example", is_new=False).body(HOOK, w.NOW))["data"]
    place = {F.LIVE_PLACE} if "position" in data else set()
    eta = data["eta"] and {"at": data["eta"]["at"], "stopsBefore": data["eta"].get("stops_before")}
    return place | _named(data.get("courier"), "name", "phone", "vehicle") | _arrival(eta)


async def _asked(run: Run, document: str, caller: Caller | None, name: str) -> Any:
    result = await run(document, caller)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data[name]


SEES: dict[TrackingAudience, See] = {
    A.SHOPPER: _shopper, A.DRIVER: _driver, A.DESK: _desk, A.STORE: _store, A.WEBHOOK: _webhook,
}  # fmt: skip
BESIDE = {F.ETA: {F.ETA, F.ETA_POINT, F.STOPS_BEFORE}}
"""What goes with a field that goes."""
NOT_OF_A_DELIVERY = {F.PROOF}
"""Evidence of claims; see the test of its own."""


@pytest.fixture
def van(house: House) -> House:
    """An own van, two stops away, that has just said where it is."""
    house.reads.things["deliveries"][w.DELIVERY.id] = VAN
    return house


def _rules(house: House, *rules: VisibilityRule) -> None:
    house.reads.account = replace(w.MERCHANT, visibility=VisibilityRules(rules))


@pytest.mark.parametrize(("audience", "field"), list(product(A, F)))
async def test_every_audience_sees_of_each_field_what_the_merchant_says(
    run: Run, van: House, audience: TrackingAudience, field: TrackingField
) -> None:
    if field not in TOLD[audience]:
        with pytest.raises(ValueError, match="is never told"):
            VisibilityRule(audience, field, Shown.ALWAYS)
        _rules(van, *(VisibilityRule(audience, each) for each in TOLD[audience]))
        assert field not in await SEES[audience](run, van)
        return
    if field in NOT_OF_A_DELIVERY:
        return
    every = [VisibilityRule(audience, each) for each in TOLD[audience] if each is not field]
    _rules(van, *every, VisibilityRule(audience, field))
    assert await SEES[audience](run, van) == TOLD[audience] - NOT_OF_A_DELIVERY
    _rules(van, *every, VisibilityRule(audience, field, Shown.NEVER))
    gone = BESIDE.get(field, {field})
    assert await SEES[audience](run, van) == TOLD[audience] - NOT_OF_A_DELIVERY - gone


@pytest.mark.parametrize("audience", A)
async def test_what_is_usual_shows_systems_no_courier_and_shoppers_no_far_van(
    run: Run, van: House, audience: TrackingAudience
) -> None:
    usual = {field for (who, field), rule in USUAL.items() if who is audience and rule.allows(VAN, w.NOW)}
    assert await SEES[audience](run, van) == usual - NOT_OF_A_DELIVERY
    assert (F.COURIER_NAME in usual) == (audience in {A.SHOPPER, A.DESK})
    far = replace(VAN, eta=replace(VAN.eta, stops_before=4) if VAN.eta else None)
    van.reads.things["deliveries"][w.DELIVERY.id] = far
    if audience is A.SHOPPER:
        assert F.LIVE_PLACE not in await SEES[audience](run, van)


@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED, DeliveryStatus.FAILED])
async def test_the_map_and_the_courier_are_gone_once_it_is_over_whatever_the_merchant_says(
    run: Run, van: House, status: DeliveryStatus
) -> None:
    over = replace(VAN, status=status)
    van.reads.things["deliveries"][w.DELIVERY.id] = over
    told = (A.SHOPPER, A.WEBHOOK)
    _rules(van, *(VisibilityRule(who, field) for who in told for field in TOLD[who]))
    assert await SEES[A.SHOPPER](run, van) == set()
    seen = as_seen(over, A.WEBHOOK, van.reads.account.visibility, w.NOW)
    assert (seen.legs[0].courier, seen.legs[0].position) == (None, None)
    # And what the van goes on saying reaches nobody who watched.
    mask = mask_of(over, van.reads.account.visibility, w.NOW)
    assert mask(Position(w.STATE.position.location, w.NOW), w.NOW) == "FINISHED"


def _place(shown: Shown) -> VisibilityRules:
    return VisibilityRules((VisibilityRule(A.SHOPPER, F.LIVE_PLACE, shown),))


def _near(stops: int | None = None, minutes: int | None = None) -> VisibilityRules:
    return VisibilityRules((VisibilityRule(A.SHOPPER, F.LIVE_PLACE, Shown.NEAR, stops, minutes),))


def _arrives(minutes: float, stops_before: int | None) -> Delivery:
    eta = VAN.eta and replace(VAN.eta, at=w.NOW + timedelta(minutes=minutes), stops_before=stops_before)
    return replace(VAN, eta=eta)


@pytest.mark.parametrize(
    ("rules", "delivery", "hidden"),
    [
        (_near(stops=1), _arrives(5, 1), None),
        (_near(stops=1), _arrives(5, 2), "TOO_MANY_STOPS_BEFORE"),
        (_near(stops=1), _arrives(5, None), "TOO_MANY_STOPS_BEFORE"),
        (_near(minutes=10), _arrives(10, 9), None),
        (_near(minutes=10), _arrives(11, 0), "TOO_EARLY"),
        (_near(minutes=10), replace(VAN, eta=None), "TOO_EARLY"),
        (_near(stops=0, minutes=10), _arrives(9, 1), "TOO_MANY_STOPS_BEFORE"),
        # A courier with one order has no stops before: only the time counts.
        (_near(stops=0, minutes=10), replace(_arrives(9, None), driver_id=None), None),
        (_place(Shown.NEVER), _arrives(1, 0), "NOT_SHARED"),
        (_place(Shown.ALWAYS), _arrives(600, 40), None),
    ],
)  # fmt: skip
def test_a_place_is_shown_as_near_as_the_merchant_wants(
    rules: VisibilityRules, delivery: Delivery, hidden: str | None
) -> None:
    fix = Position(w.STATE.position.location, w.NOW)
    assert shopper_view.position_hidden(delivery, fix, rules, w.NOW) == hidden


def test_without_its_point_an_arrival_is_said_by_the_end_of_its_window() -> None:
    rules = VisibilityRules((VisibilityRule(A.SHOPPER, F.ETA_POINT, Shown.NEVER),))
    seen = as_seen(VAN, A.SHOPPER, rules, w.NOW)
    assert VAN.eta is not None
    assert seen.eta == replace(VAN.eta, at=VAN.eta.interval.end)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((A.DESK, F.LIVE_PLACE, Shown.NEAR, 2), "ALWAYS or NEVER"),
        ((A.SHOPPER, F.LIVE_PLACE, Shown.NEAR), "NEAR takes"),
        ((A.SHOPPER, F.LIVE_PLACE, Shown.ALWAYS, 2), "NEAR takes"),
        ((A.SHOPPER, F.LIVE_PLACE, Shown.NEAR, 51), "stops_before must be 0 to 50"),
        ((A.SHOPPER, F.PROOF, Shown.ALWAYS), "never told"),
    ],
)
def test_rules_that_make_no_sense_are_refused(given: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        VisibilityRule(*given)


def test_a_pair_is_named_once() -> None:
    rule = VisibilityRule(A.SHOPPER, F.ETA)
    with pytest.raises(ValueError, match="once"):
        VisibilityRules((rule, rule))


SAVE = """mutation($in: SaveVisibilityRulesInput!) { saveVisibilityRules(input: $in) {
  ... on SaveVisibilityRulesSuccess { visibilityRules { exactDays version
    rules { audience field shown stopsBefore minutesBefore isUsual } } }
  ... on InvalidInput { issues { path message } } ... on StateConflict { code currentVersion } } }"""


async def test_rules_are_saved_whole_and_shown_with_all_that_is_usual(run: Run, house: House) -> None:
    wanted = VisibilityRules((VisibilityRule(A.SHOPPER, F.LIVE_PLACE, Shown.NEAR, 1, 15),), exact_days=7)
    house.commands.answers["save_merchant_rules"] = replace(w.MERCHANT, visibility=wanted)
    given = {
        "audience": "SHOPPER",
        "field": "LIVE_PLACE",
        "shown": "NEAR",
        "stopsBefore": 1,
        "minutesBefore": 15,
    }
    result = await run(SAVE, None, **{"in": {"rules": [given], "exactDays": 7, "expectedVersion": 3}})
    assert result.errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": wanted, "expected_version": 3})]
    assert result.data is not None
    shown = result.data["saveVisibilityRules"]["visibilityRules"]
    table = {(row["audience"], row["field"]): row for row in shown["rules"]}
    assert set(table) == {(audience.value, field.value) for audience, field in USUAL}
    assert table["SHOPPER", "LIVE_PLACE"] == given | {"isUsual": False}
    assert (table["SHOPPER", "ETA"]["isUsual"], shown["exactDays"]) == (True, 7)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"rules": [{"audience": "DESK", "field": "ETA", "shown": "NEVER"}]}, ["input", "rules", "0"]),
        ({"exactDays": 0}, ["input", "exactDays"]),
    ],
)
async def test_what_makes_no_sense_is_not_saved(
    run: Run, house: House, given: dict[str, Any], path: list[str]
) -> None:
    result = await run(SAVE, None, **{"in": given})
    assert result.errors is None
    assert result.data is not None
    (issue,) = result.data["saveVisibilityRules"]["issues"]
    assert issue["path"][: len(path)] == path
    assert house.commands.asked == []


async def test_only_who_configures_sees_the_rules(run: Run) -> None:
    result = await run("{ viewer { merchant { visibilityRules { version } } } }", tracking())
    assert fault(result)["code"] == "FORBIDDEN"


async def test_the_desk_sees_proofs_of_claims_unless_the_merchant_says_otherwise(
    run: Run, house: House
) -> None:
    proof = ClaimEvidence(ProofKind.PHOTO, "https://carrier.example/p.jpg")
    claim = LossClaim(
        w.id_of("clm"), w.MERCHANT.id, w.ORDER.id, w.DELIVERY.id, w.LEG.id, "slow_bikes", w.id_of("exc"),
        ClaimReason.LOST, ClaimStatus.DRAFT, Money(100, "EUR"), w.NOW, w.NOW, evidence=(proof,),
    )  # fmt: skip
    house.commands.answers["claims"] = Page((claim,), ("1",))
    document = "{ lossClaims(first: 1) { nodes { evidence { kind url } } } }"

    async def urls() -> list[str | None]:
        (shown,) = (await _asked(run, document, None, "lossClaims"))["nodes"]
        return [one["url"] for one in shown["evidence"]]

    assert await urls() == [proof.url]
    _rules(house, VisibilityRule(A.DESK, F.PROOF, Shown.NEVER))
    assert await urls() == [None]


async def test_a_silent_van_is_shown_where_it_would_be_with_the_age_of_its_last_word(
    run: Run, house: House
) -> None:
    # The way leads due north, 5.2 km in 1,100 s; nothing was heard for six minutes.
    path = [LatLng(40.40 + n / 1000, -3.70) for n in range(47)]
    stop = replace(w.STOP, location=path[-1])
    house.reads.things["routes"][w.ROUTE.id] = tour = replace(
        w.ROUTE, stops=(stop,), polyline=encode_polyline(path), origin=path[0]
    )
    here = replace(w.STATE.position, location=path[10], recorded_at=w.NOW - timedelta(minutes=6))
    way = way_of(tour)
    assert way is not None
    state = replace(w.STATE, position=here, along=way.nearest(path[10]))
    house.reads.things["driver_states"][w.DRIVER.id] = state
    document = f"""{{ driver(id: "{w.DRIVER.id}") {{
      position {{ isPredicted ageSeconds location {{ latitude }} }} }} }}"""
    shown = (await _asked(run, document, None, "driver"))["position"]
    # 360 s at 5,115 m in 1,100 s are 1,674 m, 15 thousandths of a degree.
    assert shown["location"]["latitude"] == pytest.approx(40.425, abs=2e-4)
    assert (shown["isPredicted"], shown["ageSeconds"]) == (True, 360)
    heard = replace(state, position=replace(here, recorded_at=w.NOW))
    house.reads.things["driver_states"][w.DRIVER.id] = heard
    shown = (await _asked(run, document, None, "driver"))["position"]
    assert (shown["isPredicted"], shown["location"]["latitude"]) == (False, path[10].lat)
