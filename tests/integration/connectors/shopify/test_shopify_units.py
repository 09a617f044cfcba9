"""Fulfillment orders that a merchant moves, splits, merges, holds and reschedules, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.documents import Document
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus
from simulator.clock import WorldClock
from simulator.stores.shopify import CartLine, FakeShopify
from simulator.stores.shopify.records import Company
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, Serve

JAR = CartLine("JAR-1", "Jar", 3, Money(800, "USD"), weight_g=400)
HOLD = Document(
    "hold",
    "mutation Hold($id: ID!, $hold: FulfillmentOrderHoldInput!) {"
    " fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) { userErrors { message } } }",
    is_write=True,
)


async def read(connector: ShopifyConnector, gid: str) -> Order:
    raw = await connector.fetch_order(gid)
    assert raw is not None
    return connector.read_order(raw)


def to_ship(order: Order) -> list[FulfillmentOrder]:
    return [unit for unit in order.fulfillment_orders if unit.is_dispatchable]


def pieces(order: Order) -> int:
    return sum(line.quantity for unit in to_ship(order) for line in unit.lines)


@pytest.fixture
async def shop_client(shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]) -> ShopifyClient:
    """The app itself, asking for what the connector does not."""
    return client(await serve(shop.app))


@pytest.fixture
def gid(shop: FakeShopify, clock: WorldClock) -> str:
    """An order of two tins and three jars, routed to Brooklyn."""
    gid = shop.place_order(ANA, HOME, [TEA, JAR])
    clock.advance(60)
    shop.settle(clock.now())
    return gid


async def test_a_part_that_is_moved_leaves_from_the_other_place(
    connector: ShopifyConnector, shop: FakeShopify, gid: str
) -> None:
    shop.move_unit(shop.orders[0].units[0].gid, shop.places[1], {1: 3})
    units = {unit.location_external_id: unit for unit in to_ship(await read(connector, gid))}
    assert [line.quantity for line in units[shop.places[0].gid].lines if line.quantity] == [2]
    assert [line.quantity for line in units[shop.places[1].gid].lines if line.quantity] == [3]


async def test_splitting_and_merging_lose_no_piece(
    connector: ShopifyConnector, shop: FakeShopify, gid: str
) -> None:
    shop.split_unit(shop.orders[0].units[0].gid, {1: 2})
    split = await read(connector, gid)
    assert (len(to_ship(split)), pieces(split)) == (2, 5)
    shop.merge_units([unit.external_id for unit in to_ship(split)])
    merged = await read(connector, gid)
    assert (len(to_ship(merged)), pieces(merged)) == (1, 5)


async def test_a_hold_of_the_merchants_waits_and_ours_does_not(
    connector: ShopifyConnector, shop: FakeShopify, gid: str, shop_client: ShopifyClient
) -> None:
    unit = shop.orders[0].units[0].gid
    variables = {"id": unit, "hold": {"reason": "INCORRECT_ADDRESS"}}
    await shop_client.send(HOLD, variables)
    ours = await read(connector, gid)
    assert (ours.raw_status, ours.status, pieces(ours)) == ("ON_HOLD", OrderStatus.OPEN, 5)
    shop.hold_unit(unit, "HIGH_RISK_OF_FRAUD")
    both = await read(connector, gid)
    assert (both.status, to_ship(both)) == (OrderStatus.ON_HOLD, [])
    assert both.fulfillment_orders[0].hold_reason == "High risk of fraud"


async def test_a_day_that_is_put_off_is_waited_for_and_comes(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock, gid: str
) -> None:
    day = clock.now() + timedelta(days=3)
    shop.reschedule_unit(shop.orders[0].units[0].gid, day)
    waiting = (await read(connector, gid)).fulfillment_orders[0]
    assert (waiting.status, waiting.ready_at) == (FulfillmentOrderStatus.ON_HOLD, day)
    clock.advance(3 * 86_400)
    shop.settle(clock.now())
    assert pieces(await read(connector, gid)) == 5


async def test_edits_and_partial_refunds_take_from_what_is_to_ship(
    connector: ShopifyConnector, shop: FakeShopify, gid: str
) -> None:
    shop.edit_order(gid, removed={0: 1}, added=[replace(JAR, sku="JAR-2", quantity=1)])
    shop.refund(gid, {1: 1})
    order = await read(connector, gid)
    # 1 of 2 tins, 2 of 3 jars, and a jar more.
    assert [line.quantity for line in order.lines] == [1, 2, 1]
    assert pieces(order) == 4


async def test_money_that_has_not_come_is_waited_for(
    connector: ShopifyConnector, shop: FakeShopify, gid: str
) -> None:
    shop.set_financial_status(gid, "PENDING")
    unpaid = await read(connector, gid)
    assert (unpaid.status, unpaid.fulfillment_orders[0].hold_reason) == (
        OrderStatus.ON_HOLD,
        "payment pending",
    )
    shop.set_financial_status(gid, "AUTHORIZED")
    assert pieces(await read(connector, gid)) == 5


async def test_gift_cards_and_downloads_are_not_carried(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    card = CartLine("G", "Gift card", 1, Money(1000, "USD"), requires_shipping=False, is_gift_card=True)
    song = CartLine("S", "Song", 1, Money(100, "USD"), requires_shipping=False)
    gid = shop.place_order(ANA, HOME, [card, TEA, song])
    only = shop.place_order(ANA, None, [card])
    clock.advance(60)
    assert pieces(await read(connector, gid)) == 2
    order = await read(connector, only)
    assert to_ship(order) == []
    assert (order.raw_status, order.lines[0].is_gift_card) == ("FULFILLMENT_NOT_REQUIRED", True)


async def test_a_company_that_buys_is_named_and_a_person_is_not(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    address = replace(HOME, company="Corner Cafe Ltd")
    of_company = shop.place_order(ANA, address, [TEA], company=Company("Corner Cafe Ltd", "Main street"))
    of_person = shop.place_order(ANA, address, [TEA])
    assert (await read(connector, of_company)).company == "Corner Cafe Ltd"
    assert (await read(connector, of_person)).company == ""
