"""Pickup and delivery windows as Uber Direct allows them (rules of its OpenAPI 1.0.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

_CARRIER = "uber_direct"

HORIZON = timedelta(days=30)
SHORTEST_PICKUP = timedelta(minutes=10)
SHORTEST_NOTICE = timedelta(minutes=20)
SHORTEST_DROPOFF = timedelta(minutes=20)

LEEWAY = timedelta(minutes=2)
"""Ours: Uber compares with its own clock, and a little later than we asked."""

_COMFORTABLE_PICKUP = timedelta(minutes=20)
_TRAVEL_ALLOWANCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Windows:
    """The four instants that Uber takes; all None means as soon as possible."""

    pickup_ready: datetime | None = None
    pickup_deadline: datetime | None = None
    dropoff_ready: datetime | None = None
    dropoff_deadline: datetime | None = None


def plan_windows(asked_at: datetime, ready_at: datetime, wanted: Window | None) -> Windows | Decline:
    """Windows that keep every rule of Uber's, or why there are none.

    A wanted window is never ended later; one shorter than 20 minutes starts earlier, because Uber takes no
    shorter ones. Without one, goods that are ready go as soon as possible.
    """
    soonest = asked_at + LEEWAY
    pickup_ready = max(ready_at, soonest)
    if wanted is not None:
        pickup_ready = max(pickup_ready, wanted.start - _TRAVEL_ALLOWANCE)
    if pickup_ready >= asked_at + HORIZON:
        text = "Uber Direct takes orders at most 30 days ahead."
        return Decline(_CARRIER, DeclineReason.RULE, text, raw_code="pickup_ready_too_late")
    earliest_deadline = max(pickup_ready + _COMFORTABLE_PICKUP, soonest + SHORTEST_NOTICE)
    if wanted is None:
        return Windows() if ready_at <= soonest else Windows(pickup_ready, earliest_deadline)
    if wanted.end < max(pickup_ready + SHORTEST_DROPOFF, soonest + SHORTEST_NOTICE):
        text = "The wanted window ends before an Uber courier could fetch and bring the goods."
        return Decline(_CARRIER, DeclineReason.PAST_CUTOFF, text, raw_code="dropoff_deadline_too_early")
    dropoff_ready = min(max(wanted.start, pickup_ready), wanted.end - SHORTEST_DROPOFF)
    pickup_deadline = min(max(earliest_deadline, dropoff_ready), wanted.end)
    return Windows(pickup_ready, pickup_deadline, dropoff_ready, wanted.end)
