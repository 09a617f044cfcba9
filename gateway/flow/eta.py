"""When a van will be at each of its stops, from where it is now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from doorstep.delivery import Eta, EtaBasis
from doorstep.road import RoadLeg
from doorstep.route import Stop, StopStatus
from doorstep.window import Window

EARLIER, LATER, AT_LEAST_S = 0.10, 0.15, 120
"""Spread of an ETA that no model has learned: a share of the time to go, never less than two minutes."""


def etas(
    stops: Sequence[Stop],
    legs: Sequence[RoadLeg],
    now: datetime,
    windows: Sequence[Window | None],
    *,
    approximate: bool,
) -> list[Eta]:
    """Arrival at each open stop.

    Parameters
    ----------
    legs
        From the van to the first stop, from there to the second, …; as many as stops.
    windows
        The promise of each stop: a van that is early waits for it to begin.
    """
    answer: list[Eta] = []
    clock = now
    for place, (stop, leg, window) in enumerate(zip(stops, legs, windows, strict=True)):
        clock += timedelta(seconds=0 if stop.status is StopStatus.ARRIVED else leg.seconds)
        arrival = clock
        to_go_s = (arrival - now).total_seconds()
        spread = Window.around(
            arrival, before_s=max(AT_LEAST_S, EARLIER * to_go_s), after_s=max(AT_LEAST_S, LATER * to_go_s)
        )
        basis = EtaBasis.APPROXIMATE if approximate else EtaBasis.ROAD
        answer.append(Eta(arrival, spread, 0.8, basis, now, stops_before=place))
        if window is not None and stop.status is not StopStatus.ARRIVED:
            clock = max(clock, window.start)
        clock += timedelta(seconds=stop.service_s)
    return answer
