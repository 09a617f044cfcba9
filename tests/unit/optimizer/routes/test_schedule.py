"""Arrivals, waits and departures of one tour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.geo import LatLng
from doorstep.route import RouteProblem, UnassignedCode, Van, Visit
from doorstep.window import Window
from optimizer.routes.schedule import Misfit, Timetable, overload, service_start, timetable
from optimizer.routes.task import Task
from optimizer.routes.travel import Travel

TaskOf = Callable[..., Task]


@pytest.fixture(scope="module")
def task_of(
    place: Callable[..., LatLng],
    minute: Callable[[float], datetime],
    travel_for: Callable[[RouteProblem], Travel],
) -> TaskOf:
    """Visits as (metres east, windows in minutes, minute at which it is ready) -> a task with one van.

    Its shift lasts from minute 0 to 240; service takes one minute.
    """

    def build(*visits: tuple[int, list[tuple[float, float]], float | None]) -> Task:
        home = place(0, 0)
        problem = RouteProblem(
            epoch=minute(0),
            visits=tuple(
                Visit(
                    f"v{number}",
                    "depot",
                    place(x, 0),
                    60,
                    1_000,
                    1_000,
                    tuple(Window(minute(start), minute(end)) for start, end in windows),
                    None if ready is None else minute(ready),
                )
                for number, (x, windows, ready) in enumerate(visits)
            ),
            vans=(
                Van("van", "depot", home, home, Window(minute(0), minute(240)), 2_000, 3_000, max_stops=4),
            ),
        )
        return Task.of(problem, travel_for(problem))

    return build


def times_of(task: Task) -> Timetable:
    times = timetable(task, 0, range(len(task.visits)))
    assert isinstance(times, Timetable)
    return times


def misfit_of(task: Task) -> Misfit:
    misfit = timetable(task, 0, range(len(task.visits)))
    assert isinstance(misfit, Misfit)
    return misfit


def test_a_van_waits_at_the_depot_and_not_at_the_door(task_of: TaskOf) -> None:
    times = times_of(task_of((6_000, [(60, 90)], None)))
    # 6 km are 10 min: it leaves at minute 50 and is there when the window opens.
    assert times.starts_s == 50 * 60
    assert times.arrivals_s == times.service_starts_s == (60 * 60,)
    assert times.ends_s == 71 * 60
    assert (times.metres, times.driving_s) == (12_000, 20 * 60)


def test_waiting_between_two_windows_stays_where_it_cannot_be_avoided(task_of: TaskOf) -> None:
    times = times_of(task_of((6_000, [(0, 30)], None), (6_600, [(60, 90)], None)))
    # The first window's last second is 29:59; one minute of service, one of driving, then it waits.
    assert times.service_starts_s == (30 * 60 - 1, 60 * 60)
    assert times.arrivals_s[1] == 32 * 60 - 1


def test_the_later_of_two_windows_is_taken_when_that_shortens_the_day(task_of: TaskOf) -> None:
    times = times_of(task_of((6_000, [(10, 20), (100, 120)], None), (6_600, [(105, 130)], None)))
    assert times.service_starts_s == (103 * 60, 105 * 60)


def test_a_van_leaves_no_sooner_than_its_goods_are_ready(task_of: TaskOf) -> None:
    times = times_of(task_of((6_000, [], None), (6_600, [], 45)))
    assert times.starts_s == 45 * 60


def test_a_window_is_closed_at_its_end(task_of: TaskOf) -> None:
    # 6 km are 10 min.
    assert misfit_of(task_of((6_000, [(0, 10)], None))) == Misfit(UnassignedCode.WINDOW_UNREACHABLE, 0, 1)
    assert times_of(task_of((6_000, [(0, 10 + 1 / 60)], None))).arrivals_s == (600,)


def test_an_empty_window_lets_nobody_in(task_of: TaskOf) -> None:
    assert misfit_of(task_of((6_000, [(20, 20)], None))).code is UnassignedCode.WINDOW_UNREACHABLE


def test_coming_home_at_the_end_of_the_shift_is_in_time_and_a_second_later_is_not(task_of: TaskOf) -> None:
    # 229 min out and back leave no second: 1 min of service, 10 min home from minute 229.
    assert times_of(task_of((6_000, [(229, 235)], None))).ends_s == 240 * 60
    late = misfit_of(task_of((6_000, [(229 + 1 / 60, 235)], None)))
    assert late == Misfit(UnassignedCode.SHIFT_ENDS, short_by=1)


def test_the_stop_at_which_a_tour_breaks_is_named(task_of: TaskOf) -> None:
    misfit = misfit_of(task_of((6_000, [], None), (12_000, [(0, 15)], None)))
    # There at 10 + 1 + 10 min, the last second is 14:59.
    assert misfit == Misfit(UnassignedCode.WINDOW_UNREACHABLE, 1, 6 * 60 + 1)


@pytest.mark.parametrize(
    ("visits", "short_by"),
    [(2, 0), (3, 1_000), (5, 3_000)],
    ids=["full", "a kilogram over", "all limits broken"],
)
def test_an_overload_says_by_how_much(task_of: TaskOf, visits: int, short_by: int) -> None:
    task = task_of(*[(6_000, [], None)] * visits)
    misfit = overload(task, 0, range(visits))
    assert (misfit.short_by if misfit else 0) == short_by


def test_windows_that_touch_are_one(task_of: TaskOf) -> None:
    task = task_of((6_000, [(30, 60), (10, 30), (90, 100)], None))
    assert task.visits[0].windows == ((600, 3599), (5400, 5999))
    assert service_start(task.visits[0], 1_800) == 1_800


WINDOWS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 60)).map(lambda span: (span[0], span[0] + span[1])),
    max_size=3,
)
VISITS = st.lists(st.tuples(st.integers(0, 20_000), WINDOWS, st.none()), min_size=1, max_size=4)


@given(visits=VISITS)
@settings(deadline=None, max_examples=80)
def test_no_other_start_brings_the_van_home_sooner_or_as_soon_with_a_shorter_day(
    visits: list[tuple[int, list[tuple[float, float]], None]], task_of: TaskOf
) -> None:
    task = task_of(*visits)
    times = timetable(task, 0, range(len(visits)))
    # Whole minutes of leaving, each driven without looking ahead.
    days = [(start, end) for start in range(0, 14_400, 60) if (end := driven(task, start)) is not None]
    if isinstance(times, Misfit):
        assert days == []
        return
    assert all(times.ends_s <= end for _, end in days)
    assert all(start <= times.starts_s for start, end in days if end == times.ends_s)
    assert driven(task, times.starts_s) == times.ends_s


def driven(task: Task, start: int) -> int | None:
    """When a van is home that leaves at `start` and serves as soon as it may; None where it cannot."""
    now, here = start, task.vans[0].start
    for visit in task.visits:
        now += task.seconds[here][visit.place]
        opens = [max(now, first) for first, last in visit.windows if max(now, first) <= last]
        if not opens:
            return None
        now, here = min(opens) + visit.service_s, visit.place
    now += task.seconds[here][task.vans[0].end]
    return now if now <= task.vans[0].shift_end_s else None


def test_instants_count_from_the_epoch(task_of: TaskOf, minute: Callable[[float], datetime]) -> None:
    assert task_of((0, [], None)).instant(90) == minute(0) + timedelta(seconds=90)
