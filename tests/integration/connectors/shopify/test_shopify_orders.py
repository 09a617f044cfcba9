"""Orders out of a simulated shop, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from doorstep.errors import RemoteUnavailable, UnreadablePayload
from doorstep.money import Money
from doorstep.order import FulfillmentMethod, FulfillmentOrderStatus, OrderStatus
from doorstep.ports import RawOrder
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.stores.shopify import CartLine, FakeShopify
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve


class Rewritten:
    """A shop whose answers are changed on their way, or that changes after each of them."""

    def __init__(self, app: ASGIApp, change: Callable[[dict[str, Any]], None]) -> None:
        self._app = app
        self._change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal head, body
            if message["type"] == "http.response.start":
                head = message
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, keep)
        answer = json.loads(body)
        self._change(answer)
        changed = json.dumps(answer).encode()
        kept = [(name, value) for name, value in head["headers"] if name != b"content-length"]
        await send({**head, "headers": [*kept, (b"content-length", str(len(changed)).encode())]})
        await send({"type": "http.response.body", "body": changed})


async def walk(connector: ShopifyConnector, since: datetime | None = None) -> list[RawOrder]:
    return [raw async for raw in connector.changed_orders(since)]


def sell(shop: FakeShopify, clock: WorldClock, count: int) -> list[str]:
    """Orders a minute apart, all of them routed."""
    gids = []
    for _ in range(count):
        gids.append(shop.place_order(ANA, HOME, [TEA]))
        clock.advance(60)
        shop.settle(clock.now())
    return gids


async def test_every_order_comes_once_over_many_pages_oldest_change_first(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 8)
    clock.advance(60)
    shop.edit_address(shop.orders[0].gid, replace(HOME, line2="Apt 3"))
    orders = [connector.read_order(raw) for raw in await walk(connector)]
    assert sorted(order.external_id for order in orders) == sorted(row.external_id for row in shop.books())
    assert [order.updated_at for order in orders] == sorted(order.updated_at for order in orders)
    assert orders[-1].external_id == shop.orders[0].gid
    assert shop.requests == 3, "8 orders are 3 pages of 3"


async def test_what_the_connector_reads_is_what_the_books_say(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 3)
    shop.place_order(ANA, None, [CartLine("G", "Gift card", 1, Money(1000, "USD"), requires_shipping=False)])
    shop.place_order(ANA, HOME, [TEA], is_test=True)
    shop.cancel_order(shop.orders[0].gid)
    shop.ship(shop.orders[1].gid)
    shop.remove_pieces(shop.orders[2].gid, line=0, pieces=1)
    read = {order.external_id: order for order in map(connector.read_order, await walk(connector))}
    for row in shop.books():
        order = read[row.external_id]
        assert (order.number, order.total, order.updated_at) == (row.number, row.total, row.updated_at)
        assert (order.status is OrderStatus.CANCELLED) == row.cancelled
        assert order.is_test == row.is_test
        assert sum(line.quantity for line in order.lines if line.requires_shipping) == row.pieces
    assert len(read) == len(shop.books()) == 5
    assert await connector.count_orders(None) == 5


async def test_only_what_changed_at_an_instant_or_later_comes(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 2)
    clock.advance(3600)
    since = clock.now()
    shop.cancel_order(shop.orders[0].gid)
    late = sell(shop, clock, 2)
    assert [raw.external_id for raw in await walk(connector, since)] == [shop.orders[0].gid, *late]
    assert await connector.count_orders(since) == 3
    assert [raw.external_id for raw in await walk(connector, since + timedelta(seconds=1))] == late
    assert await connector.count_orders(since + timedelta(seconds=1)) == 2


async def test_an_order_that_changes_during_the_walk_is_not_lost(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 7)
    seen: list[str] = []
    async for raw in connector.changed_orders(None):
        if not seen:
            # It stood on the second page; now it stands at the end.
            clock.advance(60)
            shop.edit_address(gids[4], replace(HOME, line2="Apt 4"))
        seen.append(raw.external_id)
    assert set(seen) == set(gids)


async def test_a_long_walk_starts_anew_before_shopify_ends_it(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = sell(shop, clock, 9)
    url = await serve(shop.app)
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), page_size=2, walk_length=4)
    seen = [raw.external_id for raw in await walk(connector)]
    assert list(dict.fromkeys(seen)) == gids
    assert len(seen) > len(gids), "the order that it starts anew from comes twice"


async def test_many_orders_of_one_second_do_not_make_a_walk_endless(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    for _ in range(9):
        shop.place_order(ANA, HOME, [TEA])
    url = await serve(shop.app)
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), page_size=2, walk_length=2)
    seen = []
    async for raw in connector.changed_orders(None):
        seen.append(raw.external_id)
        assert len(seen) < 30
    assert set(seen) == {row.external_id for row in shop.books()}


async def test_lines_and_fulfillment_orders_beyond_the_first_page_are_fetched(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    articles = [replace(TEA, sku=f"T-{n}", location=n % 2) for n in range(301)]
    gid = shop.place_order(ANA, HOME, articles)
    clock.advance(60)
    raw = await connector.fetch_order(gid)
    assert raw is not None
    order = connector.read_order(raw)
    assert [line.sku for line in order.lines] == [article.sku for article in articles]
    # 301 lines alternate between two locations: 151 + 150.
    assert [len(unit.lines) for unit in order.fulfillment_orders] == [151, 150]
    assert len({unit.location_external_id for unit in order.fulfillment_orders}) == 2


async def test_more_fulfillment_orders_than_one_page_holds_are_all_there(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA])
    clock.advance(60)
    shop.settle(clock.now())
    [unit] = shop.orders[0].units
    shop.orders[0].units = [replace(unit, number=unit.number + step) for step in range(37)]
    raw = await connector.fetch_order(gid)
    assert raw is not None
    units = connector.read_order(raw).fulfillment_orders
    # The first 4 come with the order, then 33 at a time.
    assert [part.external_id for part in units] == [part.gid for part in shop.orders[0].units]


async def test_fulfillment_orders_follow_their_order_a_little_later(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA])
    early = await connector.fetch_order(gid)
    clock.advance(5)
    late = await connector.fetch_order(gid)
    assert early is not None
    assert late is not None
    before, after = connector.read_order(early), connector.read_order(late)
    assert before.fulfillment_orders == ()
    assert after.updated_at > before.updated_at
    assert [unit.is_dispatchable for unit in after.fulfillment_orders] == [True]


async def test_an_order_is_found_by_its_number_its_gid_and_its_fulfillment_order(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = sell(shop, clock, 1)[0]
    unit = shop.orders[0].units[0].gid
    for name in (gid, gid.rpartition("/")[2], unit):
        raw = await connector.fetch_order(name)
        assert raw is not None
        assert raw.external_id == gid
        assert raw.fetched_at == clock.now()


@pytest.mark.parametrize(
    "name",
    ["gid://shopify/Order/1", "gid://shopify/FulfillmentOrder/1", "1", "", "gid://shopify/Shop/1", "x"],
)
async def test_what_the_shop_does_not_have_is_none(connector: ShopifyConnector, name: str) -> None:
    assert await connector.fetch_order(name) is None


async def test_holds_and_their_release_are_seen(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = sell(shop, clock, 1)[0]
    shop.hold(gid)
    held = await connector.fetch_order(gid)
    shop.release(gid)
    free = await connector.fetch_order(gid)
    assert held is not None
    assert free is not None
    unit = connector.read_order(held).fulfillment_orders[0]
    assert (unit.status, unit.hold_reason) == (FulfillmentOrderStatus.ON_HOLD, "Incorrect address")
    assert connector.read_order(held).status is OrderStatus.ON_HOLD
    assert connector.read_order(free).fulfillment_orders[0].is_dispatchable


async def test_money_is_the_shops_even_where_the_shopper_sees_another(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    shop.presentment = ("JPY", 150)
    gid = shop.place_order(ANA, HOME, [TEA], shipping_price=Money(500, "USD"))
    raw = await connector.fetch_order(gid)
    assert raw is not None
    order = connector.read_order(raw)
    # 2 x 24.95 + 5.00
    assert (order.total, order.shipping_paid) == (Money(5490, "USD"), Money(500, "USD"))
    # The simulated shop's rate is 150 yen for a cent.
    assert order.total_presented == Money(5490 * 150, "JPY")


async def test_pickup_orders_are_not_dispatched(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA], method="PICK_UP")
    clock.advance(60)
    raw = await connector.fetch_order(gid)
    assert raw is not None
    unit = connector.read_order(raw).fulfillment_orders[0]
    assert (unit.method, unit.is_dispatchable) == (FulfillmentMethod.PICKUP, False)


async def test_addresses_that_the_app_may_not_see_leave_orders_that_wait_for_them(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 4)
    shop.shows_personal_data = False
    raws = await walk(connector)
    orders = [connector.read_order(raw) for raw in raws]
    assert [order.needs_personal_data for order in orders] == [True] * 4
    assert all("Lopez" not in raw.body for raw in raws)
    denied = json.loads(raws[3].body)["denied"]
    assert set(denied) == {"email", "phone", "shippingAddress", "fulfillmentOrders.nodes.0.destination"}


async def test_one_order_that_cannot_be_read_does_not_stop_the_others(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 4)
    shop.orders[1].lines[0].article = replace(TEA, weight_g=-1)
    read, quarantined = [], []
    for raw in await walk(connector):
        try:
            read.append(connector.read_order(raw).external_id)
        except UnreadablePayload as trouble:
            quarantined.append((raw.external_id, ".".join(trouble.path)))
    assert read == [gids[0], *gids[2:]]
    assert quarantined == [(gids[1], "order.lineItems.nodes.0.weight.value")]


async def test_an_order_without_so_much_as_an_id_does_not_stop_the_others_either(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = sell(shop, clock, 4)

    def spoil(answer: dict[str, Any]) -> None:
        orders = answer["data"]["orders"]["nodes"]
        orders[1]["id"] = None
        orders[2]["lineItems"] = "?"

    url = await serve(Rewritten(shop.app, spoil))
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), clock=clock)
    read, quarantined = [], []
    for raw in await walk(connector):
        try:
            read.append(connector.read_order(raw).external_id)
        except UnreadablePayload as trouble:
            quarantined.append((raw.external_id.partition(":")[0], ".".join(trouble.path)))
    assert read == [gids[0], gids[3]]
    assert quarantined == [("unknown", "order.id"), ("gid", "order.lineItems")]


async def test_an_order_that_changes_between_its_parts_is_read_anew(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = [*sell(shop, clock, 1), shop.place_order(ANA, HOME, [TEA] * 40), *sell(shop, clock, 2)]
    edits = iter([1])

    def edit(_: dict[str, Any]) -> None:
        for pieces in edits:
            # The first page was answered; the rest of the long order is asked for next.
            clock.advance(1)
            shop.remove_pieces(gids[1], line=0, pieces=pieces)

    url = await serve(Rewritten(shop.app, edit))
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), clock=clock)
    found = {raw.external_id: connector.read_order(raw) for raw in await walk(connector)}
    assert set(found) == set(gids)
    order = found[gids[1]]
    assert [line.quantity for line in order.lines] == [1] + [2] * 39
    assert [line.quantity for unit in order.fulfillment_orders for line in unit.lines] == [1] + [2] * 39


async def test_an_order_that_never_stands_still_is_an_error_after_all_others_came(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> None:
    gids = [*sell(shop, clock, 1), shop.place_order(ANA, HOME, [TEA] * 40), *sell(shop, clock, 2)]

    def touch(_: dict[str, Any]) -> None:
        clock.advance(1)
        shop.edit_address(gids[1], HOME)

    url = await serve(Rewritten(shop.app, touch))
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), clock=clock)
    seen: list[str] = []

    async def see_all() -> None:
        async for raw in connector.changed_orders(None):
            seen.append(raw.external_id)

    with pytest.raises(RemoteUnavailable) as failure:
        await see_all()
    assert failure.value.raw_code == "changed_meanwhile"
    assert set(seen) == set(gids) - {gids[1]}
    with pytest.raises(RemoteUnavailable):
        await connector.fetch_order(gids[1])


async def test_locations_are_the_merchants_own_with_the_shops_time_zone(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.places[1] = replace(shop.places[1], is_fulfillment_service=True)
    [location] = await connector.locations()
    assert (location.name, location.time_zone) == ("Brooklyn", "America/New_York")
    assert location.external_ids == (shop.places[0].gid,)
    assert location.address.line1 == "55 Water St"


async def test_a_search_that_lags_behind_finds_it_the_next_time(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    shop.search_lag_s = 120
    since = clock.now()
    gid = shop.place_order(ANA, HOME, [TEA])
    assert await walk(connector, since) == []
    assert await connector.fetch_order(gid) is not None
    clock.advance(300)
    assert [raw.external_id for raw in await walk(connector, since)] == [gid]


async def test_an_instant_with_fractions_and_another_zone_is_asked_for_in_whole_utc_seconds(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA])
    zone = timezone(timedelta(hours=5, minutes=30))
    since = (clock.now() + timedelta(microseconds=999_999)).astimezone(zone)
    assert [raw.external_id for raw in await walk(connector, since)] == [gid]
