"""Deliveries and drivers as the planner sees them."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from doorstep.address import Address
from doorstep.driver import Driver, DriverBreak, TourCosts, TourLimits
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement, Location
from doorstep.planning_rules import PlanningRules
from doorstep.position import Position
from doorstep.route import Route, RouteStatus, StopStatus
from doorstep.route_solution import StopKind
from doorstep.visit import Lateness, VisitKind
from doorstep.window import PromiseBasis, Window
from gateway.flow.planning.parts.told import Around, told_tour
from gateway.flow.planning.parts.vans import Seat, shift_of, van_of
from gateway.flow.planning.parts.visits import LATE_ANYWAY_PER_HOUR_MINOR, Terms, visit_of
from gateway.flow.records import DriverState
from tests.unit.api import world as w

MADRID = Location("loc_1", "mer_1", "Depot", Address("ES", location=LatLng(40.4, -3.7)), "Europe/Madrid")
SUNDAY = date(2026, 11, 22)
KIM = Driver("drv_1", "mer_1", "Kim", "loc_1", "device", "08:00", "16:00", 400_000)
SEAT = Seat.of(KIM, {"loc_1": MADRID}, SUNDAY)
AT_NINE_30 = w.NOW
"""UTC; half past ten in Madrid."""


def terms(*drivers: Driver, **rules: object) -> Terms:
    return Terms.of(replace(w.MERCHANT, planning=PlanningRules(**rules)), drivers)  # type: ignore[arg-type]  # their own fields


def test_a_visit_asks_for_what_some_driver_has_and_for_nothing_that_nobody_has() -> None:
    delivery = replace(
        w.DELIVERY,
        requirements=(HandoverRequirement.TWO_PERSON, HandoverRequirement.PIN),
        goods=Goods(traits=frozenset({GoodsTrait.FROZEN, GoodsTrait.HAZARDOUS})),
    )
    assert visit_of(delivery, terms(KIM)).skills == frozenset()
    skilled = replace(KIM, skills=frozenset({"COLD_CHAIN", "HAZARDOUS", "PIANO"}))
    # Frozen goods need a cold chain, which Kim has; nobody is said to come with a second person.
    assert visit_of(delivery, terms(skilled)).skills == {"COLD_CHAIN", "HAZARDOUS"}
    assert visit_of(delivery, terms(replace(skilled, enabled=False))).skills == frozenset()


def test_a_door_is_in_the_smallest_territory_that_it_lies_in_and_larger_ones_hold_it() -> None:
    city, quarter = replace(KIM, territories=("28",)), replace(KIM, id="drv_2", territories=("280 1",))
    home = replace(w.DELIVERY, destination=replace(w.HOME, postal_code="28013"))
    told = terms(city, quarter, KIM)
    assert visit_of(home, told).territory == "2801"
    assert told.within(city) == {"28", "2801"}
    assert told.within(quarter) == {"2801"}
    assert told.within(KIM) == frozenset(), "all are Kim's"
    elsewhere = replace(home, destination=replace(w.HOME, postal_code="08001"))
    assert visit_of(elsewhere, told).territory == ""


def test_what_comes_back_is_fetched_and_a_slot_goes_before_a_guess() -> None:
    back = replace(w.DELIVERY, fulfillment_order_id=w.id_of("ret"))
    assert visit_of(back, terms()).kind is VisitKind.COLLECTION
    promise = w.DELIVERY.promise
    assert promise is not None
    in_slot = replace(w.DELIVERY, promise=replace(promise, basis=PromiseBasis.SLOT))
    assert [visit_of(one, terms()).priority for one in (w.DELIVERY, in_slot)] == [0, 1]
    assert visit_of(in_slot, terms(slots_first=False)).priority == 0
    late = visit_of(w.DELIVERY, terms(late_cost_per_hour=Money(900, "EUR"))).late
    assert (late, visit_of(w.DELIVERY, terms()).late) == (Lateness(900), None)
    with pytest.raises(ValueError, match="no place on the map"):
        visit_of(replace(w.DELIVERY, destination=replace(w.HOME, location=None)), terms())


def test_a_van_has_its_drivers_shift_limits_costs_and_rests() -> None:
    driver = replace(
        KIM,
        breaks=(DriverBreak("12:00", "13:00", 1800), DriverBreak("07:00", "07:30", 900)),
        limits=TourLimits(max_stops=20, overtime_s=600, reloads=2),
        costs=TourCosts(per_hour=Money(2000, "EUR"), fixed=Money(500, "EUR")),
        ends_anywhere=True,
    )
    shift = shift_of(driver, MADRID, SUNDAY)
    # Madrid is an hour ahead of UTC in November.
    assert shift == Window(datetime(2026, 11, 22, 7, tzinfo=UTC), datetime(2026, 11, 22, 15, tzinfo=UTC))
    assert shift_of(replace(driver, weekdays=(1,)), MADRID, SUNDAY) is None
    seat = Seat.of(driver, {"loc_1": MADRID}, SUNDAY)
    assert seat is not None
    (rest,) = seat.breaks(shift)
    assert (rest.window.start, rest.duration_s) == (datetime(2026, 11, 22, 11, tzinfo=UTC), 1800)
    van = van_of(driver, seat.home, shift, terms(driver))
    assert (van.end, van.max_stops, van.overtime_s, van.cost_per_hour_minor) == (None, 20, 600, 2000)
    assert (van.fixed_cost_minor, van.reloads and van.reloads.most, van.cost_per_km_minor) == (500, 2, None)
    night = replace(
        driver, shift_start="22:00", shift_end="06:00", breaks=(DriverBreak("02:00", "03:00", 60),)
    )
    out = Seat.of(night, {"loc_1": MADRID}, SUNDAY)
    assert out is not None
    (rest,) = out.breaks(out.shift)
    assert rest.window.start == datetime(2026, 11, 23, 1, tzinfo=UTC)


def _told(route: Route, state: DriverState | None = None) -> tuple[object, ...]:
    assert SEAT is not None
    tour = told_tour(
        route, Around(SEAT, state), {w.DELIVERY.id: w.DELIVERY}, terms(), AT_NINE_30, van_id="van"
    )
    (visit,) = tour.visits
    return (
        tour.van.is_under_way,
        tour.van.start,
        tour.given.frozen,
        visit.pinned_van,
        visit.late,
        visit.service_s,
    )


def test_a_van_on_the_road_goes_on_where_it_is_with_what_it_has() -> None:
    here = LatLng(40.41, -3.70)
    state = DriverState("drv_1", "mer_1", Position(here, AT_NINE_30), AT_NINE_30)
    late = Lateness(LATE_ANYWAY_PER_HOUR_MINOR, 12 * 3600)
    stop = replace(w.STOP, status=StopStatus.PLANNED)
    out = replace(w.ROUTE, stops=(stop,))
    assert _told(out, state) == (True, here, 1, "van", late, 180)
    old = replace(state, seen_at=AT_NINE_30 - timedelta(hours=2))
    assert _told(out, old)[1] == out.origin, "nobody knows where it is, and it has stopped nowhere yet"
    arrived = replace(stop, status=StopStatus.ARRIVED, arrived_at=AT_NINE_30 - timedelta(seconds=60))
    # It stands there: two minutes of three are left, and no window counts any more.
    assert _told(replace(out, stops=(arrived,)), state) == (True, here, 1, "van", None, 120)
    waits = replace(out, status=RouteStatus.PUBLISHED, starts_at=AT_NINE_30 + timedelta(hours=1))
    assert _told(waits) == (False, LatLng(40.4, -3.7), 0, "", None, 180)
    assert _told(replace(waits, stops=(replace(stop, is_locked=True),)))[3] == "van"
    loading = replace(waits, starts_at=AT_NINE_30 + timedelta(seconds=200))
    assert _told(loading) == (True, out.origin, 0, "van", late, 180)


def test_rests_and_reloads_that_are_over_do_not_come_again() -> None:
    assert SEAT is not None
    resting = replace(KIM, breaks=(DriverBreak("09:00", "16:00", 900),), limits=TourLimits(reloads=1))
    seat = Seat.of(resting, {"loc_1": MADRID}, SUNDAY)
    assert seat is not None
    over = [
        replace(w.STOP, id=kind, delivery_id="", kind=kind, status=StopStatus.DONE)
        for kind in (StopKind.BREAK, StopKind.RELOAD)
    ]
    deliveries = {w.DELIVERY.id: w.DELIVERY}
    for done, left in (([], 1), (over, 0)):
        route = replace(w.ROUTE, stops=(*done, w.STOP))
        van = told_tour(route, Around(seat), deliveries, terms(), AT_NINE_30, van_id="van").van
        assert (len(van.breaks), van.reloads.most if van.reloads else 0) == (left, left)


def test_of_the_same_delivery_the_same_visit_and_none_of_one_that_nobody_holds_any_more() -> None:
    delivery, told = replace(w.DELIVERY, id=w.id_of("del", 77)), terms()
    first = visit_of(delivery, told)
    assert visit_of(delivery, told) is first
    assert visit_of(delivery, terms(late_cost_per_hour=Money(900, "EUR"))) != first
    # Alike, and not the same: nobody says that its door has not changed.
    assert visit_of(replace(delivery), told) is not first
    held = weakref.ref(delivery)
    del delivery
    gc.collect()
    assert held() is None
