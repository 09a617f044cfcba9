"""Files for threads, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.flow.messaging.files.record import Upload


class Uploads(Protocol):
    """Files that were announced, with their bytes once those came."""

    async def get(self, upload_id: str, *, lock: bool = False) -> Upload | None: ...
    async def waiting_of(self, owner: str) -> Sequence[Upload]:
        """What no message of an owner took along, without the bytes; nobody else adds until the commit."""
        ...

    async def bytes_of(self, owner: str, delivery_id: str) -> int:
        """Announced for a delivery's thread or sent there, of an owner; nobody else asks until the commit."""
        ...

    async def add(self, upload: Upload) -> None: ...
    async def put(self, upload: Upload) -> None:
        """Its bytes, where it belongs and when it was sent."""
        ...
