"""When a Stuart courier shall come: at once, at an instant of the pickup, or at one of the dropoff.

Rules of Stuart's API: one of `pickup_at` and `dropoff_at`, the second for a single dropoff alone, and at most
four days ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.couriers.stuart.client import SYSTEM
from doorstep.address import Address
from doorstep.geo import distance_m
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

HORIZON = timedelta(days=4)

LEEWAY = timedelta(minutes=5)
"""Ours: goods that are ready within this need no appointment."""

SHORTEST_TRIP = timedelta(minutes=30)
"""Ours: what a courier takes at least from being asked until the door."""

USUAL_PICKUP = timedelta(minutes=20)
"""Ours: until a courier is at the pickup, where Stuart does not say."""

HANDLING = timedelta(minutes=5)
"""Ours: what the pickup takes."""

_AIM_AFTER = timedelta(minutes=15)
_USUAL_RIDE = timedelta(minutes=20)
_DETOUR = 1.3
_SPEED_MPS = 4.5


@dataclass(frozen=True, slots=True)
class Schedule:
    """What Stuart is told; all None means as soon as possible."""

    pickup_at: datetime | None = None
    dropoff_at: datetime | None = None
    window: Window | None = None


def plan_schedule(asked_at: datetime, ready_at: datetime, wanted: Window | None) -> Schedule | Decline:
    """An appointment that Stuart takes, or why there is none.

    In a wanted window we aim a quarter of an hour behind its start, or at the middle of what is left of it
    if that is earlier: then neither a courier who is early nor one who is late leaves it.
    """
    ready_at = max(ready_at, asked_at)
    is_ready = ready_at <= asked_at + LEEWAY
    if wanted is None:
        schedule = Schedule() if is_ready else Schedule(pickup_at=ready_at)
    else:
        start = max(wanted.start, ready_at + SHORTEST_TRIP)
        if start >= wanted.end:
            sentence = "The wanted window ends before a Stuart courier could fetch and bring the goods."
            return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence)
        aim = min(start + _AIM_AFTER, start + (wanted.end - start) / 2)
        schedule = Schedule(dropoff_at=aim, window=wanted)
    latest = schedule.pickup_at or schedule.dropoff_at
    if latest is not None and latest > asked_at + HORIZON:
        return Decline(SYSTEM, DeclineReason.RULE, "Stuart takes orders at most four days ahead.")
    return schedule


def ride_between(here: Address, there: Address) -> timedelta:
    """How long a courier rides from one door to another; the usual time where nobody knows where they are."""
    if here.location is None or there.location is None:
        return _USUAL_RIDE
    return timedelta(seconds=round(distance_m(here.location, there.location) * _DETOUR / _SPEED_MPS))
