"""In which order one courier drives to several doors, and what that probably saves. Numbers alone, pure.

Doors are known by their row in a table of rides, 0 is the pickup and 1 the door that must be among them.
Seconds are counted from when the tour is booked, money in minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

GROWN = 3
"""So many pairs are grown by further doors."""

BASE_SHARE = 0.5
"""Of a courier's fare for coming at all; the rest goes by the way. A guess at what a tour costs, good enough
to tell what is worth a question to the carrier."""

Rides = Sequence[Sequence[int | None]]
"""``rides[origin][destination]`` in seconds, None where no road leads."""


@dataclass(frozen=True, slots=True)
class Door:
    """A door as the courier would come to it.

    Attributes
    ----------
    leaves_s
        When the courier leaves with its goods.
    earliest_s, latest_s
        Not before and not after these it may be there.
    price
        Of this courier for this door alone.
    misses
        What is to be expected beside a price when this courier comes.
    alone
        What it would cost with whoever would bring it alone, misses and all.
    """

    leaves_s: float
    earliest_s: float
    latest_s: float
    price: int
    misses: int
    alone: int


@dataclass(frozen=True, slots=True)
class Drive:
    """To these doors in this order.

    Attributes
    ----------
    gain
        What it probably saves.
    """

    rows: tuple[int, ...]
    arrivals_s: tuple[float, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class Courier:
    """Somebody who takes several doors, and which ones."""

    doors: Mapping[int, Door]
    rides: Rides
    handover_s: int
    most_stops: int

    def drive(self, rows: tuple[int, ...]) -> Drive | None:
        """To these doors in this order; None where one is not reached, or not in time."""
        at_s, ride_s, here = max([self.doors[row].leaves_s for row in rows]), 0, 0
        arrivals = []
        for there in rows:
            leg, door = self.rides[here][there], self.doors[there]
            if leg is None:
                return None
            at_s += leg + (self.handover_s if here else 0)
            if not door.earliest_s <= at_s <= door.latest_s:
                return None
            arrivals.append(at_s)
            ride_s += leg
            here = there
        return Drive(rows, tuple(arrivals), self._gain(rows, ride_s))

    def longer_s(self, here: int, row: int, there: int | None) -> int | None:
        """By how much the ride from here to there grows by way of another door; `there` None for the end."""
        to, on = self.rides[here][row], 0 if there is None else self.rides[row][there]
        saved = 0 if there is None else self.rides[here][there]
        return None if to is None or on is None else to + on - (saved or 0)

    def _gain(self, rows: tuple[int, ...], ride_s: int) -> float:
        """What all cost alone, less the dearest of them scaled by the way, and the misses of this courier."""
        dearest, way_s = max([(self.doors[row].price, self.rides[0][row] or 0) for row in rows])
        price = dearest * (BASE_SHARE + (1 - BASE_SHARE) * ride_s / max(1, way_s))
        return sum([self.doors[row].alone - self.doors[row].misses for row in rows]) - price


def driven(courier: Courier) -> Sequence[Drive]:
    """All pairs with door 1, and the best of them grown for as long as that adds to what is probably saved.

    The best order of each set alone, best first.
    """
    others = [row for row in courier.doors if row != 1]
    if 1 not in courier.doors or courier.most_stops < 2:
        return ()
    pairs = [pair for row in others if (pair := _joined(courier, (1,), row)) is not None]
    found = list(pairs)
    for pair in sorted(pairs, key=_most_first)[:GROWN]:
        found += _grown(courier, pair, others)
    sets: dict[frozenset[int], Drive] = {}
    for drive in sorted(found, key=_most_first):
        sets.setdefault(frozenset(drive.rows), drive)
    return list(sets.values())


def _grown(courier: Courier, drive: Drive, others: Sequence[int]) -> Iterator[Drive]:
    """By one more door at a time, whichever adds most to what is probably saved."""
    while len(drive.rows) < courier.most_stops:
        wider = [_joined(courier, drive.rows, row) for row in others if row not in drive.rows]
        best = min((one for one in wider if one is not None), key=_most_first, default=None)
        if best is None or best.gain <= drive.gain:
            return
        yield best
        drive = best


def _joined(courier: Courier, rows: tuple[int, ...], row: int) -> Drive | None:
    """One more door, at the place that makes the way least longer and everybody is still reached in time."""
    ways = []
    for place, (here, there) in enumerate(pairwise((0, *rows, None))):
        longer_s = courier.longer_s(here or 0, row, there)
        if longer_s is not None:
            # Of equal ways the one that serves those first who are in it already.
            ways.append((longer_s, -place, (*rows[:place], row, *rows[place:])))
    for *_, way in sorted(ways):
        drive = courier.drive(way)
        if drive is not None:
            return drive
    return None


def _most_first(drive: Drive) -> tuple[float, tuple[int, ...]]:
    return -drive.gain, drive.rows
