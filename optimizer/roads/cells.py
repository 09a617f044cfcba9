"""Cells of the map: places so close that one drive answers for all of them.

Two places share a cell if they lie in the same square of 0.0001 degrees (11 m from south to north, at most
that from west to east) and meet the same stretch of road between two nodes of OpenStreetMap. Where two
roads cross, or run side by side, the square alone would mix them up: from one to the other it may be far.
"""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.geo import LatLng

CELL_DEGREES = 1e-4
"""Side of a square. Answers for two places of a cell differ by the drive between them, 16 m of road at most
at each end; and, as OSRM's own answers do for neighbours, where it finds two ways equally good and takes the
other. (Measured on Malta and Liechtenstein, a million pairs between doors 3 m away: 99 % within a second.
On a small island of roads OSRM's answers depend on the company: asked together with places elsewhere, its
places are moved to the roads of the others.)"""

Cell = tuple[int, int, int, int]
"""The two nodes, lower first, and the square's row and column; no nodes for a place off the map."""

_OFF_MAP = -1
_EXACT_DEGREES = 1e-7


def cell_on_road(place: LatLng, one: int, other: int) -> Cell:
    """The cell of a place that meets its road between two nodes."""
    return (min(one, other), max(one, other), *_square(place, CELL_DEGREES))


def cell_off_map(place: LatLng) -> Cell:
    """A place that is on no road shares its cell with nobody: its drives are estimates."""
    return (_OFF_MAP, _OFF_MAP, *_square(place, _EXACT_DEGREES))


def distinct(cells: Iterable[Cell]) -> dict[Cell, int]:
    """Each cell once, counted from 0 in the order of appearance."""
    return {cell: number for number, cell in enumerate(dict.fromkeys(cells))}


def _square(place: LatLng, degrees: float) -> tuple[int, int]:
    return round(place.lat / degrees), round(place.lng / degrees)
