"""Webhooks from registering them to reading what they say, between the simulated shop and the connector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.link import Patience
from connectors.stores.shopify.topics import TOPICS
from connectors.stores.shopify.webhook import ShopifyWebhookReader
from doorstep.errors import BadSignature
from doorstep.ports import NoticeKind, StoreNotice
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify, Fault
from simulator.stores.shopify.letters import SHOPIFY_HABITS
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve

SECRET = Secret(CLIENT_SECRET)
READER = ShopifyWebhookReader()


class Door:
    """Where the shop's notices arrive."""

    def __init__(self) -> None:
        self.notices: list[StoreNotice] = []
        self.status = 200
        self.app = Starlette(routes=[Route("/webhooks/shopify", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        READER.verify(headers, body, [Secret("being rotated out"), SECRET])
        with pytest.raises(BadSignature):
            READER.verify(headers, body + b" ", [SECRET])
        self.notices.append(READER.read(headers, body))
        return Response(status_code=self.status)

    def topics(self) -> list[str]:
        return sorted(notice.topic for notice in self.notices)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def callback(door: Door, serve: Serve, connector: ShopifyConnector) -> str:
    """The door's address, registered with the shop."""
    url = f"{await serve(door.app)}/webhooks/shopify"
    [check] = await connector.ensure_webhooks(url, SECRET)
    assert check.passed, check.text
    return url


async def test_every_topic_is_registered_once_and_a_second_look_changes_nothing(
    connector: ShopifyConnector, shop: FakeShopify, callback: str
) -> None:
    assert sorted(record.topic for record in shop.subscriptions) == sorted(TOPICS)
    asked = shop.requests
    [check] = await connector.ensure_webhooks(callback, SECRET)
    assert check.passed
    assert "0 new, 0 repaired" in check.text
    assert shop.requests == asked + 1


async def test_names_are_short_enough_and_differ(shop: FakeShopify, callback: str) -> None:
    names = [record.name for record in shop.subscriptions]
    assert len(set(names)) == len(TOPICS)
    assert max(map(len, names)) <= 50


async def test_what_was_removed_or_narrowed_is_repaired(
    connector: ShopifyConnector, shop: FakeShopify, callback: str
) -> None:
    del shop.subscriptions[3:5]
    shop.subscriptions[0].filter = "total_price:>=100"
    shop.subscriptions[1].include_fields = ("id",)
    [check] = await connector.ensure_webhooks(callback, SECRET)
    assert "2 new, 2 repaired" in check.text
    assert sorted(record.topic for record in shop.subscriptions) == sorted(TOPICS)
    assert all(not record.filter and not record.include_fields for record in shop.subscriptions)


async def test_a_gateway_that_moved_takes_its_subscriptions_along_and_leaves_strangers_alone(
    connector: ShopifyConnector, shop: FakeShopify, callback: str
) -> None:
    shop.subscriptions[0].name = "somebody-else"
    moved = "https://new.example.test/webhooks/shopify"
    [check] = await connector.ensure_webhooks(moved, SECRET)
    assert f"1 new, {len(TOPICS) - 1} repaired" in check.text
    strangers = [record for record in shop.subscriptions if record.uri == callback]
    assert [record.name for record in strangers] == ["somebody-else"]


@pytest.mark.parametrize("url", ["http://gateway.example.test/hook", "ftp://127.0.0.1/x", ""])
async def test_an_address_that_shopify_would_refuse_is_told_before_asking(
    connector: ShopifyConnector, shop: FakeShopify, url: str
) -> None:
    [check] = await connector.ensure_webhooks(url, SECRET)
    assert check.fault == "webhook_callback_not_https"
    assert shop.requests == 0


async def test_plain_http_to_this_machine_is_for_simulators_alone(
    client: Callable[..., ShopifyClient],
) -> None:
    real = ShopifyConnector(client("https://corner-shop.myshopify.com"), SECRET)
    [check] = await real.ensure_webhooks("http://127.0.0.1:8000/hook", SECRET)
    assert check.fault == "webhook_callback_not_https"


async def test_a_secret_that_shopify_does_not_sign_with_is_told(connector: ShopifyConnector) -> None:
    [check] = await connector.ensure_webhooks("https://gateway.example.test", Secret("made up"))
    assert check.fault == "webhook_secret_mismatch"


async def test_a_shop_that_cannot_be_asked_is_a_failed_check_and_no_error(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.revoke_token()
    [check] = await connector.ensure_webhooks("https://gateway.example.test", SECRET)
    assert check.fault == "token_rejected"


async def test_registering_again_after_a_lost_answer_makes_no_second_subscription(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]
) -> None:
    url = await serve(shop.app)
    hasty = ShopifyConnector(client(url, patience=Patience(call_s=0.3)), SECRET)
    # The first request lists; the second, a creation, is carried out and never answered.
    shop.fail_next(Fault.NONE)
    shop.fail_next(Fault.LOST_ANSWER)
    [check] = await hasty.ensure_webhooks("https://gateway.example.test/hook", SECRET)
    assert check.passed, check.text
    assert sorted(record.topic for record in shop.subscriptions) == sorted(TOPICS)


async def test_an_orders_life_is_told_with_its_id(
    shop: FakeShopify, postman: Postman, clock: WorldClock, door: Door, callback: str
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA])
    await postman.tick(clock.now())
    assert door.topics() == ["orders/create"]
    clock.advance(5)
    await shop.tick(clock.now())
    await postman.tick(clock.now())
    shop.cancel_order(gid)
    await postman.tick(clock.now())
    shop.delete_order(gid)
    await postman.tick(clock.now())
    assert door.topics() == [
        "fulfillment_orders/cancelled",
        "fulfillment_orders/order_routing_complete",
        "orders/cancelled",
        "orders/create",
        "orders/delete",
        "orders/updated",
        "orders/updated",
    ]
    of_orders = [notice for notice in door.notices if notice.topic.startswith("orders/")]
    assert {notice.order_external_id for notice in of_orders} == {gid}
    assert [notice.topic for notice in door.notices if notice.is_deletion] == ["orders/delete"]
    assert len({notice.dedupe_id for notice in door.notices}) == len(door.notices)


async def test_the_notice_of_a_fulfillment_order_leads_to_its_order(
    connector: ShopifyConnector,
    shop: FakeShopify,
    postman: Postman,
    clock: WorldClock,
    door: Door,
    callback: str,
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    await shop.tick(clock.now())
    await postman.tick(clock.now())
    [notice] = [one for one in door.notices if one.topic == "fulfillment_orders/order_routing_complete"]
    raw = await connector.fetch_order(notice.order_external_id)
    assert raw is not None
    assert raw.external_id == gid


async def test_whatever_a_merchant_does_to_an_order_is_told_and_leads_to_it(
    connector: ShopifyConnector,
    shop: FakeShopify,
    postman: Postman,
    clock: WorldClock,
    door: Door,
    callback: str,
) -> None:
    gid = shop.place_order(ANA, HOME, [replace(TEA, quantity=5)])
    clock.advance(5)
    await shop.tick(clock.now())
    await postman.tick(clock.now())
    door.notices.clear()
    unit = shop.orders[0].units[0].gid
    for act in (
        lambda: shop.split_unit(unit, {0: 2}),
        lambda: shop.move_unit(unit, shop.places[1]),
        lambda: shop.hold_unit(unit),
        lambda: shop.release_unit(unit),
        lambda: shop.reschedule_unit(unit, clock.now() + timedelta(days=2)),
        lambda: shop.refund(gid, {0: 1}),
        lambda: shop.set_financial_status(gid, "PAID"),
        lambda: shop.ship(gid),
    ):
        act()
        clock.advance(1)
        await shop.tick(clock.now())
        await postman.tick(clock.now())
    told = {notice.topic for notice in door.notices}
    assert {
        "fulfillment_orders/split",
        "fulfillment_orders/moved",
        "fulfillment_orders/placed_on_hold",
        "fulfillment_orders/hold_released",
        "fulfillment_orders/rescheduled",
        "fulfillments/create",
        "refunds/create",
        "orders/updated",
    } <= told
    assert {notice.kind for notice in door.notices} == {NoticeKind.ORDER}
    names = {notice.order_external_id for notice in door.notices}
    found = await connector.fetch_orders(list(names))
    assert {raw and raw.external_id for raw in found.values()} == {gid}


async def test_a_place_that_is_renamed_asks_for_the_places(
    shop: FakeShopify, postman: Postman, clock: WorldClock, door: Door, callback: str
) -> None:
    shop.rename_place(shop.places[0], "Back yard")
    await postman.tick(clock.now())
    assert [(notice.topic, notice.kind) for notice in door.notices] == [
        ("locations/update", NoticeKind.PLACES)
    ]


async def test_a_repeat_is_recognised_by_its_id(
    clock: WorldClock, postman: Postman, shop: FakeShopify, door: Door, callback: str
) -> None:
    door.status = 500
    shop.place_order(ANA, HOME, [TEA])
    await postman.tick(clock.now())
    door.status = 200
    clock.advance(120)
    await postman.tick(clock.now())
    first, second = [notice for notice in door.notices if notice.topic == "orders/create"]
    assert first.dedupe_id == second.dedupe_id


async def test_shopify_tries_eight_times_more_and_then_removes_the_subscription_which_is_repaired(
    connector: ShopifyConnector,
    shop: FakeShopify,
    postman: Postman,
    clock: WorldClock,
    door: Door,
    callback: str,
) -> None:
    door.status = 503
    shop.place_order(ANA, None, [TEA])
    for _ in range(20):
        await postman.tick(clock.now())
        clock.advance(3600)
    assert len([notice for notice in door.notices if notice.topic == "orders/create"]) == 9
    assert "ORDERS_CREATE" not in {record.topic for record in shop.subscriptions}
    checks = {check.name: check for check in await connector.check()}
    assert checks["webhooks"].fault == "webhooks_missing"
    [repaired] = await connector.ensure_webhooks(callback, SECRET)
    assert "1 new" in repaired.text


def test_retries_end_after_four_hours() -> None:
    assert len(SHOPIFY_HABITS.retry_after_s) == 8
    assert sum(SHOPIFY_HABITS.retry_after_s) == pytest.approx(4 * 3600)
