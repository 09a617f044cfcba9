"""When a route that is under way reaches its remaining stops.

Pure: the caller asks the road engine for the drives from where the van is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.eta import Eta, EtaBasis
from doorstep.route import Route, RouteStatus, StopStatus
from doorstep.window import Window, require_utc

CONFIDENCE = 0.8
"""What the intervals below are taken to hold with, until a model is fitted to the merchant's own past."""

EARLY_SHARE, LATE_SHARE = 0.10, 0.15
"""Of the time still ahead of an arrival: drives run late more than they run early."""

EARLY_PER_STOP_S, LATE_PER_STOP_S = 30.0, 60.0
"""Every stop before adds its own doubt about the time spent at the door."""

LEAST_S = 120.0
"""No interval reaches less far to either side."""

TOLD_EARLY_S, TOLD_LATE_S = 300, 600
"""To either side of what a carrier says."""

AHEAD = (StopStatus.PLANNED, StopStatus.EN_ROUTE)
"""Stops that the van has still to drive to."""


@dataclass(frozen=True, slots=True)
class RemainingStop:
    """A stop still to be reached.

    Attributes
    ----------
    drive_s
        From the stop before, or for the first from where the van is.
    service_s
        At the door.
    opens_at
        Service waits for this moment; None where it may begin at once.
    """

    stop_id: str
    drive_s: float
    service_s: float
    opens_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.drive_s < 0 or self.service_s < 0:
            raise ValueError(f"stop {self.stop_id}: drive_s and service_s must not be negative")


@dataclass(frozen=True, slots=True)
class StopEta:
    """The ETA of one stop of a route."""

    stop_id: str
    eta: Eta


def remaining_etas(
    stops: Sequence[RemainingStop],
    *,
    leaves_at: datetime,
    computed_at: datetime,
    is_approximate: bool = False,
) -> tuple[StopEta, ...]:
    """Arrival at each stop, with an interval that widens with time and stops ahead.

    Parameters
    ----------
    leaves_at
        When the van begins the first drive: now, or when it will be done where it stands. A moment before
        `computed_at` counts as `computed_at`.
    is_approximate
        The drives are estimates without a map; the basis says so.
    """
    now = require_utc("computed_at", computed_at)
    basis = EtaBasis.APPROXIMATE if is_approximate else EtaBasis.ROAD
    clock = max(now, require_utc("leaves_at", leaves_at))
    etas = []
    for stops_before, stop in enumerate(stops):
        arrival = clock + timedelta(seconds=stop.drive_s)
        etas.append(StopEta(stop.stop_id, _eta(arrival, now, stops_before, basis)))
        begins = arrival if stop.opens_at is None else max(arrival, stop.opens_at)
        clock = begins + timedelta(seconds=stop.service_s)
    return tuple(etas)


def told_eta(arrival: datetime, told_at: datetime) -> Eta:
    """What a carrier's own word of an arrival is taken for, until its past has been learned from."""
    spread = Window.around(arrival, before_s=TOLD_EARLY_S, after_s=TOLD_LATE_S)
    return Eta(arrival, spread, CONFIDENCE, EtaBasis.CARRIER, told_at)


def route_etas(
    route: Route,
    drives_s: Sequence[float],
    *,
    now: datetime,
    opens_at: Mapping[str, datetime] | None = None,
    is_approximate: bool = False,
) -> tuple[StopEta, ...]:
    """ETAs of the planned and approached stops of a kept route.

    A van that stands at a stop leaves it when its service time is over, or now where that has passed. A route
    that has not begun leaves at its planned start.

    Parameters
    ----------
    drives_s
        One drive per such stop, in their order, the first from where the van is.
    opens_at
        Stop id -> when its service may begin; a van that is early waits.

    Raises
    ------
    ValueError
        If there are not as many drives as stops.
    """
    ahead = [stop for stop in route.stops if stop.status in AHEAD]
    if len(ahead) != len(drives_s):
        raise ValueError(f"{len(ahead)} stops are ahead, got {len(drives_s)} drives")
    standing = [stop for stop in route.stops if stop.status is StopStatus.ARRIVED]
    leaves_at = now
    if standing:
        # Two orders at one door are handed over one after the other.
        arrived_at = standing[0].arrived_at or now
        leaves_at = arrived_at + timedelta(seconds=sum(stop.service_s for stop in standing))
    elif route.status in (RouteStatus.PLANNED, RouteStatus.PUBLISHED):
        leaves_at = route.starts_at
    opening = opens_at or {}
    stops = [
        RemainingStop(stop.id, drive_s, stop.service_s, opening.get(stop.id))
        for stop, drive_s in zip(ahead, drives_s, strict=True)
    ]
    return remaining_etas(stops, leaves_at=leaves_at, computed_at=now, is_approximate=is_approximate)


def _eta(arrival: datetime, now: datetime, stops_before: int, basis: EtaBasis) -> Eta:
    ahead_s = (arrival - now).total_seconds()
    early_s = max(LEAST_S, EARLY_SHARE * ahead_s + EARLY_PER_STOP_S * stops_before)
    late_s = max(LEAST_S, LATE_SHARE * ahead_s + LATE_PER_STOP_S * stops_before)
    earliest = max(now, arrival - timedelta(seconds=early_s))
    return Eta(
        at=arrival,
        interval=Window(earliest, arrival + timedelta(seconds=late_s)),
        confidence=CONFIDENCE,
        basis=basis,
        computed_at=now,
        stops_before=stops_before,
    )
