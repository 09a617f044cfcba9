"""What sourcing looks up beside orders and articles, as the flow keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Sourcing(Protocol):
    """How busy places are."""

    async def to_pack(self, location_id: str, since: datetime, but_not: str) -> int:
        """Fulfillment orders of a place from orders that were placed since then, but for one order's; none
        that is cancelled.
        """
        ...
