"""A van on its way along a tour: each stop is met in its turn, and the gap before it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.routes.insertion.legs import NO_DEPOT, NO_RELOAD, TABLE_PACE
from optimizer.routes.insertion.stretches import Span, Stop, Stretch, chosen, joined
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task, TaskVan


@dataclass(frozen=True, slots=True)
class Driving:
    """Single drives of a task.

    Attributes
    ----------
    depots
        Number of each depot that a van is ever at, as in `Legs.loads_at`.
    """

    task: Task
    depots: Mapping[str, int]
    has_set_up: bool

    def depot_number(self, depot_id: str) -> int:
        """As in `Legs.loads_at`; `NO_DEPOT` for one that no van is ever at."""
        return self.depots.get(depot_id, NO_DEPOT)

    def drive_s(self, origin: int, destination: int, leaves_s: int) -> int:
        """Seconds of a drive with setting up at its end."""
        task = self.task
        if destination == NOWHERE:
            return 0
        if origin == NOWHERE:
            return task.setup_s[destination]
        if task.speeds is None:
            seconds = task.seconds[origin][destination]
        else:
            seconds = task.drive_s(origin, destination, leaves_s)
        if self.has_set_up and task.sites[origin] != task.sites[destination]:
            seconds += task.setup_s[destination]
        return seconds

    def metres(self, origin: int, destination: int) -> int:
        """0 from or to any door."""
        return 0 if NOWHERE in (origin, destination) else self.task.metres[origin][destination]

    def pace(self, origin: int, destination: int, leaves_s: int) -> int:
        """Thousandths of the table's time that a drive takes from here."""
        if self.task.speeds is None or NOWHERE in (origin, destination):
            return TABLE_PACE
        seconds = self.task.seconds[origin][destination]
        if not 0 < seconds < UNBOUNDED:
            return TABLE_PACE
        return TABLE_PACE * self.task.drive_s(origin, destination, leaves_s) // seconds


class Walk:
    """A tour so far.

    Attributes
    ----------
    met
        Each stop with the drive to it and the window that it begins in.
    ahead
        The first part of each gap's column.
    """

    def __init__(self, driving: Driving, limits: TaskVan, starts_s: int) -> None:
        self._driving = driving
        self._limits = limits
        self._loads_at = NO_DEPOT if limits.is_under_way else driving.depot_number(limits.depot_id)
        self._entries = 0
        self.stretch: Stretch = (0, starts_s, UNBOUNDED)
        self.trip: Stretch = (0, starts_s, UNBOUNDED)
        self.place = limits.start
        self.metres = 0
        self.met: list[tuple[Stop, int, Span]] = []
        self.ahead: list[tuple[int, ...]] = []

    def copy(self) -> Walk:
        """The same walk, to be continued in another way."""
        other = object.__new__(Walk)
        other.__dict__.update(self.__dict__, met=list(self.met), ahead=list(self.ahead))
        return other

    def drive_s(self, place: int) -> int:
        """Seconds from where the walk is, leaving now."""
        return self._driving.drive_s(self.place, place, self.stretch[0] + self.stretch[1])

    def open_gap(self, destination: int, reload: int = NO_RELOAD, leg_m: int | None = None) -> None:
        """A gap before the next place."""
        driving, leaves_s = self._driving, self.stretch[0] + self.stretch[1]
        self.ahead.append(
            (
                self._entries,
                reload,
                self.place,
                destination,
                *self.stretch,
                driving.metres(self.place, destination) if leg_m is None else leg_m,
                *self.trip,
                driving.pace(self.place, destination, leaves_s),
                self._loads_at,
            )
        )

    def meet(self, stop: Stop) -> bool:
        """Go to a stop and serve it; False where it is too late for that."""
        if not stop.is_rest:
            self.open_gap(stop.place)
            self._entries += 1
        drive_s = self.drive_s(stop.place)
        span = chosen(stop, self.stretch[0] + self.stretch[1] + drive_s)
        served = (stop.service_s, *span)
        stretch = joined(self.stretch, drive_s, served)
        if stretch is None:
            return False
        self.metres += self._driving.metres(self.place, stop.place)
        self.met.append((stop, drive_s, span))
        self.place = stop.place
        if stop.leaves_s:
            # A wait for goods has no end: it always can be joined.
            stretch = joined(stretch, 0, (0, stop.leaves_s, UNBOUNDED)) or stretch
        self.stretch = stretch
        if stop.reload != NO_RELOAD:
            self._loads_at = self._driving.depot_number(self._limits.reload_ids[stop.reload])
            self.trip = (0, stretch[0] + stretch[1], UNBOUNDED)
        else:
            self.trip = joined(self.trip, drive_s, served) or self.trip
        return True
