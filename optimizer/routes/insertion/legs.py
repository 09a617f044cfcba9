"""The gaps of a tour as columns of numbers: what could be put into each of them, and when.

A stretch of a tour is told by three numbers, as in Vidal et al. (2013), "A hybrid genetic algorithm with
adaptive diversity management": how long it takes without needless waiting, and the earliest and latest second
at which it can begin so. Two stretches joined are a stretch again, so that the cost of putting a visit
between them needs no walk along the tour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FIELDS = (
    "van",
    "free_m",
    "time_cost",
    "entry_cost",
    "position",
    "reload",
    "origin",
    "destination",
    "before_s",
    "before_first",
    "before_last",
    "leg_m",
    "trip_s",
    "trip_first",
    "trip_last",
    "pace",
    "loads_at",
    "after_s",
    "after_first",
    "after_last",
    "due",
    "door_s",
    "door_first",
    "door_last",
)
"""Rows of `Legs.cells` before those of free loads.

van
    Whose tour it is.
free_m
    Metres that the tour may grow by.
time_cost
    What the tour's time costs so far.
entry_cost
    The fixed cost of a van that does not drive yet.
position
    A visit put here becomes this entry of the tour.
reload
    At which of the van's reload places it loads first; `NO_RELOAD` where it does not.
origin, destination
    Places; `NOWHERE` where a tour begins or ends at any door.
before_s, before_first, before_last
    The stretch from the start of the tour to leaving `origin`.
leg_m
    Metres that go away.
trip_s, trip_first, trip_last
    The stretch from the depot where the trip began to leaving `origin`.
pace
    Thousandths of what a drive from here takes by the table.
loads_at
    The depot (by number) where the trip's goods are loaded; `NO_DEPOT` where none can be any more.
after_s, after_first, after_last
    The stretch from being ready to serve at `destination` to the end.
due
    The last second of being ready there that keeps all after it possible.
door_s, door_first, door_last
    The stop at `destination` alone; `door_s` is `UNBOUNDED` where goods under way do not pass.
"""

NO_RELOAD = -1
NO_DEPOT = -1

TABLE_PACE = 1000
"""`pace` where drives take what the table says."""


class Legs:
    """The rows of `cells` by name: each attribute is an array over gaps, a view.

    Attributes
    ----------
    free_before, free_after, free_here
        Of shape (loads, gaps): what more can be loaded at the depot for here, what can be collected here and
        brought to the depot, and what more can be on board on this very leg.
    """

    __slots__ = (*FIELDS, "cells", "free_after", "free_before", "free_here")

    van: NDArray[np.int64]
    free_m: NDArray[np.int64]
    time_cost: NDArray[np.int64]
    entry_cost: NDArray[np.int64]
    position: NDArray[np.int64]
    reload: NDArray[np.int64]
    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    before_s: NDArray[np.int64]
    before_first: NDArray[np.int64]
    before_last: NDArray[np.int64]
    leg_m: NDArray[np.int64]
    trip_s: NDArray[np.int64]
    trip_first: NDArray[np.int64]
    trip_last: NDArray[np.int64]
    pace: NDArray[np.int64]
    loads_at: NDArray[np.int64]
    after_s: NDArray[np.int64]
    after_first: NDArray[np.int64]
    after_last: NDArray[np.int64]
    due: NDArray[np.int64]
    door_s: NDArray[np.int64]
    door_first: NDArray[np.int64]
    door_last: NDArray[np.int64]

    def __init__(self, cells: NDArray[np.int64]) -> None:
        self.cells = cells
        for name, row in zip(FIELDS, cells, strict=False):
            setattr(self, name, row)
        first, loads = len(FIELDS), (len(cells) - len(FIELDS)) // 3
        self.free_before = cells[first : first + loads]
        self.free_after = cells[first + loads : first + 2 * loads]
        self.free_here = cells[first + 2 * loads :]

    def __len__(self) -> int:
        return int(self.cells.shape[1])
