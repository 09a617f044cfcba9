"""The window rules of Uber's API, each with its error code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.carriers.uber_direct.problems import Problem

_TOLERANCE = timedelta(seconds=30)
_FIELDS = ("pickup_ready_dt", "pickup_deadline_dt", "dropoff_ready_dt", "dropoff_deadline_dt")


@dataclass(frozen=True, slots=True)
class Windows:
    """The four instants with Uber's defaults filled in."""

    pickup_ready: datetime
    pickup_deadline: datetime
    dropoff_ready: datetime
    dropoff_deadline: datetime


def read_windows(body: Mapping[str, object], now: datetime) -> Windows:
    """Fill in what is missing and check every rule.

    Raises
    ------
    Problem
        With the code of the rule that is broken.
    """
    given = [_instant(body, name) for name in _FIELDS]
    pickup_ready = given[0] or now
    pickup_deadline = given[1] or max(pickup_ready + timedelta(minutes=30), now + timedelta(minutes=30))
    dropoff_ready = given[2] or pickup_ready
    dropoff_deadline = given[3] or max(pickup_deadline, dropoff_ready + timedelta(minutes=60))
    rules = (
        (pickup_ready >= now - _TOLERANCE, "pickup_ready_too_early"),
        (pickup_ready < now + timedelta(days=30), "pickup_ready_too_late"),
        (pickup_deadline >= pickup_ready + timedelta(minutes=10), "pickup_window_too_small"),
        (pickup_deadline >= now + timedelta(minutes=20), "pickup_deadline_too_early"),
        (dropoff_ready <= pickup_deadline, "dropoff_ready_after_pickup_deadline"),
        (dropoff_deadline >= dropoff_ready + timedelta(minutes=20), "dropoff_deadline_too_early"),
        (dropoff_deadline >= pickup_deadline, "dropoff_deadline_before_pickup_deadline"),
    )
    for is_kept, code in rules:
        if not is_kept:
            raise Problem(code)
    return Windows(pickup_ready, pickup_deadline, dropoff_ready, dropoff_deadline)


def _instant(body: Mapping[str, object], name: str) -> datetime | None:
    raw = body.get(name)
    if raw is None:
        return None
    try:
        parsed = datetime.fromisoformat(str(raw))
    except ValueError:
        raise Problem("invalid_params", {"param_details": {name: "is not RFC 3339"}}) from None
    if parsed.tzinfo is None:
        raise Problem("invalid_params", {"param_details": {name: "has no time zone"}})
    return parsed.astimezone(UTC)
