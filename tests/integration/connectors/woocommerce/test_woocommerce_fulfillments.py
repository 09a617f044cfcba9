from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from simulator.stores.woocommerce import FakeWooCommerce
from tests.integration.connectors.woocommerce.reports import (
    booked,
    row_of,
)

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
Status = DeliveryStatus


async def test_a_store_that_mails_its_fulfillments_does_not_mail_the_link_twice(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    await connector.report(await booked(connector, order_id, is_shipped=True), "", in_doubt=False)
    row = row_of(store, order_id)
    assert len(row["fulfillments"]) == 1
    assert not any(for_customer for _, for_customer, _ in row["notes"])


async def test_before_the_goods_leave_nothing_is_fulfilled_and_what_comes_back_is_taken_out(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 2)], home)
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    assert row_of(store, order_id)["fulfillments"] == []
    told = await connector.report(replace(report, is_shipped=True), told, in_doubt=False)
    await connector.report(replace(report, status=Status.CANCELLED), told, in_doubt=False)
    assert row_of(store, order_id)["fulfillments"] == []


async def test_what_a_person_has_fulfilled_is_not_fulfilled_again(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 3)], home)
    connector = await link(store)
    report = await booked(connector, order_id, is_shipped=True)
    line = int(report.lines[0].line_external_id)
    store.shelf.order(order_id).fulfillments.append(
        {
            "id": 9001,
            "is_fulfilled": True,
            "status": "fulfilled",
            "date_deleted": None,
            "meta_data": [{"id": 1, "key": "_items", "value": [{"item_id": line, "qty": 2}]}],
        }
    )
    await connector.report(report, "", in_doubt=False)
    _, ours = row_of(store, order_id)["fulfillments"]
    meta = {entry["key"]: entry["value"] for entry in ours["meta_data"]}
    assert meta["_items"] == [{"item_id": line, "qty": 1}]


async def test_where_fulfillments_are_off_they_are_asked_for_once(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    connector = await link(store)
    for _ in range(3):
        order_id = store.place_order([("BREAD-1", 1)], home)
        await connector.report(await booked(connector, order_id, is_shipped=True), "", in_doubt=False)
    asked = [endpoint for _, endpoint, _ in store.door.seen if endpoint.endswith("/fulfillments")]
    assert len(asked) == 1


async def test_a_native_fulfillment_holds_what_is_carried_and_is_kept_up_to_date(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 2)], home)
    connector = await link(store)
    report = await booked(connector, order_id, is_shipped=True)
    told = await connector.report(report, "", in_doubt=False)
    await connector.report(replace(report, tracking_number="TRK-9"), told, in_doubt=False)
    (fulfillment,) = row_of(store, order_id)["fulfillments"]
    meta = {entry["key"]: entry["value"] for entry in fulfillment["meta_data"]}
    line = int(report.lines[0].line_external_id)
    assert fulfillment["is_fulfilled"]
    assert meta["_items"] == [{"item_id": line, "qty": 2}]
    assert (meta["_tracking_number"], meta["_shipment_provider"]) == ("TRK-9", "other")
    assert "_date_fulfilled" in meta
