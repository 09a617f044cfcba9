from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import FulfillmentMethod, FulfillmentOrderStatus, OrderStatus
from simulator.clock import WorldClock
from simulator.stores.woocommerce import FakeWooCommerce, Trouble

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]


async def ids_of(connector: WooCommerceConnector, since: datetime | None = None) -> list[str]:
    return [raw.external_id async for raw in connector.changed_orders(since)]


@pytest.mark.parametrize("https", [False, True])
async def test_every_order_is_read_over_http_and_over_https_with_a_private_authority(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock, *, https: bool
) -> None:
    placed = []
    for _ in range(130):
        placed.append(store.place_order([("BREAD-1", 2)], home))
        clock.advance(1)
    connector = await link(store, https=https)
    assert await ids_of(connector) == placed
    assert await connector.count_orders(None) == 130


async def test_130_orders_of_one_product_take_six_calls(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    for _ in range(130):
        store.place_order([("BREAD-1", 1)], home)
        clock.advance(1)
    await ids_of(await link(store))
    # Two pages, one page of trash, the product, its units once; nobody asks for refunds that are not there.
    assert (store.calls(where="orders"), store.calls(where="products"), store.calls(where="settings")) == (
        3,
        1,
        1,
    )


async def test_a_later_walk_asks_only_for_what_changed(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    old = store.place_order([("BREAD-1", 1)], home)
    clock.advance(3600)
    since = clock.now()
    new = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    assert await ids_of(connector, since) == [new]
    store.edit_address(old, home)
    assert sorted(await ids_of(connector, since)) == sorted([old, new])


async def test_the_products_are_remembered_between_walks(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1), ("CAKE-L", 1)], home)
    connector = await link(store)
    await ids_of(connector)
    asked = store.calls(where="products")
    await ids_of(connector)
    assert store.calls(where="products") == asked


@pytest.mark.parametrize("version", ["10.5", "8.9"])
@pytest.mark.parametrize("time_zone", ["America/New_York", "Asia/Tokyo", "UTC", "Asia/Kolkata"])
async def test_the_cursor_means_the_same_instant_in_every_time_zone_and_version(
    make_store: MakeStore, link: Link, home: Address, clock: WorldClock, version: str, time_zone: str
) -> None:
    store = make_store(version=version, time_zone=time_zone)
    store.place_order([("BREAD-1", 1)], home)
    clock.advance(10)
    since = clock.now() + timedelta(milliseconds=700)
    clock.advance(2)
    late = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    assert await ids_of(connector, since) == [late]
    assert await connector.count_orders(since) == 1


async def test_the_count_since_an_instant_is_that_of_the_walk(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    for _ in range(3):
        store.place_order([("BREAD-1", 1)], home)
        clock.advance(50)
    since = clock.now() - timedelta(seconds=50)  # the very second in which the last one was placed
    connector = await link(store)
    assert await connector.count_orders(since) == len(await ids_of(connector, since)) == 1


@pytest.mark.parametrize("version", ["10.5", "8.9"])
async def test_a_bulk_edit_of_more_orders_than_a_page_in_one_second_loses_none(
    make_store: MakeStore, link: Link, home: Address, clock: WorldClock, version: str
) -> None:
    store = make_store(version=version)
    placed = {store.place_order([("BREAD-1", 1)], home) for _ in range(230)}
    clock.advance(5)
    placed.add(store.place_order([("BREAD-1", 1)], home))
    found = await ids_of(await link(store))
    assert set(found) == placed
    assert len(found) == len(placed)


async def test_orders_that_change_during_the_walk_hide_no_others(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    placed = []
    for _ in range(350):
        placed.append(store.place_order([("BREAD-1", 1)], home))
        clock.advance(1)
    connector = await link(store)
    found = []
    async for raw in connector.changed_orders(None):
        found.append(raw.external_id)
        if len(found) in {1, 50, 150, 250}:
            for order_id in placed[len(found) - 1 : len(found) + 30]:
                clock.advance(1)
                store.set_status(order_id, "completed")
    assert set(found) == set(placed)


async def test_trash_is_walked_apart_and_comes_in_its_turn(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    first, second, third = (store.place_order([("BREAD-1", 1)], home) for _ in range(3))
    clock.advance(10)
    store.set_status(first, "completed")
    clock.advance(10)
    store.trash(second)
    clock.advance(10)
    store.set_status(third, "on-hold")
    connector = await link(store)
    orders = [connector.read_order(raw) async for raw in connector.changed_orders(None)]
    assert [order.external_id for order in orders] == [first, second, third]
    assert orders[1].status is OrderStatus.CANCELLED
    assert await connector.count_orders(None) == 3


async def test_an_unfinished_checkout_is_no_order_yet(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    draft = store.start_checkout([("BREAD-1", 1)], home)
    connector = await link(store)
    assert await ids_of(connector) == []
    assert await connector.fetch_order(draft) is None
    assert await connector.count_orders(None) == 0
    store.finish_checkout(draft)
    assert await ids_of(connector) == [draft]
    assert await connector.fetch_order(draft) is not None


async def test_a_fetched_order_holds_its_refunds_products_and_units(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    choice = new_id("cho")
    order_id = store.place_order([("BREAD-1", 3), ("CAKE-L", 1)], home, choice=choice, note="Ring\ntwice")
    store.refund(order_id, {"BREAD-1": 2}, "squashed")
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    body = json.loads(raw.body)
    assert set(body) == {"order", "refunds", "products", "units"}
    assert set(body["products"]) == {"13", "22"}  # the loaf, and the cake's variation instead of the cake
    order = connector.read_order(raw)
    assert [(line.sku, line.quantity, line.weight_g) for line in order.lines] == [
        ("BREAD-1", 1, 750),
        ("CAKE-L", 1, 2500),
    ]
    assert order.fulfillment_orders[0].parcels == ()
    assert order.choice_reference == choice
    assert order.destination is not None
    assert order.destination.phone == "+12125550100"


async def test_the_walk_yields_the_same_body_as_a_fetch(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 3), ("CAKE-L", 1)], home)
    store.refund(order_id, {"BREAD-1": 1})
    connector = await link(store)
    walked = [raw async for raw in connector.changed_orders(None)]
    fetched = await connector.fetch_order(order_id)
    assert fetched is not None
    assert [json.loads(raw.body) for raw in walked] == [json.loads(fetched.body)]


async def test_an_order_deleted_for_good_is_gone(store: FakeWooCommerce, link: Link, home: Address) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.delete_forever(order_id)
    assert await (await link(store)).fetch_order(order_id) is None


@pytest.mark.parametrize("odd", ["", "x", "../products", "1/refunds", "-1"])
async def test_what_is_no_order_number_is_never_asked_for(
    store: FakeWooCommerce, link: Link, odd: str
) -> None:
    assert await (await link(store)).fetch_order(odd) is None
    assert store.door.seen == []


async def test_a_product_deleted_meanwhile_leaves_an_order_that_can_be_read(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 1), ("FLOW-1", 1)], home)
    store.delete_product("BREAD-1")
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    assert [line.weight_g for line in connector.read_order(raw).lines] == [None, 1200]


async def test_gift_cards_and_pickups_are_not_dispatched(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    card = store.place_order([("GIFT-25", 1)], home, shipping_method="")
    pickup = store.place_order([("BREAD-1", 1)], None, billing=home, shipping_method="local_pickup")
    shipped = store.place_order([("GIFT-25", 1), ("BREAD-1", 1)], home)
    connector = await link(store)
    units = {
        raw.external_id: connector.read_order(raw).fulfillment_orders[0]
        async for raw in connector.changed_orders(None)
    }
    assert units[card].method is FulfillmentMethod.NONE
    assert units[pickup].method is FulfillmentMethod.PICKUP
    assert units[shipped].method is FulfillmentMethod.SHIP
    assert len(units[shipped].lines) == 1
    needs = {row["external_id"]: row["needs_shipping"] for row in store.books()}
    assert needs == {order_id: unit.is_dispatchable for order_id, unit in units.items()}


async def test_a_yen_shop_with_decimals_is_read_in_whole_yen(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(version="8.9", time_zone="Asia/Tokyo", currency="JPY", country="JP")
    order_id = store.place_order([("BREAD-1", 1)], home, shipping_cost="7.25")
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    assert connector.read_order(raw).total == Money(14, "JPY")  # 6.50 + 7.25 = 13.75


async def test_a_fully_refunded_order_is_cancelled(store: FakeWooCommerce, link: Link, home: Address) -> None:
    order_id = store.place_order([("BREAD-1", 2)], home)
    store.refund(order_id, {"BREAD-1": 2})
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    order = connector.read_order(raw)
    assert (order.raw_status, order.status) == ("refunded", OrderStatus.CANCELLED)
    assert order.fulfillment_orders[0].status is FulfillmentOrderStatus.CANCELLED


async def test_a_host_too_weak_for_a_hundred_orders_is_asked_for_fewer(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    placed = []
    for _ in range(60):
        placed.append(store.place_order([("BREAD-1", 1)], home))
        clock.advance(1)
    store.fail_next(Trouble.HTML_500, count=4, where="orders")  # one read with all of its tries
    assert await ids_of(await link(store)) == placed
    sizes = [query["per_page"] for _, endpoint, query in store.door.seen if endpoint == "orders"]
    assert sizes[:5] == ["100", "100", "100", "100", "25"]


async def test_without_the_right_to_see_settings_orders_come_in_without_weights(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    store.rest.may_manage = False
    connector = await link(store)
    (raw,) = [raw async for raw in connector.changed_orders(None)]
    assert connector.read_order(raw).lines[0].weight_g is None


async def test_over_http_each_call_carries_a_signature_and_never_the_secret(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1), ("FLOW-1", 1), ("CAKE-L", 1)], home)
    await ids_of(await link(store))
    assert store.door.seen
    for _, _, query in store.door.seen:
        assert re.fullmatch(r"ck_\w+", query["oauth_consumer_key"])
        assert "consumer_secret" not in query
