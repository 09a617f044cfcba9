"""Reads that syncing relies on, asked over HTTP: walks, ties, drift, filters, odd data, and a big history."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import aiohttp
import pytest

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served
from tests.unit.simulator.woocommerce.visitor import Visitor, visiting

MakeStore = Callable[..., FakeWooCommerce]
KEYS = {"Authorization": aiohttp.encode_basic_auth(CONSUMER_KEY, CONSUMER_SECRET)}


@pytest.fixture
def shop(make_store: MakeStore) -> FakeWooCommerce:
    return make_store(treat_as_https=True)


def placed(store: FakeWooCommerce, home: Address, count: int) -> list[int]:
    return [int(store.place_order([("BREAD-1", 1)], home)) for _ in range(count)]


async def walked(visitor: Visitor, start: str, per_page: int) -> list[int]:
    """Always page 1, with the cursor one second behind the last row: what comes twice is left out."""
    found: dict[int, None] = {}
    cursor, page = start, 1
    while True:
        answer = await visitor.get(
            "orders",
            modified_after=cursor,
            dates_are_gmt="true",
            orderby="modified",
            order="asc",
            per_page=str(per_page),
            page=str(page),
            _fields="id,date_modified_gmt",
        )
        rows = answer.payload
        found.update(dict.fromkeys(row["id"] for row in rows))
        if len(rows) < per_page:
            return list(found)
        last = rows[-1]["date_modified_gmt"]
        # A page full of one second can only be turned; else the cursor stays before the last second.
        if rows[0]["date_modified_gmt"] == last:
            page += 1
        else:
            before = [row["date_modified_gmt"] for row in rows if row["date_modified_gmt"] < last]
            cursor, page = before[-1], 1


@pytest.mark.parametrize("version", ["10.5", "8.9"])
@pytest.mark.parametrize("time_zone", ["America/New_York", "Asia/Tokyo", "+5.5"])
async def test_a_walk_by_change_finds_every_order_of_a_filled_store(
    make_store: MakeStore, version: str, time_zone: str
) -> None:
    store = make_store(treat_as_https=True, version=version, time_zone=time_zone)
    store.fill(600, seed=3, span_s=300)  # two a second
    async with visiting(store) as visitor:
        assert set(await walked(visitor, "2020-01-01T00:00:00", 100)) == set(store.shelf.orders)
    assert store.hooks.waiting == 0


async def test_a_history_comes_again_with_its_seed(make_store: MakeStore) -> None:
    one, same, other = make_store(), make_store(), make_store()
    one.fill(200, seed=3)
    same.fill(200, seed=3)
    other.fill(200, seed=4)
    assert one.books() == same.books() != other.books()
    ordered = [order.created_at for order in one.shelf.orders.values()]
    assert ordered == sorted(ordered)
    assert all(
        order.created_at <= order.modified_at <= one.shelf.now() for order in one.shelf.orders.values()
    )


async def test_orders_of_one_second_are_passed_over_by_a_cursor_on_that_second(
    shop: FakeWooCommerce, home: Address
) -> None:
    ids = placed(shop, home, 6)
    async with visiting(shop) as visitor:
        query = {"orderby": "modified", "order": "asc", "per_page": "4", "dates_are_gmt": "true"}
        first = await visitor.get("orders", **query)
        cursor = first.payload[-1]["date_modified_gmt"]
        assert await visitor.ids(**query, modified_after=cursor) == []
        assert set(await visitor.ids(**query, page="2")) | {row["id"] for row in first.payload} == set(ids)


@pytest.mark.parametrize("orderby", ["modified", "date"])
async def test_pages_drift_while_orders_change(
    shop: FakeWooCommerce, home: Address, clock: WorldClock, orderby: str
) -> None:
    ids = []
    for _ in range(6):
        ids += placed(shop, home, 1)
        clock.advance(10)
    start = shop.shelf.order(ids[0]).created_at.strftime("%Y-%m-%dT%H:%M:%S")
    query = {
        "orderby": orderby,
        "order": "asc",
        "per_page": "3",
        "modified_before": "2026-11-22T14:05:00",
        "dates_are_gmt": "true",
    }
    async with visiting(shop) as visitor:
        seen = await visitor.ids(**query)
        clock.advance(3600)
        shop.set_status(str(ids[0]), "completed")  # leaves the window: all others move up
        seen += await visitor.ids(**query, page="2")
        assert ids[3] not in seen
        assert set(await walked(visitor, start.replace("T14", "T13"), 3)) == set(ids)


async def test_orders_are_read_by_id_with_the_fields_that_were_asked_for(
    shop: FakeWooCommerce, home: Address
) -> None:
    ids = placed(shop, home, 4)
    shop.trash(str(ids[3]))
    async with visiting(shop) as visitor:
        query = {"include": ",".join(map(str, [*ids[1:], 9999])), "_fields": "id,status"}
        answer = await visitor.get("orders", **query, orderby="id", order="asc")
        assert answer.payload == [{"id": one, "status": "processing"} for one in ids[1:3]]
        assert answer.headers["X-WP-Total"] == "2"
        assert await visitor.ids(include=str(ids[3]), status="trash") == [ids[3]]
        assert await visitor.ids(exclude=f"{ids[0]},{ids[1]}") == [ids[2]]


async def test_statuses_and_dates_filter_together_and_counts_agree(
    shop: FakeWooCommerce, home: Address, clock: WorldClock
) -> None:
    ids = []
    for status in ("completed", "on-hold", "completed", "processing"):
        order = shop.place_order([("BREAD-1", 1)], home, status=status)
        ids.append(int(order))
        clock.advance(60)
    shop.set_status(str(ids[0]), "on-hold")
    async with visiting(shop) as visitor:
        assert await visitor.ids(status="on-hold", orderby="id", order="asc") == ids[:2]
        assert await visitor.ids(status="on-hold,completed", orderby="id", order="asc") == ids[:3]
        window = {"after": "2026-11-22T14:00:30", "before": "2026-11-22T14:02:30", "dates_are_gmt": "true"}
        assert await visitor.ids(**window) == [ids[2], ids[1]]
        assert await visitor.ids(**window, modified_after="2026-11-22T14:01:30") == [ids[2]]
        answer = await visitor.get("orders", per_page="3", page="2")
        assert [row["id"] for row in answer.payload] == [ids[0]]
        assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("4", "2")
        assert answer.headers["Link"].endswith('/wp-json/wc/v3/orders?per_page=3&page=1>; rel="prev"')


async def test_a_trashed_order_leaves_the_walk_and_comes_back_restored(
    shop: FakeWooCommerce, home: Address, clock: WorldClock
) -> None:
    (order,) = placed(shop, home, 1)
    clock.advance(60)
    async with visiting(shop) as visitor:
        query = {"modified_after": "2026-11-22T13:00:00", "dates_are_gmt": "true"}
        shop.trash(str(order))
        assert await visitor.ids(**query) == []
        assert await visitor.ids(**query, status="trash") == [order]
        shop.restore(str(order))
        assert await visitor.ids(**query) == [order]


async def test_a_refund_takes_an_id_out_of_the_orders_row_and_is_no_order(
    shop: FakeWooCommerce, home: Address
) -> None:
    (order,) = placed(shop, home, 1)
    shop.refund(str(order), {"BREAD-1": 1})
    (later,) = placed(shop, home, 1)
    async with visiting(shop) as visitor:
        (refund,) = (await visitor.get(f"orders/{order}/refunds")).payload
        assert order < refund["id"] < later
        assert (await visitor.get(f"orders/{refund['id']}")).status == 404
        assert (await visitor.get(f"orders/{order}/refunds/{refund['id']}")).payload == refund


async def test_yen_come_with_the_decimals_that_the_store_is_set_to(
    make_store: MakeStore, home: Address
) -> None:
    store = make_store(treat_as_https=True, currency="JPY", tax_percent="10")
    order = store.place_order([("BREAD-1", 1)], home, shipping_cost="82.75")
    async with visiting(store) as visitor:
        shown = (await visitor.get(f"orders/{order}")).payload
        (decimals,) = [
            row["value"]
            for row in (await visitor.get("settings/general")).payload
            if row["id"] == "woocommerce_price_num_decimals"
        ]
    assert (shown["currency"], shown["shipping_total"], shown["total"]) == ("JPY", "82.75", "98.18")
    assert decimals == "2"


async def test_names_and_addresses_come_back_letter_for_letter(shop: FakeWooCommerce, home: Address) -> None:
    written = replace(
        home,
        name="<b>Bob</b> 👩‍🍳 O’Neil",
        line1="Line1\nLine2",
        line2="\u202e reversed",
        province="",
        postal_code="",
        phone_raw="",
    )
    order = shop.place_order([("BREAD-1", 1)], written)
    async with visiting(shop) as visitor:
        block = (await visitor.get(f"orders/{order}")).payload["shipping"]
    assert (block["first_name"], block["last_name"]) == ("<b>Bob</b>", "👩‍🍳 O’Neil")
    assert (block["address_1"], block["address_2"]) == ("Line1\nLine2", "\u202e reversed")
    assert (block["state"], block["postcode"], block["phone"]) == ("", "", "")


async def test_products_come_in_the_stores_units_with_their_stock(make_store: MakeStore) -> None:
    store = make_store(treat_as_https=True, weight_unit="lbs", dimension_unit="in")
    async with visiting(store) as visitor:
        units = {row["id"]: row["value"] for row in (await visitor.get("settings/products")).payload}
        rows = {row["id"]: row for row in (await visitor.get("products", per_page="100")).payload}
        (variation,) = (await visitor.get("products/21/variations")).payload
        alone = (await visitor.get("products/22")).payload
    assert (units["woocommerce_weight_unit"], units["woocommerce_dimension_unit"]) == ("lbs", "in")
    assert (rows[13]["weight"], rows[13]["dimensions"]["length"]) == ("0.75", "30")
    assert (rows[13]["manage_stock"], rows[13]["stock_quantity"]) == (False, None)
    assert (rows[16]["manage_stock"], rows[16]["stock_quantity"]) == (True, 40)
    assert (rows[21]["type"], rows[21]["variations"]) == ("variable", [22])
    assert 22 not in rows
    assert (variation["manage_stock"], variation["stock_quantity"]) == ("parent", 7)
    assert alone == variation


async def test_a_body_that_is_no_json_is_refused_and_changes_nothing(
    shop: FakeWooCommerce, home: Address
) -> None:
    (order,) = placed(shop, home, 1)
    async with served(shop.app) as url, aiohttp.ClientSession() as session:
        place = f"{url}/wp-json/wc/v3/orders/{order}"
        async with session.put(place, data=b'{"status": "comp', headers=KEYS) as response:
            assert (response.status, json.loads(await response.read())["code"]) == (400, "rest_invalid_json")
    assert shop.shelf.order(order).status == "processing"
