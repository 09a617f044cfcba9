"""What the API must be handed of threads; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from doorstep.thread import Participant, ThreadMessage
from gateway.api.ports import records as r


class ReadsThreads(Protocol):
    """Part of what one merchant's callers can read."""

    async def find_thread_messages(
        self, delivery_id: str, viewer: Participant, page: r.PageRequest
    ) -> r.Page[ThreadMessage]:
        """What a side may read, newest first."""
        ...

    async def count_thread_messages(self, delivery_id: str, viewer: Participant, up_to: int) -> int: ...
    async def unread_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Mapping[Participant, int]]:
        """How many messages of others nobody on each side has seen; sides without any are left out."""
        ...


class ThreadCommands(Protocol):
    """The use cases about threads."""

    async def send_message(
        self,
        *,
        idempotency_key: str,
        delivery_id: str,
        sender: Participant,
        body: str,
        to: Participant | None = None,
        upload_ids: tuple[str, ...] = (),
        whose: str = "",
        needs_help: bool = False,
    ) -> ThreadMessage:
        """Write, to all sides or `to` one; raises `StateConflict` where the thread is closed.

        Parameters
        ----------
        upload_ids, whose
            Files that it takes along, and the id under which their sender announced them.
        needs_help
            Whether a driver is in need.
        """
        ...

    async def read_thread(self, *, delivery_id: str, viewer: Participant) -> int:
        """How many messages of others were new."""
        ...
