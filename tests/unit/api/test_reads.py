"""Queries read each kind of thing once, however many ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.incident import IncidentKind
from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.stack import Stack, StackStop, Waiting
from gateway.flow.learning.health import AccountHealth, CarrierHealth
from gateway.flow.quoting.breaker import BreakerState
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fake_reads import GOOD_TOKEN
from tests.unit.api.fakes import House, publishable, tracking

UNIT_ID = w.UNIT.id


async def test_fifty_deliveries_and_all_around_them_take_one_read_of_each_kind(
    run: Run, house: House
) -> None:
    many = [replace(w.delivery(n), order_id=w.id_of("ord", n)) for n in range(1, 51)]
    house.reads.things["deliveries"] = {kept.id: kept for kept in many}
    house.reads.things["orders"] = {kept.order_id: replace(w.ORDER, id=kept.order_id) for kept in many}
    document = """{ deliveries(first: 50) { nodes { id order { number store { name } } origin { name }
      activeLeg { carrier { name } } events(first: 5) { nodes { text } } exceptions(first: 2) { nodes { id } }
      tracking { merchant { name } } } } }"""
    result = await run(document)
    assert result.errors is None
    assert result.data is not None
    assert len({node["order"]["number"] for node in result.data["deliveries"]["nodes"]}) == 1
    assert dict(house.reads.calls) == dict.fromkeys(
        [
            "find_deliveries",
            "orders",
            "stores",
            "locations",
            "carriers",
            "events_of",
            "incidents_of",
            "merchant",
        ],
        1,
    )
    assert len(dict(house.reads.batches)["orders"]) == 50


async def test_what_surrounds_thirty_legs_and_accounts_is_asked_for_once(run: Run, house: House) -> None:
    vans = replace(w.QUOTES.quotes[0], offer=replace(w.QUOTES.quotes[0].offer, mode=DeliveryMode.OWN_FLEET))
    answers = replace(w.QUOTES, quotes=(vans,))
    many, things = [], house.reads.things
    for number in range(1, 31):
        kept, account_id = w.delivery(number), w.id_of("acc", number)
        alone, promised = Money(500, "EUR"), vans.offer.promise
        stop = StackStop(UNIT_ID, kept.id, kept.legs[0].id, answers.id, alone, w.NOW, promised)
        things["stacks"][f"s{number}"] = Stack(
            f"s{number}",
            w.MERCHANT.id,
            account_id,
            "slow_bikes",
            "day",
            Money(400, "EUR"),
            (stop,),
            w.NOW,
            w.LOCATION,
        )
        leg = replace(kept.legs[0], stack_id=f"s{number}", quote_id=vans.id)
        many.append(replace(kept, legs=(leg,), quote_set_id=answers.id))
        things["carrier_accounts"][account_id] = CarrierAccount(
            account_id, w.MERCHANT.id, "slow_bikes", "Bikes", DeliveryMode.COURIER
        )
    things |= {"deliveries": {one.id: one for one in many}, "quote_sets": {answers.id: answers}}
    things["stack_waits"][UNIT_ID] = Waiting(w.MERCHANT.id, UNIT_ID, w.LOCATION.id, answers.id, w.NOW, w.NOW)
    well = AccountHealth(CarrierHealth.HEALTHY, BreakerState.CLOSED, "", 0, 1, 0)
    house.commands.answers |= {
        "slots_of": [()],
        "account_health": dict.fromkeys(things["carrier_accounts"], well),
    }
    document = """{ deliveries { nodes { activeLeg { stack { position saving { amount }
        stops { deliveryReference } } } fulfillmentOrder { waitsUntil { at reason } }
        tracking { actions slots { nodes { id } } } } }
      carrierAccounts { nodes { health breaker { state } } } }"""
    result = await run(document)
    assert result.errors is None
    assert result.data is not None
    places = [node["activeLeg"]["stack"] for node in result.data["deliveries"]["nodes"]]
    assert [place["stops"][0]["deliveryReference"] for place in places] == [one.reference for one in many]
    assert {(place["position"], place["saving"]["amount"]) for place in places} == {(1, "1.00")}
    once = [
        "find_deliveries",
        "stacks",
        "deliveries",
        "fulfillment_orders",
        "stack_waits",
        "last_attempts_of",
    ]
    once += ["merchant", "quote_sets", "find_carrier_accounts"]
    assert dict(house.reads.calls) == dict.fromkeys(once, 1)
    # Ways to the same option are one question.
    asked = [
        (name, len(given["options"] if name == "slots_of" else given["account_ids"]))
        for name, given in house.commands.asked
    ]
    assert sorted(asked) == [("account_health", 30), ("slots_of", 1)]


@pytest.mark.parametrize(
    ("id_", "typename"),
    [
        (w.ORDER.id, "Order"),
        (w.UNIT.id, "FulfillmentOrder"),
        (w.QUOTES.id, "QuoteSet"),
        (w.CHOICE.id, "DeliveryChoice"),
        (w.DELIVERY.id, "Delivery"),
        (w.incident().id, "DelayException"),
        (w.PLAN.id, "RoutePlan"),
        (w.ROUTE.id, "Route"),
        (w.DRIVER.id, "Driver"),
        (w.STORE.id, "Store"),
        (w.LOCATION.id, "Location"),
        (w.MESSAGE.id, "QuarantinedMessage"),
    ],
)
async def test_node_answers_with_the_type_of_the_id(run: Run, id_: str, typename: str) -> None:
    result = await run("query($id: ID!) { node(id: $id) { __typename id } }", None, id=id_)
    assert result.data == {"node": {"__typename": typename, "id": id_}}


async def test_nodes_keep_the_order_and_show_what_is_missing(run: Run) -> None:
    asked = [w.STORE.id, w.id_of("ord", 99), w.ORDER.id]
    result = await run("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", None, ids=asked)
    assert result.data == {"nodes": [{"id": w.STORE.id}, None, {"id": w.ORDER.id}]}


async def test_nodes_take_a_hundred_ids_at_most(run: Run) -> None:
    result = await run("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", None, ids=[w.ORDER.id] * 101)
    assert fault(result)["issues"][0]["code"] == "TOO_MANY"


@pytest.mark.parametrize("id_", ["", "ord_short", "nonsense", w.id_of("leg"), w.id_of("key")])
async def test_what_is_no_node_is_invalid_input(run: Run, id_: str) -> None:
    result = await run("query($id: ID!) { node(id: $id) { id } }", None, id=id_)
    assert fault(result)["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("kind", "typename"),
    [
        (IncidentKind.ETA_PAST_PROMISE, "DelayException"),
        (IncidentKind.CARRIER_DOWN, "CarrierException"),
        (IncidentKind.GPS_SILENT, "FleetException"),
        (IncidentKind.DAMAGED, "OtherException"),
    ],
)
async def test_an_exception_has_the_type_of_its_kind(
    run: Run, house: House, kind: IncidentKind, typename: str
) -> None:
    house.reads.things["incidents"] = {w.incident(kind).id: w.incident(kind)}
    document = """{ deliveryExceptions { nodes { __typename id kind title history { nodes { text } }
      ... on DelayException { lateRisk eta { at } }
      ... on CarrierException { rawCode leg { id } carrier { code } }
      ... on FleetException { driver { name status } lastPosition { ageSeconds } } } } }"""
    result = await run(document)
    assert result.errors is None
    assert result.data is not None
    node = result.data["deliveryExceptions"]["nodes"][0]
    assert (node["__typename"], node["kind"]) == (typename, kind.value)
    shown: dict[str, Any] = {
        "DelayException": {"lateRisk": 0.1},
        "CarrierException": {"rawCode": "late", "leg": {"id": w.LEG.id}, "carrier": {"code": "slow_bikes"}},
        "FleetException": {"driver": {"name": "Kim", "status": "DRIVING"}, "lastPosition": {"ageSeconds": 0}},
        "OtherException": {},
    }
    assert shown[typename].items() <= node.items()


async def test_the_lists_of_the_fleet_and_the_account_are_filled(run: Run) -> None:
    document = """{ drivers { total { value }
        nodes { name status shiftStart currentRoute { id } depot { name } } }
      routes { nodes { id driver { name } plan { id } stops { sequence deliveries { id } route { id } } } }
      stores { nodes { name platform } } locations { nodes { address { phone countryCode } } }
      carriers { code name } quarantine { nodes { topic problem { code path } store { name } rawBody } } }"""
    result = await run(document)
    assert result.errors is None
    assert result.data is not None
    assert result.data["quarantine"]["nodes"][0]["problem"] == {"code": "INVALID_INPUT", "path": ["total"]}
    assert result.data["routes"]["nodes"][0]["stops"][0]["deliveries"] == [{"id": w.DELIVERY.id}]
    assert result.data["drivers"]["nodes"][0]["shiftStart"] == "08:00"


async def test_a_plan_shows_what_found_no_place(run: Run) -> None:
    document = """query($id: ID!) { routePlan(id: $id) { status date progress { fraction bestCost { amount } }
      routes { nodes { id } } unassigned { nodes { deliveryId reasons { code text } } total { value } } } }"""
    result = await run(document, None, id=w.PLAN.id)
    assert result.data is not None
    plan = result.data["routePlan"]
    assert plan["progress"] == {"fraction": 0.5, "bestCost": {"amount": "12.34"}}
    assert plan["unassigned"]["nodes"][0]["reasons"] == [
        {"code": "NO_CAPACITY", "text": "All vans are full."}
    ]


async def test_tracking_by_token_shows_a_shopper_what_they_may_see(run: Run) -> None:
    document = """query($t: TrackingToken) { tracking(token: $t) { ... on Tracking { stage headline
      destination { latitude longitude } courier { displayName } carrierName positionHidden
      position { ageSeconds } merchant { name supportUrl } expiresAt } ... on TokenRejected { code } } }"""
    result = await run(document, publishable(), t=GOOD_TOKEN)
    assert result.data is not None
    assert result.data["tracking"] == {
        "stage": "ON_THE_WAY",
        "headline": "Your order is on its way",
        # Rounded from 40.416775, -3.703790.
        "destination": {"latitude": 40.417, "longitude": -3.704},
        "courier": {"displayName": "Robin"},
        "carrierName": "Slow Bikes",
        "positionHidden": None,
        "position": {"ageSeconds": 12},
        "merchant": {"name": "Green Grocer", "supportUrl": "https://grocer.example"},
        "expiresAt": "2026-12-01T00:00:00.000Z",
    }
    wrong = await run(document, publishable(), t="stolen")
    assert wrong.data == {"tracking": {"code": "TOKEN_INVALID"}}


async def test_without_a_token_a_storefront_tracks_nothing(run: Run) -> None:
    document = "{ tracking { ... on TokenRejected { code message } ... on Tracking { id } } }"
    result = await run(document, publishable())
    assert result.data is not None
    assert result.data["tracking"]["code"] == "TOKEN_INVALID"
    assert (await run(document, tracking())).data == {"tracking": {"id": w.DELIVERY.id}}
