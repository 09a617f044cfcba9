"""When drivers have tours, and which tours of a plan can still be told. Times are minutes from NOW."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver, DriverBreak
from doorstep.eta import Eta, EtaBasis
from doorstep.order import Location
from doorstep.planning_rules import PlanningRules
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus, SeenRoute, StopStatus
from doorstep.window import Window
from gateway.flow.planning.parts.busy import free_from, loaded_ids, meet, over_at
from gateway.flow.planning.parts.told import Around, told_tour
from gateway.flow.planning.parts.vans import LOADING_S, Seat
from gateway.flow.planning.parts.visits import Terms
from gateway.flow.planning.telling.fitting import Fitting, Standing
from tests.unit.api import world as w

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LOADING = timedelta(seconds=LOADING_S)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def tour(
    id_: str,
    start: float,
    end: float,
    *doors: str,
    driver: str = "ann",
    status: RouteStatus = RouteStatus.PUBLISHED,
    continues: str = "",
) -> Route:
    """A tour to these doors, half an hour after it starts."""
    stops = tuple(
        replace(
            w.STOP,
            id=f"stp_{door}",
            delivery_id=door,
            sequence=number,
            status=StopStatus.PLANNED,
            planned_arrival=at(start + 30),
        )
        for number, door in enumerate(doors, start=1)
    )
    return replace(
        w.ROUTE,
        id=id_,
        driver_id=driver,
        status=status,
        starts_at=at(start),
        ends_at=at(end),
        stops=stops,
        continues_id=continues,
        version=1,
    )


def waits(*ids: str, status: DeliveryStatus = DeliveryStatus.COURIER_ASSIGNED) -> dict[str, Delivery]:
    own = replace(w.LEG, mode=DeliveryMode.OWN_FLEET)
    return {id_: replace(w.DELIVERY, id=id_, status=status, legs=(own,)) for id_ in ids}


def fitted(
    new: Sequence[Route],
    *,
    changing: Sequence[Route] = (),
    kept: Sequence[Route] = (),
    live: Mapping[str, Delivery],
    now: datetime = NOW,
) -> Fitting:
    """What becomes of these tours."""
    told = (*changing, *kept)
    ends = {one.id: over_at(one, now) for one in told}
    standing = Standing({one.id: one for one in changing}, tuple(kept), loaded_ids(told, now), ends)
    plan = replace(w.PLAN, changes=tuple(SeenRoute(one.id, one.version) for one in changing))
    fitting = Fitting(plan, standing, live, now)
    fitting.fit(new)
    return fitting


def doors(routes: Sequence[Route]) -> dict[str, list[str]]:
    return {route.id: [stop.delivery_id for stop in route.ahead] for route in routes}


def test_a_tour_is_over_later_by_as_much_as_its_van_is_late() -> None:
    out = tour("a", -60, 60, "x", status=RouteStatus.STARTED)
    # The door was to be served half an hour ago.
    assert over_at(out, NOW) == at(90)
    expected = Eta(at(45), Window(at(40), at(50)), 0.8, EtaBasis.ROAD, NOW)
    assert over_at(out, NOW, expected) == at(60 + 75)
    ahead = tour("a", -10, 60, "x", status=RouteStatus.STARTED)
    assert over_at(ahead, NOW) == at(60)
    stands = replace(out.stops[0], status=StopStatus.ARRIVED, service_s=600)
    assert over_at(replace(out, stops=(stands,)), NOW) == at(80), "ten minutes at the door were planned"
    driving_home = tour("a", -60, -5, status=RouteStatus.STARTED)
    assert over_at(driving_home, NOW) == NOW
    assert over_at(tour("a", -15, 60, "x"), NOW) == at(75), "it should have left"


def test_a_tour_that_nobody_sees_going_on_is_not_late_for_ever() -> None:
    never_left = tour("a", -24 * 60, -20 * 60, "x")
    assert over_at(never_left, NOW) == at(-16 * 60)
    out = replace(never_left, status=RouteStatus.STARTED)
    gone = Eta(at(-22 * 60), Window(at(-23 * 60), at(-21 * 60)), 0.8, EtaBasis.ROAD, NOW)
    assert over_at(out, NOW, gone) == at(-16 * 60), "it was predicted yesterday"
    # The door was to be served 23.5 hours ago, and the van comes to it in a quarter of an hour.
    seen = replace(gone, at=at(15))
    assert over_at(out, NOW, seen) == at(-20 * 60 + 23.5 * 60 + 15)


def test_what_lies_behind_a_tour_on_the_road_is_not_on_board() -> None:
    out, behind = tour("a", -60, 3, "x", status=RouteStatus.STARTED), tour("b", 4, 60, "y")
    other, later = tour("c", 3, 60, "z", driver="bob"), tour("d", 30, 60, "q", driver="cem")
    assert loaded_ids([out, behind, other, later], NOW) == {"a", "c"}
    assert loaded_ids([tour("a", 1, 2), tour("b", 3, 9)], NOW) == {"a"}


@pytest.mark.parametrize(
    ("start", "end", "met"),
    [(60, 120, True), (70, 80, True), (30, 200, True), (0, 60, False), (120, 150, False), (119, 150, True)],
)
def test_a_driver_has_one_tour_at_a_time(start: float, end: float, met: bool) -> None:
    first, other = tour("a", 60, 120, "x"), tour("b", start, end, "y")
    assert (meet(first, other, {}), meet(other, first, {})) == (met, met)
    assert not meet(first, replace(other, driver_id="bob"), {})


def test_who_is_late_can_leave_again_later() -> None:
    out = tour("a", -60, 60, "x", status=RouteStatus.STARTED)
    assert free_from([out], {"a": over_at(out, NOW)}) == at(90) + LOADING
    assert free_from([], {}) is None


def test_a_tour_that_is_being_loaded_stays_and_its_driver_gets_no_second_one() -> None:
    loading = tour("a", 4, 60, "x")
    new = tour("n", 10, 90, "x", "y")
    found = fitted([new], changing=[loading], live=waits("x", "y"))
    assert (found.told, found.withdrawn, found.cut) == ([], [], [])
    assert found.passed_over == {"y"}


def test_a_tour_behind_one_that_is_loaded_is_told() -> None:
    found = fitted([tour("n", 70, 90, "y")], changing=[tour("a", 4, 60, "x")], live=waits("x", "y"))
    assert doors(found.told) == {"n": ["y"]}
    assert found.withdrawn == []


def test_a_van_that_should_have_left_does_not_and_drives_what_it_was_told_before() -> None:
    before = tour("a", 30, 60, "x")
    found = fitted([tour("n", -1, 50, "x", "y")], changing=[before], live=waits("x", "y"))
    assert (found.told, found.withdrawn, found.passed_over) == ([], [], {"y"})


def test_what_another_takes_is_cut_out_of_a_tour_that_stays() -> None:
    before = tour("a", 30, 60, "x", "y")
    new = [tour("n", -1, 50, "x"), tour("m", 20, 50, "y", driver="bob")]
    found = fitted(new, changing=[before], live=waits("x", "y"))
    assert (doors(found.told), doors(found.cut), found.withdrawn) == ({"m": ["y"]}, {"a": ["x"]}, [])
    assert found.cut[0].version == 2


def test_a_tour_that_others_have_changed_stays_and_nothing_overlaps_with_it() -> None:
    kept = tour("k", 60, 120, "x")
    new = [tour("n", 100, 150, "y"), tour("m", 130, 150, "z")]
    found = fitted(new, kept=[kept], live=waits("y", "z"))
    assert (doors(found.told), found.passed_over) == ({"m": ["z"]}, {"y"})


def test_of_two_new_tours_of_a_driver_that_overlap_the_first_is_told() -> None:
    out = tour("a", -60, 30, "x", status=RouteStatus.STARTED)
    longer = tour("d1", -60, 45, "x", "r", status=RouteStatus.PLANNED, continues="a")
    again = tour("d2", 40, 90, "y", status=RouteStatus.PLANNED)
    found = fitted([again, longer], changing=[out], live=waits("x", "y", "r"))
    assert (doors(found.told), found.passed_over) == ({"a": ["x", "r"]}, {"y"})
    assert sorted(found.drafts) == ["d1", "d2"]


def test_a_van_that_would_be_late_for_its_next_tour_goes_on_as_it_was_told() -> None:
    out = tour("a", -60, 30, "x", status=RouteStatus.STARTED)
    longer = tour("d", -60, 45, "x", "r", status=RouteStatus.PLANNED, continues="a")
    found = fitted([longer], changing=[out], kept=[tour("b", 40, 90, "y")], live=waits("x", "r"))
    assert (found.told, found.withdrawn, found.passed_over) == ([], [], {"r"})


def test_nobody_is_told_what_they_know() -> None:
    before = tour("a", 30, 60, "x", "y")
    same, later = replace(before, id="n", plan_id="pla_2"), tour("n", 35, 65, "x", "y")
    (told,) = fitted([same], changing=[before], live=waits("x", "y")).told
    assert (told.id, told.version, told.plan_id) == ("a", 1, w.PLAN.id)
    (told,) = fitted([later], changing=[before], live=waits("x", "y")).told
    assert (told.id, told.version) == ("a", 2)


def test_what_was_called_off_meanwhile_is_on_no_tour_and_not_missed() -> None:
    found = fitted([tour("n", 30, 60, "x")], live={})
    assert (found.told, found.passed_over) == ([], set())


def _van(route: Route, around: Around, now: datetime = NOW) -> tuple[Window, int]:
    van = told_tour(route, around, {}, Terms.of(w.MERCHANT, ()), now, van_id="van").van
    return van.shift, van.overtime_s


def test_overtime_ends_where_the_next_tour_begins() -> None:
    place = Location("loc_1", "mer_1", "Depot", replace(w.HOME, location=w.STOP.location), "UTC")
    ann = Driver("ann", "mer_1", "Ann", "loc_1", "device", "08:00", "12:00", 400_000)
    seat = Seat.of(replace(ann, limits=replace(ann.limits, overtime_s=7200)), {"loc_1": place}, NOW.date())
    assert seat is not None
    waiting, out = tour("a", 60, 120, "x"), tour("a", -60, 60, "x", status=RouteStatus.STARTED)
    assert _van(waiting, Around(seat))[1] == 7200
    # Noon is at 180; the next tour begins at 200. Ten minutes to pick and to load.
    assert _van(waiting, Around(seat, not_after=at(200))) == (Window(at(10), at(180)), 1200)
    assert _van(out, Around(seat, not_after=at(100))) == (Window(NOW, at(100)), 0)
    assert _van(out, Around(seat, not_after=at(200))) == (Window(NOW, at(180)), 1200)


@pytest.mark.parametrize(
    ("lead_s", "status", "leaves"),
    [
        (1800, RouteStatus.PUBLISHED, 20),  # as it was told: what it brings is picked
        (1800, RouteStatus.PLANNED, 30),
        (900, RouteStatus.PUBLISHED, 15),
        (0, RouteStatus.PLANNED, 0),
    ],
)
def test_what_nobody_was_told_is_picked_before_it_leaves(
    lead_s: int, status: RouteStatus, leaves: int
) -> None:
    place = Location("loc_1", "mer_1", "Depot", replace(w.HOME, location=w.STOP.location), "UTC")
    ann = Driver("ann", "mer_1", "Ann", "loc_1", "device", "08:00", "12:00", 400_000)
    seat = Seat.of(ann, {"loc_1": place}, NOW.date())
    assert seat is not None
    terms = Terms.of(replace(w.MERCHANT, planning=PlanningRules(lead_s=lead_s)), ())
    waiting = tour("a", 20, 120, "x", status=status)
    van = told_tour(waiting, Around(seat), {}, terms, NOW, van_id="van", loaded=False).van
    assert van.shift.start == at(leaves)


@pytest.mark.parametrize(
    ("shift", "rest", "is_backward"),
    [
        (("08:00", "16:00"), ("12:00", "13:00"), False),
        (("08:00", "16:00"), ("13:00", "12:00"), True),
        (("08:00", "16:00"), ("07:00", "09:00"), False),
        (("22:00", "06:00"), ("23:30", "00:30"), False),
        (("22:00", "06:00"), ("03:00", "02:00"), True),
    ],
)
def test_a_break_ends_after_it_begins(
    shift: tuple[str, str], rest: tuple[str, str], is_backward: bool
) -> None:
    ann = Driver("ann", "mer_1", "Ann", "loc_1", "device", *shift, 400_000, breaks=(DriverBreak(*rest, 900),))
    assert ann.backward_breaks == ((0,) if is_backward else ())
