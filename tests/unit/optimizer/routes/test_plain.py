"""The first plan of a large day stands soon, whatever rules the day has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.van import Break, Van
from doorstep.visit import Lateness, Visit
from doorstep.window import Window
from optimizer.routes.first import first_plan
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.plain import plain_task
from optimizer.routes.numbered.task import Task, visits_in
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


def planned(task: Task) -> tuple[int, float, float]:
    """Visits on the first plan, what it costs, and seconds of work."""
    began_s = process_time()
    tours = first_plan(Objective(task))
    took_s = process_time() - began_s
    cost = Objective(task).cost(tours)
    assert cost is not None, "every tour can be driven"
    return sum(len(visits_in(tour)) for tour in tours), cost, took_s


@pytest.mark.parametrize("name", ["breaks", "traffic", "several windows", "soft windows"])
def test_rules_that_arrays_do_not_know_hardly_slow_the_first_plan(name: str) -> None:
    easy = large()
    travel = travel_for(easy)
    _, easy_cost, easy_s = planned(task_of(easy, travel))
    visits, cost, took_s = planned(task_of(with_rules(easy, name), travel))
    assert visits == len(easy.visits)
    assert cost < 1.3 * easy_cost
    # A timetable for each gap that is tried takes ten times as long.
    assert took_s < 4 * easy_s + 0.2


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
