"""The one shape of every subscription: the state now, a checkpoint, then changes; or from a cursor on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any

from gateway.api.context import Context
from gateway.api.ports.records import LiveKind, LiveMessage
from gateway.api.ports.session import Feed
from gateway.api.sharing.moves import Moves
from gateway.api.types.enums import UpdateKind


@dataclass(frozen=True, slots=True)
class Beat:
    """One step of a subscription.

    Attributes
    ----------
    entity_ids
        What changed; empty on CHECKPOINT and RESET, and on SNAPSHOT, which says only that one is due. Empty
        on a CHANGE that was gathered means that some of what changed is not known.
    """

    kind: UpdateKind
    cursor: str
    entity_ids: tuple[str, ...] = ()


Tell = Callable[[Context, Beat], AsyncGenerator[Any]]


@dataclass(frozen=True, slots=True)
class Watching:
    """What somebody watches, and how it is told.

    Attributes
    ----------
    tell
        Gives the updates that a beat is worth, read anew.
    is_shared
        What is told depends on nothing but the beat, the arguments and what the caller may see: whoever asks
        for the same may be told the same bytes. False where it remembers what it told before.
    gather_s
        Seconds for which messages are gathered into one CHANGE; 0 tells each by itself.
    is_over
        Asked after every beat; True ends the subscription.
    moves
        How a message that tells nothing but a place is told without reading anything; None reads.
    """

    topics: Sequence[str]
    tell: Tell
    is_shared: bool = True
    gather_s: float = 0.0
    is_over: Callable[[], bool] = lambda: False
    moves: Moves | None = None

    def beats(self, messages: Sequence[LiveMessage]) -> list[Beat]:
        """What these messages are told as."""
        if self.gather_s:
            is_complete = all(message.kind is LiveKind.CHANGED for message in messages)
            changed = sorted({message.entity_id for message in messages}) if is_complete else []
            return [Beat(UpdateKind.CHANGE, messages[-1].cursor, tuple(changed))]
        beats: list[Beat] = []
        for message in messages:
            if message.kind is LiveKind.CHANGED:
                beats.append(Beat(UpdateKind.CHANGE, message.cursor, (message.entity_id,)))
            else:
                beats += [Beat(UpdateKind.RESET, message.cursor), *opening(message.cursor)]
        return beats

    async def updates(self, context: Context, beats: Sequence[Beat]) -> AsyncGenerator[Any]:
        """Tell these. Before every beat what was read is forgotten, so that the present is read."""
        for beat in beats:
            context.renew()
            async with aclosing(self.tell(context, beat)) as told:
                async for update in told:
                    yield update
            if self.is_over():
                return


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription after its snapshot, to be gone on with by whoever took it over, and closed."""

    watching: Watching
    feed: Feed
    stack: AsyncExitStack


def opening(cursor: str) -> tuple[Beat, Beat]:
    """How a subscription without a cursor begins."""
    return Beat(UpdateKind.SNAPSHOT, cursor), Beat(UpdateKind.CHECKPOINT, cursor)


async def follow(context: Context, watching: Watching, after: str | None) -> AsyncGenerator[Any]:
    """Tell a snapshot, a checkpoint, then changes; for the resolver of a subscription.

    Without `after`: SNAPSHOT, CHECKPOINT, then CHANGEs. With it: CHANGEs only, unless it is too old, which
    makes RESET, SNAPSHOT, CHECKPOINT. The feed is entered before the snapshot is read: nothing falls between
    the two. Where the context's transport goes on by itself, the end comes after the checkpoint, and the
    transport finds the rest in `context.standing`.
    """
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(context.live.subscribe(watching.topics, after))
        if after is None:
            async for update in watching.updates(context, opening(feed.cursor)):
                yield update
            if watching.is_over():
                return
        if context.goes_on:
            context.standing = Standing(watching, feed, stack.pop_all())
            return
        async for beats in _beats(watching, feed):
            async for update in watching.updates(context, beats):
                yield update
            if watching.is_over():
                return


async def _beats(watching: Watching, feed: Feed) -> AsyncIterator[list[Beat]]:
    async for message in feed:
        if watching.gather_s:
            await asyncio.sleep(watching.gather_s)
            yield watching.beats([message, *feed.drain()])
        else:
            yield watching.beats([message])
