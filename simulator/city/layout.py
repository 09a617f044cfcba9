"""The plan on the grid, before any street is drawn: which lines are fast, where river and park lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from simulator.city.city import RoadClass

Cell = tuple[int, int]
"""(row, column) of a junction on the grid."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows and columns of the grid and what runs along them.

    Attributes
    ----------
    ring
        Inset of the ring road: it runs along lines `ring` and `size - 1 - ring`, both ways.
    river
        For every row the column west of the river: junctions with a larger column lie east of it.
    park
        Its first and last row and first and last column; streets run along its edge, none inside.
    """

    size: int
    ring: int
    arterial_rows: tuple[int, ...]
    arterial_columns: tuple[int, ...]
    river: tuple[int, ...]
    park: tuple[int, int, int, int]

    @property
    def far_ring(self) -> int:
        """The ring road's line on the far side."""
        return self.size - 1 - self.ring

    def is_outside_ring(self, cell: Cell) -> bool:
        """Whether a junction lies in the outskirts."""
        return any(not self.ring <= line <= self.far_ring for line in cell)

    def is_in_park(self, row: float, column: float) -> bool:
        """Whether a point of the grid lies inside the park, its edge left out."""
        top, bottom, left, right = self.park
        return top < row < bottom and left < column < right

    def crosses_river(self, a: Cell, b: Cell) -> bool:
        """Whether two neighbouring junctions lie on different banks."""
        return (a[1] <= self.river[a[0]]) != (b[1] <= self.river[b[0]])

    def has_bridge(self, a: Cell, b: Cell) -> bool:
        """Whether a street over the river is bridged: arterial rows and the ring road are."""
        return a[0] == b[0] and self.road_class(a, b) in (RoadClass.RING, RoadClass.ARTERIAL)

    def road_class(self, a: Cell, b: Cell) -> RoadClass:
        """Class of the street between two neighbouring junctions."""
        along_row = a[0] == b[0]
        line = a[0] if along_row else a[1]
        across = (a[1], b[1]) if along_row else (a[0], b[0])
        if line in (self.ring, self.far_ring) and all(self.ring <= end <= self.far_ring for end in across):
            return RoadClass.RING
        arterials = self.arterial_rows if along_row else self.arterial_columns
        if line in arterials:
            return RoadClass.ARTERIAL
        if any(line == (low + high) // 2 for low, high in pairwise(arterials)):
            return RoadClass.COLLECTOR
        return RoadClass.RESIDENTIAL


def draw_layout(random: Random, size: int) -> Layout:
    """Draw a plan: arterials every five or six lines, a river between two of them, a park beside."""
    ring = max(2, size // 9)
    rows, columns = _spread_lines(random, size, ring), _spread_lines(random, size, ring)
    bounds = (ring, *columns, size - 1 - ring)
    reach = random.randrange(1, len(bounds) - 2) if len(bounds) > 3 else 0
    west, east = bounds[reach], bounds[reach + 1]
    return Layout(
        size=size,
        ring=ring,
        arterial_rows=rows,
        arterial_columns=columns,
        river=_meander(random, size, west, east),
        park=_place_park(random, rows, columns, west),
    )


def _spread_lines(random: Random, size: int, ring: int) -> tuple[int, ...]:
    inner = size - 1 - 2 * ring
    count = max(2, round(inner / 5.5) - 1)
    step = inner / (count + 1)
    return tuple(ring + round(step * (index + 1)) + random.choice((-1, 0, 0, 1)) for index in range(count))


def _meander(random: Random, size: int, west: int, east: int) -> tuple[int, ...]:
    """Wander between two arterial columns without ever crossing them."""
    column = (west + east) // 2
    path = []
    for _ in range(size):
        path.append(column)
        column = min(east - 1, max(west, column + random.choice((-1, 0, 0, 0, 1))))
    return tuple(path)


def _place_park(
    random: Random, rows: tuple[int, ...], columns: tuple[int, ...], river_west: int
) -> tuple[int, int, int, int]:
    """A corner between two arterials, up to four blocks each way, away from the river."""
    corner = random.randrange(len(rows) - 1)
    top, bottom = rows[corner], min(rows[corner] + 4, rows[corner + 1])
    left = random.choice([column for column in columns if column != river_west])
    index = columns.index(left)
    if left > river_west:
        return top, bottom, left, min([left + 4, *columns[index + 1 : index + 2]])
    return top, bottom, max([left - 4, *columns[max(0, index - 1) : index]]), left
