"""When a Roadie driver fetches and brings: every shipment needs `pickup_after` and `deliver_between`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.couriers.roadie.client import SYSTEM
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

LEEWAY = timedelta(minutes=5)
"""Ours: Roadie compares with its own clock, and a little later than we asked."""

SHORTEST_TRIP = timedelta(minutes=45)
"""Ours: what a driver takes at least from being asked until the door."""

USUAL_WINDOW = timedelta(hours=4)
"""Ours: the window that is asked for where the shopper wants none."""


@dataclass(frozen=True, slots=True)
class Times:
    """What Roadie is told."""

    pickup_after: datetime
    deliver_between: Window


def plan_times(asked_at: datetime, ready_at: datetime, wanted: Window | None) -> Times | Decline:
    """Times that a driver can keep, or why there are none."""
    pickup_after = max(ready_at, asked_at + LEEWAY)
    soonest = pickup_after + SHORTEST_TRIP
    if wanted is None:
        return Times(pickup_after, Window(pickup_after, pickup_after + USUAL_WINDOW))
    if wanted.end < soonest:
        sentence = "The wanted window ends before a Roadie driver could fetch and bring the goods."
        return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence)
    return Times(pickup_after, wanted)


def keep_times(times: Times, *, is_wanted: bool) -> dict[str, str]:
    """What was offered, as booking data."""
    window = times.deliver_between
    return {
        "pickup_after": times.pickup_after.isoformat(),
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "window_is_wanted": "yes" if is_wanted else "",
    }


def kept_times(booking_data: Mapping[str, str], asked_at: datetime, ready_at: datetime) -> Times:
    """The times that were offered, or later ones where those have passed and nobody insisted on them.

    A wanted window that has passed is sent as it is: a repeat has to reach Roadie all the same, since only
    its answer to our key tells whether the first call booked, and a first call it refuses by itself.
    """
    try:
        window = Window(
            datetime.fromisoformat(booking_data["window_start"]),
            datetime.fromisoformat(booking_data["window_end"]),
        )
        pickup_after = datetime.fromisoformat(booking_data["pickup_after"])
    except (KeyError, ValueError):
        window, pickup_after = Window(ready_at, ready_at), ready_at
    pickup_after = max(pickup_after, ready_at, asked_at + LEEWAY)
    is_kept = pickup_after + SHORTEST_TRIP <= window.end or bool(booking_data.get("window_is_wanted"))
    if is_kept:
        return Times(pickup_after, window)
    return Times(pickup_after, Window(pickup_after, pickup_after + USUAL_WINDOW))
