"""The API's live feed over `gateway.live`: its short topics become those of the caller's merchant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.api.ports import records as r
from gateway.api.ports.session import Feed, Heard
from gateway.live import message as topics
from gateway.live.live import Live
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.subscription import Subscription


@dataclass(frozen=True, slots=True)
class MerchantLive:
    """See `gateway.api.ports.session.Live`. A merchant's name is put in here and nowhere else."""

    live: Live
    merchant_id: str

    @asynccontextmanager
    async def subscribe(self, wanted: Sequence[str], after: str | None) -> AsyncIterator[Feed]:
        """Listen from the moment of entering, after replaying what came behind `after`."""
        mine = {_topic(self.merchant_id, topic): topic for topic in wanted}
        async with self.live.subscribe(mine, after) as subscription:
            yield MerchantFeed(subscription, mine)


class MerchantFeed:
    """See `gateway.api.ports.session.Feed`."""

    __slots__ = ("_short", "_subscription", "poll")

    def __init__(self, subscription: Subscription, short: dict[str, str]) -> None:
        self._subscription = subscription
        # Asked for every message that anybody is told: no call more than there has to be.
        self.poll = subscription.poll
        self._short = short

    @property
    def cursor(self) -> str:
        """Where it stands."""
        return self._subscription.cursor

    async def __aiter__(self) -> AsyncIterator[r.LiveMessage]:
        async for message in self._subscription:
            yield self._said(message)

    def drain(self) -> Sequence[r.LiveMessage]:
        """What has arrived and was not yet iterated, without waiting."""
        return [self._said(message) for message in self._subscription.drain()]

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this whenever something may have become due, or the feed ended."""
        self._subscription.listen(listener)

    def read(self, heard: Heard) -> r.LiveMessage:
        """What `poll` gave."""
        if not isinstance(heard, LiveMessage):
            raise TypeError("this came from another feed")
        return self._said(heard)

    @property
    def due_s(self) -> float | None:
        """Time of the loop at which more is due than now; None where nothing waits."""
        return self._subscription.moves_due_s

    @property
    def is_over(self) -> bool:
        """Whether the process ends."""
        return self._subscription.is_closed

    @property
    def waiting_bytes(self) -> int:
        """Memory of what waits to be polled, about."""
        return self._subscription.waiting_bytes

    def _said(self, message: LiveMessage) -> r.LiveMessage:
        kind = r.LiveKind.LOST if message.kind is LiveKind.RESET else r.LiveKind.CHANGED
        topic = self._short.get(message.topic, "")
        return r.LiveMessage(message.cursor, topic, message.entity_id, kind, message.position)


_OF_ONE: Mapping[str, Callable[[str, str], str]] = {
    "delivery": topics.delivery,
    "plan": topics.plan,
    "route": topics.route,
    "tours": topics.tours,
}
_OF_ALL: Mapping[str, Callable[[str], str]] = {
    "deliveries": topics.deliveries,
    "exceptions": topics.exceptions,
    "drivers": topics.drivers,
}


def _topic(merchant_id: str, short: str) -> str:
    name, _, id_ = short.partition(":")
    if name in _OF_ONE:
        return _OF_ONE[name](merchant_id, id_)
    if name in _OF_ALL:
        return _OF_ALL[name](merchant_id)
    raise ValueError(f"unknown topic {short!r}")
