"""A benchmark instance, and by which convention its lengths and times are whole numbers.

Solomon and Gehring-Homberger are told by DIMACS in tenths that are truncated, by SINTEF in double precision;
set X and its forerunners in whole numbers that are rounded (http://vrp.galgos.inf.puc-rio.br), Christofides'
and Golden's in double precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_HAIR = 1e-9
"""The root of a perfect square must not fall short of it."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How lengths become whole numbers.

    Attributes
    ----------
    scale
        Units of the plan per unit of the file.
    up
        What is added before the fraction is cut off.
    """

    name: str
    scale: int
    up: float

    def whole(self, lengths: NDArray[np.float64]) -> NDArray[np.int64]:
        """Lengths in units of the file -> units of the plan; of the same shape."""
        return np.floor(lengths * self.scale + self.up + _HAIR).astype(np.int64)


TENTHS = Convention("tenths, truncated", 10, 0.0)
ROUNDED = Convention("rounded", 1, 0.5)
TRUNCATED = Convention("truncated", 1, 0.0)
RAISED = Convention("rounded up", 1, 1 - 2 * _HAIR)
EXACT = Convention("double precision", 1000, 0.5)
"""Thousandths; what drives take is rounded up, so that a tour that is in time here is in time exactly."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of a file, in its own units. The depot is one as well."""

    x: float
    y: float
    demand: int = 0
    ready: float = 0
    due: float | None = None
    service: float = 0
    prize: float | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """What a file says.

    Attributes
    ----------
    rows
        The depot first. It closes when a route has to be home.
    vans
        At most; None where there are as many as one likes.
    best_known
        In the file's units; None where nobody told.
    convention
        By which the best known cost was counted.
    weights
        Lengths of shape (rows, rows) in the file's units; None where they are straight lines.
    max_length
        Of a route, in the file's units; None where any will do.
    """

    name: str
    rows: tuple[Customer, ...]
    capacity: int
    vans: int | None
    best_known: float | None = None
    convention: Convention = TENTHS
    weights: NDArray[np.float64] | None = field(default=None, compare=False)
    max_length: float | None = None

    @property
    def stops(self) -> int:
        """Customers."""
        return len(self.rows) - 1

    @property
    def has_windows(self) -> bool:
        """Whether customers have windows."""
        return any(row.due is not None for row in self.rows[1:])

    @property
    def has_prizes(self) -> bool:
        """Whether customers may be left out."""
        return any(row.prize is not None for row in self.rows)

    @property
    def fleet(self) -> int:
        """How many vans a planner is given.

        Where they are not counted, a fifth and ten more than the goods need; half as many and ten more
        where routes have to be home by some time.
        """
        needed = -(-sum(row.demand for row in self.rows) // self.capacity)
        spare = needed // (5 if self.rows[0].due is None else 2) + 10
        return self.vans or min(self.stops, needed + spare)

    @property
    def scale(self) -> int:
        """Units of the plan per unit of the file."""
        return self.convention.scale

    def exact_lengths(self) -> NDArray[np.float64]:
        """Of shape (rows, rows), in the file's units."""
        if self.weights is not None:
            return self.weights
        places = np.array([(row.x, row.y) for row in self.rows], dtype=np.float64)
        apart = places[:, None, :] - places[None, :, :]
        # The squares of whole coordinates are exact.
        lengths: NDArray[np.float64] = np.sqrt((apart * apart).sum(axis=2))
        return lengths

    def lengths(self) -> NDArray[np.int64]:
        """What ways cost: of shape (rows, rows), units of the plan."""
        return self.convention.whole(self.exact_lengths())

    def durations(self) -> NDArray[np.int64]:
        """What ways take: of shape (rows, rows), units of the plan."""
        if self.convention is not EXACT:
            return self.lengths()
        return np.ceil(self.exact_lengths() * self.scale - _HAIR).astype(np.int64)

    def opens(self, number: int) -> int:
        """When a row may be served from on, in units of the plan."""
        return math.ceil(self.rows[number].ready * self.scale - _HAIR)

    def closes(self, number: int) -> int | None:
        """When the service of a row has to begin at the latest, in units of the plan; None for any time."""
        due = self.rows[number].due
        return None if due is None else math.floor(due * self.scale + _HAIR)

    def takes(self, number: int) -> int:
        """How long the service of a row takes, in units of the plan."""
        return math.ceil(self.rows[number].service * self.scale - _HAIR)

    def prize(self, number: int) -> int | None:
        """What it costs to leave a row out, in units of the plan; None where that is not allowed."""
        prize = self.rows[number].prize
        return None if prize is None else round(prize * self.scale)

    @property
    def longest(self) -> int | None:
        """Of a route, in units of the plan."""
        return None if self.max_length is None else math.floor(self.max_length * self.scale + _HAIR)
