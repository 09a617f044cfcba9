"""Reasons and remedies for every visit that a plan leaves out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from time import monotonic

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import (
    UnassignedCode,
    UnassignedReason,
    UnassignedRemedy,
    UnassignedVisit,
)
from optimizer.routes.explain.alone import lacks_alone, off_the_map, reasons_alone
from optimizer.routes.explain.beside import reasons_beside
from optimizer.routes.explain.evenness import uneven_with
from optimizer.routes.explain.permission import able_vans, unit_of
from optimizer.routes.explain.remedies import Remedies
from optimizer.routes.explain.wording import money
from optimizer.routes.insertion.place import Place
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.task import Task, Tours, in_minor, visits_in

MOST_WITH_REMEDIES = 100
"""For how many visits concessions are tried: a plan that leaves out more lacks vans, not concessions."""

WITHIN_S = 2.0
"""How long reasons and remedies are worked out where nobody says."""

_TRIES_AT_A_GLANCE = 1
"""Gaps that are tried where an answer must be quick; the arrays of the slack know the rest."""

_NO_TIME = "The van has room for it, but the time for planning ran out. Plan again with a longer limit."

_NO_ROOM_SEEN = UnassignedReason(
    UnassignedCode.OTHER,
    "No van was seen to have room and time for it beside its other stops. Plan again with a longer limit to "
    "learn what is missing.",
)

_NOT_ASKED = UnassignedReason(
    UnassignedCode.OTHER,
    "The time for planning ran out before it was asked why. Plan again with a longer limit.",
)

_Answer = tuple[tuple[UnassignedReason, ...], tuple[UnassignedRemedy, ...]]
"""Reasons and remedies."""


def reasons_of(problem: RouteProblem, task: Task, tours: Tours, number: int) -> tuple[UnassignedReason, ...]:
    """At least one reason why an unassigned visit is on none of the tours, the most telling first."""
    return Explainer(problem, task, tours).reasons(number)


def unassigned_of(
    problem: RouteProblem,
    task: Task,
    tours: Tours,
    *,
    until_s: float | None = None,
    clock: Callable[[], float] = monotonic,
) -> tuple[UnassignedVisit, ...]:
    """All visits that are on no tour, each with a reason, in the order of the problem.

    What is left out to save money is told so after one question. For the others, the most urgent first, all
    reasons and remedies are worked out while there is time; who is not reached is told what one question
    finds.

    Parameters
    ----------
    until_s
        When all is to be told, by the clock; None for `WITHIN_S` from now on.
    clock
        In seconds.
    """
    planned = {number for tour in tours for number in visits_in(tour)}
    left_out = [number for number in range(len(task.visits)) if number not in planned]
    until_s = clock() + WITHIN_S if until_s is None else until_s
    told = _answers(Explainer(problem, task, tours), _most_urgent_first(task, left_out), until_s, clock)
    return tuple(UnassignedVisit(problem.visits[number].id, *told[number]) for number in left_out)


def _answers(
    explainer: Explainer, urgent: Sequence[int], until_s: float, clock: Callable[[], float]
) -> dict[int, _Answer]:
    """By visit; a third of the time for those left out by choice, one to be thorough, one for glances."""
    third_s = (until_s - clock()) / 3
    choices_until_s, thorough_until_s = until_s - 2 * third_s, until_s - third_s
    told: dict[int, _Answer] = {}
    others = []
    for number in urgent:
        chosen = explainer.by_choice(number) if clock() < choices_until_s else ()
        if chosen:
            told[number] = chosen, ()
        else:
            others.append(number)
    for rank, number in enumerate(others):
        now_s = clock()
        if now_s < thorough_until_s:
            reasons = explainer.reasons(number)
            is_helped = rank < MOST_WITH_REMEDIES and clock() < thorough_until_s
            told[number] = reasons, explainer.remedies(number) if is_helped else ()
        elif now_s < until_s:
            told[number] = explainer.at_a_glance(number), ()
        else:
            told[number] = (_NOT_ASKED,), ()
    return told


def _most_urgent_first(task: Task, numbers: Sequence[int]) -> list[int]:
    """By priority; then what must be made before what may be left out, and the earliest windows."""

    def urgency(number: int) -> tuple[int, bool, tuple[int, int], int]:
        visit = task.visits[number]
        return -visit.priority, visit.skip_cost_minor is not None, visit.windows[0], number

    return sorted(numbers, key=urgency)


class Explainer:
    """Answers for one plan.

    Parameters
    ----------
    tours
        That can be driven; those that cannot are taken as full.
    slack
        Of these tours, where it is at hand.
    """

    def __init__(self, problem: RouteProblem, task: Task, tours: Tours, slack: Slack | None = None) -> None:
        self._problem = problem
        self._task = task
        self._tours = tours
        self._given_slack = slack
        self._found: dict[tuple[int, int | None], Place | None] = {}

    @cached_property
    def _slack(self) -> Slack:
        return self._given_slack or Slack(self._task, self._tours)

    @cached_property
    def _remedies(self) -> Remedies:
        return Remedies(self._problem, self._task, self._tours)

    def reasons(self, number: int) -> tuple[UnassignedReason, ...]:
        """At least one, the most telling first."""
        problem, task = self._problem, self._task
        vans, hopeless = self._who_may(number)
        if hopeless is not None:
            return (hopeless,)
        place = self._place(number)
        if place is not None:
            return (self._not_worth_it(number, place),)
        lacks = lacks_alone(task, vans, number)
        able = [van for van, lack in lacks.items() if lack is None]
        if not able:
            return reasons_alone(problem, task, number, lacks)
        return reasons_beside(problem, task, self._tours, number, able)

    def by_choice(self, number: int) -> tuple[UnassignedReason, ...]:
        """Of a visit that may be left out for a price, where a van is quickly seen to have room; else ()."""
        if any(self._task.visits[one].skip_cost_minor is None for one in unit_of(self._task, number)):
            return ()
        place = self._place(number, _TRIES_AT_A_GLANCE)
        return () if place is None else (self._not_worth_it(number, place),)

    def at_a_glance(self, number: int) -> tuple[UnassignedReason, ...]:
        """One that is quickly found: nothing is tried on the tours but the likeliest gaps."""
        _, hopeless = self._who_may(number)
        if hopeless is not None:
            return (hopeless,)
        place = self._place(number, _TRIES_AT_A_GLANCE)
        return (_NO_ROOM_SEEN if place is None else self._not_worth_it(number, place),)

    def remedies(self, number: int) -> tuple[UnassignedRemedy, ...]:
        """Single concessions that would give it a place, the cheapest first."""
        return () if self._place(number) is not None else self._remedies.of(number)

    def _who_may(self, number: int) -> tuple[list[int], UnassignedReason | None]:
        """The vans that may make it and can get there; where there are none, the reason why."""
        vans, hopeless = able_vans(self._problem, self._task, number)
        if hopeless is None and any(off_the_map(self._task, one) for one in unit_of(self._task, number)):
            text = "No road leads to this address: it is off the map or its pin is wrong."
            hopeless = UnassignedReason(UnassignedCode.UNREACHABLE_ROAD, text)
        return vans, hopeless

    def _place(self, number: int, tries: int | None = None) -> Place | None:
        """Where it, or its pair, fits in; each question is asked once."""
        asked = (unit_of(self._task, number)[0], tries)
        if asked not in self._found:
            self._found[asked] = self._slack.cheapest(asked[0], tries=tries)
        return self._found[asked]

    def _not_worth_it(self, number: int, place: Place) -> UnassignedReason:
        """A van could take it as the tours are: left out to save money, or for want of time."""
        task, van_id = self._task, self._problem.vans[place.van].id
        skip_costs = [task.visits[one].skip_cost_minor for one in unit_of(task, number)]
        skip_minor = sum(cost for cost in skip_costs if cost is not None)
        cost_minor = in_minor(place.cost)
        if None in skip_costs or cost_minor < skip_minor:
            if (uneven := uneven_with(task, self._tours, place)) is not None:
                return UnassignedReason(UnassignedCode.OTHER, uneven, van_id)
            return UnassignedReason(UnassignedCode.OTHER, _NO_TIME, van_id)
        made, left_out = (money(sum_, self._problem.currency) for sum_ in (cost_minor, skip_minor))
        text = f"To make it would cost {made}, to leave it out {left_out}."
        return UnassignedReason(UnassignedCode.TOO_COSTLY, text, van_id)
