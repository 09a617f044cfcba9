"""How long carriers are usually silent between two scans: counted once an hour, asked at every look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

COUNTED_FOR, SCANS_ENOUGH = timedelta(days=60), 100
"""A carrier's scans are counted over so long; with fewer gaps between them nothing is concluded."""

COUNTED_EVERY = timedelta(hours=1)
"""All events of two months are read for it, and a day's more change little."""


class _Counting(Protocol):
    async def scan_gap_s(self, carrier: str, since: datetime, least: int) -> float | None: ...


class ScanGaps:
    """What was counted, for one process: a number for each merchant and carrier."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], tuple[datetime, float | None]] = {}

    async def usual_s(
        self, merchant_id: str, carrier: str, deliveries: _Counting, now: datetime
    ) -> float | None:
        """Seconds within which 19 of 20 scans of a carrier come; None where too few are known."""
        counted_at, gap_s = self._counted.get((merchant_id, carrier), (None, None))
        if counted_at is None or not counted_at <= now < counted_at + COUNTED_EVERY:
            gap_s = await deliveries.scan_gap_s(carrier, now - COUNTED_FOR, SCANS_ENOUGH)
            self._counted[merchant_id, carrier] = (now, gap_s)
        return gap_s
