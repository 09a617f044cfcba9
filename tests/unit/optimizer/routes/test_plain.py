"""The first plan of a large day stands soon, whatever rules the day has."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest

from bench.routes.day import PlaneRoads, day_of
from bench.routes.first import generated
from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.van import Break, Van
from doorstep.visit import Lateness, Visit
from doorstep.window import Window
from optimizer.routes.first import first_plan
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.plain import plain_task
from optimizer.routes.numbered.task import Task, visits_in
from optimizer.routes.timetable.schedule import timetable
from optimizer.routes.travel import travel_of
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.town import place, travel_for

RUSH = SpeedProfile((0.9,) * 9 + (0.6,) * 2 + (1.0,) * 13, "UTC")
LUNCH = Break("lunch", span(180, 240), 1800)


def doors(count: int) -> list[Visit]:
    """On a grid around the depot, every other one with a window of two hours."""
    side = round(count**0.5)
    return [
        visit(
            f"v{number}",
            location=place(150 * (number % side), 150 * (number // side)),
            weight_g=100,
            windows=(span(begins := 37 * number % 300, begins + 120),) if number % 2 else (),
        )
        for number in range(count)
    ]


def twice(visit: Visit) -> Visit:
    later = tuple(Window(one.end + timedelta(hours=1), one.end + timedelta(hours=2)) for one in visit.windows)
    return replace(visit, windows=(*visit.windows, *later))


def large(count: int = 225) -> RouteProblem:
    vans = [van(f"van{number}", shift=span(0, 480)) for number in range(count // 12)]
    return day(doors(count), *vans)


def with_rules(problem: RouteProblem, name: str) -> RouteProblem:
    def vans(**terms: object) -> tuple[Van, ...]:
        return tuple(replace(one, **terms) for one in problem.vans)  # type: ignore[arg-type]

    match name:
        case "breaks":
            return replace(problem, vans=vans(breaks=(LUNCH,)))
        case "traffic":
            return replace(problem, speeds=RUSH)
        case "several windows":
            return replace(problem, visits=tuple(map(twice, problem.visits)))
        case _:
            soft = (replace(one, late=Lateness(600)) if one.windows else one for one in problem.visits)
            return replace(problem, visits=tuple(soft))


def planned(task: Task) -> tuple[int, float, int]:
    """Visits on the first plan, what it costs, and how many timetables were made for it."""
    timetables = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal timetables
        timetables += event == "call" and frame.f_code is timetable.__code__

    sys.setprofile(count)
    try:
        tours = first_plan(Objective(task))
    finally:
        sys.setprofile(None)
    cost = Objective(task).cost(tours)
    assert cost is not None, "every tour can be driven"
    return sum(len(visits_in(tour)) for tour in tours), cost, timetables


@pytest.mark.parametrize("name", ["breaks", "traffic", "several windows", "soft windows"])
def test_rules_that_arrays_do_not_know_hardly_slow_the_first_plan(name: str) -> None:
    easy = large()
    travel = travel_for(easy)
    _, easy_cost, _ = planned(task_of(easy, travel))
    visits, cost, timetables = planned(task_of(with_rules(easy, name), travel))
    assert visits == len(easy.visits)
    assert cost < 1.3 * easy_cost
    # With a timetable for each gap that is tried it is five for each visit.
    assert timetables <= len(easy.visits)


def test_a_day_that_arrays_know_is_left_as_it_is() -> None:
    problem = large(12)
    task = task_of(problem, travel_for(problem))
    assert plain_task(task) is task


def test_times_are_cut_where_the_true_rules_take_some() -> None:
    problem = day(
        [visit("a", windows=(span(200, 260), span(0, 30))), visit("b", windows=(span(0, 60),))],
        van(breaks=(LUNCH,)),
        speeds=RUSH,
    )
    task = task_of(problem, travel_for(problem))
    plain = plain_task(task)
    # The longer window closes half an hour sooner, since breaks begin before; the other one is over by then.
    assert plain.visits[0].windows == ((200 * 60, 230 * 60 - 1),)
    assert plain.visits[1].windows == task.visits[1].windows
    assert plain.vans[0].shift_end_s == task.vans[0].shift_end_s - 1800
    assert (plain.speeds, plain.vans[0].breaks) == (None, ())
    # On duty from 8 to 12: an hour of 0.9, two of 0.6, one of 1.0.
    start, there = task.vans[0].start, task.visits[0].place
    assert plain.seconds[start][there] == 1000
    assert task.seconds[start][there] == 600


def test_what_only_a_van_that_goes_there_first_reaches_is_on_the_first_plan() -> None:
    # 20 km at 10 m/s and 0.9 of it are 37 minutes; by the slow hours, at 0.6, 55. Five of six vans go there.
    far = [
        visit(f"far{number}", location=place(20_000, 300 * number), weight_g=100, windows=(span(0, 39),))
        for number in range(5)
    ]
    vans = [van(f"van{number}", shift=span(0, 480)) for number in range(6)]
    problem = day([*doors(225), *far], *vans, speeds=RUSH)
    visits, _, _ = planned(task_of(problem, travel_for(problem)))
    assert visits == len(problem.visits)


def test_drives_out_and_home_are_true_where_a_visit_is_out_of_reach_by_slow_ones() -> None:
    soon = visit("soon", windows=(span(0, 12),))
    # Whoever begins at half past eleven is not there by twelve past eight, however quick the roads.
    vans = van(), van("late", shift=span(210, 240))
    problem = day([soon, visit("far", 12, windows=(span(215, 218),))], *vans, speeds=RUSH)
    task = task_of(problem, travel_for(problem))
    plain = plain_task(task)
    depot, near, far = task.vans[0].start, task.visits[0].place, task.visits[1].place
    assert plain.seconds[depot][near] == plain.seconds_table[depot, near] == 667  # 600 at 0.9
    assert plain.seconds[near][depot] == 1000  # 600 at 0.6: there is time enough
    assert plain.seconds[depot][far] == 2000  # 1200 at 0.6
    assert plain.seconds[far][depot] == 1200  # at full speed: from 11:37 on 23 minutes are left


def test_few_vans_and_slow_last_hours_hardly_slow_the_first_plan() -> None:
    instance = generated(250, 1)
    easy = day_of(instance)
    travel = asyncio.run(travel_of(easy, PlaneRoads(instance)))
    slow = replace(easy, speeds=SpeedProfile((1.0, 1.0, 0.6, *(1.0,) * 21), "UTC"))
    visits, _, timetables = planned(task_of(slow, travel))
    assert visits == len(easy.visits)
    # With one for each gap of all that the slow hours have no van for it is more.
    assert timetables <= len(easy.visits)


def test_what_no_van_could_make_alone_is_tried_in_no_gap() -> None:
    closed = [
        visit(f"closed{number}", location=place(20_000, 300 * number), weight_g=100, windows=(span(0, 5),))
        for number in range(12)
    ]
    whole = large()
    problem = replace(whole, visits=(*whole.visits, *closed), speeds=RUSH)
    visits, _, timetables = planned(task_of(problem, travel_for(problem)))
    assert visits == len(whole.visits)
    # One for each by itself; with two dozen gaps tried for each it would be 288 more.
    assert timetables <= len(whole.visits) + len(closed)
