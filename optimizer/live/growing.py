"""A task with one more visit, without numbering the others again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from doorstep.road import RoadMatrix, RoadTable
from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from optimizer.live.ground import Ground
from optimizer.routes.numbered.eligibility import may_make
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.skipping import LateSkips
from optimizer.routes.numbered.task import Task, TaskVisit, Tours
from optimizer.routes.travel import Travel, places_of

Row = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""By van: whether it may make a visit, and whether that lies outside of its territories."""


class Standards:
    """Looked up once for all orders that are alike: who may make them, and what leaving them out costs."""

    def __init__(self, problem: RouteProblem, task: Task) -> None:
        self._problem = replace(problem, visits=(), given=())
        self._known: dict[object, Row] = {}
        self._skips = LateSkips(
            task.visits, task.vans, task.seconds_table, task.metres_table, task.skip_costs
        )

    def skip_cost(self, visit: TaskVisit) -> int:
        """Cost units; see `LateSkips`."""
        return self._skips.cost(visit)

    def rows(self, visits: Sequence[Visit]) -> Row:
        """Both arrays of shape (visits, vans)."""
        if any(visit.from_visit for visit in visits):
            return self._looked_up(visits)
        rows = [self._row(visit) for visit in visits]
        return np.concatenate([may for may, _ in rows]), np.concatenate([outside for _, outside in rows])

    def _row(self, visit: Visit) -> Row:
        rules = (
            visit.depot_id,
            visit.skills,
            visit.vehicle_kinds,
            visit.territory,
            visit.pinned_van,
            visit.kind,
        )
        if rules not in self._known:
            self._known[rules] = self._looked_up((visit,))
        return self._known[rules]

    def _looked_up(self, visits: Sequence[Visit]) -> Row:
        vans = len(self._problem.vans)
        nobody: Tours = ((),) * vans
        return may_make(replace(self._problem, visits=tuple(visits)), nobody, (0,) * vans)


def with_visits(
    task: Task, ground: Ground, standards: Standards, problem: RouteProblem, visits: Sequence[Visit]
) -> Task:
    """The task with visits behind the others; nobody was told of them.

    Parameters
    ----------
    ground
        Knows their places; may grow, where setting up takes another time there.
    problem
        Whose rules hold; its visits are not looked at.

    Raises
    ------
    InvalidProblem
        If the visits contradict themselves, as a drop-off without its pick-up.
    KeyError
        If a place is not known.
    """
    first = len(task.visits)
    may, is_outside = standards.rows(visits)
    alone = _numbered_alone(problem, visits)
    added = tuple(
        replace(
            door,
            place=ground.place(visit.location, visit.setup_s),
            loads=tuple(
                door.loads[alone.dimensions.index(name)] if name in alone.dimensions else 0
                for name in task.dimensions
            ),
            pinned_place=visit.pinned_place,
            partner=None if door.partner is None else first + door.partner,
        )
        for visit, door in zip(visits, alone.visits, strict=True)
    )
    seconds, metres = ground.tables
    return replace(
        task,
        visits=task.visits + added,
        seconds=ground.seconds,
        metres=ground.metres,
        seconds_table=seconds,
        metres_table=metres,
        setup_s=tuple(ground.setup_s),
        sites=tuple(ground.sites),
        may=np.concatenate((task.may, may)),
        is_outside=np.concatenate((task.is_outside, is_outside)),
        skip_costs=task.skip_costs + tuple(standards.skip_cost(visit) for visit in added),
        visit_numbers={**task.visit_numbers, **{visit.id: first + at for at, visit in enumerate(visits)}},
    )


def _numbered_alone(problem: RouteProblem, visits: Sequence[Visit]) -> Task:
    """The visits without vans, on a map without distances: what they are does not depend on either."""
    unpinned = tuple(replace(visit, pinned_van="", pinned_place=None) for visit in visits)
    small = replace(problem, visits=unpinned, vans=(), given=(), speeds=None, balance=None)
    places = places_of(small)
    nowhere_far = RoadMatrix(len(places), len(places), bytes(4 * len(places) ** 2))
    index = {place: row for row, place in enumerate(places)}
    return task_of(small, Travel(index, RoadTable(nowhere_far, nowhere_far)))
