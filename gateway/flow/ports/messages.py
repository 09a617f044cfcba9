"""Webhooks, quarantine and answered idempotency keys, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.flow.records import (
    InboxRecord,
    Quarantined,
    Remembered,
)


class Inbox(Protocol):
    """Webhooks that were verified and kept."""

    async def get(self, inbox_id: str) -> InboxRecord | None: ...
    async def waiting(self, source: str, limit: int, but_not: Collection[str] = ()) -> Sequence[InboxRecord]:
        """What nobody has handled, oldest first, without these.

        Headers and body are there only of what names no order.
        """
        ...

    async def mark_handled(self, inbox_ids: Sequence[str], at: datetime) -> None: ...


class Quarantine(Protocol):
    """What could not be understood, kept whole."""

    async def get(self, quarantined_id: str, *, lock: bool = False) -> Quarantined | None: ...
    async def waiting_for(self, source: str, external_id: str) -> Quarantined | None: ...
    async def waiting_among(self, source: str, external_ids: Sequence[str]) -> frozenset[str]:
        """Those of the given that wait."""
        ...

    async def put(self, quarantined: Quarantined) -> None: ...


class Memory(Protocol):
    """Idempotency keys and what was answered to them."""

    async def recall(self, operation: str, key: str) -> Remembered | None: ...
    async def seen(self, operation: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        """When those of the keys were first seen that are remembered."""
        ...

    async def remember(self, remembered: Remembered) -> bool:
        """False if another call with the same key came first."""
        ...
