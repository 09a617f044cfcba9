"""Counts, ids, touches and batches of orders, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from doorstep.errors import AccountProblem
from doorstep.ports import RawOrder, Touch
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve
from tests.integration.connectors.shopify.test_shopify_orders import Rewritten

NOON = datetime(2026, 11, 22, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sell(shop: FakeShopify, clock: WorldClock, count: int) -> list[str]:
    """Orders a minute apart, all of them routed."""
    gids = []
    for _ in range(count):
        gids.append(shop.place_order(ANA, HOME, [TEA]))
        clock.advance(60)
        shop.settle(clock.now())
    return gids


def one(raw: RawOrder | None) -> RawOrder:
    assert raw is not None
    return raw


async def placed(connector: ShopifyConnector, window: Window) -> list[str]:
    return [gid async for gid in connector.placed_ids(window)]


async def touched(connector: ShopifyConnector, since: datetime) -> list[Touch]:
    return [touch async for touch in connector.touched_orders(since)]


async def test_the_newest_change_is_the_shops_own_time_of_it(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    assert await connector.newest_change() is None
    sell(shop, clock, 3)
    clock.advance(600)
    shop.edit_address(shop.orders[0].gid, replace(HOME, line2="Apt 3"))
    assert await connector.newest_change() == clock.now()


async def test_a_window_has_its_first_instant_and_not_its_last(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 5)
    window = Window(NOON + MINUTE, NOON + 3 * MINUTE)
    assert await connector.count_placed(window) == 2
    assert await placed(connector, window) == gids[1:3]


async def test_orders_of_a_window_count_whatever_became_of_them_and_deleted_ones_do_not(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 5)
    shop.cancel_order(gids[0])
    shop.ship(gids[1])
    shop.delete_order(gids[2])
    window = Window(NOON, NOON + 10 * MINUTE)
    assert await connector.count_placed(window) == 4
    assert set(await placed(connector, window)) == set(gids) - {gids[2]}


async def test_what_counts_as_placed_is_what_reading_the_order_says(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 3)
    orders = [connector.read_order(raw) async for raw in connector.changed_orders(None)]
    window = Window(orders[0].placed_at, orders[-1].placed_at + timedelta(microseconds=1))
    assert await connector.count_placed(window) == 3
    assert await connector.count_placed(Window(window.start + timedelta(microseconds=1), window.end)) == 2


async def test_ids_of_a_window_come_over_many_pages_and_restarts(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = sell(shop, clock, 4) + [shop.place_order(ANA, HOME, [TEA]) for _ in range(5)]
    url = await serve(shop.app)
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), page_size=2, walk_length=4)
    assert sorted(set(await placed(connector, Window(NOON, NOON + timedelta(days=1))))) == sorted(gids)


async def test_a_touched_part_names_its_order_oldest_touch_first(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 4)
    clock.advance(600)
    since = clock.now()
    orders = {order.gid: order for order in shop.orders}
    for gid in (gids[2], gids[0]):
        clock.advance(60)
        shop.move_unit(orders[gid].units[0].gid, shop.places[1])
    found = await touched(connector, since)
    # A part that is moved whole keeps its id, and its touch may be told of more than once.
    assert list(dict.fromkeys(found)) == [
        Touch(gids[2], since + MINUTE),
        Touch(gids[0], since + 2 * MINUTE),
    ]
    assert [raw async for raw in connector.changed_orders(since)] == [], "the orders do not tell"
    order = connector.read_order(one(await connector.fetch_order(gids[0])))
    assert order.fulfillment_orders[-1].location_external_id == shop.places[1].gid
    assert [unit.is_dispatchable for unit in order.fulfillment_orders].count(True) == 1


async def test_closed_parts_are_touched_too(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 2)
    clock.advance(600)
    shop.ship(gids[0])
    shop.cancel_order(gids[1])
    assert {touch.order_external_id for touch in await touched(connector, clock.now())} == set(gids)


async def test_a_part_in_disorder_hides_no_touch_behind_it(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = sell(shop, clock, 4)

    def spoil(answer: dict[str, Any]) -> None:
        units = answer["data"]["fulfillmentOrders"]["nodes"]
        units[0]["updatedAt"] = None
        units[1]["orderId"] = 7

    spoiled = ShopifyConnector(client(await serve(Rewritten(shop.app, spoil))), Secret(CLIENT_SECRET))
    assert [touch.order_external_id for touch in await touched(spoiled, NOON)] == gids[2:]


async def test_many_orders_are_fetched_in_one_call_under_the_names_that_were_asked_for(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 8)
    asked = shop.requests
    number = gids[1].rpartition("/")[2]
    found = await connector.fetch_orders([gids[0], number, *gids[2:], gids[0]])
    assert shop.requests == asked + 1
    assert {name: raw and raw.external_id for name, raw in found.items()} == {
        gids[0]: gids[0],
        number: gids[1],
        **{gid: gid for gid in gids[2:]},
    }


async def test_fulfillment_orders_lead_to_their_orders_in_two_calls(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 6)
    asked = shop.requests
    units = [order.units[0].gid for order in shop.orders]
    found = await connector.fetch_orders(units)
    assert [raw and raw.external_id for raw in found.values()] == gids
    assert shop.requests == asked + 2


async def test_what_the_search_has_not_heard_of_yet_is_fetched_by_id(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 5)
    shop.search_lag_s = 150
    found = await connector.fetch_orders(gids)
    assert [raw and raw.external_id for raw in found.values()] == gids


async def test_very_many_orders_cost_a_search_and_the_latest_of_them_one_call_more(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 20)
    shop.search_lag_s = 250
    asked = shop.requests
    found = await connector.fetch_orders(gids)
    assert [raw and raw.external_id for raw in found.values()] == gids
    assert shop.requests == asked + 2


async def test_a_scope_that_was_taken_away_does_not_look_like_orders_that_are_gone(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 2)
    unit = shop.orders[0].units[0].gid
    shop.scopes = {"read_orders", "read_locations", "read_products"}
    for names in (gids[:1], gids, [unit]):
        with pytest.raises(AccountProblem) as failure:
            await connector.fetch_orders(names)
        assert failure.value.raw_code == "ACCESS_DENIED"


async def test_what_is_gone_is_none_and_the_others_are_there(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 5)
    shop.delete_order(gids[3])
    odd = ["gid://shopify/FulfillmentOrder/1", "gid://shopify/Shop/1", "7", ""]
    found = await connector.fetch_orders([*gids, *odd])
    assert set(found) == {*gids, *odd}
    assert [name for name, raw in found.items() if raw is None] == [gids[3], *odd]


async def test_nothing_asked_for_asks_for_nothing(connector: ShopifyConnector, shop: FakeShopify) -> None:
    assert await connector.fetch_orders([]) == {}
    assert shop.requests == 0


async def test_the_moment_of_asking_lies_before_that_of_the_answer(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 2)
    before = clock.now()
    raw = await connector.fetch_order(gids[0])
    assert raw is not None
    assert before == raw.asked_at == raw.fetched_at
    order = connector.read_order(raw)
    assert (order.read_at, order.updated_at) == (raw.asked_at, raw.changed_at)


@pytest.mark.parametrize(
    "ask",
    [
        lambda connector: connector.newest_change(),
        lambda connector: connector.count_placed(Window(NOON, NOON + MINUTE)),
        lambda connector: placed(connector, Window(NOON, NOON + MINUTE)),
        lambda connector: touched(connector, NOON),
        lambda connector: connector.fetch_orders([str(number) for number in range(20)]),
        lambda connector: connector.products([f"gid://shopify/ProductVariant/{n}" for n in range(9)]),
    ],
    ids=["newest", "count", "ids", "touched", "fetch", "products"],
)
async def test_a_shop_that_turns_us_away_never_looks_like_an_empty_one(
    connector: ShopifyConnector, shop: FakeShopify, ask: Callable[[ShopifyConnector], object]
) -> None:
    shop.revoke_token()
    with pytest.raises(AccountProblem):
        await ask(connector)  # type: ignore[misc]  # each gives a coroutine of its own type
