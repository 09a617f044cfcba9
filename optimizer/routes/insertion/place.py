"""Where a visit can be put, and what arrays cannot know of it."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.routes.numbered.task import Task, Tour, last_reloads_only
from optimizer.routes.timetable.schedule import Misfit, timetable


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit, and its partner with it, can be put.

    Attributes
    ----------
    cost
        Cost units more than without it: way, time, lateness, areas, the van's fixed cost where it would not
        drive otherwise, and `Task.move_cost` for each visit that leaves the van it was given to.
    tour
        The van's tour with it.
    """

    cost: int
    visit: int
    van: int
    tour: Tour

    @property
    def position(self) -> int:
        """Of the visit in the tour."""
        return self.tour.index(self.visit)


def without_idle_reloads(task: Task, van: int, tour: Tour) -> Tour:
    """The tour without those reloads between which nothing is done, where it can be driven without them."""
    left = last_reloads_only(tour)
    if not left or left[0] >= 0 or task.vans[van].is_under_way:
        return tuple(left)
    begun = tuple(left[1:])
    return tuple(left) if isinstance(timetable(task, van, begun), Misfit) else begun


def is_plain_visit(task: Task, number: int) -> bool:
    """Whether arrays of slack know all about a visit."""
    visit = task.visits[number]
    return (
        len(visit.windows) == 1 and not visit.late_cost and not visit.late_at_most_s and visit.partner is None
    )


def is_plain_van(task: Task, number: int) -> bool:
    """Whether they know all about a van."""
    van = task.vans[number]
    return not van.breaks and not van.is_under_way and task.speeds is None
