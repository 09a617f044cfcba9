"""All events of a carrier are counted seldom, however many parcels are looked at."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.flow.watching.scan_gaps import COUNTED_EVERY, COUNTED_FOR, SCANS_ENOUGH, ScanGaps

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Counted:
    """Deliveries that are asked for nothing but gaps."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, datetime, int]] = []

    async def scan_gap_s(self, carrier: str, since: datetime, least: int) -> float | None:
        self.asked.append((carrier, since, least))
        return None if carrier == "new" else 3600.0 * len(self.asked)


def test_a_carrier_is_counted_once_an_hour_for_each_merchant() -> None:
    counted, gaps = Counted(), ScanGaps()

    async def usual(merchant_id: str, carrier: str, now: datetime) -> float | None:
        return await gaps.usual_s(merchant_id, carrier, counted, now)

    async def look() -> None:
        assert await usual("mer_a", "ups", NOW) == 3600
        assert await usual("mer_a", "ups", NOW + COUNTED_EVERY - timedelta(seconds=1)) == 3600
        assert await usual("mer_b", "ups", NOW) == 7200
        assert await usual("mer_a", "ups", NOW + COUNTED_EVERY) == 3 * 3600
        assert await usual("mer_a", "new", NOW) is None
        assert await usual("mer_a", "new", NOW) is None

    asyncio.run(look())
    assert len(counted.asked) == 4
    assert counted.asked[0] == ("ups", NOW - COUNTED_FOR, SCANS_ENOUGH)
