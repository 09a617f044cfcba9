"""Arrivals, waits, breaks, reloads and costs of one tour. 10 m/s: 6 km are ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import GivenRoute, RouteProblem, SpeedProfile
from doorstep.route_solution import StopKind, UnassignedCode, ViolationKind
from doorstep.van import Break, Depot, Reloads, Van
from doorstep.visit import Lateness, PinnedPlace, Visit, VisitKind
from doorstep.window import Window
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import COST_UNITS, RELOAD, Task
from optimizer.routes.timetable.schedule import Misfit, Timetable, faults, overload, timetable
from tests.unit.optimizer.routes.town import EPOCH, place, travel_for

HOME = place(0, 0)
MINUTE = 60
HARD, EARLY = VisitKind.DELIVERY, (0, 60)


def window(first: float, last: float) -> Window:
    return Window(EPOCH + timedelta(minutes=first), EPOCH + timedelta(minutes=last))


def visit(x_m: int, *windows: tuple[float, float], **terms: object) -> Visit:
    """A kilogram and a minute of service at so many metres east of the depot."""
    plain = Visit(UNNAMED, "depot", place(x_m, 0), 60, 1_000, 1_000, tuple(window(*span) for span in windows))
    return replace(plain, **terms)  # type: ignore[arg-type]  # any field of a visit


UNNAMED = "unnamed"
"""Named by its place in a task."""

VAN = Van("van", "depot", HOME, HOME, window(0, 240), 2_000, 3_000, max_stops=4)
SMALL_RELOADS = Reloads(("depot",), service_s=300)


def task(*visits: Visit, van: Van = VAN, **terms: object) -> Task:
    named = tuple(
        replace(one, id=f"v{number}" if one.id == UNNAMED else one.id) for number, one in enumerate(visits)
    )
    problem = RouteProblem(EPOCH, named, (van,), depots=(Depot("depot", HOME),))
    problem = replace(problem, **terms)  # type: ignore[arg-type]  # any field of a problem
    return task_of(problem, travel_for(problem))


def times_of(made: Task, tour: Sequence[int] | None = None) -> Timetable:
    times = timetable(made, 0, range(len(made.visits)) if tour is None else tour)
    assert isinstance(times, Timetable), times
    return times


def misfit_of(made: Task, tour: Sequence[int] | None = None) -> Misfit:
    misfit = timetable(made, 0, range(len(made.visits)) if tour is None else tour)
    assert isinstance(misfit, Misfit)
    return misfit


def minutes(times: Timetable) -> list[tuple[str, float, float, float]]:
    """Kind, arrival, beginning and leaving of each stop."""
    return [
        (entry.kind.value, entry.arrives_s / 60, entry.begins_s / 60, entry.leaves_s / 60)
        for entry in times.entries
    ]


def test_a_van_waits_at_the_depot_and_not_at_the_door() -> None:
    times = times_of(task(visit(6_000, (60, 90))))
    # It leaves at minute 50 and is there when the window opens.
    assert times.starts_s == 50 * MINUTE
    assert minutes(times) == [("DROPOFF", 60, 60, 61)]
    assert times.ends_s == 71 * MINUTE
    assert (times.metres, times.driving_s) == (12_000, 20 * MINUTE)


def test_waiting_between_two_windows_stays_where_it_cannot_be_avoided() -> None:
    times = times_of(task(visit(6_000, (0, 30)), visit(6_600, (60, 90))))
    # The first window's last second is 29:59; one minute of service, one of driving, then it waits.
    assert [entry.begins_s for entry in times.entries] == [30 * MINUTE - 1, 60 * MINUTE]
    assert times.entries[1].arrives_s == 32 * MINUTE - 1


def test_the_later_of_two_windows_is_taken_where_that_shortens_the_day() -> None:
    # The first window would have the van wait for an hour and more at the second door.
    times = times_of(task(visit(6_000, (10, 20), (100, 120)), visit(6_600, (105, 130))))
    assert [entry.begins_s / 60 for entry in times.entries] == [103, 105]
    # Home 12 min later, out 5 min less: where time is what costs, the second is better.
    times = times_of(task(visit(6_000, (10, 20), (100, 120)), visit(6_600, (90, 130))))
    assert [entry.begins_s / 60 for entry in times.entries] == [100, 102]


@pytest.mark.parametrize(
    ("spans", "code", "short_by"),
    [
        (((0, 10),), UnassignedCode.WINDOW_UNREACHABLE, 1),
        (((20, 20),), UnassignedCode.WINDOW_UNREACHABLE, 1),
        (((229 + 1 / 60, 235),), UnassignedCode.SHIFT_ENDS, 1),
    ],
    ids=["a window is closed at its end", "an empty window lets nobody in", "a second after the shift"],
)
def test_what_comes_too_late_is_told_by_how_much(
    spans: tuple[tuple[float, float], ...], code: UnassignedCode, short_by: int
) -> None:
    misfit = misfit_of(task(visit(6_000, *spans)))
    assert (misfit.code, misfit.short_by) == (code, short_by)


def test_the_stop_at_which_a_tour_breaks_is_named() -> None:
    # There at 10 + 1 + 10 min, the last second is 14:59.
    misfit = misfit_of(task(visit(6_000), visit(12_000, (0, 15))))
    assert misfit == Misfit(UnassignedCode.WINDOW_UNREACHABLE, 1, 6 * MINUTE + 1)


def test_a_van_leaves_no_sooner_than_its_goods_are_ready() -> None:
    late = EPOCH + timedelta(minutes=45)
    assert times_of(task(visit(6_000), visit(6_600, ready_at=late))).starts_s == 45 * MINUTE


@pytest.mark.parametrize(("visits", "short_by"), [(2, 0), (3, 1_000), (5, 3_000)])
def test_an_overload_says_by_how_much(visits: int, short_by: int) -> None:
    misfit = overload(task(*[visit(6_000)] * visits), 0, range(visits))
    assert (misfit.short_by if misfit else 0) == short_by


def test_setting_up_is_done_before_a_window_opens_and_once_at_a_site() -> None:
    terms = {"setup_s": 120}
    times = times_of(task(visit(6_000, (60, 90), **terms), visit(6_000, setup_s=300)))
    assert times.starts_s == 48 * MINUTE
    assert minutes(times) == [("DROPOFF", 58, 60, 61), ("DROPOFF", 61, 61, 62)]


def test_a_soft_window_is_missed_at_its_price_up_to_its_limit() -> None:
    late = Lateness(cost_per_hour_minor=3_600, at_most_s=600)
    times = times_of(task(visit(6_000, (0, 5), late=late), cost_per_hour_minor=0, cost_per_km_minor=0))
    # Ten minutes for a window whose last second is 4:59.
    assert times.entries[0].late_s == 301
    assert times.cost == 301 * COST_UNITS
    assert misfit_of(task(visit(6_000, (0, 5), late=replace(late, at_most_s=300)))).short_by == 1


def test_being_late_is_weighed_against_waiting_for_the_next_window_and_at_the_depot() -> None:
    spans = ((0, 5), (30, 60))
    cheap, dear = Lateness(1), Lateness(1_000_000)
    assert times_of(task(visit(6_000, *spans, late=cheap))).entries[0].begins_s == 10 * MINUTE
    assert times_of(task(visit(6_000, *spans, late=dear))).entries[0].begins_s == 30 * MINUTE
    # An hour of the van costs 24.00: the first visit is made late where that costs less than to wait.
    doors = [visit(6_000, (0, 30), late=cheap), visit(6_600, (60, 90))]
    assert times_of(task(*doors)).entries[0].begins_s == 58 * MINUTE


def test_overtime_costs_on_top_and_ends() -> None:
    van = replace(VAN, shift=window(0, 20), overtime_s=120, overtime_cost_per_hour_minor=3_600)
    times = times_of(task(visit(6_000), van=van, cost_per_hour_minor=0, cost_per_km_minor=0))
    assert (times.overtime_s, times.cost) == (60, 60 * COST_UNITS)
    assert misfit_of(task(visit(6_000), van=replace(van, overtime_s=30))).short_by == 30


def test_a_tour_may_begin_and_end_at_any_door() -> None:
    times = times_of(task(visit(6_000), visit(12_000), van=replace(VAN, start=None, end=None)))
    assert (times.starts_s, times.ends_s, times.metres) == (0, 12 * MINUTE, 6_000)


REST = Break("lunch", window(12, 30), 15 * 60)


@pytest.mark.parametrize(
    ("shift", "doors", "expected"),
    [
        # After the first service, since the window opens while the van is there.
        ((0, 240), [(6_000, (5, 11)), (24_000, (60, 70))], [0, 1]),
        # Before the service: the window of the break closes before it can begin after it.
        ((5, 240), [(6_000, (32, 40)), (24_000, (70, 80))], None),
    ],
)
def test_a_break_that_is_due_is_taken_where_the_van_stands(
    shift: tuple[int, int], doors: list[tuple[int, tuple[int, int]]], expected: list[int] | None
) -> None:
    van = replace(VAN, shift=window(*shift), breaks=(REST,))
    times = times_of(task(*(visit(x, span) for x, span in doors), van=van))
    rest = next(entry for entry in times.entries if entry.kind is StopKind.BREAK)
    assert 12 * MINUTE <= rest.begins_s < 30 * MINUTE
    assert rest.leaves_s - rest.begins_s == 15 * MINUTE


def test_who_is_home_before_a_break_is_due_or_leaves_after_it_takes_none() -> None:
    van = replace(VAN, breaks=(REST,))
    for span in ((0, 20), (60, 70)):
        times = times_of(task(visit(3_000, span), van=van))
        assert [entry.kind for entry in times.entries] == [StopKind.DROPOFF]


def test_a_van_that_may_not_be_out_for_long_leaves_after_its_break_whatever_the_traffic() -> None:
    # Leaving with the traffic of minute 60 it would be due for a break at minute 75.
    late_rest = replace(REST, window=window(55, 75))
    van = replace(VAN, breaks=(late_rest,), max_duration_s=60 * MINUTE)
    steady = SpeedProfile((1.0,) * 24, "UTC")
    times = times_of(task(visit(6_000, (150, 170)), van=van, speeds=steady))
    assert [entry.kind for entry in times.entries] == [StopKind.DROPOFF]
    assert times.starts_s >= 75 * MINUTE


def test_a_break_for_which_there_is_no_time_keeps_the_tour_from_being_driven() -> None:
    # From minute 10 on the van has to be at one door after the other until the break's window is over.
    doors = [visit(6_000, (10, 10.1)), visit(12_000, (21, 21.1)), visit(18_000, (32, 32.1))]
    made = task(*doors, van=replace(VAN, capacity_g=9_000, breaks=(replace(REST, window=window(12, 30)),)))
    misfit_of(made)
    times, found = faults(made, 0, (0, 1, 2))
    assert {fault.kind for fault in found} == {ViolationKind.LATE}
    assert StopKind.BREAK in {entry.kind for entry in times.entries}


def test_a_van_that_reloads_brings_more_than_it_carries_and_waits_for_what_is_ready_late() -> None:
    ready = EPOCH + timedelta(minutes=40)
    made = task(*[visit(6_000)] * 2, visit(6_000, ready_at=ready), van=replace(VAN, reloads=SMALL_RELOADS))
    assert misfit_of(made).code is UnassignedCode.NO_CAPACITY
    times = times_of(made, (0, 1, RELOAD, 2))
    # Loading takes five minutes and ends when the goods are there; the van starts so that it need not wait.
    assert minutes(times)[2] == ("RELOAD", 35, 35, 40)
    assert times.peaks == (2_000, 2_000)
    assert misfit_of(made, (0, RELOAD, 1, RELOAD, 2)).code is UnassignedCode.OTHER


def test_what_is_collected_fills_the_van_while_what_is_delivered_empties_it() -> None:
    back = visit(7_000, kind=VisitKind.COLLECTION)
    assert times_of(task(visit(6_000), visit(6_500), back)).peaks == (2_000, 2_000)
    assert misfit_of(task(back, visit(6_000), visit(6_500))).code is UnassignedCode.NO_CAPACITY


def test_a_pair_rides_from_door_to_door_in_its_order() -> None:
    pair = [
        visit(6_000, id="p", kind=VisitKind.PICKUP),
        visit(9_000, id="d", from_visit="p"),
        visit(7_000, id="q", kind=VisitKind.PICKUP),
        visit(8_000, id="e", from_visit="q"),
    ]
    made = task(*pair, van=replace(VAN, is_lifo=True))
    assert times_of(made, (0, 2, 3, 1)).peaks == (2_000, 2_000)
    for tour in ((1, 0), (0,), (0, 2, 1, 3)):
        assert misfit_of(made, tour).code is UnassignedCode.OTHER


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_distance_m": 11_999}, UnassignedCode.TOO_FAR),
        ({"max_duration_s": 21 * 60 - 1}, UnassignedCode.TOO_FAR),
        ({"skills": frozenset()}, UnassignedCode.NO_VEHICLE),
    ],
)
def test_limits_of_a_van_are_kept(limits: dict[str, object], code: UnassignedCode) -> None:
    able = replace(VAN, skills=frozenset({"stairs"}))
    door = visit(6_000, skills=frozenset({"stairs"}))
    times_of(task(door, van=able))
    assert misfit_of(task(door, van=replace(able, **limits))).code is code  # type: ignore[arg-type]


def test_a_tour_that_waits_longer_than_the_van_may_be_out_starts_later() -> None:
    late = Lateness(1_000_000)
    doors = [visit(6_000, (0, 30), late=late), visit(6_600, (60, 90))]
    longest = replace(VAN, max_duration_s=30 * 60)
    # Waiting at the second door is cheaper than to be late at the first, but takes too long.
    assert times_of(task(*doors)).entries[0].late_s == 0
    times = times_of(task(*doors, van=longest))
    assert times.ends_s - times.starts_s == 30 * 60


def test_a_place_in_the_tour_is_kept() -> None:
    pinned = visit(6_000, pinned_van="van", pinned_place=PinnedPlace.LAST)
    made = task(pinned, visit(7_000))
    times_of(made, (1, 0))
    assert misfit_of(made).code is UnassignedCode.OTHER


def test_a_van_under_way_has_its_own_goods_and_no_others_until_it_reloads() -> None:
    van = replace(VAN, is_under_way=True, reloads=SMALL_RELOADS)
    made = task(visit(6_000), visit(7_000), van=van, given=(GivenRoute("van", ("v0",)),))
    assert times_of(made, (0, RELOAD, 1)).peaks == (1_000, 1_000)
    misfit_of(made, (0, 1))


def test_traffic_by_the_hour_makes_drives_longer_and_later_starts_better() -> None:
    # The epoch is 8 o'clock: half as fast until 9.
    slow = SpeedProfile((1.0,) * 8 + (0.5,) + (1.0,) * 15, "UTC")
    times = times_of(task(visit(6_000), speeds=slow))
    assert (times.starts_s, times.driving_s) == (60 * MINUTE, 20 * MINUTE)
    hurried = times_of(task(visit(6_000, (0, 30)), speeds=slow))
    assert hurried.driving_s == 40 * MINUTE


def test_everything_that_is_wrong_with_a_tour_is_told() -> None:
    made = task(
        visit(6_000, (0, 5)), visit(7_000), visit(8_000), van=replace(VAN, shift=window(0, 20), max_stops=2)
    )
    times, found = faults(made, 0, (0, 1, 2))
    assert {(fault.kind, fault.position) for fault in found} == {
        (ViolationKind.LATE, 0),
        (ViolationKind.TOO_MANY_STOPS, None),
        (ViolationKind.OVER_CAPACITY, None),
        (ViolationKind.OVER_SHIFT, None),
    }
    assert times.entries[0].begins_s == 10 * MINUTE


WINDOWS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 60)).map(lambda span: (span[0], span[0] + span[1])),
    max_size=3,
)
VISITS = st.lists(st.tuples(st.integers(0, 20_000), WINDOWS), min_size=1, max_size=4)


@given(drawn=VISITS)
@settings(deadline=None, max_examples=60)
def test_no_start_costs_less_and_none_that_costs_as_much_is_later_at_the_same_end(
    drawn: list[tuple[int, list[tuple[int, int]]]],
) -> None:
    van = replace(VAN, capacity_g=9_000, capacity_ml=None)
    made = task(*(visit(x, *spans) for x, spans in drawn), van=van)
    times = timetable(made, 0, range(len(drawn)))
    # Whole minutes of leaving, each driven without looking ahead.
    days = [(start, end) for start in range(0, 14_400, 60) if (end := driven(made, start)) is not None]
    if isinstance(times, Misfit):
        assert days == []
        return
    shortest = times.ends_s - times.starts_s
    assert all(shortest <= end - start for start, end in days)
    assert all(start <= times.starts_s for start, end in days if end == times.ends_s)
    assert driven(made, times.starts_s) == times.ends_s


def driven(made: Task, start: int) -> int | None:
    """When a van is home that leaves at `start` and serves as soon as it may; None where it cannot."""
    now, here = start, made.vans[0].start
    for stop in made.visits:
        now += made.seconds[here][stop.place]
        opens = [max(now, first) for first, last in stop.windows if max(now, first) <= last]
        if not opens:
            return None
        now, here = min(opens) + stop.service_s, stop.place
    now += made.seconds[here][made.vans[0].end]
    return now if now <= made.vans[0].shift_end_s else None
