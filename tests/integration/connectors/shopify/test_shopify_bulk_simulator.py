"""The whole history by the simulated shop's own bulk operations, executed on Shopify's schema."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from doorstep.order import Order
from doorstep.ports import RawOrder
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve


@pytest.fixture
async def linked(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> ShopifyConnector:
    """Reads in bulk whatever the number of orders; its pauses let the world's time pass."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)
        await asyncio.sleep(0.001)

    url = await serve(shop.app, date=False)
    return ShopifyConnector(client(url), Secret(CLIENT_SECRET), clock=clock, bulk_threshold=0, sleep=sleep)


def sell(shop: FakeShopify, clock: WorldClock) -> list[str]:
    """Orders of all kinds a minute apart."""
    gids = []
    for number in range(12):
        lines = [replace(TEA, sku=f"T-{line}", location=line % 2) for line in range(1 + number * 3)]
        gids.append(shop.place_order(ANA, HOME, lines, method="PICK_UP" if number == 3 else "SHIPPING"))
        clock.advance(60)
        shop.settle(clock.now())
    shop.cancel_order(gids[0])
    shop.ship(gids[1])
    shop.hold(gids[2])
    shop.split_unit(shop.orders[4].units[0].gid, {0: 1})
    shop.refund(gids[5], {0: 1})
    return gids


async def everything(connector: ShopifyConnector) -> list[RawOrder]:
    return [raw async for raw in connector.all_orders()]


def settled(order: Order) -> Order:
    """An order with its parts in one order; a file has them in another."""
    units = [
        replace(unit, lines=tuple(sorted(unit.lines, key=lambda line: line.line_external_id)))
        for unit in order.fulfillment_orders
    ]
    return replace(
        order,
        read_at=None,
        lines=tuple(sorted(order.lines, key=lambda line: line.external_id)),
        fulfillment_orders=tuple(sorted(units, key=lambda unit: unit.external_id)),
    )


async def test_the_file_says_what_the_pages_say(
    linked: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock)
    in_bulk = {raw.external_id: settled(linked.read_order(raw)) for raw in await everything(linked)}
    paged = {raw.external_id: settled(linked.read_order(raw)) async for raw in linked.changed_orders(None)}
    assert in_bulk == paged
    assert set(in_bulk) == set(gids)
    assert len(shop.bulk.operations) == 1


async def test_an_order_of_the_file_has_the_shape_of_one_of_a_page(
    linked: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock)
    [raw] = [raw for raw in await everything(linked) if raw.external_id == shop.orders[6].gid]
    order = json.loads(raw.body)["order"]
    assert len(order["lineItems"]["nodes"]) == 19
    assert sum(len(unit["lineItems"]["nodes"]) for unit in order["fulfillmentOrders"]["nodes"]) == 19


@pytest.mark.parametrize("after_objects", [0, 40])
async def test_an_operation_that_fails_half_way_loses_nothing(
    linked: ShopifyConnector, shop: FakeShopify, clock: WorldClock, after_objects: int
) -> None:
    gids = sell(shop, clock)
    shop.bulk.fail_next("INTERNAL_SERVER_ERROR", after_objects)
    assert sorted(raw.external_id for raw in await everything(linked)) == sorted(gids)
    assert len(shop.bulk.operations) == 3, "the whole, and its two halves"


async def test_operations_that_always_fail_leave_it_to_the_pages(
    linked: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock)
    for _ in range(20):
        shop.bulk.fail_next("TIMEOUT", 25)
    assert sorted(raw.external_id for raw in await everything(linked)) == sorted(gids)


async def test_a_shop_without_orders_has_no_history(linked: ShopifyConnector) -> None:
    assert await everything(linked) == []
