from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.stores.woocommerce import CONNECTOR
from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.errors import BadSignature
from doorstep.ports import NoticeKind, StoreNotice
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import FakeWooCommerce, served

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
SECRET = Secret("the webhook secret, long enough")


@dataclass
class Receiver:
    """Takes in webhooks as the gateway would, answering `status`."""

    url: str = ""
    status: int = 200
    pings: int = 0
    notices: list[StoreNotice] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        headers, body = dict(request.headers), await request.body()
        if CONNECTOR.webhooks.is_ping(headers, body):
            self.pings += 1
            return Response(status_code=self.status)
        CONNECTOR.webhooks.verify(headers, body, [SECRET])
        self.notices.append(CONNECTOR.webhooks.read(headers, body))
        return Response(status_code=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with served(Starlette(routes=[Route("/in", receiver.take, methods=["POST"])])) as url:
        receiver.url = f"{url}/in"
        yield receiver


@dataclass
class Time:
    """Lets the world's time pass for a store and its postman."""

    clock: WorldClock
    postman: Postman

    async def passes(self, store: FakeWooCommerce, seconds: float = 60) -> None:
        self.clock.advance(seconds)
        await store.tick(self.clock.now())
        await self.postman.tick(self.clock.now())


@pytest.fixture
def time(clock: WorldClock, postman: Postman) -> Time:
    return Time(clock, postman)


async def test_a_placed_order_is_told_of_after_a_while_and_can_be_fetched(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    connector = await link(store)
    await connector.ensure_webhooks(receiver.url, SECRET)
    await time.passes(store)
    assert receiver.pings == 4
    order_id = store.place_order([("BREAD-1", 1)], home)
    await time.passes(store, 1)
    assert receiver.notices == []
    await time.passes(store)
    assert {notice.topic for notice in receiver.notices} == {"order.created", "order.updated"}
    assert {notice.order_external_id for notice in receiver.notices} == {order_id}
    assert await connector.fetch_order(receiver.notices[0].order_external_id) is not None


async def test_created_sometimes_comes_after_updated(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    firsts = set()
    for _ in range(12):
        receiver.notices.clear()
        store.place_order([("BREAD-1", 1)], home)
        for _ in range(25):
            await time.passes(store, 1)
        firsts.add(receiver.notices[0].topic)
    assert firsts == {"order.created", "order.updated"}


async def test_three_changes_in_a_row_are_one_delivery_of_the_last_state(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    for status in ("on-hold", "processing", "completed"):
        store.set_status(order_id, status)
    await time.passes(store)
    assert [notice.topic for notice in receiver.notices] == ["order.updated"]


async def test_a_draft_is_told_of_as_an_update_before_the_order_exists(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    connector = await link(store)
    await connector.ensure_webhooks(receiver.url, SECRET)
    draft = store.start_checkout([("BREAD-1", 1)], home)
    await time.passes(store)
    (notice,) = receiver.notices
    assert (notice.topic, notice.order_external_id) == ("order.updated", draft)
    assert await connector.fetch_order(draft) is None
    store.finish_checkout(draft)
    await time.passes(store)
    assert "order.created" in {notice.topic for notice in receiver.notices}


async def test_the_trash_is_told_and_force_deleting_is_not(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    trashed, deleted = (store.place_order([("BREAD-1", 1)], home) for _ in range(2))
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    store.trash(trashed)
    store.delete_forever(deleted)
    await time.passes(store)
    (notice,) = receiver.notices
    assert (notice.order_external_id, notice.is_deletion) == (trashed, True)


@pytest.mark.parametrize(
    ("version", "topics"),
    [("10.5", set()), ("10.2", {"order.restored"}), ("8.9", {"order.restored", "order.updated"})],
)
async def test_restoring_from_the_trash_is_found_by_the_walk_where_no_webhook_tells(
    make_store: MakeStore,
    link: Link,
    home: Address,
    receiver: Receiver,
    time: Time,
    version: str,
    topics: set[str],
) -> None:
    store = make_store(version=version)
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    await connector.ensure_webhooks(receiver.url, SECRET)
    store.trash(order_id)
    await time.passes(store)
    receiver.notices.clear()
    since = time.clock.now()
    store.restore(order_id)
    await time.passes(store)
    assert {notice.topic for notice in receiver.notices} == topics
    (raw,) = [raw async for raw in connector.changed_orders(since)]
    assert connector.read_order(raw).raw_status == "processing"


async def test_an_owner_without_rights_sends_signed_errors_that_name_no_order(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    store.owner_lost_rights = True
    store.place_order([("BREAD-1", 1)], home)
    await time.passes(store)
    assert {notice.order_external_id for notice in receiver.notices} == {""}
    assert {notice.topic for notice in receiver.notices} == {"order.created", "order.updated"}
    assert {notice.kind for notice in receiver.notices} == {NoticeKind.SCOPES}


async def test_nothing_is_sent_twice_and_the_seventh_failure_disables_until_we_repair(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    connector = await link(store)
    await connector.ensure_webhooks(receiver.url, SECRET)
    await time.passes(store)
    order_id = store.place_order([("BREAD-1", 1)], home)
    await time.passes(store)
    receiver.notices.clear()
    receiver.status = 500
    (updated,) = [hook for hook in store.hooks.webhooks.values() if hook.topic == "order.updated"]
    statuses = []
    for _ in range(7):
        store.set_status(order_id, "on-hold")
        await time.passes(store)
        await time.passes(store, 3600)
        statuses.append(updated.status)
    assert statuses == ["active"] * 6 + ["disabled"]
    assert len(receiver.notices) == 7
    store.set_status(order_id, "processing")
    await time.passes(store)
    assert len(receiver.notices) == 7  # a disabled webhook is silent
    receiver.status = 200
    await connector.ensure_webhooks(receiver.url, SECRET)
    assert (updated.status, updated.failures) == ("active", 6)  # the count is kept
    store.set_status(order_id, "completed")
    await time.passes(store)
    assert (len(receiver.notices), updated.failures) == (8, 0)


async def test_a_ping_answered_with_204_comes_back_after_every_delivery(
    store: FakeWooCommerce, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    receiver.status = 204
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    await time.passes(store)
    before = receiver.pings
    store.place_order([("BREAD-1", 1)], home)
    await time.passes(store)
    await time.passes(store)
    assert receiver.pings == before + 2  # one after the delivery of created, one after that of updated
    receiver.status = 200
    store.place_order([("BREAD-1", 1)], home)
    for _ in range(3):
        await time.passes(store)
    settled = receiver.pings
    store.place_order([("BREAD-1", 1)], home)
    for _ in range(3):
        await time.passes(store)
    assert receiver.pings == settled


async def test_a_stock_wordpress_never_reaches_a_private_receiver(
    make_store: MakeStore, link: Link, home: Address, receiver: Receiver, time: Time
) -> None:
    store = make_store(accepts_any_receiver=False)
    await (await link(store)).ensure_webhooks(receiver.url, SECRET)
    store.place_order([("BREAD-1", 1)], home)
    await time.passes(store)
    assert (receiver.notices, receiver.pings) == ([], 0)


async def test_a_secret_changed_behind_our_back_is_noticed_and_repaired(
    store: FakeWooCommerce, link: Link, home: Address, time: Time
) -> None:
    refused: list[bool] = []

    async def take(request: Request) -> Response:
        headers, body = dict(request.headers), await request.body()
        if not CONNECTOR.webhooks.is_ping(headers, body):
            with contextlib.suppress(BadSignature):
                CONNECTOR.webhooks.verify(headers, body, [SECRET])
                refused.append(False)
                return Response()
            refused.append(True)
        return Response()

    connector = await link(store)
    async with served(Starlette(routes=[Route("/in", take, methods=["POST"])])) as url:
        await connector.ensure_webhooks(f"{url}/in", SECRET)
        order_id = store.place_order([("BREAD-1", 1)], home)
        await time.passes(store)
        (updated,) = [hook for hook in store.hooks.webhooks.values() if hook.topic == "order.updated"]
        updated.secret = "changed by hand"
        refused.clear()
        store.set_status(order_id, "on-hold")
        await time.passes(store)
        await connector.ensure_webhooks(f"{url}/in", SECRET)
        store.set_status(order_id, "processing")
        await time.passes(store)
    assert refused == [True, False]
