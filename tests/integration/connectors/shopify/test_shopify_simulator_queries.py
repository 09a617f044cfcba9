"""What the simulated shop's API shows, finds and hides, over HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from doorstep.money import Money
from simulator.clock import WorldClock
from simulator.stores.shopify import CartLine, Company, FakeShopify
from simulator.stores.shopify.searching import parse_search
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, Serve
from tests.integration.connectors.shopify.simulator_asking import Asking

FOUND = "query($q: String, $after: String) { orders(first: 250, query: $q, after: $after, sortKey: UPDATED_AT) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"  # noqa: E501 - one document


@pytest.fixture
async def asking(shop: FakeShopify, serve: Serve) -> AsyncIterator[Asking]:
    async with aiohttp.ClientSession() as session:
        yield Asking(await serve(shop.app), session)


def sell(shop: FakeShopify, clock: WorldClock, count: int) -> list[str]:
    """An order a minute."""
    gids = []
    for _ in range(count):
        gids.append(shop.place_order(ANA, HOME, [TEA]))
        clock.advance(5)
        shop.settle(clock.now())
        clock.advance(55)
    return gids


async def found(asking: Asking, query: str) -> list[str]:
    return [node["id"] for node in (await asking.data(FOUND, q=query))["orders"]["nodes"]]


def test_a_search_joins_terms_by_and_or_not_and_brackets() -> None:
    getters = {
        "created_at": lambda record: record[0],
        "id": lambda record: record[1],
        "tag": lambda record: record[2],
    }
    records = [(datetime(2026, 11, day, tzinfo=UTC), day, [f"t{day}"]) for day in (1, 2, 3)]

    def matching(text: str) -> list[int]:
        search = parse_search(text, getters)
        return [record[1] for record in records if search.matches(record)]

    assert matching("created_at:>='2026-11-02T00:00:00Z'") == [2, 3]
    assert matching("created_at:<2026-11-02") == [1]
    assert matching("id:>1 AND id:<=2") == [2]
    assert matching("id:1 OR id:3") == [1, 3]
    assert matching("id:>1 AND (tag:t1 OR tag:t2)") == [2]
    assert matching("id:1 OR id:>1 tag:t3") == [1, 3], "AND binds tighter"
    assert matching("NOT id:2") == matching("-id:2") == [1, 3]
    assert matching("tag:t1,t3") == [1, 3]
    assert matching("") == [1, 2, 3]
    assert parse_search("id:1 OR id:3", getters).numbers == (1, 3)
    assert parse_search("created_at:>yesterday", getters).warnings[0]["code"] == "invalid_value"


async def test_an_unknown_field_finds_everything_and_warns(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 3)
    answer = await asking.whole(FOUND, q="updatedat:>='2027-01-01' AND status:any")
    assert len(answer["data"]["orders"]["nodes"]) == 3
    [search] = answer["extensions"]["search"]
    assert search["warnings"] == [
        {"field": "updatedat", "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


async def test_orders_are_found_by_when_they_changed_and_by_their_numbers(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 5)
    since = shop.orders[2].updated_at
    assert await found(asking, f"updated_at:>='{since.isoformat()}' AND status:any") == gids[2:]
    assert await found(asking, f"updated_at:<'{since.isoformat()}' AND status:any") == gids[:2]
    numbers = [gid.rpartition("/")[2] for gid in (gids[3], gids[1])]
    assert await found(asking, " OR ".join(f"id:{number}" for number in numbers)) == [gids[1], gids[3]]
    shop.cancel_order(gids[0])
    shop.close_order(gids[1])
    assert await found(asking, "") == gids[2:]
    assert await found(asking, "status:closed") == [gids[1]]
    assert await found(asking, "status:any") == [*gids[2:], gids[0], gids[1]]


async def test_pages_hold_while_orders_change(asking: Asking, shop: FakeShopify, clock: WorldClock) -> None:
    gids = sell(shop, clock, 6)
    text = FOUND.replace("first: 250", "first: 2")
    seen: list[str] = []
    after = None
    for _ in range(4):
        page = (await asking.data(text, q="status:any", after=after))["orders"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if len(seen) == 2:
            shop.edit_address(gids[0], HOME)
            shop.delete_order(gids[2])
    assert seen == [gids[0], gids[1], gids[3], gids[4], gids[5], gids[0]]


async def test_the_index_lags_behind_new_orders_and_behind_changed_ones(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = sell(shop, clock, 2)
    assert await found(asking, "status:any") == gids
    shop.search_lag_s = 30
    changed_at = clock.now()
    shop.edit_address(gids[0], HOME)
    fresh = shop.place_order(ANA, HOME, [TEA])
    search = f"updated_at:>='{changed_at.isoformat()}' AND status:any"
    assert await found(asking, search) == []
    by_id = "query($id: ID!) { order(id: $id) { updatedAt } }"
    shown = (await asking.data(by_id, id=gids[0]))["order"]["updatedAt"]
    assert shown == f"{changed_at:%Y-%m-%dT%H:%M:%SZ}"
    assert (await asking.data(by_id, id=fresh))["order"] is not None
    clock.advance(30)
    assert set(await found(asking, search)) == {gids[0], fresh}


async def test_counts_are_exact_to_a_limit(asking: Asking, shop: FakeShopify, clock: WorldClock) -> None:
    sell(shop, clock, 5)
    text = "query($q: String, $n: Int) { ordersCount(query: $q, limit: $n) { count precision } }"

    async def count(query: str, limit: int | None) -> tuple[int, str]:
        answer = (await asking.data(text, q=query, n=limit))["ordersCount"]
        return answer["count"], answer["precision"]

    since = shop.orders[3].updated_at.isoformat()
    assert await count("status:any", 3) == (3, "AT_LEAST")
    assert await count("status:any", None) == (5, "EXACT")
    assert await count(f"updated_at:>='{since}' AND status:any", 10) == (2, "EXACT")


async def test_nothing_is_paged_past_the_25_000th_object(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 2)
    deep = base64.b64encode(b"[0, 0, 25000]").decode()
    answer = await asking.whole(FOUND, q="status:any", after=deep)
    assert answer["errors"][0]["extensions"]["code"] == "PAGINATION_LIMIT_EXCEEDED"


async def test_orders_older_than_sixty_days_need_a_scope(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    old = sell(shop, clock, 1)
    clock.advance(61 * 86_400)
    young = sell(shop, clock, 1)
    shop.bucket.capacity = 10_000
    assert await found(asking, "status:any") == young
    text = "query($id: ID!) { order(id: $id) { id } }"
    assert (await asking.data(text, id=old[0]))["order"] is None
    shop.scopes = {*shop.scopes, "read_all_orders"}
    assert await found(asking, "status:any") == old + young


UNITS = "query($q: String, $closed: Boolean) { fulfillmentOrders(first: 50, query: $q, includeClosed: $closed, sortKey: UPDATED_AT) { nodes { id orderId status } } }"  # noqa: E501 - one document


async def test_fulfillment_orders_are_found_by_their_own_changes(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 3)
    [first], [second], [third] = [order.units for order in shop.orders]
    moved_at = clock.now()
    before = shop.orders[0].updated_at
    shop.move_unit(first.gid, shop.places[1])
    shop.ship_unit(third.gid)

    async def units(query: str, closed: bool = False) -> list[str]:
        nodes = (await asking.data(UNITS, q=query, closed=closed))["fulfillmentOrders"]["nodes"]
        return [node["id"] for node in nodes]

    assert shop.orders[0].updated_at == before, "a move does not touch its order"
    assert await units("") == [second.gid, first.gid]
    assert await units("", closed=True) == [second.gid, first.gid, third.gid]
    assert await units(f"updated_at:>='{moved_at.isoformat()}'") == [first.gid]
    assert await units("status:closed", closed=True) == [third.gid]
    assert await units(f"assigned_location_id:{shop.places[1].number}") == [first.gid]
    assert await units(f"id:{second.number} OR id:{first.number}") == [second.gid, first.gid]


async def test_an_app_without_a_scope_gets_nulls_and_is_told_what_it_lacks(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = sell(shop, clock, 1)[0]
    text = """query($id: ID!) {
        order(id: $id) { name fulfillments(first: 1) { location { id } } }
        locations(first: 1) { nodes { id } }
    }"""
    shop.ship(gid)
    shop.scopes = {"read_orders", "write_locations"}
    assert "errors" not in await asking.whole(text, id=gid), "writing includes reading"
    shop.scopes = {"read_orders"}
    answer = await asking.whole(text, id=gid)
    assert answer["data"] is None
    paths = {tuple(error["path"]) for error in answer["errors"]}
    assert ("locations",) in paths
    for error in answer["errors"]:
        assert error["extensions"]["code"] == "ACCESS_DENIED"
        assert "`read_locations` access scope" in error["extensions"]["requiredAccess"]


async def test_personal_data_is_null_with_an_error_for_an_app_that_was_not_approved(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = sell(shop, clock, 1)[0]
    shop.shows_personal_data = False
    answer = await asking.whole("query($id: ID!) { order(id: $id) { name shippingAddress { zip } } }", id=gid)
    assert answer["data"]["order"] == {"name": "#1001", "shippingAddress": None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


async def test_odd_orders_look_as_shopify_shows_them(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gift = CartLine("G", "Gift card", 1, TEA.unit_price, requires_shipping=False, is_gift_card=True)
    later = clock.now() + timedelta(days=3)
    company = Company("Amber Works", "Head office", "PO-7")
    gids = [
        shop.place_order(ANA, None, [gift]),
        shop.place_order(ANA, None, [TEA], method="PICK_UP"),
        shop.place_order(ANA, HOME, [TEA], company=company, presentment=("JPY", 2), fulfill_at=later),
        shop.place_order(
            ANA, HOME, [CartLine(f"S{n}", f"Thing {n}", 1, Money(100, "USD")) for n in range(260)]
        ),
    ]
    clock.advance(5)
    text = """query($id: ID!) { order(id: $id) {
        displayFulfillmentStatus poNumber requiresShipping
        totalPriceSet { presentmentMoney { amount currencyCode } }
        purchasingEntity { ... on PurchasingCompany { company { name } location { name } } }
        lineItems(first: 250) { nodes { isGiftCard } pageInfo { hasNextPage endCursor } }
        fulfillmentOrders(first: 3) { nodes { status fulfillAt deliveryMethod { methodType } } }
    } }"""
    shown: list[Any] = [(await asking.data(text, id=gid))["order"] for gid in gids]
    card, pick_up, business, long = shown
    assert card["displayFulfillmentStatus"] == "FULFILLMENT_NOT_REQUIRED"
    assert card["lineItems"]["nodes"] == [{"isGiftCard": True}]
    assert pick_up["fulfillmentOrders"]["nodes"][0]["deliveryMethod"]["methodType"] == "PICK_UP"
    assert business["purchasingEntity"]["company"]["name"] == "Amber Works"
    assert business["poNumber"] == "PO-7"
    assert business["totalPriceSet"]["presentmentMoney"]["currencyCode"] == "JPY"
    assert business["displayFulfillmentStatus"] == "SCHEDULED"
    assert len(long["lineItems"]["nodes"]) == 250
    assert long["lineItems"]["pageInfo"]["hasNextPage"]
    clock.advance(3 * 86_400)
    assert (await asking.data(text, id=gids[2]))["order"]["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"


async def test_a_refund_without_restocking_leaves_the_pieces_to_be_shipped(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = sell(shop, clock, 1)[0]
    [unit] = shop.orders[0].units
    shop.refund(gid, {0: 1}, "NO_RESTOCK")
    assert (shop.orders[0].lines[0].current_quantity, unit.remaining) == (1, 2)
    shop.refund(gid, {0: 1}, "CANCEL")
    assert (shop.orders[0].lines[0].current_quantity, unit.remaining) == (0, 1)
    text = """query($id: ID!) { order(id: $id) { displayFinancialStatus
        lineItems(first: 1) { nodes { quantity currentQuantity } }
        refunds { refundLineItems(first: 5) { nodes { quantity restockType } } } } }"""
    order = (await asking.data(text, id=gid))["order"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert order["lineItems"]["nodes"] == [{"quantity": 2, "currentQuantity": 0}]
    kinds = [refund["refundLineItems"]["nodes"][0]["restockType"] for refund in order["refunds"]]
    assert kinds == ["NO_RESTOCK", "CANCEL"]


async def test_products_weigh_something_and_lie_somewhere(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    sell(shop, clock, 1)
    text = """{ products(first: 5) { nodes { title variants(first: 5) { nodes { sku inventoryItem {
        tracked measurement { weight { value unit } }
        inventoryLevels(first: 5) { nodes {
            location { name } quantities(names: ["available"]) { name quantity }
        } }
    } } } } } }"""
    [product] = (await asking.data(text))["products"]["nodes"]
    item = product["variants"]["nodes"][0]["inventoryItem"]
    assert item["measurement"]["weight"] == {"value": 750, "unit": "GRAMS"}
    assert item["inventoryLevels"]["nodes"] == [
        {"location": {"name": "Brooklyn"}, "quantities": [{"name": "available", "quantity": 100}]}
    ]


async def test_an_edit_adds_lines_to_what_is_to_be_shipped(
    shop: FakeShopify, clock: WorldClock, asking: Asking
) -> None:
    gid = sell(shop, clock, 1)[0]
    away = CartLine("B", "Bench", 1, Money(4900, "USD"), location=1)
    cup = CartLine("C", "Cup", 4, Money(500, "USD"))
    shop.edit_order(gid, removed={0: 1}, added=[cup, away])
    near, far = shop.orders[0].units
    assert [line.remaining for line in near.lines] == [1, 4]
    assert (far.place, far.remaining) == (shop.places[1], 1)
    text = "query($id: ID!) { order(id: $id) { edited currentSubtotalLineItemsQuantity } }"
    assert (await asking.data(text, id=gid))["order"] == {
        "edited": True,
        "currentSubtotalLineItemsQuantity": 6,
    }
