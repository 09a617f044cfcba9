"""The roads between the places of a day and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.road import RoadMatrix, RoadTable


@dataclass(frozen=True, slots=True)
class NewPlaces:
    """Places that a day does not know yet, with the roads to and from those that it knows.

    Attributes
    ----------
    places
        The new ones.
    known
        Those of the day, in the order of the tables.
    out
        From each new place (row) to each known one and then to each new one (columns).
    back
        From each known place (row) to each new one (columns).

    Raises
    ------
    ValueError
        If a table does not have these rows and columns.
    """

    places: tuple[LatLng, ...]
    known: tuple[LatLng, ...]
    out: RoadTable
    back: RoadTable

    def __post_init__(self) -> None:
        new, all_places = len(self.places), len(self.known) + len(self.places)
        for name, table, rows, columns in (
            ("out", self.out, new, all_places),
            ("back", self.back, len(self.known), new),
        ):
            for cells in (table.seconds, table.metres):
                if not _is_shaped(cells, rows, columns):
                    raise ValueError(f"the road table {name!r} must have {rows} rows and {columns} columns")


async def ways_to(places: Sequence[LatLng], known: Sequence[LatLng], roads: RoadEngine) -> NewPlaces:
    """Ask a road engine for what a day needs to know of new places.

    Parameters
    ----------
    known
        `RunningDay.places`; new places that are among them are left out.
    """
    old = frozenset(known)
    new = tuple(place for place in dict.fromkeys(places) if place not in old)
    if not new:
        return NewPlaces((), tuple(known), RoadTable((), ()), _no_columns(len(known)))
    out = await roads.table(new, (*known, *new))
    return NewPlaces(new, tuple(known), out, await roads.table(known, new))


def _is_shaped(cells: Sequence[Sequence[int | None]], rows: int, columns: int) -> bool:
    if isinstance(cells, RoadMatrix):
        return (cells.rows, cells.columns) == (rows, columns)
    return len(cells) == rows and all(len(row) == columns for row in cells)


def _no_columns(rows: int) -> RoadTable:
    return RoadTable(((),) * rows, ((),) * rows)
