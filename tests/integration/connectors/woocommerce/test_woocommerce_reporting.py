from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from simulator.stores.woocommerce import FakeWooCommerce
from tests.integration.connectors.woocommerce.reports import (
    PICKED_UP,
    booked,
    milestone,
    row_of,
    writes,
)

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
Status = DeliveryStatus

KEY = "_wc_shipment_tracking_items"
THEIRS = {
    "tracking_provider": "",
    "custom_tracking_provider": "Bikes Inc",
    "custom_tracking_link": "https://track.example/1",
    "tracking_number": "X9",
    "date_shipped": "1795354983",
    "tracking_id": "abc",
}
DELIVERED = milestone(3, Status.DELIVERED)


@pytest.fixture
def order_id(store: FakeWooCommerce, home: Address) -> str:
    return store.place_order([("BREAD-1", 2), ("GIFT-25", 1)], home)


async def test_a_booking_shows_in_the_meta_that_the_tracking_plugins_read(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id, milestones=(PICKED_UP,)), "", in_doubt=False)
    (item,) = row_of(store, order_id)["trackings"]
    assert set(item) >= set(THEIRS)
    assert item["custom_tracking_provider"] == "Bikes United"
    assert (item["tracking_number"], item["custom_tracking_link"]) == ("TRK-1", "https://follow.example/t/1")
    assert item["date_shipped"] == str(int(PICKED_UP.occurred_at.timestamp()))
    assert len(item["tracking_id"]) == 32


async def test_our_own_plugin_finds_the_delivery_its_status_and_its_page(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id), "", in_doubt=False)
    meta = store.shelf.order(order_id).meta_value("_doorstep_delivery")
    assert (meta["id"], meta["status"]) == ("del_1", "BOOKED")
    assert meta["tracking_url"] == "https://follow.example/t/1"


@pytest.mark.parametrize("as_object", [False, True])
async def test_items_of_others_stay_and_another_carrier_replaces_only_ours(
    store: FakeWooCommerce, link: Link, order_id: str, *, as_object: bool
) -> None:
    # PHP writes a list with a gap as an object.
    store.write_meta(order_id, KEY, {"2": THEIRS} if as_object else [THEIRS])
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    await connector.report(replace(report, carrier="Vans & Co", tracking_number="V-2"), told, in_doubt=False)
    theirs, ours = row_of(store, order_id)["trackings"]
    assert theirs == THEIRS
    assert (ours["custom_tracking_provider"], ours["tracking_number"]) == ("Vans & Co", "V-2")


async def test_a_second_delivery_takes_the_place_of_the_first(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    first = await booked(connector, order_id, is_shipped=True)
    told = await connector.report(first, "", in_doubt=False)
    second = replace(first, delivery_id="del_2", tracking_number="TRK-2")
    await connector.report(second, told, in_doubt=False)
    row = row_of(store, order_id)
    assert [item["tracking_number"] for item in row["trackings"]] == ["TRK-2"]
    assert len(row["fulfillments"]) == 1


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FAILED])
async def test_a_delivery_that_nobody_carries_any_more_is_not_to_be_followed(
    store: FakeWooCommerce, link: Link, order_id: str, status: DeliveryStatus
) -> None:
    store.write_meta(order_id, KEY, [THEIRS])
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    await connector.report(replace(report, status=status), told, in_doubt=False)
    assert row_of(store, order_id)["trackings"] == [THEIRS]


async def test_without_items_left_the_meta_is_taken_away(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    await connector.report(replace(report, status=Status.CANCELLED), told, in_doubt=False)
    assert store.shelf.order(order_id).meta_value(KEY) is None


async def test_each_step_has_one_note_and_only_the_link_goes_to_the_shopper(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    steps = (PICKED_UP, milestone(4, Status.IN_TRANSIT), DELIVERED)
    await connector.report(
        replace(report, status=Status.DELIVERED, is_shipped=True, milestones=steps), told, in_doubt=False
    )
    notes = [note for note in row_of(store, order_id)["notes"] if "[Doorstep" in note[0]]
    assert [text.split(" [")[0] for text, _, _ in notes] == [
        "Bikes United delivers this order (D-1). Track it: https://follow.example/t/1",
        "Picked up.",
        "Delivered.",
    ]
    assert [for_customer for _, for_customer, _ in notes] == [True, False, False]


async def test_no_note_goes_to_a_shopper_whom_we_must_not_write_to(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id, notify_shopper=False), "", in_doubt=False)
    assert not any(for_customer for _, for_customer, _ in row_of(store, order_id)["notes"])


async def test_reporting_the_same_again_writes_nothing_so_that_our_own_echo_dies_out(
    make_store: MakeStore, link: Link, home: Address
) -> None:
    store = make_store(has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 2)], home)
    connector = await link(store)
    report = await booked(connector, order_id, is_shipped=True, milestones=(PICKED_UP,))
    told = await connector.report(report, "", in_doubt=False)
    before, modified = writes(store), row_of(store, order_id)["modified_at"]
    assert await connector.report(report, told, in_doubt=False) == told
    assert await connector.report(report, told, in_doubt=True) == told
    assert await connector.report(report, "", in_doubt=True) == told
    assert (writes(store), row_of(store, order_id)["modified_at"]) == (before, modified)


async def test_a_quiet_report_costs_one_read(store: FakeWooCommerce, link: Link, order_id: str) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(report, "", in_doubt=False)
    before = len(store.door.seen)
    await connector.report(report, told, in_doubt=False)
    assert len(store.door.seen) == before + 1


async def test_an_order_in_the_trash_is_left_alone_and_one_that_is_gone_is_refused(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    store.trash(order_id)
    await connector.report(report, "", in_doubt=False)
    assert writes(store) == 0
    store.delete_forever(order_id)
    with pytest.raises(RemoteRefused):
        await connector.report(report, "", in_doubt=False)


async def test_spoiled_memory_and_notes_are_read_as_none(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    store.write_meta(order_id, "_doorstep_delivery", "scribbled over")
    store.write_meta(order_id, KEY, "also")
    connector = await link(store)
    report = await booked(connector, order_id)
    await connector.report(report, "[1", in_doubt=False)
    assert len(row_of(store, order_id)["trackings"]) == 1
