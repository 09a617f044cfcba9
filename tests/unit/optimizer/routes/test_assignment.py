"""Why this van: what a stop costs where it is, and who would make it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.road import RoadTable
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import Assignment, StopKind
from doorstep.van import Break
from doorstep.visit import VisitKind
from optimizer.routes.explain.assignment import assignments, with_assignments
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Tours, in_minor, visits_in
from optimizer.routes.solution import solution_of
from optimizer.routes.timetable.schedule import Timetable, timetable
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.insertion import inserted
from tests.unit.optimizer.routes.town import travel_for


def why(problem: RouteProblem, tours: Tours) -> list[Assignment]:
    found = assignments(problem, task_of(problem, travel_for(problem)), tours)
    return [found[number] for number in sorted(found)]


def test_a_stop_is_told_what_it_costs_here_and_what_the_next_best_van_would_take() -> None:
    # On the way to "far" the stop "near" costs two minutes at 40; the other van would start for it:
    # 12 km at 60, 22 min at 40, and 300 for driving at all.
    problem = day(
        [visit("near", 6), visit("far", 12)], van("one"), van("two", fixed_cost_minor=300), currency="EUR"
    )
    near, far = why(problem, ((0, 1), ()))
    assert near == Assignment(
        "Costs 0.80 EUR here; the next best van would cost 19.00 EUR.", 80, "two", 720 + 880 + 300
    )
    # Without "far" the van turns back at kilometre six.
    assert (far.cost_here_minor, far.next_cost_minor) == (720 + 880, 1440 + 1680 + 300)


def test_a_stop_that_saves_something_is_said_to_save_it() -> None:
    problem = day([visit("near", 6), visit("far", 12)], van("one"), van("two"), currency="EUR")
    travel = travel_for(problem)
    # A way round from the depot to "far", unless one comes by "near": 20 km and 10 min longer.
    home = problem.vans[0].start
    assert home is not None
    longer = {(travel.index[home], travel.index[problem.visits[1].location])}

    def rows(table: Sequence[Sequence[int | None]], more: int) -> list[list[int | None]]:
        return [
            [cell + more if (i, j) in longer and cell is not None else cell for j, cell in enumerate(row)]
            for i, row in enumerate(table)
        ]

    table = RoadTable(rows(travel.table.seconds, 600), rows(travel.table.metres, 20_000))
    task = task_of(problem, replace(travel, table=table))
    near = assignments(problem, task, ((0, 1), ()))[0]
    # 20 km at 60 and 10 min at 40 a minute less, two minutes of handing over more.
    assert near.cost_here_minor == -(1200 + 400 - 80)
    assert near.text.startswith("Saves 15.20 EUR here; ")


def test_the_only_stop_of_a_van_costs_all_that_the_van_costs() -> None:
    (only,) = why(day([visit("a")], van(fixed_cost_minor=500)), ((0,),))
    assert only.cost_here_minor == 720 + 880 + 500


def test_it_is_said_why_nobody_else_would() -> None:
    two = van("two", shift=span(0, 21))
    told = {"given": (GivenRoute("one", ("a",), frozen=1),)}
    texts = [
        why(problem, ((0,), ()))[0].text.split("; ")[1]
        for problem in (
            day([visit("a")], van(), two),
            day([visit("a", pinned_van="one")], van(), two),
            day([visit("a")], van(), two, **told),
            day([visit("a", skills=frozenset({"cold"}))], van(skills=frozenset({"cold"})), two),
        )
    ]
    assert texts == [
        "no other van has the room or the time for it.",
        "it is pinned to this van.",
        "the driver is on the way already.",
        "no other van may make it.",
    ]


def test_a_pair_is_told_what_it_costs_together() -> None:
    problem = day([visit("a", kind=VisitKind.PICKUP), visit("b", 12, from_visit="a")], van(), van("two"))
    fetch, bring = why(problem, ((0, 1), ()))
    # 24 km and 44 min.
    assert fetch == bring
    assert (fetch.cost_here_minor, fetch.next_van_id) == (1440 + 1760, "two")


def test_what_time_is_not_left_for_is_left_out() -> None:
    problem = day([visit("a"), visit("b")])
    travel = travel_for(problem)
    task = task_of(problem, travel)
    solution = solution_of(problem, task, ((0, 1),), is_approximate=False, method="by hand")
    assert with_assignments(problem, task, ((0, 1),), solution, within_s=0.0) == solution
    late = iter([False, True])
    assert list(assignments(problem, task, ((0, 1),), is_over=lambda: next(late))) == [0]


def test_every_stop_of_a_solution_knows_and_breaks_need_no_reason() -> None:
    problem = day([visit("a", windows=(span(10, 12),))], van(breaks=(Break("lunch", span(10, 20), 900),)))
    travel = travel_for(problem)
    task = task_of(problem, travel)
    solution = solution_of(problem, task, ((0,),), is_approximate=False, method="by hand")
    stops = with_assignments(problem, task, ((0,),), solution).routes[0].stops
    assert {(stop.kind, stop.why is None) for stop in stops} == {
        (StopKind.DROPOFF, False),
        (StopKind.BREAK, True),
    }


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_the_next_best_van_really_could_at_that_cost(
    seed: int, random_day: Callable[..., RouteProblem]
) -> None:
    problem = random_day(seed, visits=10, vans=3)
    slack = inserted(problem, travel_for(problem))
    task = slack.task
    costs = [cost_of(timetable(task, van, tour)) if tour else 0 for van, tour in enumerate(slack.tours)]
    for number, assignment in assignments(problem, task, slack.tours).items():
        own = slack.van_of(number)
        if assignment.next_cost_minor is None or own is None:
            continue
        other = task.van_numbers[assignment.next_van_id]
        place = slack.cheapest(number, [other])
        assert other != own
        assert place is not None
        added = cost_of(timetable(task, other, place.tour)) - costs[other]
        moved = sum(task.move_cost for one in visits_in(place.tour) if one not in slack.tours[other])
        assert in_minor(added) <= assignment.next_cost_minor <= in_minor(added + moved)


def cost_of(times: object) -> int:
    assert isinstance(times, Timetable)
    return times.cost
