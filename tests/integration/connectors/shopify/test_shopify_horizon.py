"""How far back a shop shows orders, and which calls stand behind those that somebody waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.link import Link
from connectors.stores.shopify.pace import Pacer, Turn
from connectors.stores.shopify.scopes import READ_ALL_ORDERS
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import CLIENT_SECRET, TOKEN, Serve
from tests.integration.connectors.shopify.test_shopify_orders import sell


class Listening(Pacer):
    """Notes of every call whether others go before it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_walk: dict[str, bool] = {}

    async def turn(
        self, document: Document, variables: Mapping[str, Any], *, is_walk: bool, longest_s: float
    ) -> Turn:
        self.is_walk[document.name] = is_walk
        return await super().turn(document, variables, is_walk=is_walk, longest_s=longest_s)


async def test_an_order_is_gone_for_us_only_behind_what_the_shop_shows(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    [gid] = sell(shop, clock, 1)
    placed_at = shop.orders[0].created_at
    clock.advance(58 * 86400)
    shown = await connector.shows_since()
    assert shown is not None
    assert shown < placed_at
    assert (await connector.fetch_orders([gid]))[gid] is not None
    clock.advance(3 * 86400)
    shown = await connector.shows_since()
    assert shown is not None
    assert shown > placed_at
    assert (await connector.fetch_orders([gid]))[gid] is None


async def test_with_the_scope_for_it_a_shop_shows_all_and_is_asked_once_an_hour(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    shop.scopes = frozenset({*shop.scopes, READ_ALL_ORDERS})
    asked = shop.requests
    assert [await connector.shows_since() for _ in range(3)] == [None, None, None]
    assert shop.requests == asked + 1
    shop.scopes = frozenset(shop.scopes) - {READ_ALL_ORDERS}
    clock.advance(3601)
    assert await connector.shows_since() == clock.now() - timedelta(days=59)


async def test_counts_and_looks_at_a_bulk_operation_stand_behind_what_somebody_waits_for(
    shop: FakeShopify, serve: Serve, clock: WorldClock
) -> None:
    [gid] = sell(shop, clock, 1)
    pacer = Listening()
    link = Link("corner-shop.myshopify.com", Secret(TOKEN), await serve(shop.app, date=False), "")

    async def pause(seconds: float) -> None:
        clock.advance(seconds)

    connector = ShopifyConnector(
        ShopifyClient(link, pacer=pacer), Secret(CLIENT_SECRET), clock=clock, bulk_threshold=0, sleep=pause
    )
    assert [raw.external_id async for raw in connector.all_orders()] == [gid]
    await connector.count_placed(Window(clock.now() - timedelta(days=1), clock.now()))
    assert set(pacer.is_walk) >= {"bulk_run", "bulk_status", "orders_count"}
    assert all(pacer.is_walk.values()), pacer.is_walk
    await connector.fetch_order(gid)
    assert not pacer.is_walk["orders_by_id"]
