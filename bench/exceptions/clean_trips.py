"""Clean trips: vans that keep to their way with receivers as bad as real ones, and none may be called off it.

Fixes each 10 s with correlated noise of 15 m and 2 % outliers of 150 m, as the threshold was found with.
"""

from __future__ import annotations

import math
import random

from doorstep.geo import LatLng
from gateway.flow.tracking.motion import WayEvent, WayState, on_way

NOISE_M, OUTLIER_M, OUTLIERS = 15.0, 150.0, 0.02
KEEPS = 0.85
"""Of one fix's noise in the next: buildings stay beside the road for a while."""

FIX_EVERY_S, SPEED_MPS, LENGTH_M, CORNER_M = 10, 8.0, 8_000, 400
_METRE = 1 / 111_195


def false_alarms(seed: int, trips: int) -> int:
    """How many of so many clean trips were called off their way."""
    return sum(_is_called_off(random.Random(f"{seed}:trip:{number}")) for number in range(trips))


def _is_called_off(draw: random.Random) -> bool:
    corners = _corners(draw)
    path = [_place(east, north) for east, north in corners]
    state, east_off, north_off = WayState(), 0.0, 0.0
    share = math.sqrt(1 - KEEPS**2)
    for metres in range(0, LENGTH_M, int(FIX_EVERY_S * SPEED_MPS)):
        east_off = KEEPS * east_off + share * draw.gauss(0.0, NOISE_M)
        north_off = KEEPS * north_off + share * draw.gauss(0.0, NOISE_M)
        block, rest = divmod(metres, CORNER_M)
        here, there = corners[block], corners[block + 1]
        east = here[0] + (there[0] - here[0]) * rest / CORNER_M + east_off
        north = here[1] + (there[1] - here[1]) * rest / CORNER_M + north_off
        if draw.random() < OUTLIERS:
            turn = draw.uniform(0, 2 * math.pi)
            east, north = east + OUTLIER_M * math.cos(turn), north + OUTLIER_M * math.sin(turn)
        near = path[max(0, block - 2) : block + 4]
        state, event = on_way(state, _place(east, north), near)
        if event is WayEvent.LEFT:
            return True
    return False


def _corners(draw: random.Random) -> list[tuple[float, float]]:
    """A way through blocks of a town: straight on, or round a corner."""
    corners, east, north, heading = [(0.0, 0.0)], 0.0, 0.0, 0
    for _ in range(LENGTH_M // CORNER_M + 1):
        heading += draw.choice((-1, 0, 0, 1))
        east += CORNER_M * math.sin(heading * math.pi / 2)
        north += CORNER_M * math.cos(heading * math.pi / 2)
        corners.append((east, north))
    return corners


def _place(east: float, north: float) -> LatLng:
    return LatLng(39.9 + north * _METRE, -71.5 + east * _METRE / 0.7672)
