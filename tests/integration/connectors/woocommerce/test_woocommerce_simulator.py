"""The simulated store against what was measured on real ones, asked without the connector."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served

MakeStore = Callable[..., FakeWooCommerce]
KEYS = {"Authorization": aiohttp.encode_basic_auth(CONSUMER_KEY, CONSUMER_SECRET)}


class Caller:
    """Asks a store whose PHP believes that it is reached through https, so that Basic auth counts."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(
        self,
        store: FakeWooCommerce,
        endpoint: str,
        query: Mapping[str, str] | None = None,
        *,
        keys: bool = True,
    ) -> tuple[int, Any, Mapping[str, str]]:
        async with (
            served(store.app) as url,
            self._session.get(
                f"{url}/wp-json/wc/v3/{endpoint}", params=query or {}, headers=KEYS if keys else {}
            ) as response,
        ):
            return response.status, json.loads(await response.text()), response.headers.copy()

    async def numbers(self, store: FakeWooCommerce, **query: str) -> set[str]:
        status, rows, _ = await self.get(store, "orders", query)
        assert status == 200, rows
        return {row["number"] for row in rows}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session)


def two_orders(store: FakeWooCommerce, home: Address, clock: WorldClock) -> tuple[str, str, datetime]:
    """One an hour before the cursor, one two seconds after it."""
    early = store.place_order([("BREAD-1", 1)], home)
    clock.advance(3600)
    cursor = clock.now()
    clock.advance(2)
    return early, store.place_order([("BREAD-1", 1)], home), cursor


def bare(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(("treat_as_https", "status"), [(False, 401), (True, 200)])
async def test_basic_auth_counts_over_https_only(
    make_store: MakeStore, caller: Caller, *, treat_as_https: bool, status: int
) -> None:
    answer = await caller.get(make_store(treat_as_https=treat_as_https), "orders")
    assert answer[0] == status
    assert status == 200 or answer[1]["code"] == "woocommerce_rest_cannot_view"


async def test_keys_in_the_query_count_over_https_only(make_store: MakeStore, caller: Caller) -> None:
    query = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    assert (await caller.get(make_store(), "orders", query, keys=False))[0] == 401
    assert (await caller.get(make_store(treat_as_https=True), "orders", query, keys=False))[0] == 200


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": "101"},
        {"per_page": "0"},
        {"status": "wc-processing"},
        {"status": "unheard-of"},
        {"orderby": "total"},
        {"modified_after": "yesterday"},
    ],
)
async def test_parameters_that_wordpress_refuses_are_refused(
    make_store: MakeStore, caller: Caller, query: dict[str, str]
) -> None:
    status, payload, _ = await caller.get(make_store(treat_as_https=True), "orders", query)
    assert (status, payload["code"]) == (400, "rest_invalid_param")


@pytest.mark.parametrize(("version", "total"), [("10.5", "0"), ("8.9", "1")])
async def test_past_the_last_page_the_total_differs_between_versions(
    make_store: MakeStore, caller: Caller, home: Address, version: str, total: str
) -> None:
    store = make_store(treat_as_https=True, version=version)
    store.place_order([("BREAD-1", 1)], home)
    status, rows, headers = await caller.get(store, "orders", {"page": "9"})
    assert (status, rows, headers["X-WP-Total"]) == (200, [], total)


async def test_any_has_no_trash_in_it_whatever_is_named_beside(
    make_store: MakeStore, caller: Caller, home: Address
) -> None:
    store = make_store(treat_as_https=True)
    kept, trashed = (store.place_order([("BREAD-1", 1)], home) for _ in range(2))
    draft = store.start_checkout([("BREAD-1", 1)], home)
    store.trash(trashed)
    assert await caller.numbers(store) == {kept, draft}
    assert await caller.numbers(store, status="any,trash") == {kept, draft}
    assert await caller.numbers(store, status="trash") == {trashed}


@pytest.mark.parametrize("version", ["10.5", "8.9"])
@pytest.mark.parametrize("time_zone", ["America/New_York", "Asia/Tokyo"])
async def test_bare_utc_with_the_flag_is_the_safe_filter(
    make_store: MakeStore, caller: Caller, home: Address, clock: WorldClock, version: str, time_zone: str
) -> None:
    store = make_store(treat_as_https=True, version=version, time_zone=time_zone)
    _, late, cursor = two_orders(store, home, clock)
    assert await caller.numbers(store, modified_after=bare(cursor), dates_are_gmt="true") == {late}


async def test_a_z_beside_the_flag_loses_orders_in_tokyo_and_gives_too_many_in_new_york(
    make_store: MakeStore, caller: Caller, home: Address, clock: WorldClock
) -> None:
    tokyo = make_store(treat_as_https=True, time_zone="Asia/Tokyo")
    new_york = make_store(treat_as_https=True, time_zone="America/New_York")
    _, _, cursor = two_orders(tokyo, home, clock)
    query = {"modified_after": f"{bare(cursor)}Z", "dates_are_gmt": "true"}
    assert await caller.numbers(tokyo, **query) == set()
    early, late, cursor = two_orders(new_york, home, clock)
    query = {"modified_after": f"{bare(cursor)}Z", "dates_are_gmt": "true"}
    assert await caller.numbers(new_york, **query) == {early, late}


async def test_without_the_flag_a_bare_time_is_read_as_the_stores_own(
    make_store: MakeStore, caller: Caller, home: Address, clock: WorldClock
) -> None:
    store = make_store(treat_as_https=True, time_zone="Asia/Tokyo")
    early, late, cursor = two_orders(store, home, clock)
    assert await caller.numbers(store, modified_after=bare(cursor)) == {early, late}
    local = cursor.astimezone(store.shelf.settings.zone)
    assert await caller.numbers(store, modified_after=bare(local)) == {late}


@pytest.mark.parametrize(("version", "is_lost"), [("10.5", True), ("8.9", False)])
async def test_a_fraction_of_a_second_loses_orders_on_10_5_alone(
    make_store: MakeStore, caller: Caller, home: Address, clock: WorldClock, version: str, *, is_lost: bool
) -> None:
    store = make_store(treat_as_https=True, version=version)
    _, late, cursor = two_orders(store, home, clock)
    query = {"modified_after": f"{bare(cursor + timedelta(seconds=1))}.500", "dates_are_gmt": "true"}
    assert await caller.numbers(store, **query) == (set() if is_lost else {late})


async def test_the_filter_is_strictly_greater(
    make_store: MakeStore, caller: Caller, home: Address, clock: WorldClock
) -> None:
    store = make_store(treat_as_https=True)
    store.place_order([("BREAD-1", 1)], home)
    assert await caller.numbers(store, modified_after=bare(clock.now()), dates_are_gmt="true") == set()


async def test_a_partial_refund_changes_neither_total_nor_quantities(
    make_store: MakeStore, caller: Caller, home: Address
) -> None:
    store = make_store(treat_as_https=True)
    order_id = store.place_order([("BREAD-1", 3)], home)
    before = (await caller.get(store, f"orders/{order_id}"))[1]
    store.refund(order_id, {"BREAD-1": 1}, "squashed")
    after = (await caller.get(store, f"orders/{order_id}"))[1]
    assert (before["total"], before["line_items"]) == (after["total"], after["line_items"])
    assert after["refunds"][0]["total"] == "-6.50"
    (refund,) = (await caller.get(store, f"orders/{order_id}/refunds"))[1]
    assert refund["line_items"][0]["quantity"] == -1


async def test_gmt_fields_carry_no_zone_and_local_ones_are_the_stores(
    make_store: MakeStore, caller: Caller, home: Address
) -> None:
    store = make_store(treat_as_https=True, time_zone="Asia/Tokyo")
    order = (await caller.get(store, f"orders/{store.place_order([('BREAD-1', 1)], home)}"))[1]
    assert order["date_created_gmt"] == "2026-11-22T14:00:00"
    assert order["date_created"] == "2026-11-22T23:00:00"


async def test_mounted_under_a_path_of_the_world_it_answers_like_any_store(
    make_store: MakeStore, home: Address
) -> None:
    store = make_store(treat_as_https=True)
    order_id = store.place_order([("BREAD-1", 1)], home)
    world = Starlette(routes=[Mount(f"/{store.name}", app=store.app)])
    async with served(world) as url, aiohttp.ClientSession() as session:
        own = f"{url}/{store.name}/wp-json/wc/v3/orders/{order_id}"
        async with session.get(own, headers=KEYS) as response:
            order = json.loads(await response.text())
    assert order["number"] == order_id
    assert order["_links"]["self"][0]["href"] == own


async def test_the_books_say_what_must_be_delivered(make_store: MakeStore, home: Address) -> None:
    store = make_store()
    shipped, called_off = (store.place_order([("BREAD-1", 1)], home) for _ in range(2))
    card = store.place_order([("GIFT-25", 1)], home, shipping_method="")
    store.start_checkout([("BREAD-1", 1)], home)
    store.cancel_order(called_off)
    due = [row["external_id"] for row in store.books() if row["needs_shipping"] and not row["cancelled"]]
    assert due == [shipped]
    assert {row["external_id"] for row in store.books()} == {shipped, called_off, card}
