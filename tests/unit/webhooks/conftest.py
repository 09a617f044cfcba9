from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from webhooks.inbound.inbox import InboxMessage, SourceKind

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class MemoryInbox:
    """Keeps like the real one: all or none, and a repeat once."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], InboxMessage] = {}
        self.batches: list[list[str]] = []
        self.poison: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def put(self, messages: Sequence[InboxMessage]) -> None:
        self.batches.append([message.dedupe_id for message in messages])
        await self.gate.wait()
        bad = [message.dedupe_id for message in messages if message.dedupe_id in self.poison]
        if bad:
            raise ValueError(f"cannot keep {bad}")
        for message in messages:
            self.kept.setdefault((message.source, message.dedupe_id), message)

    @property
    def ids(self) -> list[str]:
        return [dedupe_id for _, dedupe_id in self.kept]


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def message() -> Callable[[str], InboxMessage]:
    def make(dedupe_id: str) -> InboxMessage:
        kind, topic = SourceKind.STORE, "order.updated"
        return InboxMessage("mer_a", "sto_a", kind, topic, dedupe_id, "1", {}, b"{}", NOON)

    return make
