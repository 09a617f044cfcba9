"""When something counts as wrong with a delivery, and when it is well again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.audit import Actor
from doorstep.delivery import Delivery, DeliveryEvent, DeliveryFlag, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.geo import LatLng
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Severity
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.position import Position
from doorstep.quote import DeliveryMode
from doorstep.watch_rules import KindRule, WatchRules
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.watching import at_pickup, at_promise, on_the_way
from gateway.flow.watching.catalogue import TABLE, Seen, severity_of
from gateway.flow.watching.closed_before import is_quiet
from gateway.flow.watching.incidents import Alarm
from gateway.flow.watching.sight import DeliveryRule, DeliverySight, Well
from gateway.flow.watching.signs import DELIVERY_RULES, VAN_RULES, deserves_a_look, is_as_known

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
DOOR = LatLng(39.9, -71.5)
STATUS = DeliveryStatus
METRE = 1 / 111_195


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def sight(rules: WatchRules | None = None, **facts: Any) -> DeliverySight:
    """A courier's booking of an hour ago, with its pickup due in half an hour and promised in one."""
    leg = Leg(
        "leg_1", "acc_1", "cheap", "now", DeliveryMode.COURIER, STATUS.BOOKED, Money(500, "USD"), "leg_1",
        external_id="cheap-1", booked_at=NOON - minutes(60), pickup_by=NOON + minutes(30),
    )  # fmt: skip
    leg = replace(leg, **facts.pop("leg", {}))
    window = Window(NOON - minutes(60), NOON + minutes(60))
    promise = Promise(window, "UTC", PromiseBasis.CARRIER_COMMITMENT)
    delivery = Delivery(
        "del_1", "mer_1", "ord_1", "ful_1", "1001-1", leg.status, "loc_1", Address("US", location=DOOR), (),
        NOON - minutes(60), NOON, legs=(leg,), promise=promise,
    )  # fmt: skip
    delivery = replace(delivery, **facts.pop("delivery", {}))
    merchant = Merchant("mer_1", "Shop", "USD", "UTC", watch=rules or WatchRules())
    return DeliverySight(merchant, delivery, **{"now": NOON, **facts})


def eta(at: float, early: float = 5, late: float = 10) -> Eta:
    window = Window(NOON + minutes(at - early), NOON + minutes(at + late))
    return Eta(NOON + minutes(at), window, 0.8, EtaBasis.ROAD, NOON)


def found(rule: DeliveryRule, **facts: Any) -> str:
    """ALARM, WELL or NONE."""
    seen = sight(**facts)
    result = rule(seen)
    if isinstance(result, Alarm):
        assert deserves_a_look(seen), "what is wrong is looked at"
        assert result.delivery_id == "del_1"
        return "ALARM"
    return "WELL" if isinstance(result, Well) else "NONE"


def test_the_table_has_the_21_exceptions_and_every_rule_stands_in_it() -> None:
    assert len(TABLE) == 21
    for kind in (*DELIVERY_RULES, *VAN_RULES):
        assert TABLE[kind].seen is not Seen.REPORTED


PARCEL = {"mode": DeliveryMode.PARCEL, "status": STATUS.IN_TRANSIT, "picked_up_at": NOON - timedelta(days=9)}


@pytest.mark.parametrize(
    ("facts", "misses", "risk"),
    [
        ({}, "WELL", "WELL"),
        ({"delivery": {"eta": eta(60)}}, "WELL", "WELL"),
        # The middle is late, the early end is not; then that as well.
        ({"delivery": {"eta": eta(61)}}, "WELL", "ALARM"),
        ({"delivery": {"eta": eta(66)}}, "ALARM", "WELL"),
        # Five minutes behind the middle, of an interval of 80 % that ends after ten: one in four.
        ({"delivery": {"eta": eta(55)}, "rules": WatchRules(late_risk_percent=26)}, "WELL", "WELL"),
        ({"delivery": {"eta": eta(55)}, "rules": WatchRules(late_risk_percent=24)}, "WELL", "ALARM"),
        ({"delivery": {"eta": eta(59)}, "rules": WatchRules(late_grace_s=600)}, "WELL", "WELL"),
        # The last word is late, for sure and not, and all before were not: the next one may take it back.
        ({"delivery": {"eta": eta(62), "lasting_risk": 0.4}}, "WELL", "WELL"),
        ({"delivery": {"eta": eta(66), "lasting_risk": 0.4}}, "WELL", "WELL"),
        ({"delivery": {"eta": eta(66), "lasting_risk": 0.6}}, "ALARM", "WELL"),
        ({"delivery": {"eta": eta(58), "lasting_risk": 0.6}}, "WELL", "WELL"),
        # Overdue, only the last word counts.
        ({"delivery": {"eta": eta(50), "lasting_risk": 0.1}, "now": NOON + minutes(57)}, "WELL", "ALARM"),
        # Expected at 50, and not there yet: what was said then says ever less.
        ({"delivery": {"eta": eta(50)}, "now": NOON + minutes(55)}, "WELL", "WELL"),
        ({"delivery": {"eta": eta(50)}, "now": NOON + minutes(57)}, "WELL", "ALARM"),
        ({"now": NOON + minutes(60)}, "WELL", "ALARM"),
        ({"now": NOON + minutes(61)}, "ALARM", "WELL"),
        ({"now": NOON + minutes(61), "rules": WatchRules(late_grace_s=120)}, "WELL", "ALARM"),
        ({"delivery": {"late_risk": 1.0}}, "WELL", "WELL"),
        # Nobody says when it comes: to be fetched at 30, promised at 60.
        ({"now": NOON + minutes(45)}, "WELL", "WELL"),
        ({"now": NOON + minutes(46)}, "WELL", "ALARM"),
        ({"now": NOON + minutes(46), "leg": {"status": STATUS.PICKED_UP}}, "WELL", "WELL"),
        # Who has it says nothing, and a tenth of the time is left.
        ({"now": NOON + minutes(57), "leg": {"status": STATUS.PICKED_UP}}, "WELL", "WELL"),
        ({"now": NOON + minutes(58), "leg": {"status": STATUS.PICKED_UP}}, "WELL", "ALARM"),
        ({"now": NOON + minutes(58), "leg": PARCEL}, "WELL", "WELL"),
        ({"now": NOON + minutes(46), "delivery": {"eta": eta(59)}}, "WELL", "WELL"),
        # Nobody was at home, and the shopper may think for four hours.
        ({"delivery": {"status": STATUS.ATTEMPT_FAILED, "eta": eta(0)}}, "WELL", "ALARM"),
        ({"delivery": {"promise": None, "eta": eta(500)}}, "NONE", "NONE"),
    ],
)  # fmt: skip
def test_late_for_sure_and_late_more_likely_than_not(facts: dict[str, Any], misses: str, risk: str) -> None:
    assert found(at_promise.eta_past_promise, **facts) == misses
    assert found(at_promise.late_risk, **facts) == risk


def test_who_comes_instead_of_another_courier_drives_as_long() -> None:
    first = sight().delivery.legs[0]
    # To be fetched at 30 and promised at 60: a quarter of an hour for the ride.
    for pickup_min, result in ((45, "WELL"), (46, "ALARM"), (70, "ALARM")):
        second = replace(first, id="leg_2", pickup_by=NOON + minutes(pickup_min))
        gone = replace(first, status=STATUS.CANCELLED, ended_at=NOON)
        assert found(at_promise.late_risk, delivery={"legs": (gone, second)}) == result


ASSIGNED, AT_SHOP = {"status": STATUS.COURIER_ASSIGNED}, {"status": STATUS.AT_PICKUP}


@pytest.mark.parametrize(
    ("leg", "after_min", "nobody", "missed"),
    [
        ({}, 20, "NONE", "NONE"),
        # Due at 30, a courier ten minutes before.
        ({}, 21, "ALARM", "NONE"),
        ({"booked_at": NOON + minutes(20)}, 21, "NONE", "NONE"),
        (ASSIGNED, 21, "WELL", "NONE"),
        # Says that it comes at 46, and goods may wait until 45.
        ({**ASSIGNED, "pickup_eta": NOON + minutes(46)}, 21, "ALARM", "NONE"),
        ({**ASSIGNED, "pickup_eta": NOON + minutes(45)}, 21, "WELL", "NONE"),
        # Somebody had the job and did not come: that is another thing than nobody.
        (ASSIGNED, 46, "NONE", "ALARM"),
        ({}, 46, "ALARM", "NONE"),
        (AT_SHOP, 46, "WELL", "WELL"),
        ({"mode": DeliveryMode.PARCEL, "status": STATUS.LABEL_READY}, 46, "NONE", "ALARM"),
        ({"mode": DeliveryMode.PARCEL, "status": STATUS.PICKED_UP}, 46, "NONE", "WELL"),
        ({"mode": DeliveryMode.OWN_FLEET}, 46, "NONE", "NONE"),
        ({**ASSIGNED, "pickup_by": None}, 46, "NONE", "NONE"),
    ],
)
def test_nobody_comes_or_nobody_came(leg: dict[str, Any], after_min: float, nobody: str, missed: str) -> None:
    facts = {"leg": leg, "now": NOON + minutes(after_min)}
    assert found(at_pickup.no_courier, **facts) == nobody
    assert found(at_pickup.missed_pickup, **facts) == missed


def test_a_pickup_for_which_somebody_is_looked_for_already_is_not_shown_twice() -> None:
    facts = {"leg": ASSIGNED, "now": NOON + minutes(46), "live": frozenset({IncidentKind.NO_COURIER})}
    assert found(at_pickup.missed_pickup, **facts) == "NONE"


@pytest.mark.parametrize(
    ("leg", "waits_min", "result"),
    [
        (AT_SHOP, 9, "NONE"),
        (AT_SHOP, 10, "ALARM"),
        (AT_SHOP, None, "NONE"),
        ({"status": STATUS.PICKED_UP}, None, "WELL"),
        (ASSIGNED, None, "WELL"),
    ],
)
def test_a_courier_who_waits_in_the_shop(leg: dict[str, Any], waits_min: float | None, result: str) -> None:
    since = NOON - minutes(waits_min) if waits_min is not None else None
    assert found(at_pickup.merchant_not_ready, leg=leg, at_pickup_since=since) == result


def test_an_own_van_needs_a_place_on_the_map_and_a_courier_reads_the_address() -> None:
    van = {"mode": DeliveryMode.OWN_FLEET, "status": STATUS.COURIER_ASSIGNED}
    nowhere = {"destination": Address("US")}
    assert found(on_the_way.no_place, leg=van, delivery=nowhere) == "ALARM"
    assert found(on_the_way.no_place, leg=van) == "NONE"
    assert found(on_the_way.no_place, leg=ASSIGNED, delivery=nowhere) == "NONE"
    over = {**nowhere, "status": STATUS.DELIVERED}
    assert found(on_the_way.no_place, leg=van, delivery=over) == "NONE"


HOUR_S = 3600.0
COURIER = {"status": STATUS.PICKED_UP, "picked_up_at": NOON - timedelta(days=9)}


@pytest.mark.parametrize(
    ("leg", "silent_h", "gap_s", "result"),
    [
        # Three times what 19 of 20 scans take.
        (PARCEL, 89, 30 * HOUR_S, "WELL"),
        (PARCEL, 90, 30 * HOUR_S, "ALARM"),
        # Nobody has counted: five days.
        (PARCEL, 119, None, "WELL"),
        (PARCEL, 120, None, "ALARM"),
        # No sooner than after three hours, and couriers without a record then.
        (COURIER, 2, 0.1 * HOUR_S, "WELL"),
        (COURIER, 3, 0.1 * HOUR_S, "ALARM"),
        (COURIER, 3, None, "ALARM"),
        ({**PARCEL, "status": STATUS.READY_FOR_COLLECTION}, 500, None, "NONE"),
        ({**PARCEL, "status": STATUS.ATTEMPT_FAILED}, 500, None, "NONE"),
        ({**COURIER, "mode": DeliveryMode.OWN_FLEET}, 500, None, "NONE"),
    ],
)
def test_goods_that_nobody_scans_any_more_are_lost(
    leg: dict[str, Any], silent_h: float, gap_s: float | None, result: str
) -> None:
    seen = NOON - timedelta(hours=silent_h)
    assert found(on_the_way.lost, leg=leg, last_scan=seen, scan_gap_s=gap_s) == result


@pytest.mark.parametrize(
    ("away_m", "accuracy_m", "is_raised"),
    [(149, None, False), (152, None, True), (200, 60, False), (220, 60, True)],
)
def test_what_is_handed_over_far_from_its_door(
    away_m: float, accuracy_m: float | None, is_raised: bool
) -> None:
    place = LatLng(DOOR.lat + away_m * METRE, DOOR.lng)
    position = Position(place, NOON, accuracy_m=accuracy_m)
    event = DeliveryEvent(
        "evt_1", "mer_1", "del_1", "leg_1", STATUS.DELIVERED, NOON, NOON, EventSource.CARRIER, "1", "",
        position=position,
    )  # fmt: skip
    rules, delivery = WatchRules(), sight().delivery
    assert (on_the_way.proof_mismatch(delivery, event, rules) is not None) is is_raised
    for other in (replace(event, position=None), replace(event, status=STATUS.AT_DROPOFF)):
        assert on_the_way.proof_mismatch(delivery, other, rules) is None


def test_a_delivery_that_goes_well_deserves_no_look() -> None:
    assert not deserves_a_look(sight())
    assert not deserves_a_look(sight(leg={**COURIER, "picked_up_at": NOON - minutes(30)}))


def closed(resolution: Resolution, by: Actor = Actor.PERSON, **subject: Any) -> Incident:
    return Incident(
        "exc_1", "mer_1", IncidentKind.STALLED, Severity.MEDIUM, IncidentStatus.RESOLVED, "", "", NOON, NOON,
        resolved_at=NOON, resolved_by=by, resolution=resolution, **subject,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("last", "quiet_s"),
    [
        (closed(Resolution.FALSE_ALARM, delivery_id="del_1"), 10**8),
        (closed(Resolution.ACCEPTED_LOSS, fulfillment_order_id="ful_1"), 10**8),
        (closed(Resolution.FALSE_ALARM, driver_id="drv_1"), 4 * 3600),
        (closed(Resolution.FALSE_ALARM, account_id="acc_1"), 4 * 3600),
        (closed(Resolution.FIXED, delivery_id="del_1"), 1800),
        (closed(Resolution.FIXED, Actor.PLAYBOOK, delivery_id="del_1"), 0),
    ],
)
def test_what_a_person_has_closed_is_remembered(last: Incident, quiet_s: int) -> None:
    rules = WatchRules()
    assert is_quiet(last, rules, NOON) is (quiet_s > 0)
    assert is_quiet(last, rules, NOON + timedelta(seconds=quiet_s - 1)) is (quiet_s > 0)
    if quiet_s < 10**8:
        assert not is_quiet(last, rules, NOON + timedelta(seconds=quiet_s))


def test_nothing_is_remembered_of_what_never_was() -> None:
    assert not is_quiet(None, WatchRules(), NOON)


def test_a_merchant_says_how_bad_something_is() -> None:
    rules = WatchRules(kinds=(KindRule(IncidentKind.STALLED, severity=Severity.CRITICAL),))
    assert severity_of(IncidentKind.STALLED, rules) is Severity.CRITICAL
    assert severity_of(IncidentKind.OFF_ROUTE, rules) is Severity.MEDIUM
    assert severity_of(IncidentKind.CUSTOMS, rules) is Severity.HIGH
    with pytest.raises(ValueError, match="once"):
        WatchRules(kinds=(KindRule(IncidentKind.STALLED), KindRule(IncidentKind.STALLED)))


def test_goods_that_are_known_to_be_lost_cost_no_look_until_something_is_new() -> None:
    fetched = NOON - minutes(24 * 60)
    fetched_leg = {"status": STATUS.PICKED_UP, "picked_up_at": fetched}
    gone: dict[str, Any] = {"leg": fetched_leg, "last_scan": fetched}
    flags = {"promise": None, "flags": (DeliveryFlag.EXCEPTION_OPEN,)}
    known: dict[str, Any] = {"delivery": flags, "live": frozenset({IncidentKind.LOST})}
    lost = sight(**gone, **known)
    assert deserves_a_look(lost)
    assert is_as_known(lost)
    assert not is_as_known(sight(**gone, delivery={"promise": None})), "nobody was told"
    assert not is_as_known(replace(lost, last_scan=NOON)), "it was scanned again"
    late = replace(lost.delivery, promise=sight().delivery.promise)
    assert not is_as_known(replace(lost, delivery=late, now=NOON + minutes(61))), "the promise is over by now"
    waits: dict[str, Any] = {**gone, "leg": {"status": STATUS.COURIER_ASSIGNED}}
    assert not is_as_known(sight(**waits, **known)), "another courier may be looked for"
