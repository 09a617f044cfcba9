"""What is counted, listed and fetched in bulk, so that nothing can be missing without being noticed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.errors import RemoteError, RemoteUnavailable
from doorstep.window import Window
from simulator.clock import WorldClock
from simulator.stores.woocommerce import FakeWooCommerce, Trouble

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]


async def placed(connector: WooCommerceConnector, window: Window) -> list[str]:
    return [external_id async for external_id in connector.placed_ids(window)]


@pytest.mark.parametrize("version", ["10.5", "8.9"])
@pytest.mark.parametrize("time_zone", ["America/New_York", "Asia/Tokyo"])
async def test_a_window_counts_its_first_second_and_not_its_end(
    make_store: MakeStore, link: Link, home: Address, clock: WorldClock, version: str, time_zone: str
) -> None:
    store = make_store(version=version, time_zone=time_zone)
    start = clock.now()
    ids = []
    for _ in range(4):
        ids.append(store.place_order([("BREAD-1", 1)], home))
        clock.advance(10)
    connector = await link(store)
    window = Window(start + timedelta(seconds=10), start + timedelta(seconds=30))
    assert await placed(connector, window) == ids[1:3]
    assert await connector.count_placed(window) == 2
    ragged = Window(start + timedelta(seconds=10.5), start + timedelta(seconds=30.5))
    assert await placed(connector, ragged) == ids[2:]
    assert await connector.count_placed(ragged) == 2


async def test_the_trash_counts_and_drafts_and_deleted_orders_do_not(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    window = Window(clock.now(), clock.now() + timedelta(hours=1))
    kept, trashed, deleted = (store.place_order([("BREAD-1", 1)], home) for _ in range(3))
    store.start_checkout([("BREAD-1", 1)], home)
    store.trash(trashed)
    store.delete_forever(deleted)
    connector = await link(store)
    assert sorted(await placed(connector, window)) == [kept, trashed]
    assert await connector.count_placed(window) == 2


async def test_ids_of_a_crowded_second_and_of_many_pages_are_all_listed_once(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    window = Window(clock.now(), clock.now() + timedelta(days=1))
    ids = [store.place_order([("BREAD-1", 1)], home) for _ in range(130)]
    for _ in range(120):
        clock.advance(1)
        ids.append(store.place_order([("BREAD-1", 1)], home))
    connector = await link(store)
    found = []
    async for external_id in connector.placed_ids(window):
        found.append(external_id)
        if len(found) == 90:
            for gone in ids[:20]:
                store.delete_forever(gone)
    assert set(found) >= set(ids[20:])
    assert len(found) == len(set(found))


async def test_the_newest_change_is_the_stores_own_time_and_may_lie_in_the_trash(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    connector = await link(store)
    assert await connector.newest_change() is None
    first = store.place_order([("BREAD-1", 1)], home)
    clock.advance(60)
    store.place_order([("BREAD-1", 1)], home)
    clock.advance(60)
    for _ in range(25):
        store.start_checkout([("BREAD-1", 1)], home)  # no order yet, whatever the list says
    assert await connector.newest_change() == datetime(2026, 11, 22, 14, 1, tzinfo=UTC)
    store.trash(first)
    assert await connector.newest_change() == datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


async def test_a_walk_says_when_the_store_was_asked_and_when_the_order_changed(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    before = datetime.now(UTC)
    (raw,) = [raw async for raw in (await link(store)).all_orders()]
    assert before <= raw.asked_at <= raw.fetched_at <= datetime.now(UTC)
    assert raw.changed_at == datetime(2026, 11, 22, 14, tzinfo=UTC)


async def test_many_orders_are_fetched_by_the_hundred_whatever_became_of_them(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    ids = [store.place_order([("BREAD-1", 1)], home) for _ in range(210)]
    store.trash(ids[3])
    store.delete_forever(ids[4])
    store.set_status(ids[5], "ready-to-bake")  # its plugin was switched off: in no list of the store's
    draft = store.start_checkout([("BREAD-1", 1)], home)
    found = await (await link(store)).fetch_orders([*ids, draft, "x", "1/refunds"])
    assert {key for key, raw in found.items() if raw is None} == {ids[4], draft, "x", "1/refunds"}
    assert list(found) == [*ids, draft, "x", "1/refunds"]
    assert store.calls(where="orders") == 3 + 1 + 3  # lists of the living, one of the trash, three by id


async def test_an_unregistered_status_is_found_by_id_and_read_as_it_is(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.set_status(order_id, "ready-to-bake")
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    order = connector.read_order(raw)
    assert (order.raw_status, order.fulfillment_orders[0].is_dispatchable) == ("ready-to-bake", False)


@pytest.mark.parametrize("kind", [Trouble.HTML_200, Trouble.HTML_404, Trouble.EMPTY_200])
async def test_an_order_is_only_gone_where_woocommerce_itself_says_so(
    store: FakeWooCommerce, link: Link, home: Address, kind: Trouble
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.set_status(order_id, "ready-to-bake")
    store.fail_next(kind, count=1000, where=f"orders/{order_id}")
    with pytest.raises(RemoteError):
        await (await link(store)).fetch_orders([order_id])


async def test_a_weak_host_is_asked_for_fewer_orders_at_a_time_by_id_too(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    ids = [store.place_order([("BREAD-1", 1)], home) for _ in range(40)]
    store.fail_next(Trouble.HTML_500, count=4, where="orders")
    found = await (await link(store)).fetch_orders(ids)
    assert None not in found.values()
    asked = [query["include"].count(",") + 1 for _, _, query in store.door.seen if "include" in query]
    assert asked[4] == 10


async def test_a_store_that_stays_unwell_is_no_empty_store_in_any_count(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    store.fail_next(Trouble.HTML_200, count=1000)
    connector = await link(store)
    window = Window(clock.now(), clock.now() + timedelta(hours=1))
    for ask in (connector.newest_change(), connector.count_placed(window), placed(connector, window)):
        with pytest.raises(RemoteUnavailable):
            await ask


async def test_a_refund_stamps_its_order_and_no_touch_has_to_tell_of_it(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    order_id = store.place_order([("BREAD-1", 2)], home)
    clock.advance(60)
    since = clock.now()
    store.refund(order_id, {"BREAD-1": 1})
    connector = await link(store)
    assert [raw.external_id async for raw in connector.changed_orders(since)] == [order_id]
    assert [touch async for touch in connector.touched_orders(since)] == []


async def test_more_refunds_than_a_page_are_all_counted(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 150)], home)
    for _ in range(120):
        store.refund(order_id, {"BREAD-1": 1})
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    assert connector.read_order(raw).lines[0].quantity == 30


async def test_no_list_is_asked_for_more_than_a_hundred_a_page(
    store: FakeWooCommerce, link: Link, home: Address, clock: WorldClock
) -> None:
    ids = [store.place_order([("BREAD-1", 1)], home) for _ in range(205)]
    connector = await link(store)
    window = Window(clock.now(), clock.now() + timedelta(days=1))
    assert len([raw async for raw in connector.changed_orders(None)]) == 205
    assert len(await connector.fetch_orders(ids)) == 205
    assert len([external_id async for external_id in connector.placed_ids(window)]) == 205
    await connector.products([str(number) for number in range(1, 205)])
    assert {int(query.get("per_page", 10)) <= 100 for _, _, query in store.door.seen} == {True}
