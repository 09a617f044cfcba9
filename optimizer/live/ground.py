"""A road table with room to grow: a new place is a row and a column, the others stay where they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from doorstep.geo import LatLng
from doorstep.road import NO_ROAD, RoadMatrix, RoadTable
from doorstep.route_problem import RouteProblem
from optimizer.live.ways import NewPlaces
from optimizer.routes.numbered.task import UNBOUNDED, Task
from optimizer.routes.travel import Travel

_ROOM = 64
"""Places that there is room for at least, beside those that are known: what a table grows by is copied."""


class Ground:
    """Places of a task, by location and by what setting up takes there.

    Attributes
    ----------
    seconds, metres
        As `Task.seconds` and `Task.metres`: the rows of `tables`, with the room behind them. Views, so that a
        day of a thousand places keeps 20 MB and not 40, and a new place is written once.
    setup_s, sites
        As in `Task`.
    is_approximate
        Whether a drive is an estimate without a map.
    """

    def __init__(self, problem: RouteProblem, task: Task, *, is_approximate: bool) -> None:
        self.is_approximate = is_approximate
        self.setup_s, self.sites = list(task.setup_s), list(task.sites)
        self._tables = [_roomy(table, len(table)) for table in (task.seconds_table, task.metres_table)]
        self.seconds, self.metres = map(_rows, self._tables)
        self._places = dict(_places(problem, task))
        # Sites are counted in the order of places, so that the n-th location is site n.
        by_number = sorted(self._places, key=self._places.__getitem__)
        self._first_at = {
            location: self._places[location, setup_s] for location, setup_s in reversed(by_number)
        }
        self._locations = list(dict.fromkeys(location for location, _ in by_number))

    @property
    def locations(self) -> tuple[LatLng, ...]:
        """Every one once."""
        return tuple(self._locations)

    @property
    def tables(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seconds and metres as they are, of shape (places, places): views."""
        size = len(self.sites)
        seconds, metres = (table[:size, :size] for table in self._tables)
        return seconds, metres

    def learn(self, new: NewPlaces, spare: Sequence[int] = ()) -> None:
        """Take in new places, at which setting up takes no time.

        Parameters
        ----------
        spare
            Places that nothing is at any more, each alone at its site: the first new ones are written over
            them.

        Raises
        ------
        ValueError
            If `new` was made for other places than these.
        """
        if not new.places:
            return
        if new.known != self.locations:
            raise ValueError("known: the day has other places by now; ask for the roads again")
        size, reused = len(self.sites), list(spare[: len(new.places)])
        size += len(new.places) - len(reused)
        numbers = np.array([*reused, *range(len(self.sites), size)], np.intp)
        stay = np.setdiff1d(np.arange(len(self.sites)), reused)
        sites = np.array(self.sites, np.intp)[stay]
        outs, backs = (new.out.seconds, new.out.metres), (new.back.seconds, new.back.metres)
        for kind, (out, back) in enumerate(zip(outs, backs, strict=True)):
            there, here = _cells(out), _cells(back)
            among = there[:, len(self._locations) :]
            np.fill_diagonal(among, 0)
            self._widen(kind, len(self.sites), size)
            table = self._tables[kind]
            table[np.ix_(numbers, stay)], table[np.ix_(stay, numbers)] = there[:, sites], here[sites]
            table[np.ix_(numbers, numbers)] = among
        for location, number in zip(new.places, numbers.tolist(), strict=True):
            self._name(location, number)
        self.is_approximate |= new.out.is_approximate or new.back.is_approximate

    def _name(self, location: LatLng, number: int) -> None:
        """A place is at this location from here on; a number that there is not yet is the next one."""
        if number < len(self.sites):
            site = self.sites[number]
            was = self._locations[site]
            del self._places[was, 0], self._first_at[was]
            self._locations[site] = location
        else:
            self.sites.append(len(self._locations))
            self.setup_s.append(0)
            self._locations.append(location)
        self._first_at[location] = self._places[location, 0] = number

    def is_alone(self, place: int, stays: Collection[LatLng]) -> bool:
        """Whether no other place is at its site, and its location is none of those that stay."""
        site = self.sites[place]
        location = self._locations[site]
        is_only = self.sites.count(site) == 1 and (location, 0) in self._places
        return is_only and location not in stays

    def place(self, location: LatLng, setup_s: int) -> int:
        """The place of a known location at which setting up takes so long.

        Raises
        ------
        KeyError
            If the location is not known.
        """
        if (location, setup_s) in self._places:
            return self._places[location, setup_s]
        twin, size = self._first_at[location], len(self.sites)
        for kind, table in enumerate(self._tables):
            row = np.append(table[twin, :size], 0)
            self._append(kind, row[None, :], table[:size, twin][:, None])
        self._places[location, setup_s] = size
        self.sites.append(self.sites[twin])
        self.setup_s.append(setup_s)
        return size

    def travel(self) -> Travel:
        """The roads between all locations."""
        chosen = [self._first_at[location] for location in self._locations]
        seconds, metres = (_matrix(table[np.ix_(chosen, chosen)]) for table in self._tables)
        index = {location: row for row, location in enumerate(self._locations)}
        return Travel(index, RoadTable(seconds, metres, is_approximate=self.is_approximate))

    def _append(self, kind: int, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        """Add places: `rows` lead from them to all places, `columns` from the old ones to them."""
        old, new = len(columns), rows.shape[1]
        self._widen(kind, old, new)
        self._tables[kind][old:new, :new] = rows
        self._tables[kind][:old, old:new] = columns

    def _widen(self, kind: int, old: int, new: int) -> None:
        """Room for so many places."""
        while new > len(self._tables[kind]):
            wider = self._tables[kind] = _roomy(self._tables[kind], max(old, len(self._tables[kind])))
            # In place: tasks hold the very list.
            (self.seconds, self.metres)[kind][:] = _rows(wider)


def _roomy(table: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The first places of a table, with room for more."""
    room = size + max(_ROOM, size // 8)
    wider = np.zeros((room, room), np.int64)
    wider[:size, :size] = table[:size, :size]
    return wider


def _rows(table: NDArray[np.int64]) -> list[Sequence[int]]:
    return [memoryview(row) for row in table]


def _places(problem: RouteProblem, task: Task) -> Iterator[tuple[tuple[LatLng, int], int]]:
    depots = {depot.id: depot.location for depot in problem.depots}
    for van, limits in zip(problem.vans, task.vans, strict=True):
        for location, number in ((van.start, limits.start), (van.end, limits.end)):
            if location is not None:
                yield (location, 0), number
        for name, number in zip(limits.reload_ids, limits.reload_places, strict=True):
            yield (depots[name], 0), number
    for visit, door in zip(problem.visits, task.visits, strict=True):
        yield (visit.location, visit.setup_s), door.place


def _cells(rows: Sequence[Sequence[int | None]]) -> NDArray[np.int64]:
    matrix = rows if isinstance(rows, RoadMatrix) else RoadMatrix.of(rows)
    cells = np.frombuffer(matrix.cells, np.int32).reshape(matrix.rows, matrix.columns).astype(np.int64)
    cells[cells == NO_ROAD] = UNBOUNDED
    return cells


def _matrix(cells: NDArray[np.int64]) -> RoadMatrix:
    packed = np.where(cells >= UNBOUNDED, NO_ROAD, cells).astype(np.int32)
    return RoadMatrix(packed.shape[0], packed.shape[1], packed.tobytes())
