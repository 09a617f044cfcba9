"""Pickup and delivery windows as DoorDash Drive takes them (its guide to delivery windows).

The guide asks for both windows or neither, and for times ahead. How short a window may be and how far ahead
it may lie is not public: the figures here are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.couriers.doordash.wording import NAME, SYSTEM
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

HORIZON = timedelta(days=30)
LEEWAY = timedelta(minutes=2)
"""Ours: DoorDash compares with its own clock, and a little later than we asked."""

_TRAVEL_ALLOWANCE = timedelta(minutes=30)
_SHORTEST_RIDE = timedelta(minutes=10)
_SHORTEST_PICKUP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Times:
    """What is sent: both windows, a pickup time, or nothing for as soon as possible."""

    pickup_at: datetime | None = None
    pickup: Window | None = None
    dropoff: Window | None = None


def plan_times(asked_at: datetime, ready_at: datetime, wanted: Window | None) -> Times | Decline:
    """Times that DoorDash takes, or why there are none; a wanted window is sent as it is."""
    soonest = asked_at + LEEWAY
    if wanted is None:
        if ready_at >= asked_at + HORIZON:
            return _too_far_ahead()
        return Times() if ready_at <= soonest else Times(pickup_at=ready_at)
    pickup_from = max(ready_at, soonest, wanted.start - _TRAVEL_ALLOWANCE)
    pickup_until = wanted.end - _SHORTEST_RIDE
    if pickup_until < pickup_from + _SHORTEST_PICKUP:
        sentence = "The wanted window ends before a Dasher could fetch and bring the goods."
        return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence, raw_code="outside_of_delivery_time")
    if pickup_from >= asked_at + HORIZON:
        return _too_far_ahead()
    return Times(pickup=Window(pickup_from, pickup_until), dropoff=wanted)


def moved_to(wanted: Window) -> Times:
    """Times for a delivery that is moved to another window."""
    until = max(wanted.start, wanted.end - _SHORTEST_RIDE)
    return Times(pickup=Window(wanted.start - _TRAVEL_ALLOWANCE, until), dropoff=wanted)


def _too_far_ahead() -> Decline:
    sentence = f"{NAME} takes orders at most {HORIZON.days} days ahead."
    return Decline(SYSTEM, DeclineReason.RULE, sentence, raw_code="outside_of_delivery_time")
