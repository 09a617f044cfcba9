"""Hands messages to the watchers of one process, each topic to those who subscribed to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway.live.cursor import Cursor, Place, new_epoch, read_cursor
from gateway.live.history import History
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.subscription import Limits, Subscription, reset_at


class Hub:
    """Fan-out inside a process; all calls belong to one event loop.

    Changes are never dropped: a watcher who falls behind, or comes back too late, gets a RESET. Of positions
    the latest of each thing is delivered.
    """

    def __init__(self, *, limits: Limits | None = None, history: History | None = None) -> None:
        self._limits = Limits() if limits is None else limits
        self._history = History() if history is None else history
        self._by_topic: dict[str, set[Subscription]] = {}
        self._subscriptions: set[Subscription] = set()
        self._own_epoch = new_epoch()
        self._newest = Cursor(self._own_epoch, Place())
        self._newest_text = str(self._newest)
        self._is_closed = False

    @property
    def cursor(self) -> str:
        """Resumes after everything so far."""
        return self._newest_text

    @property
    def epoch(self) -> str:
        """Which life of the counter the cursors belong to."""
        return self._newest.epoch

    @property
    def subscription_count(self) -> int:
        """How many watch."""
        return len(self._subscriptions)

    @property
    def topic_count(self) -> int:
        """How many topics are watched."""
        return len(self._by_topic)

    def publish(self, messages: Iterable[LiveMessage]) -> None:
        """Hand on messages that begin here; changes get the next cursors of this process."""
        for message in messages:
            if message.kind is LiveKind.MOVED:
                self._hand_on_move(message)
            else:
                place = self._newest.place
                self._hand_on(place._replace(local=place.local + 1), message)

    def deliver(self, entry: tuple[int, int], messages: Sequence[LiveMessage]) -> None:
        """Hand on the changes of one entry of the shared stream, (milliseconds, sequence)."""
        for index, message in enumerate(messages):
            self._hand_on(Place(*entry, index), message)

    def remember(self, entry: tuple[int, int], messages: Sequence[LiveMessage]) -> None:
        """Make an entry that is already past resumable, without handing it on."""
        for index, message in enumerate(messages):
            self._keep(Place(*entry, index), message)

    def restart(self, epoch: str, floor: Place) -> None:
        """Begin a new life: cursors of the old one are void, every watcher takes a new snapshot.

        Parameters
        ----------
        floor
            Nothing at or before it can be resumed from.
        """
        self._move_on(Cursor(epoch, floor))
        self._history.clear(floor)
        self._reset_all()

    @asynccontextmanager
    async def subscribe(
        self, topics: Iterable[str], after: str | None = None, *, coalesce_s: float | None = None
    ) -> AsyncIterator[Subscription]:
        """Watch some topics until the block is left.

        Parameters
        ----------
        after
            A cursor that an earlier subscription to the same topics gave: what came since is read first, or
            a RESET if some of that is gone. None begins now.
        coalesce_s
            Deliver positions at most this often; the hub's own limit where None.
        """
        limits = self._limits if coalesce_s is None else replace(self._limits, coalesce_s=coalesce_s)
        subscription = self._open(frozenset(topics), after, limits)
        self._subscriptions.add(subscription)
        for topic in subscription.topics:
            self._by_topic.setdefault(topic, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._forget(subscription)

    def close(self) -> None:
        """End all subscriptions, and those to come at once."""
        self._is_closed = True
        for subscription in self._subscriptions:
            subscription.close()

    def _open(self, topics: frozenset[str], after: str | None, limits: Limits) -> Subscription:
        start = None if after is None else self._start_of(after)
        is_known = start is not None and start.epoch == self._newest.epoch
        missed = self._history.after(topics, start.place) if start is not None and is_known else None
        since = start if start and is_known else self._newest
        subscription = Subscription(topics, since, limits, lambda: self._newest_text)
        if after is not None and missed is None:
            subscription.reset(reset_at(self._newest))
        for place, message in missed or ():
            subscription.offer(place, message, self._newest)
        if self._is_closed:
            subscription.close()
        return subscription

    def _start_of(self, after: str) -> Cursor | None:
        start = read_cursor(after)
        if start is None or start.epoch == self._own_epoch:
            return start
        # Each process counts by itself what it hands on while the shared server is away: the numbers of
        # another one say nothing of what was read of ours. What is read twice does no harm.
        return Cursor(start.epoch, start.place._replace(local=0))

    def _forget(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)
        for topic in subscription.topics:
            watchers = self._by_topic[topic]
            watchers.discard(subscription)
            if not watchers:
                del self._by_topic[topic]

    def _hand_on(self, place: Place, message: LiveMessage) -> None:
        published = self._keep(place, message)
        if message.kind is LiveKind.RESET:
            self._reset_all()
            return
        for subscription in self._by_topic.get(message.topic, ()):
            subscription.offer(place, published, self._newest)

    def _hand_on_move(self, message: LiveMessage) -> None:
        watchers = self._by_topic.get(message.topic)
        if not watchers:
            return
        # One object for all, so that what is made of it can be shared by all.
        stamped = LiveMessage(
            self._newest_text, message.topic, message.entity_id, message.kind, message.position
        )
        key, newest = (message.topic, message.entity_id), self._newest
        for subscription in watchers:
            subscription.offer_move(key, stamped, newest)

    def _reset_all(self) -> None:
        message = reset_at(self._newest)
        for subscription in self._subscriptions:
            subscription.reset(message)

    def _move_on(self, newest: Cursor) -> None:
        self._newest = newest
        self._newest_text = str(newest)

    def _keep(self, place: Place, message: LiveMessage) -> LiveMessage:
        epoch = self._newest.epoch
        self._move_on(Cursor(epoch, place))
        published = LiveMessage(self._newest_text, message.topic, message.entity_id, message.kind)
        if message.kind is LiveKind.RESET:
            self._history.clear(place)
        else:
            self._history.add(place, published)
        return published
