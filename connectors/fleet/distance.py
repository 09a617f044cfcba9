"""How far a door is, within a budget: from the road engine, or estimated where that is too slow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from connectors.fleet.declined import Declined
from doorstep.errors import RemoteError
from doorstep.geo import LatLng, distance_m
from doorstep.ports import RoadEngine
from doorstep.quote import DeclineReason

FIXED_S, SECONDS_PER_M = 222.0, 0.076
"""Drive time without a map; fitted on a real road network so that no planned stop came late."""

DETOUR, SHORT_DETOUR, SHORT_M = 1.43, 1.86, 1_000.0
"""Road metres per metre as the crow flies, measured: on average, and below a kilometre."""

_ROADS_SHARE = 0.8
"""Of the budget, for the road engine; the rest is for answering without it."""


@dataclass(frozen=True, slots=True)
class Drive:
    """From a depot to a door."""

    metres: int
    seconds: int
    is_approximate: bool


async def drive_to(roads: RoadEngine, depot: LatLng, door: LatLng, budget_s: float) -> Drive:
    """Ask the roads, and estimate when they are silent for too long or unwell.

    Raises
    ------
    Declined
        If no road leads there.
    """
    try:
        async with asyncio.timeout(budget_s * _ROADS_SHARE):
            table = await roads.table([depot], [door])
    except (TimeoutError, RemoteError):
        return estimate(depot, door)
    seconds, metres = table.seconds[0][0], table.metres[0][0]
    if seconds is None or metres is None:
        raise Declined(DeclineReason.OUT_OF_AREA, "No road leads from the depot to this address.")
    return Drive(metres, seconds, table.is_approximate)


def estimate(depot: LatLng, door: LatLng) -> Drive:
    """Without a map."""
    direct_m = distance_m(depot, door)
    metres = (
        SHORT_DETOUR * direct_m if direct_m <= SHORT_M else max(DETOUR * direct_m, SHORT_DETOUR * SHORT_M)
    )
    return Drive(round(metres), round(FIXED_S + SECONDS_PER_M * direct_m), is_approximate=True)
