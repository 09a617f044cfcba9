"""What a road engine answers: tables of travel times, and ways along the roads."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from doorstep.geo import LatLng

NO_ROAD = -1
"""How a missing road is written in `RoadMatrix.cells`; everywhere else it is None."""

_CELL_BYTES = 4


class RoadRow(Sequence[int | None]):
    """One row of a `RoadMatrix`: whole numbers, None where no road leads there. A view, nothing is copied."""

    __slots__ = ("_cells",)

    def __init__(self, cells: memoryview) -> None:
        self._cells = cells

    @overload
    def __getitem__(self, index: int) -> int | None: ...
    @overload
    def __getitem__(self, index: slice) -> RoadRow: ...
    def __getitem__(self, index: int | slice) -> int | RoadRow | None:
        if isinstance(index, slice):
            return RoadRow(self._cells[index])
        value: int = self._cells[index]
        return None if value == NO_ROAD else value

    def __iter__(self) -> Iterator[int | None]:
        return (None if value == NO_ROAD else value for value in self._cells.tolist())

    def __len__(self) -> int:
        return len(self._cells)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have no hash either

    def __repr__(self) -> str:
        return f"RoadRow({list(self)!r})"


@dataclass(frozen=True, slots=True)
class RoadMatrix(Sequence[Sequence[int | None]]):
    """Whole numbers in rows and columns, four bytes each; a thousand by a thousand takes 4 MB.

    `matrix[row][column]` is the number, or None where no road leads from the one to the other.

    Attributes
    ----------
    cells
        Row after row as native 32-bit signed integers, `NO_ROAD` for None; numpy reads them without a
        copy: ``numpy.frombuffer(matrix.cells, numpy.int32).reshape(matrix.rows, matrix.columns)``.

    Raises
    ------
    ValueError
        If `cells` is not as long as rows and columns ask.
    """

    rows: int
    columns: int
    cells: bytes

    def __post_init__(self) -> None:
        expected = self.rows * self.columns * _CELL_BYTES
        if len(self.cells) != expected:
            raise ValueError(
                f"{self.rows} rows of {self.columns} columns need {expected} bytes, got {len(self.cells)}"
            )

    @classmethod
    def of(cls, rows: Sequence[Sequence[int | None]]) -> RoadMatrix:
        """Pack rows of equal length.

        Raises
        ------
        ValueError
            If the rows differ in length, or a number is negative.
        """
        columns = len(rows[0]) if rows else 0
        if any(len(row) != columns for row in rows):
            raise ValueError("all rows of a road matrix must have the same length")
        if any(value is not None and value < 0 for value in chain.from_iterable(rows)):
            raise ValueError("seconds and metres are never negative; None is for no road")
        cells = array("i", (NO_ROAD if value is None else value for value in chain.from_iterable(rows)))
        return cls(len(rows), columns, cells.tobytes())

    @overload
    def __getitem__(self, index: int) -> RoadRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[RoadRow]: ...
    def __getitem__(self, index: int | slice) -> RoadRow | list[RoadRow]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(self.rows))]
        row = index + self.rows if index < 0 else index
        if not 0 <= row < self.rows:
            raise IndexError(f"row {index} of a road matrix with {self.rows} rows")
        cells = memoryview(self.cells).cast("i")
        return RoadRow(cells[row * self.columns : (row + 1) * self.columns])

    def __len__(self) -> int:
        return self.rows


@dataclass(frozen=True, slots=True)
class RoadTable:
    """Travel from every origin (row) to every destination (column).

    Attributes
    ----------
    seconds, metres
        ``table.seconds[origin][destination]``; None where no road leads there. Road engines answer with
        a `RoadMatrix`, tuples of tuples do as well.
    is_approximate
        Whether at least one entry is an estimate without a map.

    Raises
    ------
    ValueError
        If both do not have the same number of rows.
    """

    seconds: Sequence[Sequence[int | None]]
    metres: Sequence[Sequence[int | None]]
    is_approximate: bool = False

    def __post_init__(self) -> None:
        if len(self.seconds) != len(self.metres):
            raise ValueError(
                f"a road table has as many rows of seconds as of metres, got {len(self.seconds)} "
                f"and {len(self.metres)}"
            )


@dataclass(frozen=True, slots=True)
class RoadLeg:
    """The drive between two neighbouring stops."""

    seconds: int
    metres: int


@dataclass(frozen=True, slots=True)
class RoadRoute:
    """The way through a list of stops, in their order.

    Attributes
    ----------
    path
        Along the roads, for drawing and for following; straight where `is_approximate`.
    seconds, metres
        Of the whole drive: the sums over `legs`, without time spent at stops.
    legs
        One fewer than stops.
    """

    path: tuple[LatLng, ...]
    seconds: int
    metres: int
    legs: tuple[RoadLeg, ...]
    is_approximate: bool = False

    @classmethod
    def of_legs(
        cls, path: Sequence[LatLng], legs: Sequence[RoadLeg], *, is_approximate: bool = False
    ) -> RoadRoute:
        """A route whose totals are the sums of its legs."""
        return cls(
            path=tuple(path),
            seconds=sum(leg.seconds for leg in legs),
            metres=sum(leg.metres for leg in legs),
            legs=tuple(legs),
            is_approximate=is_approximate,
        )
