"""The simulated store's bad moments are what they say, and a seed makes them come again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    FakeWooCommerce,
    Mail,
    Trouble,
    served,
)
from tests.unit.simulator.woocommerce.visitor import visiting

MakeStore = Callable[..., FakeWooCommerce]
KEYS = {"Authorization": aiohttp.encode_basic_auth(CONSUMER_KEY, CONSUMER_SECRET)}


@pytest.fixture
def shop(make_store: MakeStore) -> FakeWooCommerce:
    return make_store(treat_as_https=True)


@pytest.mark.parametrize("kind", [Trouble.LOST_REPLY, Trouble.HALF_BODY])
async def test_a_write_whose_answer_is_cut_off_is_done_all_the_same(
    shop: FakeWooCommerce, home: Address, kind: Trouble
) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.fail_next(kind)
    async with visiting(shop) as visitor:
        with pytest.raises(aiohttp.ClientError):
            # aiohttp tries a PUT again by itself, a POST it does not.
            await visitor.post(f"orders/{order_id}", {"status": "completed"})
        assert (await visitor.get(f"orders/{order_id}")).payload["status"] == "completed"
    assert [write.status for write in shop.door.writes] == [200]


async def test_half_a_body_comes_through_before_the_cut(shop: FakeWooCommerce, home: Address) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.fail_next(Trouble.HALF_BODY)
    async with (
        served(shop.app) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/wp-json/wc/v3/orders/{order_id}", headers=KEYS) as response,
    ):
        assert response.status == 200
        assert await response.content.readany()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


async def test_a_silent_store_has_done_the_write_and_never_answers(
    shop: FakeWooCommerce, home: Address
) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.fail_next(Trouble.SILENCE)
    async with visiting(shop) as visitor:
        asked = asyncio.create_task(visitor.put(f"orders/{order_id}", {"status": "completed"}))
        while not shop.door.writes:
            await asyncio.sleep(0.001)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert shop.shelf.order(order_id).status == "completed"


@pytest.mark.parametrize("kind", [Trouble.HTML_503, Trouble.MAINTENANCE, Trouble.JSON_429])
async def test_what_comes_from_before_the_shop_has_done_nothing(
    shop: FakeWooCommerce, home: Address, kind: Trouble
) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.fail_next(kind)
    async with served(shop.app) as url, aiohttp.ClientSession() as session:
        place = f"{url}/wp-json/wc/v3/orders/{order_id}"
        async with session.put(place, json={"status": "completed"}, headers=KEYS) as response:
            assert response.status in {429, 503}
    assert (shop.shelf.order(order_id).status, shop.door.writes) == ("processing", [])


async def test_an_outage_does_nothing_until_its_time_is_over(
    shop: FakeWooCommerce, home: Address, clock: WorldClock
) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.hooks.create("all", "order.updated", "http://127.0.0.1:9/", "whsec-test")
    shop.set_status(order_id, "on-hold")
    shop.door.weather.outage(4 * 3600, Trouble.MAINTENANCE)
    clock.advance(3600)
    await shop.tick(clock.now())
    async with visiting(shop) as visitor:
        assert (await visitor.put(f"orders/{order_id}", {"status": "completed"})).status == 503
        assert (shop.shelf.order(order_id).status, shop.hooks.waiting) == ("on-hold", 1)
        clock.advance(3 * 3600)
        await shop.tick(clock.now())
        assert (await visitor.get(f"orders/{order_id}")).payload["status"] == "on-hold"
        assert shop.hooks.waiting == 0


async def test_a_machine_that_is_off_cuts_every_call_and_does_none(
    shop: FakeWooCommerce, home: Address
) -> None:
    order_id = shop.place_order([("BREAD-1", 1)], home)
    shop.door.weather.outage(4 * 3600, Trouble.LOST_REPLY)
    async with visiting(shop) as visitor:
        with pytest.raises(aiohttp.ClientError):
            await visitor.put(f"orders/{order_id}", {"status": "completed"})
        with pytest.raises(aiohttp.ClientError):
            await visitor.get("/")
    assert (shop.shelf.order(order_id).status, shop.door.writes) == ("processing", [])


def test_troubles_by_chance_come_again_with_their_seed(make_store: MakeStore) -> None:
    def drawn(seed: int) -> list[Trouble | None]:
        weather = make_store().door.weather
        weather.by_chance({Trouble.HTML_500: 0.2, Trouble.LOST_REPLY: 0.1}, seed, writes_only=True)
        assert weather.next_trouble("GET", "orders") is None
        return [weather.next_trouble("PUT", "orders/1") for _ in range(500)]

    once = drawn(3)
    assert once == drawn(3) != drawn(4)
    found = Counter(once)
    # 100 and 50 expected; five standard deviations are 45 and 34.
    assert 55 < found[Trouble.HTML_500] < 145
    assert 16 < found[Trouble.LOST_REPLY] < 84


def test_chances_above_one_are_refused(shop: FakeWooCommerce) -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        shop.door.weather.by_chance({Trouble.HTML_500: 0.6, Trouble.HTML_200: 0.6}, 1)


async def test_a_store_whose_clock_is_ahead_stamps_orders_and_answers_in_its_own_time(
    shop: FakeWooCommerce, home: Address, clock: WorldClock
) -> None:
    shop.skew(600)
    shop.place_order([("BREAD-1", 1)], home)
    async with (
        served(shop.app, shows_date=False) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/wp-json/wc/v3/orders", headers=KEYS) as response,
    ):
        (order,) = json.loads(await response.read())
        shown = parsedate_to_datetime(response.headers["Date"])
    assert order["date_modified_gmt"] == "2026-11-22T14:10:00"
    assert shown.tzinfo is not None
    assert clock.now().minute == 0


class Inbox:
    """Keeps the order ids of signed deliveries in their order, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.ids: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        self.pings = 0
        self.url = ""

    async def take(self, request: Request) -> Response:
        body = await request.body()
        if "x-wc-webhook-signature" not in request.headers:
            self.pings += 1
            return Response(status_code=self.status)
        signature = base64.b64encode(hmac.new(b"whsec-test", body, hashlib.sha256).digest()).decode()
        assert request.headers["x-wc-webhook-signature"] == signature
        self.bodies.append(json.loads(body))
        self.ids.append(self.bodies[-1].get("id", 0))
        return Response(status_code=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    inbox = Inbox()
    async with served(Starlette(routes=[Route("/in", inbox.take, methods=["POST"])])) as url:
        inbox.url = f"{url}/in"
        yield inbox


async def passes(store: FakeWooCommerce, postman: Postman, clock: WorldClock, seconds: float = 60) -> None:
    clock.advance(seconds)
    await store.tick(clock.now())
    await postman.tick(clock.now())


async def test_deliveries_are_dropped_doubled_late_and_shuffled_by_their_seed(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    async def delivered(seed: int) -> list[int]:
        store = make_store()
        store.hooks.create("all", "order.created", inbox.url, "whsec-test")
        store.hooks.mail = Mail(seed, drops=0.1, doubles=0.2, late=0.1, shuffles=True)
        placed = [int(store.place_order([("BREAD-1", 1)], home)) for _ in range(100)]
        await passes(store, postman, clock)
        assert store.hooks.waiting > 0  # the late ones
        await passes(store, postman, clock, 3600)
        got, inbox.ids = inbox.ids, []
        assert len(got) == 100 - store.hooks.dropped + store.hooks.doubled
        assert len(set(got)) == 100 - store.hooks.dropped < 100
        assert store.hooks.doubled > 0
        assert set(got) < set(placed)
        return got

    once = await delivered(5)
    assert once != sorted(once)
    assert sorted(await delivered(5)) == sorted(once)
    assert sorted(await delivered(6)) != sorted(once)


async def test_three_changes_are_one_delivery_of_what_is_true_then(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store()
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.hooks.create("all", "order.updated", inbox.url, "whsec-test")
    for status in ("on-hold", "processing", "completed"):
        store.set_status(order_id, status)
    await passes(store, postman, clock)
    assert [(body["id"], body["status"]) for body in inbox.bodies] == [(int(order_id), "completed")]


async def test_an_order_deleted_before_its_delivery_is_a_signed_error(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store()
    store.hooks.create("all", "order.created", inbox.url, "whsec-test")
    store.delete_forever(store.place_order([("BREAD-1", 1)], home))
    await passes(store, postman, clock)
    (body,) = inbox.bodies
    assert (body["code"], body["data"]) == ("woocommerce_rest_shop_order_invalid_id", {"status": 404})


async def test_a_302_is_a_success_and_not_followed(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store()
    webhook = store.hooks.create("all", "order.created", inbox.url, "whsec-test")
    await passes(store, postman, clock)
    inbox.status = 302
    store.place_order([("BREAD-1", 1)], home)
    await passes(store, postman, clock)
    assert (len(inbox.ids), webhook.failures, webhook.status) == (1, 0, "active")


async def test_the_seventh_failure_disables_and_switching_on_keeps_the_count(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store(treat_as_https=True)
    webhook = store.hooks.create("all", "order.updated", inbox.url, "whsec-test")
    await passes(store, postman, clock)
    order_id = store.place_order([("BREAD-1", 1)], home)
    await passes(store, postman, clock)
    inbox.status = 500
    seen = []
    for _ in range(7):
        store.set_status(order_id, "on-hold")
        await passes(store, postman, clock)
        seen.append(webhook.status)
    assert seen == ["active"] * 6 + ["disabled"]
    async with visiting(store) as visitor:
        await visitor.put(f"webhooks/{webhook.id}", {"status": "active"})
    store.set_status(order_id, "processing")
    await passes(store, postman, clock)
    assert webhook.status == "disabled"  # one more failure is enough


async def test_nothing_is_told_of_a_deletion_for_good_and_of_a_restored_order_on_10_5(
    make_store: MakeStore, home: Address
) -> None:
    for version, told in (("10.5", 0), ("8.9", 2)):
        store = make_store(version=version)
        trashed, deleted = (store.place_order([("BREAD-1", 1)], home) for _ in range(2))
        store.trash(trashed)
        for topic in ("updated", "restored", "deleted"):
            store.hooks.create(topic, f"order.{topic}", "http://127.0.0.1:9/", "whsec-test")
        store.restore(trashed)
        assert store.hooks.waiting == told
        store.delete_forever(deleted)
        assert store.hooks.waiting == told


async def test_a_ping_answered_with_204_follows_every_later_delivery(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store()
    inbox.status = 204
    store.hooks.create("all", "order.created", inbox.url, "whsec-test")
    await passes(store, postman, clock)
    pings = [inbox.pings]
    for status in (204, 204, 200, 200):
        inbox.status = status
        store.place_order([("BREAD-1", 1)], home)
        await passes(store, postman, clock)  # the delivery
        await passes(store, postman, clock)  # and the ping that it brings on
        pings.append(inbox.pings)
    assert pings == [1, 2, 3, 4, 4]
    assert len(inbox.ids) == 4


async def test_a_draft_is_told_of_as_an_update_before_its_order_is_created(
    make_store: MakeStore, home: Address, inbox: Inbox, clock: WorldClock, postman: Postman
) -> None:
    store = make_store()
    store.hooks.create("changed", "order.updated", inbox.url, "whsec-test")
    draft = store.start_checkout([("BREAD-1", 1)], home)
    await passes(store, postman, clock)
    assert inbox.ids == [int(draft)]
    created = store.hooks.create("made", "order.created", inbox.url, "whsec-test")
    store.finish_checkout(draft)
    await passes(store, postman, clock)
    assert inbox.ids == [int(draft)] * 3  # created and updated, in whichever order
    assert created.failures == 0
