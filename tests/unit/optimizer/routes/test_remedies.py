"""Concessions that would give a visit a place: tried, and told with what they cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.visit import Lateness, Visit
from doorstep.window import Window
from optimizer.routes.checker import check
from optimizer.routes.explain import unassigned_of
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.solution import solution_of
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.insertion import inserted
from tests.unit.optimizer.routes.left_out import ANN, Told, told
from tests.unit.optimizer.routes.town import travel_for

HEAVY = visit("first", weight_g=6_000)
BEHIND_WEST = Told(
    visit("a", windows=(span(10, 25),)), [], before=[visit("west", -6, windows=(span(10, 20),))]
)
BEHIND_EAST = Told(visit("a", -6), [], [van(shift=span(0, 40))], before=[visit("east", 6)])

REMEDIES: dict[str, tuple[Told, list[tuple[str, str]]]] = {
    # There at minute 32 after "west"; 12 min are missing, and a second van need not wait.
    "a longer window": (
        BEHIND_WEST,
        [
            ("With a window that closes 15 min later, this van could take it.", "ann"),
            ("One more van could take it.", "ann"),
        ],
    ),
    # Home at minute 44, four after the shift.
    "overtime": (
        BEHIND_EAST,
        [
            ("With 5 min of overtime, this driver could take it.", "one"),
            ("One more van could take it.", "one"),
        ],
    ),
    "more overtime": (
        Told(visit("a", windows=(span(235, 300),)), [], [replace(ANN, overtime_s=300)]),
        [("With 5 min of more overtime, this driver could take it.", "ann")],
    ),
    "another depot": (
        Told(visit("a", depot_id="south"), [], [van()]),
        [],
    ),
    "a van of another depot": (
        Told(visit("a", weight_g=12_000), [], [van(), van("big", depot_id="south", capacity_g=15_000)]),
        [("A van of another depot could take it, if its goods lay there.", "big")],
    ),
    # There at minute 10, whatever depot it comes from; the last moment of the window is just before six.
    "a van of another depot that comes late": (
        Told(
            visit("a", weight_g=12_000, windows=(span(0, 6),), late=Lateness(600)),
            [],
            [van(), van("big", depot_id="south", capacity_g=15_000)],
        ),
        [("A van of another depot could take it 5 min late, if its goods lay there.", "big")],
    ),
    "nothing helps": (Told(visit("a", weight_g=10_500), []), []),
    # A second van would be none that it is pinned to.
    "a pinned visit": (
        Told(
            visit("a", pinned_van="one", weight_g=6_000),
            [],
            [van()],
            before=[HEAVY],
        ),
        [],
    ),
}


@pytest.mark.parametrize("name", REMEDIES)
def test_a_concession_that_helps_is_told(name: str) -> None:
    case, remedies = REMEDIES[name]
    found = [(remedy.text, remedy.van_id) for remedy in told(case).remedies]
    assert sorted(found) == sorted(remedies)


def test_the_cheapest_concession_comes_first_with_what_it_costs() -> None:
    case = replace(BEHIND_EAST, vans=[van(shift=span(0, 40), fixed_cost_minor=900)])
    overtime, one_more = told(case).remedies
    # 12 km and 22 min more; for a second van its fixed cost as well.
    assert overtime.cost_minor == 720 + 880
    assert one_more.cost_minor == 720 + 880 + 900


# A pair beside a rest, which the arrays alone put where it is too late.
@example(seed=1860, visits=5, vans=2)
@given(seed=st.integers(0, 10**6), visits=st.integers(1, 14), vans=st.integers(1, 3))
@settings(deadline=None, max_examples=50)
def test_every_concession_that_is_told_really_helps(
    seed: int, visits: int, vans: int, random_day: Callable[..., RouteProblem]
) -> None:
    problem = random_day(seed, visits=visits, vans=vans)
    slack = inserted(problem, travel_for(problem))
    for unassigned in unassigned_of(problem, slack.task, slack.tours):
        assert unassigned.reasons
        for remedy in unassigned.remedies:
            conceded = with_concession(problem, unassigned.visit_id, remedy.text, remedy.van_id)
            eased = task_of(conceded, travel_for(conceded))
            tours = (*slack.tours, *((),) * (len(conceded.vans) - len(problem.vans)))
            again = Slack(eased, tours)
            place = again.cheapest(slack.task.visit_numbers[unassigned.visit_id])
            assert place is not None, remedy.text
            again.put(place)
            plan = solution_of(conceded, eased, again.tours, is_approximate=False, method="eased")
            assert check(conceded, travel_for(conceded), plan) == ()


@pytest.mark.parametrize("seed", [33, 39, 63])
def test_a_van_of_another_depot_is_none_of_the_goods_own(
    seed: int, random_day: Callable[..., RouteProblem]
) -> None:
    # A van that has left without the goods, and reloads, could take them if they lay just anywhere.
    problem = random_day(seed, visits=10, vans=3, features=("reloads", "under way"))
    slack = inserted(problem, travel_for(problem))
    depots = {van.id: van.depot_id for van in problem.vans}
    depots |= {visit.id: visit.depot_id for visit in problem.visits}
    for unassigned in unassigned_of(problem, slack.task, slack.tours):
        others = [one.van_id for one in unassigned.remedies if "another depot" in one.text]
        assert all(depots[van_id] != depots[unassigned.visit_id] for van_id in others)


def test_a_concession_costs_money_and_not_what_changing_the_plan_is_weighed_with() -> None:
    problem = day(
        [visit("west", -6, windows=(span(10, 20),)), visit("a", windows=(span(10, 25),))],
        van("ann"),
        van("bob", shift=span(200, 240)),
        given=(GivenRoute("ann", ("west",)), GivenRoute("bob", ("a",))),
        stability=0.9,
    )
    travel = travel_for(problem)
    task = task_of(problem, travel)
    tours = tuple(tour if van == 0 else () for van, tour in enumerate(task.given))
    (left_out,) = unassigned_of(problem, task, tours)
    longer = next(one for one in left_out.remedies if "15 min later" in one.text)
    # From six kilometres west to six east and home instead of just home: 12 km and 22 min more.
    assert longer.cost_minor == 720 + 880


def with_concession(problem: RouteProblem, visit_id: str, text: str, van_id: str) -> RouteProblem:
    """The day on which it has been made."""
    hours, minutes = re.search(r"(?:(\d+) h )?(\d+) min|$", text).groups("0")  # type: ignore[union-attr]  # or ""
    by = timedelta(hours=int(hours), minutes=int(minutes))
    if "overtime" in text or "One more" in text:
        (driver,) = [van for van in problem.vans if van.id == van_id]
        worked = replace(driver, overtime_s=driver.overtime_s + int(by.total_seconds()))
        vans = (*problem.vans, replace(driver, id="one more"))
        if "overtime" in text:
            vans = tuple(worked if van.id == van_id else van for van in problem.vans)
        return replace(problem, vans=vans)
    drops = [drop for drop in problem.visits if drop.from_visit]
    pair_of = {drop.from_visit: drop.id for drop in drops} | {drop.id: drop.from_visit for drop in drops}
    eased = (visit_id, pair_of.get(visit_id))
    visits = (
        with_later_windows(visit, by) if "window" in text else replace(visit, depot_id="")
        for visit in problem.visits
        if visit.id in eased
    )
    changed = {visit.id: visit for visit in visits}
    return replace(problem, visits=tuple(changed.get(visit.id, visit) for visit in problem.visits))


def with_later_windows(visit: Visit, by: timedelta) -> Visit:
    return replace(visit, windows=tuple(Window(one.start, one.end + by) for one in visit.windows))
