"""What the simulated store makes of an app's writes: rules that write-back relies on, asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.stores.woocommerce import FakeWooCommerce
from tests.unit.simulator.woocommerce.visitor import Visitor, visiting

MakeStore = Callable[..., FakeWooCommerce]
BATCH_LIMIT = 100  # WC_REST_Controller::check_batch_limit


@pytest.fixture
def shop(make_store: MakeStore) -> FakeWooCommerce:
    """With native fulfillments and the AST plugin, and a webhook for every topic that orders have."""
    store = make_store(treat_as_https=True, has_fulfillments=True, has_shipment_tracking=True)
    for topic in ("created", "updated", "deleted", "restored"):
        store.hooks.create(topic, f"order.{topic}", "http://127.0.0.1:9/", "whsec-test")
    return store


@pytest.fixture
async def visitor(shop: FakeWooCommerce) -> AsyncIterator[Visitor]:
    async with visiting(shop) as visitor:
        yield visitor


@pytest.fixture
async def order(shop: FakeWooCommerce, home: Address, clock: WorldClock) -> int:
    """A paid order of two loaves, an hour old, whose webhooks are gone."""
    order_id = shop.place_order([("BREAD-1", 2)], home)
    clock.advance(3600)
    await shop.tick(clock.now())
    return int(order_id)


def meta_of(document: dict[str, Any], key: str) -> list[Any]:
    return [entry["value"] for entry in document["meta_data"] if entry["key"] == key]


async def test_meta_is_written_over_by_key_and_deleted_by_null(visitor: Visitor, order: int) -> None:
    for value in ("one", "two"):
        changed = await visitor.put(f"orders/{order}", {"meta_data": [{"key": "_slot", "value": value}]})
        assert meta_of(changed.payload, "_slot") == [value]
    gone = await visitor.put(f"orders/{order}", {"meta_data": [{"key": "_slot", "value": None}]})
    assert (gone.status, meta_of(gone.payload, "_slot")) == (200, [])


async def test_a_number_in_meta_comes_back_as_text_and_a_list_as_it_was(visitor: Visitor, order: int) -> None:
    items = [{"tracking_number": "X9", "parcels": 2}]
    meta = [{"key": "_count", "value": 5}, {"key": "_wc_shipment_tracking_items", "value": items}]
    await visitor.put(f"orders/{order}", {"meta_data": meta})
    read = (await visitor.get(f"orders/{order}")).payload
    assert (meta_of(read, "_count"), meta_of(read, "_wc_shipment_tracking_items")) == (["5"], [items])


@pytest.mark.parametrize("status", ["wc-completed", "shipped", "trash"])
async def test_an_unknown_or_prefixed_status_is_refused_and_changes_nothing(
    visitor: Visitor, order: int, status: str
) -> None:
    body = {"status": status, "meta_data": [{"key": "_slot", "value": "x"}]}
    refused = await visitor.put(f"orders/{order}", body)
    assert (refused.status, refused.payload["code"]) == (400, "rest_invalid_param")
    read = (await visitor.get(f"orders/{order}")).payload
    assert (read["status"], read["meta_data"]) == ("processing", [])


async def test_a_put_to_no_order_is_400_where_a_get_is_404(visitor: Visitor) -> None:
    put, got = await visitor.put("orders/9999", {"status": "completed"}), await visitor.get("orders/9999")
    assert (put.status, got.status) == (400, 404)
    assert put.payload["code"] == got.payload["code"] == "woocommerce_rest_shop_order_invalid_id"


@pytest.mark.parametrize(("version", "stamps"), [("10.5", True), ("8.9", False)])
@pytest.mark.parametrize("body", [{}, {"status": "processing"}, {"meta_data": [{"key": "k", "value": "v"}]}])
async def test_a_put_that_changes_no_column_fires_anyway_and_stamps_on_hpos_alone(
    make_store: MakeStore, home: Address, clock: WorldClock, version: str, body: object, *, stamps: bool
) -> None:
    store = make_store(treat_as_https=True, version=version)
    store.hooks.create("all", "order.updated", "http://127.0.0.1:9/", "whsec-test")
    order_id = store.place_order([("BREAD-1", 1)], home)
    clock.advance(3600)
    await store.tick(clock.now())
    before = store.shelf.order(order_id).modified_at
    async with visiting(store) as visitor:
        await visitor.put(f"orders/{order_id}", body)
    assert store.hooks.waiting == 1
    assert (store.shelf.order(order_id).modified_at > before) is stamps


async def test_completing_stamps_the_dates_of_payment_and_completion_and_leaves_a_note(
    visitor: Visitor, order: int
) -> None:
    done = (await visitor.put(f"orders/{order}", {"status": "completed"})).payload
    assert done["date_completed_gmt"] == done["date_paid_gmt"] == "2026-11-22T15:00:00"
    (note,) = (await visitor.get(f"orders/{order}/notes")).payload
    assert note["note"] == "Order status changed from Processing to Completed."
    assert note["author"] == "system"


async def test_a_draft_that_becomes_an_order_is_told_of_as_created_alone(
    shop: FakeWooCommerce, visitor: Visitor, home: Address, clock: WorldClock
) -> None:
    draft = shop.start_checkout([("BREAD-1", 1)], home)
    clock.advance(60)
    await shop.tick(clock.now())
    await visitor.put(f"orders/{draft}", {"status": "processing"})
    assert shop.hooks.waiting == 1


async def test_a_note_sent_twice_is_two_notes_and_nobody_is_told(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    before = shop.shelf.order(order).modified_at
    body = {"note": "On its way", "customer_note": True}
    first, second = (
        await visitor.post(f"orders/{order}/notes", body),
        await visitor.post(f"orders/{order}/notes", body),
    )
    assert (first.status, second.status) == (201, 201)
    notes = (await visitor.get(f"orders/{order}/notes")).payload
    assert [note["id"] for note in notes] == [second.payload["id"], first.payload["id"]]
    assert (await visitor.get(f"orders/{order}/notes", type="internal")).payload == []
    assert shop.hooks.waiting == 0
    assert shop.shelf.order(order).modified_at == before
    assert shop.rest.counter.mails == [(order, "note")] * 2


async def test_a_note_without_text_and_one_for_no_order_are_refused(visitor: Visitor, order: int) -> None:
    assert (await visitor.post(f"orders/{order}/notes", {})).status == 400
    assert (await visitor.post("orders/9999/notes", {"note": "x"})).status == 404


async def test_a_batch_answers_200_with_an_error_for_each_item_that_failed(
    visitor: Visitor, order: int
) -> None:
    body = {"update": [{"id": 9999, "status": "completed"}, {"id": order, "status": "completed"}]}
    answer = await visitor.post("orders/batch", body)
    assert answer.status == 200
    missing, done = answer.payload["update"]
    assert missing["id"] == 9999
    assert missing["error"]["code"] == "woocommerce_rest_shop_order_invalid_id"
    assert (done["id"], done["status"]) == (order, "completed")


async def test_a_batch_takes_an_unknown_status_for_pending_and_deletes_for_good(
    visitor: Visitor, shop: FakeWooCommerce, order: int
) -> None:
    answer = await visitor.post("orders/batch", {"update": [{"id": order, "status": "shipped"}]})
    assert answer.payload["update"][0]["status"] == "pending"
    await visitor.post("orders/batch", {"delete": [order]})
    assert order not in shop.shelf.orders


@pytest.mark.parametrize(("count", "status"), [(BATCH_LIMIT, 200), (BATCH_LIMIT + 1, 413)])
async def test_a_batch_holds_a_hundred_items(visitor: Visitor, order: int, count: int, status: int) -> None:
    answer = await visitor.post("orders/batch", {"update": [{"id": order}] * count})
    assert answer.status == status


async def test_without_their_flag_and_plugin_there_are_no_routes_for_shipments(
    make_store: MakeStore, home: Address
) -> None:
    store = make_store(treat_as_https=True)
    order_id = store.place_order([("BREAD-1", 1)], home)
    async with visiting(store) as visitor:
        for endpoint in (
            f"orders/{order_id}/fulfillments",
            f"/wc-ast/v3/orders/{order_id}/shipment-trackings",
        ):
            answer = await visitor.get(endpoint)
            assert (answer.status, answer.payload["code"]) == (404, "rest_no_route")


async def test_two_posts_of_one_parcel_are_two_fulfillments_and_two_mails_and_fire_an_update(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    line = shop.shelf.order(order).purchase.lines[0]
    meta = [{"key": "_items", "value": [{"item_id": line.id, "qty": 2}]}]
    body = {"status": "fulfilled", "is_fulfilled": True, "meta_data": meta, "notify_customer": True}
    for _ in range(2):
        assert (await visitor.post(f"orders/{order}/fulfillments", body)).status == 201
    assert len((await visitor.get(f"orders/{order}/fulfillments")).payload) == 2
    assert shop.rest.counter.mails == [(order, "fulfillment")] * 2
    assert shop.hooks.waiting == 1
    read = (await visitor.get(f"orders/{order}")).payload
    assert meta_of(read, "_fulfillment_status") == ["fulfilled"]


async def test_a_fulfillment_is_changed_and_deleted_by_its_id(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    line = shop.shelf.order(order).purchase.lines[0]
    items = {"key": "_items", "value": [{"item_id": line.id, "qty": 1}]}
    body = {"status": "unfulfilled", "is_fulfilled": False, "meta_data": [items]}
    made = (await visitor.post(f"orders/{order}/fulfillments", body)).payload
    own = f"orders/{order}/fulfillments/{made['id']}"
    number = {"key": "_tracking_number", "value": "TRK-1"}
    changed = (await visitor.put(own, {"status": "fulfilled", "meta_data": [items, number]})).payload
    assert (changed["id"], changed["is_fulfilled"]) == (made["id"], True)
    assert [entry["key"] for entry in changed["meta_data"]] == [
        "_items",
        "_tracking_number",
        "_date_fulfilled",
    ]
    assert (await visitor.call("DELETE", own)).status == 200
    assert (await visitor.get(f"orders/{order}/fulfillments")).payload == []


@pytest.mark.parametrize("items", [None, [], [{"item_id": "7", "qty": 1}], [{"item_id": 7, "qty": 0}]])
async def test_a_fulfillment_without_proper_items_is_refused(
    visitor: Visitor, order: int, items: object
) -> None:
    body = {"status": "fulfilled", "meta_data": [{"key": "_items", "value": items}]}
    assert (await visitor.post(f"orders/{order}/fulfillments", body)).status == 400


async def test_the_plugins_trackings_lie_in_the_orders_meta_and_repeat_themselves(
    visitor: Visitor, order: int
) -> None:
    place = f"/wc-ast/v3/orders/{order}/shipment-trackings"
    body = {"tracking_provider": "Bikes Inc", "tracking_number": "X9", "date_shipped": "2026-11-22"}
    first, second = await visitor.post(place, body), await visitor.post(place, body)
    assert (first.status, second.status) == (201, 201)
    assert [item["tracking_number"] for item in (await visitor.get(place)).payload] == ["X9", "X9"]
    read = (await visitor.get(f"orders/{order}")).payload
    (items,) = meta_of(read, "_wc_shipment_tracking_items")
    assert [item["tracking_id"] for item in items] == [
        first.payload["tracking_id"],
        second.payload["tracking_id"],
    ]
    gone = await visitor.call("DELETE", f"{place}/{first.payload['tracking_id']}")
    assert gone.status == 200
    replaced = await visitor.post(place, body | {"replace_tracking": 1, "status_shipped": 1})
    (left,) = (await visitor.get(place)).payload
    assert left["tracking_id"] == replaced.payload["tracking_id"]
    assert (await visitor.get(f"orders/{order}")).payload["status"] == "completed"


async def test_the_books_and_the_log_tell_of_every_write(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    tracking = [{"tracking_number": "X9"}]
    body = {"meta_data": [{"key": "_wc_shipment_tracking_items", "value": tracking}]}
    for _ in range(2):
        await visitor.put(f"orders/{order}", body)
    await visitor.post(f"orders/{order}/notes", {"note": "On its way"})
    await visitor.get("orders")
    assert [(write.method, write.endpoint, write.status) for write in shop.door.writes] == [
        ("PUT", f"orders/{order}", 200),
        ("PUT", f"orders/{order}", 200),
        ("POST", f"orders/{order}/notes", 201),
    ]
    assert len({write.digest for write in shop.door.writes}) == 2  # the same PUT twice
    (row,) = shop.books()
    assert row["trackings"] == tracking
    assert row["notes"] == [("On its way", False, "system")]
    assert (row["status"], row["trashed"], row["fulfillments"]) == ("processing", False, [])


async def test_a_delete_goes_into_the_trash_once_and_with_force_for_good(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    assert (await visitor.call("DELETE", f"orders/{order}")).status == 200
    assert (await visitor.call("DELETE", f"orders/{order}")).status == 410
    assert shop.hooks.waiting == 1  # order.deleted
    assert (await visitor.get(f"orders/{order}")).payload["status"] == "trash"
    assert (await visitor.call("DELETE", f"orders/{order}", query={"force": "true"})).status == 200
    assert (await visitor.get(f"orders/{order}")).status == 404
    assert shop.hooks.waiting == 1


async def test_a_key_that_may_only_read_writes_nothing(
    shop: FakeWooCommerce, visitor: Visitor, order: int
) -> None:
    shop.keys.permissions = "read"
    refused = await visitor.put(f"orders/{order}", {"status": "completed"})
    assert (refused.status, refused.payload["code"]) == (401, "woocommerce_rest_authentication_error")
    assert (await visitor.get(f"orders/{order}")).payload["status"] == "processing"
    assert shop.door.writes == []
