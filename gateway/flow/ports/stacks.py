"""What waits for company, and which deliveries go together, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.stack import Stack, Waiting


class Stacks(Protocol):
    """Stacks, and fulfillment orders that wait for others to go with."""

    async def get(self, stack_id: str) -> Stack | None: ...
    async def add(self, stack: Stack) -> None: ...
    async def waiting(self, unit_id: str, *, lock: bool = False) -> Waiting | None: ...
    async def waiting_at(self, location_id: str) -> Sequence[Waiting]:
        """All that wait at a place and belong to no stack yet, who has waited longest first."""
        ...

    async def due(self, now: datetime, told_before: datetime) -> Sequence[Waiting]:
        """Those whose time is over and who were not told since; locked, without those that others lock."""
        ...

    async def wait(self, waiting: Waiting) -> None:
        """Let one wait, or change how it does."""
        ...

    async def stop_waiting(self, unit_ids: Sequence[str]) -> None: ...
