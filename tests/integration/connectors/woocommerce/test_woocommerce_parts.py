"""An order that leaves from two places: each delivery is shown beside the other, the last completes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.reporting.tracking import ITEMS_KEY
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.report import DeliveryReport, OtherPart
from simulator.stores.woocommerce import FakeWooCommerce
from tests.integration.connectors.woocommerce.reports import HOLD, booked, row_of

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
Status = DeliveryStatus


def _numbers(store: FakeWooCommerce, order_id: str) -> list[str]:
    meta = [
        {one["key"]: one["value"] for one in row["meta_data"]}
        for row in row_of(store, order_id)["fulfillments"]
    ]
    return sorted(str(one["_tracking_number"]) for one in meta)


def _items(store: FakeWooCommerce, order_id: str) -> list[str]:
    meta = {one["key"]: one["value"] for one in store.shelf.order(order_id).meta}
    return sorted(item["tracking_number"] for item in meta.get(ITEMS_KEY) or [])


def _beside(report: DeliveryReport, **more: bool) -> DeliveryReport:
    """A report for the kettle, of which the tea's is the other part."""
    tea = OtherPart("del_1", report.lines[:1], **more)
    return replace(
        report, delivery_id="del_2", lines=report.lines[1:], tracking_number="TRK-2", beside=(tea,)
    )


async def test_deliveries_of_two_parts_stand_side_by_side_and_the_last_completes_the_order(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 1), ("FISH-1", 2)], home)
    connector = await link(store)
    both = await booked(connector, order_id, is_shipped=True, status=Status.PICKED_UP)
    bread = replace(both, lines=both.lines[:1], beside=(OtherPart("", both.lines[1:]),))
    fish = _beside(both)

    told = await connector.report(bread, "", in_doubt=False)
    told_too = await connector.report(fish, "", in_doubt=False)
    bread = replace(bread, beside=(OtherPart("del_2", both.lines[1:]),), status=Status.DELIVERED)
    await connector.report(bread, told, in_doubt=True)
    assert _numbers(store, order_id) == _items(store, order_id) == ["TRK-1", "TRK-2"]
    assert row_of(store, order_id)["status"] == "processing"

    fish = replace(_beside(both, is_delivered=True), status=Status.DELIVERED)
    await connector.report(fish, told_too, in_doubt=True)
    assert _numbers(store, order_id) == _items(store, order_id) == ["TRK-1", "TRK-2"]
    assert row_of(store, order_id)["status"] == "completed"


async def test_an_order_waits_as_long_as_one_of_its_parts_does(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store()
    order_id = store.place_order([("BREAD-1", 1), ("FISH-1", 2)], home)
    connector = await link(store)
    both = await booked(connector, order_id)
    await connector.report(replace(both, lines=both.lines[:1], hold=HOLD), "", in_doubt=False)
    await connector.report(_beside(both, waits=True), "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "on-hold"
    await connector.report(_beside(both), "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "processing"
