"""Drive times between all places of a problem, looked up by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.road import RoadTable
from doorstep.route_problem import RouteProblem


@dataclass(frozen=True, slots=True)
class Travel:
    """A square road table and which place is which row and column.

    Attributes
    ----------
    index
        Place -> row (and column) of `table`.

    Raises
    ------
    ValueError
        If the table is not square over the places.
    """

    index: Mapping[LatLng, int]
    table: RoadTable

    def __post_init__(self) -> None:
        size = len(self.index)
        for name, rows in (("seconds", self.table.seconds), ("metres", self.table.metres)):
            if len(rows) != size or any(len(row) != size for row in rows):
                raise ValueError(f"the road table's {name} must have {size} rows and columns")

    def seconds(self, origin: LatLng, destination: LatLng) -> int | None:
        """Drive time; 0 on the spot, None where no road leads there."""
        if origin == destination:
            return 0
        return self.table.seconds[self.index[origin]][self.index[destination]]

    def metres(self, origin: LatLng, destination: LatLng) -> int | None:
        """Length of the way; 0 on the spot, None where no road leads there."""
        if origin == destination:
            return 0
        return self.table.metres[self.index[origin]][self.index[destination]]


def places_of(problem: RouteProblem) -> tuple[LatLng, ...]:
    """Every place once: where vans start, end and reload, then the visits."""
    reload_ids = {depot_id for van in problem.vans if van.reloads for depot_id in van.reloads.depot_ids}
    ends = [place for van in problem.vans for place in (van.start, van.end) if place is not None]
    depots = [depot.location for depot in problem.depots if depot.id in reload_ids]
    return tuple(dict.fromkeys([*ends, *depots, *(visit.location for visit in problem.visits)]))


async def travel_of(problem: RouteProblem, roads: RoadEngine) -> Travel:
    """Ask a road engine for all drives of a problem in one table."""
    places = places_of(problem)
    table = await roads.table(places, places) if places else RoadTable((), ())
    return Travel({place: row for row, place in enumerate(places)}, table)
