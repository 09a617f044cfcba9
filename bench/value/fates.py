"""What becomes of bookings: luck, and what it means for one door alone and for several on one tour.

All that is drawn belongs to an order, a carrier and an attempt, so that every merchant has the same luck. Why
the numbers are what they are stands in the description of this package.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

PICKUP_MIN = 12.0
"""From when a courier has it until he leaves the shop with it."""

FURTHER_BAG_MIN = 1.0
"""What each further bag takes at the shop."""

NOBODY_HOME_MIN = 6.0
"""What a courier waits at a door where he can hand nothing over, beside what a handover takes."""

DELAY_MIN = 30.0
"""On average, where there is one."""


@dataclass(frozen=True, slots=True)
class Luck:
    """All that is drawn for one attempt, before it is known what for.

    Attributes
    ----------
    delayed, refused, dropped, nobody_home, carrier_fails
        Uniform: what is below a chance happens.
    assign, delay, drop
        Exponential with mean one.
    noise
        Normal, of the ride.
    handover_min
        What handing it over at its door takes.
    """

    delayed: float
    refused: float
    dropped: float
    nobody_home: float
    carrier_fails: float
    assign: float
    delay: float
    drop: float
    noise: float
    handover_min: float

    @classmethod
    def drawn(cls, draw: random.Random) -> Luck:
        """Two minutes at least at a door, and four on average."""
        return cls(
            delayed=draw.random(),
            refused=draw.random(),
            dropped=draw.random(),
            nobody_home=draw.random(),
            carrier_fails=draw.random(),
            assign=draw.expovariate(1.0),
            delay=draw.expovariate(1.0),
            drop=draw.expovariate(1.0),
            noise=draw.gauss(0.0, 1.0),
            handover_min=2.0 + draw.expovariate(0.5),
        )


@dataclass(frozen=True, slots=True)
class Conditions:
    """How things are with a carrier at a moment.

    Attributes
    ----------
    trouble
        How many times as often as at a middling carrier things go wrong.
    busy
        And as often as off-peak.
    traffic
        How many times as long as planned a ride takes.
    """

    trouble: float
    busy: float
    traffic: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one booking, minutes from when it was made.

    Attributes
    ----------
    is_refused
        The carrier does not take it.
    assigned_min
        When a courier has it.
    dropped_min
        When the courier gives it back; None where that does not happen.
    arrived_min
        When it is at the door.
    has_failed
        And nobody could hand it over there.
    """

    is_refused: bool
    assigned_min: float
    dropped_min: float | None
    arrived_min: float
    has_failed: bool


@dataclass(frozen=True, slots=True)
class TourFate:
    """What becomes of a tour, minutes from when it was booked: all of it is refused, dropped or driven.

    Attributes
    ----------
    arrived_min, has_failed
        Of each door, in their order.
    back_min
        When the courier would be back with what he could not hand over.
    """

    is_refused: bool
    assigned_min: float
    dropped_min: float | None
    arrived_min: tuple[float, ...]
    has_failed: tuple[bool, ...]
    back_min: float


def alone(luck: Luck, conditions: Conditions, ride_min: float) -> Fate:
    """One door; `ride_min` is how long the ride to it is planned to take."""
    trouble, busy = conditions.trouble, conditions.busy
    assigned_min = 4.0 * busy * math.sqrt(trouble) * luck.assign
    is_dropped = luck.dropped < min(0.9, 0.03 * busy * trouble)
    ridden_min = ride_min * _pace(luck, conditions)
    return Fate(
        is_refused=luck.refused < min(0.9, 0.02 * busy * busy * trouble),
        assigned_min=assigned_min,
        dropped_min=assigned_min + 8.0 * luck.drop if is_dropped else None,
        arrived_min=assigned_min + PICKUP_MIN + ridden_min + _delay_min(luck, conditions, 1.0),
        has_failed=luck.nobody_home < 0.01 or luck.carrier_fails < min(0.9, 0.015 * trouble),
    )


def together(
    lucks: Sequence[Luck],
    conditions: Conditions,
    rides_min: Sequence[Sequence[float]],
    *,
    doors_are_rides: bool,
) -> TourFate:
    """Several doors: the courier and his pace are those that the first door's luck brings.

    Every further door has the delay and the failure of its own luck. It is delayed as often as a whole ride
    if `doors_are_rides`; else less often, by its share of the minutes of a ride to it alone. What is late at
    one door is late at the next.

    Parameters
    ----------
    rides_min
        As planned, ``rides_min[origin][destination]``: 0 is the shop, then the doors in their order.
    """
    fates = [alone(luck, conditions, rides_min[0][n]) for n, luck in enumerate(lucks, start=1)]
    pace = _pace(lucks[0], conditions)
    at_min = fates[0].arrived_min + FURTHER_BAG_MIN * (len(lucks) - 1)
    arrived = [at_min]
    for door in range(2, len(lucks) + 1):
        before, luck = lucks[door - 2], lucks[door - 1]
        waited_min = NOBODY_HOME_MIN if fates[door - 2].has_failed else 0.0
        leg_min = before.handover_min + waited_min + rides_min[door - 1][door] * pace
        share = 1.0 if doors_are_rides else leg_min / (10.0 + PICKUP_MIN + rides_min[0][door])
        at_min += leg_min + _delay_min(luck, conditions, min(1.0, share))
        arrived.append(at_min)
    return TourFate(
        fates[0].is_refused,
        fates[0].assigned_min,
        fates[0].dropped_min,
        tuple(arrived),
        tuple(fate.has_failed for fate in fates),
        at_min + rides_min[len(lucks)][0] * pace,
    )


def _pace(luck: Luck, conditions: Conditions) -> float:
    return conditions.traffic * math.exp(0.15 * luck.noise)


def _delay_min(luck: Luck, conditions: Conditions, share: float) -> float:
    """Of a way that is this share of a whole ride."""
    is_delayed = luck.delayed < min(0.9, share * conditions.trouble * conditions.busy / 12)
    return DELAY_MIN * luck.delay if is_delayed else 0.0
