"""What shopper, driver and desk write to one another, as the flow keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.thread import Participant, ThreadMessage


class Threads(Protocol):
    """Messages by their delivery."""

    async def add(self, message: ThreadMessage) -> bool:
        """False where the same key is there already."""
        ...

    async def message(self, message_id: str) -> ThreadMessage | None: ...
    async def by_key(self, delivery_id: str, key: str) -> ThreadMessage | None: ...
    async def count_by(self, delivery_id: str, sender: Participant, since: datetime) -> int: ...
    async def mark_read(self, delivery_id: str, but_of: Participant, now: datetime) -> int:
        """Write down that everything is seen that another side sent; how much that was."""
        ...

    async def of_delivery(self, delivery_id: str, limit: int) -> Sequence[ThreadMessage]:
        """Newest first."""
        ...
