"""Tracks that come as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from doorstep.errors import NotFound
from doorstep.position import Position
from gateway.bootstrap.house import House
from gateway.flow.tracking.drive import follow_up
from gateway.flow.tracking.take import MOST_FIXES, Device, keep_fixes


async def import_track(
    house: House, merchant_id: str, driver_id: str, track: Sequence[Position]
) -> Mapping[str, int]:
    """Keep the positions of a driver's track as if the phone had sent them, and work out what they mean.

    Gives how many were TAKEN, and of the others how many for each `FixFault`.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    async with house.means.begin(merchant_id) as work:
        if await work.fleet.driver(driver_id) is None:
            raise NotFound(driver_id, path=("driverId",))
    counts: Counter[str] = Counter()
    in_order = sorted(track, key=lambda fix: fix.recorded_at)
    for start in range(0, len(in_order), MOST_FIXES):
        some = in_order[start : start + MOST_FIXES]
        (faults,) = await keep_fixes(house.means, merchant_id, [(Device(merchant_id, driver_id), some)])
        counts.update("TAKEN" if fault is None else fault.value for fault in faults or ())
    await follow_up(house.means, merchant_id, [driver_id])
    return counts
