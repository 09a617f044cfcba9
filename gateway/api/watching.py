"""The one shape of every subscription: the state now, a checkpoint, then changes; or from a cursor on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from gateway.api.context import Context
from gateway.api.records import LiveKind
from gateway.api.types.enums import UpdateKind


@dataclass(frozen=True, slots=True)
class Beat:
    """One step of a subscription.

    Attributes
    ----------
    entity_ids
        What changed; empty on CHECKPOINT and RESET, and on SNAPSHOT, which says only that one is due.
    """

    kind: UpdateKind
    cursor: str
    entity_ids: tuple[str, ...] = ()


async def watch(context: Context, topics: Sequence[str], after: str | None) -> AsyncGenerator[Beat]:
    """Tell when to give a snapshot, a checkpoint, a change or a reset.

    Without `after`: SNAPSHOT, CHECKPOINT, then CHANGEs. With it: CHANGEs only, unless it is too old, which
    makes RESET, SNAPSHOT, CHECKPOINT. Before every beat what was read is forgotten, so that the resolver
    reads the present. The feed is entered before the snapshot is read: nothing falls between the two.
    """
    async with context.live.subscribe(topics, after) as feed:
        if after is None:
            for beat in _snapshot(feed.cursor):
                context.renew()
                yield beat
        async for message in feed:
            context.renew()
            if message.kind is LiveKind.CHANGED:
                yield Beat(UpdateKind.CHANGE, message.cursor, (message.entity_id,))
                continue
            yield Beat(UpdateKind.RESET, message.cursor)
            for beat in _snapshot(message.cursor):
                context.renew()
                yield beat


def _snapshot(cursor: str) -> tuple[Beat, Beat]:
    return Beat(UpdateKind.SNAPSHOT, cursor), Beat(UpdateKind.CHECKPOINT, cursor)
