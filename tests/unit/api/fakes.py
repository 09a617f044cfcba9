"""What the API is handed in tests: everything in memory, every call counted."""
# a fake does not need every parameter of its port

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from doorstep.position import Position
from doorstep.secret import Secret
from gateway.api.context import Context
from gateway.api.ports import records as r
from gateway.api.ports.session import CredentialRejected, Heard, RequestInfo, Session
from gateway.auth.caller import Audience, Caller, Scope
from tests.unit.api import world as w
from tests.unit.api.fake_choosing import FakeChoosingCommands
from tests.unit.api.fake_desk import FakeDeskCommands
from tests.unit.api.fake_mending import FakeMendingCommands
from tests.unit.api.fake_reads import FakeReads
from tests.unit.api.fake_returns import FakeReturnCommands
from tests.unit.api.fake_telling import FakeTellingCommands

ALL_SCOPES = frozenset(Scope)


class FixedClock:
    """Stands still until it is set."""

    def __init__(self, now: datetime = w.NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class FakeCommands(
    FakeChoosingCommands, FakeReturnCommands, FakeTellingCommands, FakeDeskCommands, FakeMendingCommands
):
    """Gives the answer that was laid out for a command, or raises it; remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        self.asked.append((name, given))
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def delivery_options(self, **given: Any) -> Any:
        return self._answer("delivery_options", given)

    async def save_dispatch_rules(self, **given: Any) -> Any:
        return self._answer("save_dispatch_rules", given)

    async def record_temperature(self, **given: Any) -> None:
        self._answer("record_temperature", given)

    async def save_merchant_rules(self, **given: Any) -> Any:
        return self._answer("save_merchant_rules", given)

    async def choose_option(self, **given: Any) -> Any:
        return self._answer("choose_option", given)

    async def slots_of(self, **given: Any) -> Any:
        return self._answer("slots_of", given)

    async def slot(self, **given: Any) -> Any:
        return self._answer("slot", given)

    async def hold_slot(self, **given: Any) -> Any:
        return self._answer("hold_slot", given)

    async def confirm_slot_hold(self, **given: Any) -> Any:
        return self._answer("confirm_slot_hold", given)

    async def release_slot_hold(self, **given: Any) -> Any:
        return self._answer("release_slot_hold", given)

    async def save_slot_template(self, **given: Any) -> Any:
        return self._answer("save_slot_template", given)

    async def archive_slot_template(self, **given: Any) -> Any:
        return self._answer("archive_slot_template", given)

    async def preview_sourcing(self, **given: Any) -> Any:
        return self._answer("preview_sourcing", given)

    async def save_sourcing_rules(self, **given: Any) -> Any:
        return self._answer("save_sourcing_rules", given)

    async def save_goods_rules(self, **given: Any) -> Any:
        return self._answer("save_goods_rules", given)

    async def save_handling_rules(self, **given: Any) -> Any:
        return self._answer("save_handling_rules", given)

    async def request_quotes(self, **given: Any) -> Any:
        return self._answer("request_quotes", given)

    async def correct_delivery(self, **given: Any) -> Any:
        return self._answer("correct_delivery", given)

    async def device_keys(self, **given: Any) -> Any:
        return self._answer("device_keys", given)

    async def create_device_key(self, **given: Any) -> Any:
        return self._answer("create_device_key", given)

    async def revoke_device_keys(self, **given: Any) -> Any:
        return self._answer("revoke_device_keys", given)

    async def dispatch(self, **given: Any) -> Any:
        return self._answer("dispatch", given)

    async def cancel_delivery(self, **given: Any) -> Any:
        return self._answer("cancel_delivery", given)

    async def create_tracking_token(self, **given: Any) -> Any:
        return self._answer("create_tracking_token", given)

    async def plan_routes(self, **given: Any) -> Any:
        return self._answer("plan_routes", given)

    async def cancel_route_plan(self, **given: Any) -> Any:
        return self._answer("cancel_route_plan", given)

    async def publish_route_plan(self, **given: Any) -> Any:
        return self._answer("publish_route_plan", given)

    async def preview_stop_move(self, **given: Any) -> Any:
        return self._answer("preview_stop_move", given)

    async def move_stop(self, **given: Any) -> Any:
        return self._answer("move_stop", given)

    async def assign_route(self, **given: Any) -> Any:
        return self._answer("assign_route", given)

    async def delay_route(self, **given: Any) -> Any:
        return self._answer("delay_route", given)

    async def drop_driver(self, **given: Any) -> Any:
        return self._answer("drop_driver", given)

    async def take_back_delivery(self, **given: Any) -> Any:
        return self._answer("take_back_delivery", given)

    async def pin_stop(self, **given: Any) -> Any:
        return self._answer("pin_stop", given)

    async def unpin_stop(self, **given: Any) -> Any:
        return self._answer("unpin_stop", given)

    async def assignments(self, **given: Any) -> Any:
        return self._answer("assignments", given)

    async def window_costs(self, **given: Any) -> Any:
        return self._answer("window_costs", given)

    async def save_driver(self, **given: Any) -> Any:
        return self._answer("save_driver", given)

    async def replay_quarantined(self, **given: Any) -> Any:
        return self._answer("replay_quarantined", given)

    async def create_driver_session(self, **given: Any) -> Any:
        return self._answer("create_driver_session", given)

    async def end_driver_sessions(self, **given: Any) -> Any:
        return self._answer("end_driver_sessions", given)

    async def create_api_key(self, **given: Any) -> Any:
        return self._answer("create_api_key", given)

    async def discard_quarantined(self, **given: Any) -> Any:
        return self._answer("discard_quarantined", given)

    async def connect_store(self, **given: Any) -> Any:
        return self._answer("connect_store", given)

    async def sync_store(self, **given: Any) -> Any:
        return self._answer("sync_store", given)

    async def test_link(self, **given: Any) -> Any:
        return self._answer("test_link", given)


class FakeFeed:
    """Messages in the order in which they were told."""

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self._waiting: deque[r.LiveMessage] = deque()
        self._arrived = asyncio.Event()
        self._listener: Callable[[], None] | None = None
        self.due_s = None
        self.is_over = False

    def tell(self, message: r.LiveMessage) -> None:
        self._waiting.append(message)
        self._arrived.set()
        if self._listener is not None:
            self._listener()

    async def __aiter__(self) -> AsyncIterator[r.LiveMessage]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            self._arrived.clear()
            await self._arrived.wait()

    def drain(self) -> Sequence[r.LiveMessage]:
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def listen(self, listener: Callable[[], None]) -> None:
        self._listener = listener

    @property
    def waiting_bytes(self) -> int:
        return 400 * len(self._waiting)

    def poll(self, *, undue_too: bool = False) -> Sequence[Heard]:
        return self.drain()

    def read(self, heard: Heard) -> r.LiveMessage:
        assert isinstance(heard, r.LiveMessage)
        return heard


class FakeLive:
    """Cursors are numbers; "lost" as `after` is too old."""

    def __init__(self) -> None:
        self.feeds: dict[FakeFeed, frozenset[str]] = {}
        self.history: list[r.LiveMessage] = []
        self.entered = 0

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], after: str | None) -> AsyncIterator[FakeFeed]:
        feed = FakeFeed(str(len(self.history)))
        if after == "lost":
            feed.tell(r.LiveMessage(feed.cursor, "", "", r.LiveKind.LOST))
        elif after is not None:
            for message in self.history[int(after) :]:
                if message.topic in topics:
                    feed.tell(message)
        self.feeds[feed] = frozenset(topics)
        self.entered += 1
        try:
            yield feed
        finally:
            del self.feeds[feed]

    def tell(self, topic: str, entity_id: str, position: Position | None = None) -> None:
        cursor = str(len(self.history) + 1)
        message = r.LiveMessage(cursor, topic, entity_id, position=position)
        self.history.append(message)
        for feed, topics in self.feeds.items():
            if topic in topics:
                feed.tell(message)


@dataclass
class House:
    """Everything behind one merchant's API in a test."""

    reads: FakeReads = field(default_factory=FakeReads)
    commands: FakeCommands = field(default_factory=FakeCommands)
    live: FakeLive = field(default_factory=FakeLive)
    clock: FixedClock = field(default_factory=FixedClock)

    def context(self, caller: Caller | None = None) -> Context:
        """Fresh, for one operation."""
        return Context(self.session(caller or secret()), self.clock, RequestInfo())

    def session(self, caller: Caller) -> Session:
        return Session(caller, self.reads, self.commands, self.live)


def secret(*scopes: Scope, expires_at: datetime | None = None) -> Caller:
    """A secret key with these scopes, all of them where none is named."""
    held = frozenset(scopes) or ALL_SCOPES
    return Caller(Audience.SECRET, w.MERCHANT.id, w.id_of("key"), held, expires_at=expires_at)


def publishable(*origins: str) -> Caller:
    """A storefront's key."""
    bound = frozenset(origins)
    key_id = w.id_of("key", 2)
    return Caller(Audience.PUBLISHABLE, w.MERCHANT.id, key_id, frozenset(), allowed_origins=bound)


def tracking(delivery_id: str = w.DELIVERY.id, expires_at: datetime | None = None) -> Caller:
    """A shopper's token."""
    return Caller(
        Audience.TRACKING, w.MERCHANT.id, "", frozenset(), delivery_id=delivery_id, expires_at=expires_at
    )


@dataclass
class FakeSessions:
    """Knows credentials by their text."""

    house: House
    callers: dict[str, Caller]

    async def open(self, credential: Secret, request: RequestInfo) -> Session:
        caller = self.callers.get(credential.reveal())
        if caller is None:
            raise CredentialRejected("Nobody knows this credential.")
        return self.house.session(caller)
