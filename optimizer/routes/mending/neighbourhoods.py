"""Ruin and recreate under every rule: take neighbouring visits out, put each back where it costs least.

For what PyVRP has no model of: breaks, last in first out, traffic by the hour, pins, frozen beginnings, what
drivers were told, and evenness. Worse plans are taken for a while, after simulated annealing, so that
a plan can get out of a corner. The best one is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import NamedTuple

from optimizer.routes.engine import Limits
from optimizer.routes.mending.objective import Objective, VanCost
from optimizer.routes.mending.places import Offer, Places
from optimizer.routes.mending.repair import Unit, unit_of, without_unit
from optimizer.routes.mending.ruin import Ruin, vans_of
from optimizer.routes.numbered.task import Task, Tour, Tours, visits_in

_BLINK_SHARE = 0.02
"""How often a van is not looked at: the cheapest place for each is not the best for all."""

_HOT, _COLD = 0.2, 0.002
"""Temperatures at the beginning and the end, as shares of what a visit costs on average."""

_MOST_TRIED = 16
"""How many offers get times at most, before a visit is left out for this once."""

_MOST_FITTING = 2
"""How many that can be driven are compared; all vans where what is even depends on who drives."""

_NEAR_VISITS = 40
_MOST_NEAR_VANS = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """Tours that keep all rules, and what they cost.

    Attributes
    ----------
    left_out
        Visits and pairs without a place.
    """

    tours: Tours
    parts: tuple[VanCost, ...]
    left_out: tuple[Unit, ...]
    cost: int


class _Place(NamedTuple):
    """A van's tour with something put in."""

    van: int
    tour: Tour
    part: VanCost


class Neighbourhood:
    """Ruins and recreates plans of a task.

    Parameters
    ----------
    focus
        Vans around whose visits is ruined; every one where it is empty.
    """

    def __init__(self, objective: Objective, seed: int, focus: frozenset[int] = frozenset()) -> None:
        self._objective = objective
        self._task = objective.task
        self._draw = Random(seed)  # noqa: S311  # a seeded search is deterministic on purpose
        self._places = Places(objective)
        self._ruin = Ruin(objective, self._draw, focus)
        self._alike = _vans_alike(self._task)
        self._most_fitting = _MOST_FITTING if self._task.balance is None else len(self._task.vans)

    def plan_of(self, tours: Tours) -> Plan:
        """Tours that keep all rules, with what is not in them left out."""
        planned = {visit for tour in tours for visit in visits_in(tour)}
        units = dict.fromkeys(unit_of(self._task, visit) for visit in range(len(self._task.visits)))
        left_out = tuple(unit for unit in units if not planned.intersection(unit))
        parts = []
        for van, tour in enumerate(tours):
            part = self._objective.of_van(van, tour)
            if part is None:
                raise ValueError(f"the tour of van {van} breaks a rule")
            parts.append(part)
        return self._plan(list(tours), parts, left_out)

    def filled(self, plan: Plan, is_over: Callable[[], bool] = lambda: False) -> Plan:
        """With what is left out put in wherever it fits, the dearest to leave out first."""
        units = sorted(plan.left_out, key=lambda unit: (-self._left_out_cost(unit), unit))
        return self._recreated(list(plan.tours), list(plan.parts), units, is_over=is_over, blinks=False)

    def neighbour(self, plan: Plan) -> Plan:
        """A plan like this one, better or worse."""
        tours, parts = list(plan.tours), list(plan.parts)
        units = list(plan.left_out)
        for van, visits in self._ruin.choose(plan.tours, plan.left_out).items():
            shorter = without_unit(self._task, van, tours[van], visits)
            part = self._objective.of_van(van, shorter)
            # Without a stop a tour may break a rule: it comes to wait where a break may not be.
            if part is None:
                continue
            tours[van], parts[van] = shorter, part
            units += dict.fromkeys(unit_of(self._task, visit) for visit in sorted(visits))
        self._shuffle(units)
        return self._recreated(tours, parts, units)

    def _recreated(
        self,
        tours: list[Tour],
        parts: list[VanCost],
        units: Sequence[Unit],
        *,
        is_over: Callable[[], bool] = lambda: False,
        blinks: bool = True,
    ) -> Plan:
        left_out, van_of = [], vans_of(tours)
        for unit in units:
            vans = self._vans(unit, tours, van_of, everywhere=not blinks)
            place = None if is_over() else self._cheapest(unit, vans, tours, parts, blinks=blinks)
            if place is None:
                left_out.append(unit)
            else:
                tours[place.van], parts[place.van] = place.tour, place.part
                van_of.update(dict.fromkeys(unit, place.van))
        return self._plan(tours, parts, tuple(left_out))

    def _cheapest(
        self,
        unit: Unit,
        vans: Sequence[int],
        tours: Sequence[Tour],
        parts: Sequence[VanCost],
        *,
        blinks: bool,
    ) -> _Place | None:
        """The best place that costs less than to leave the unit out; the cheapest offers are tried first."""
        best, best_cost = None, self._left_out_cost(unit)
        works = [part.work for part in parts]
        uneven = self._objective.unbalanced(works)
        fitting = 0
        for tried, offer in enumerate(self._offers(unit, vans, tours, blinks=blinks), start=1):
            if offer.cost >= best_cost and self._task.balance is None:
                break
            part = self._objective.of_van(offer.van, offer.tour)
            if part is not None:
                fitting += 1
                works[offer.van] = part.work
                added = part.cost - parts[offer.van].cost
                cost = added + self._objective.unbalanced(works) - uneven
                works[offer.van] = parts[offer.van].work
                if cost < best_cost:
                    best, best_cost = _Place(offer.van, offer.tour, part), cost
            if blinks and (fitting == self._most_fitting or tried == _MOST_TRIED):
                break
        return best

    def _offers(self, unit: Unit, vans: Sequence[int], tours: Sequence[Tour], *, blinks: bool) -> list[Offer]:
        found: list[Offer] = []
        for van in vans:
            if not blinks or self._draw.random() >= _BLINK_SHARE:
                found += self._places.offers(unit, van, tours[van])
        found.sort()
        return found

    def _vans(
        self, unit: Unit, tours: Sequence[Tour], van_of: Mapping[int, int], *, everywhere: bool
    ) -> list[int]:
        """Those worth trying: that are nearby, that was told of it, and of idle ones alike only one."""
        idle: dict[int, int] = {}
        for van, tour in enumerate(tours):
            if not tour:
                idle.setdefault(self._alike[van], van)
        driving = [van for van, tour in enumerate(tours) if tour]
        if not everywhere and len(driving) > _MOST_NEAR_VANS:
            nearby = self._ruin.neighbours(unit[0])[:_NEAR_VISITS]
            near = dict.fromkeys(van_of[visit] for visit in nearby if visit in van_of)
            driving = list(near)[:_MOST_NEAR_VANS]
        told = [self._objective.told[visit] for visit in unit if visit in self._objective.told]
        return list(dict.fromkeys((*driving, *idle.values(), *told)))

    def _left_out_cost(self, unit: Unit) -> int:
        return sum(self._objective.left_out[visit] for visit in unit)

    def _shuffle(self, units: list[Unit]) -> None:
        """An order to put them back in: by chance, by size, by window, far or near ones first."""
        self._draw.shuffle(units)
        kind = self._draw.choices((_any_order, _big, _tight, _far, _near, _dear), (4, 4, 3, 2, 1, 2))[0]
        units.sort(key=lambda unit: kind(self._objective, unit))

    def _plan(self, tours: Sequence[Tour], parts: Sequence[VanCost], left_out: Sequence[Unit]) -> Plan:
        uneven = self._objective.unbalanced([part.work for part in parts])
        cost = sum(part.cost for part in parts) + sum(self._left_out_cost(unit) for unit in left_out)
        return Plan(tuple(tours), tuple(parts), tuple(left_out), cost + uneven)


def anneal(
    neighbourhood: Neighbourhood,
    start: Plan,
    *,
    seed: int,
    limits: Limits,
    on_best: Callable[[Plan], None] = lambda _: None,
) -> Plan:
    """The best plan met until the limits end, an iteration being one ruin; never worse than the start."""
    draw = Random(seed)  # noqa: S311  # a seeded search is deterministic on purpose
    best = now = start
    visits = sum(len(tour) for tour in start.tours)
    mean = sum(part.cost for part in start.parts) / max(1, visits)
    began_s, iteration = monotonic(), 0
    while not limits.is_over and (limits.max_iterations is None or iteration < limits.max_iterations):
        if limits.max_iterations is not None:
            done = iteration / limits.max_iterations
        else:
            done = (monotonic() - began_s) / max(1e-9, limits.deadline_s - began_s)
        temperature = mean * _HOT * (_COLD / _HOT) ** min(1.0, done)
        new = neighbourhood.neighbour(now)
        if new.cost < now.cost - temperature * math.log(1.0 - draw.random()):
            now = new
        if new.cost < best.cost:
            best = new
            on_best(best)
        iteration += 1
    return best


def _vans_alike(task: Task) -> tuple[int, ...]:
    """By van: the first one that differs in nothing but its number."""
    first: dict[object, int] = {}
    held = task.frozen or (0,) * len(task.vans)
    return tuple(
        first.setdefault(
            (van, task.may[:, number].tobytes(), task.is_outside[:, number].tobytes(), held[number]), number
        )
        for number, van in enumerate(task.vans)
    )


def _any_order(objective: Objective, unit: Unit) -> int:
    del objective, unit
    return 0


def _big(objective: Objective, unit: Unit) -> int:
    return -max(objective.task.visits[visit].loads[0] for visit in unit)


def _tight(objective: Objective, unit: Unit) -> int:
    visits = (objective.task.visits[visit] for visit in unit)
    return min(sum(last - first for first, last in visit.windows) for visit in visits)


def _far(objective: Objective, unit: Unit) -> int:
    return -_near(objective, unit)


def _near(objective: Objective, unit: Unit) -> int:
    task, place = objective.task, objective.task.visits[unit[0]].place
    return min((task.metres[van.start][place] for van in task.vans if van.start >= 0), default=0)


def _dear(objective: Objective, unit: Unit) -> int:
    return -sum(objective.left_out[visit] for visit in unit)
