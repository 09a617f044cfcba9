"""Single concessions that would give a visit a place, each tried on the tours as they are.

Each concession is a task that allows more; where the visit fits in cheapest there, is read how much of it is
needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import StopKind, UnassignedRemedy
from optimizer.routes.explain.permission import of_whom, unit_of
from optimizer.routes.explain.wording import span
from optimizer.routes.insertion.place import Place
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.eligibility import may_make
from optimizer.routes.numbered.task import Task, TaskVisit, Tours, in_minor, visits_in
from optimizer.routes.timetable.schedule import Misfit, Timetable, faults, timetable

MOST_REMEDIES = 5

_STEPS_S = (900, 1800, 3600)
"""How much longer a window is asked to be, or a driver to work."""


class Remedies:
    """Concessions for the visits that a plan leaves out; each kind is prepared once for all of them."""

    def __init__(self, problem: RouteProblem, task: Task, tours: Tours) -> None:
        self._problem = problem
        self._task = task
        self._tours = tours
        planned = {number for tour in tours for number in visits_in(tour)}
        self._left_out = [number for number in range(len(task.visits)) if number not in planned]
        begun = zip(task.given, task.frozen, strict=True)
        self._frozen = {number for tour, frozen in begun for number in tour[:frozen]}
        self._held = {
            number
            for van, tour in enumerate(task.given)
            for number in tour
            if task.keeps_all or task.vans[van].is_under_way
        }

    def of(self, number: int) -> tuple[UnassignedRemedy, ...]:
        """For a visit that fits nowhere: at most five, the cheapest first; none for what is frozen."""
        if any(one in self._frozen for one in unit_of(self._task, number)):
            return ()
        found = [
            *self._later(number),
            *self._overtime(number),
            *self._elsewhere(number),
            *self._one_more(number),
        ]
        return tuple(sorted(found, key=lambda remedy: remedy.cost_minor)[:MOST_REMEDIES])

    def _later(self, number: int) -> Iterator[UnassignedRemedy]:
        place = self._after_windows.cheapest(number)
        times = None if place is None else self._times(self._after_windows, place)
        if place is None or times is None:
            return
        late = {
            one: late_s - self._task.visits[one].late_at_most_s
            for one, late_s in self._late(times, number).items()
        }
        if (step_s := _step(max(late.values()))) is not None:
            whose = "" if late[number] > 0 else of_whom(self._task, max(late, key=late.__getitem__), number)
            text = f"With a window{whose} that closes {span(step_s)} later, this van could take it"
            longer = self._with_windows([one for one in late if late[one] > 0], step_s)
            yield self._remedy(text, longer, place)

    def _overtime(self, number: int) -> Iterator[UnassignedRemedy]:
        place = self._with_overtime.cheapest(number)
        times = None if place is None else self._times(self._with_overtime, place)
        if place is None or times is None:
            return
        over_s = times.overtime_s - self._task.vans[place.van].overtime_s
        if over_s > 0:
            more = "more overtime" if self._task.vans[place.van].overtime_s else "overtime"
            text = f"With {span(-(-over_s // 300) * 300)} of {more}, this driver could take it"
            yield self._remedy(text, self._with_overtime.task, place)

    def _elsewhere(self, number: int) -> Iterator[UnassignedRemedy]:
        """A van that does not work from the depot where its goods lie or go; a pair has no depot."""
        visit = self._task.visits[number]
        if visit.partner is not None or len({van.depot_id for van in self._problem.vans}) == 1:
            return
        vans = enumerate(self._problem.vans)
        others = [at for at, van in vans if visit.depot_id not in ("", van.depot_id)]
        place = self._from_any_depot.cheapest(number, others) if others else None
        if place is not None:
            condition = ", if its goods lay there" if visit.is_from_depot else ""
            text = "A van of another depot could take it"
            yield self._remedy(text, self._from_any_depot.task, place, condition)

    def _one_more(self, number: int) -> Iterator[UnassignedRemedy]:
        """A second van like one that is busy; an idle one would have been asked."""
        unit = unit_of(self._task, number)
        if any(self._problem.visits[one].pinned_van or one in self._held for one in unit):
            return
        place = self._doubled.cheapest(number)
        if place is not None:
            remedy = self._remedy("One more van could take it", self._doubled.task, place)
            yield replace(remedy, is_one_more=True)

    @cached_property
    def _after_windows(self) -> Slack:
        """Every visit without a place may be served up to an hour after its windows."""
        visits = list(self._task.visits)
        for number in self._left_out:
            visits[number] = _lenient(visits[number])
        return self._slack(replace(self._task, visits=tuple(visits)))

    @cached_property
    def _with_overtime(self) -> Slack:
        """Every driver may work an hour longer."""
        vans = tuple(replace(van, overtime_s=van.overtime_s + _STEPS_S[-1]) for van in self._task.vans)
        return self._slack(replace(self._task, vans=vans))

    @cached_property
    def _from_any_depot(self) -> Slack:
        """The goods of every visit without a place lie wherever a van is."""
        left_out = set(self._left_out)
        visits, numbered = list(self._problem.visits), list(self._task.visits)
        for number in left_out:
            visits[number] = replace(visits[number], depot_id="")
            numbered[number] = replace(numbered[number], depot_id="")
        freed = replace(self._problem, visits=tuple(visits))
        may, is_outside = may_make(freed, self._task.given, self._task.frozen)
        return self._slack(replace(self._task, visits=tuple(numbered), may=may, is_outside=is_outside))

    @cached_property
    def _doubled(self) -> Slack:
        """The vans that are at home a second time, idle."""
        task, count = self._task, len(self._task.vans)
        is_at_home = np.array([not van.is_under_way for van in task.vans], np.bool_)
        twice = replace(
            task,
            vans=(*task.vans, *task.vans),
            may=np.concatenate((np.zeros_like(task.may), task.may & is_at_home), axis=1),
            is_outside=np.concatenate((task.is_outside, task.is_outside), axis=1),
            given=(*task.given, *((),) * count) if task.given else (),
            frozen=(*task.frozen, *(0,) * count) if task.frozen else (),
        )
        return Slack(twice, [()] * (2 * count))

    def _slack(self, task: Task) -> Slack:
        return Slack(task, self._tours)

    def _times(self, slack: Slack, place: Place) -> Timetable | None:
        times = timetable(slack.task, place.van, place.tour)
        return None if isinstance(times, Misfit) else times

    def _with_windows(self, numbers: Sequence[int], longer_s: int) -> Task:
        """With windows of these visits that close so much later."""
        visits = list(self._task.visits)
        for number in numbers:
            windows = tuple((opens_s, closes_s + longer_s) for opens_s, closes_s in visits[number].windows)
            visits[number] = replace(visits[number], windows=windows)
        return replace(self._task, visits=tuple(visits))

    def _late(self, times: Timetable, number: int) -> dict[int, int]:
        """Seconds after their windows at which a visit and its partner begin."""
        return {
            entry.number: entry.late_s
            for entry in times.entries
            if entry.number in unit_of(self._task, number) and entry.kind is not StopKind.BREAK
        }

    def _remedy(self, text: str, task: Task, place: Place, condition: str = "") -> UnassignedRemedy:
        """What it costs by the task with the concession, and how late it still is where it may be late."""
        van = place.van % len(self._problem.vans)
        times, cost = timetable(task, place.van, place.tour), place.cost
        late_s = 0
        if isinstance(times, Timetable):
            late_s = max(self._late(times, place.visit).values())
            cost = times.cost - (0 if place.van != van else self._costs[van])
        late = f" {span(late_s)} late" if late_s else ""
        return UnassignedRemedy(f"{text}{late}{condition}.", self._problem.vans[van].id, in_minor(cost))

    @cached_property
    def _costs(self) -> list[int]:
        """What the tours cost as they are."""
        return [
            faults(self._task, van, tour)[0].cost if visits_in(tour) else 0
            for van, tour in enumerate(self._tours)
        ]


def _lenient(visit: TaskVisit) -> TaskVisit:
    """Its lateness costs as little as can be counted, where it had none."""
    late_cost = 1 if visit.late_cost is None else visit.late_cost
    return replace(visit, late_cost=late_cost, late_at_most_s=visit.late_at_most_s + _STEPS_S[-1])


def _step(needed_s: int) -> int | None:
    """The smallest step that is enough; None where nothing is needed, or more than there is."""
    return next((step_s for step_s in _STEPS_S if 0 < needed_s <= step_s), None)
