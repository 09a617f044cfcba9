"""What a whole plan costs, in one place: the searches that know every rule make this small.

The cost units of all timetables, of what is left out, of what drivers were told otherwise, and of unevenness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.routes.mending.balance import above_share, price_of, vans_on_duty, work_of
from optimizer.routes.numbered.task import Task, Tour, Tours, visits_in
from optimizer.routes.timetable.schedule import Misfit, timetable

_MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class VanCost:
    """One van's part: its tour with what it was not told, and the work that is to be balanced."""

    cost: int
    work: int


_IDLE = VanCost(0, 0)


def told_to(task: Task) -> dict[int, int]:
    """Visit -> the van whose driver was told of it."""
    return {visit: van for van, tour in enumerate(task.given) for visit in visits_in(tour)}


class Objective:
    """The costs of a task's plans. Tours that were looked at are remembered.

    Attributes
    ----------
    left_out
        By visit, in cost units: what it costs to leave it out, with the change where a driver was told of it.
    told
        Visit -> the van whose driver was told of it.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.told = told_to(task)
        self.left_out = tuple(
            skip_cost + (task.move_cost if visit in self.told else 0)
            for visit, skip_cost in enumerate(task.skip_costs)
        )
        self._held = tuple(
            tuple(visits_in(tour))[:frozen] for tour, frozen in zip(task.given, task.frozen, strict=True)
        ) or ((),) * len(task.vans)
        self._sharing = vans_on_duty(task)
        self._price = price_of(task)
        self._remembered: dict[tuple[int, Tour], VanCost | None] = {}

    def of_van(self, van: int, tour: Tour) -> VanCost | None:
        """What one van's tour costs; None where it breaks a rule."""
        key = (van, tour)
        try:
            return self._remembered[key]
        except KeyError:
            pass
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        found = self._remembered[key] = self._count(van, tour)
        return found

    def held(self, van: int) -> tuple[int, ...]:
        """The visits that come first in a van's tour, in this order, as far as they can be made."""
        return self._held[van]

    def move_cost(self, visit: int, van: int) -> int:
        """What it costs that this van makes the visit, where another was told of it."""
        return self.task.move_cost if self.told.get(visit, van) != van else 0

    def unbalanced(self, works: Sequence[int]) -> int:
        """Cost units of uneven work; `works` has one for each van of the task."""
        if self.task.balance is None:
            return 0
        above = above_share(self.task.balance, [works[van] for van in self._sharing])
        return self._price * sum(above)

    def cost(self, tours: Tours) -> int | None:
        """Of the whole plan; None where a tour breaks a rule."""
        parts = []
        for van, tour in enumerate(tours):
            part = self.of_van(van, tour)
            if part is None:
                return None
            parts.append(part)
        planned = {visit for tour in tours for visit in visits_in(tour)}
        left_out = sum(cost for visit, cost in enumerate(self.left_out) if visit not in planned)
        return sum(part.cost for part in parts) + left_out + self.unbalanced([part.work for part in parts])

    def _count(self, van: int, tour: Tour) -> VanCost | None:
        visits = visits_in(tour)
        if not visits:
            return _IDLE if not tour else None
        kept = [visit for visit in self._held[van] if visit in visits]
        if visits[: len(kept)] != kept or not self.task.may[visits, van].all():
            return None
        times = timetable(self.task, van, tour)
        if isinstance(times, Misfit):
            return None
        moves = sum(self.move_cost(visit, van) for visit in visits)
        work = work_of(self.task.balance, tour, times) if self.task.balance is not None else 0
        return VanCost(times.cost + moves, work)
