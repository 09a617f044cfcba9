from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.order import FulfillmentLine, OrderStatus
from simulator.stores.woocommerce import FakeWooCommerce
from tests.integration.connectors.woocommerce.reports import (
    HOLD,
    PICKED_UP,
    booked,
    milestone,
    row_of,
)

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]
Status = DeliveryStatus
FAILED = milestone(2, Status.FAILED, "Nobody at home")


@pytest.fixture
def order_id(store: FakeWooCommerce, home: Address) -> str:
    return store.place_order([("BREAD-1", 2), ("GIFT-25", 1)], home)


async def test_all_delivered_completes_the_order_and_gift_cards_do_not_count(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.DELIVERED, is_shipped=True)
    await connector.report(report, "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "completed"


async def test_an_order_of_which_a_part_was_not_delivered_is_not_completed(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.DELIVERED, is_shipped=True)
    part = (FulfillmentLine(report.lines[0].line_external_id, 1),)
    await connector.report(replace(report, lines=part), "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "processing"


async def test_what_was_refunded_need_not_be_delivered(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 3)], home)
    store.refund(order_id, {"BREAD-1": 1})
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.DELIVERED, is_shipped=True)
    assert report.lines[0].quantity == 2
    await connector.report(report, "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "completed"


async def test_a_hold_waits_for_a_person_and_its_release_gives_the_former_status_back(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    told = await connector.report(replace(report, hold=HOLD), "", in_doubt=False)
    row = row_of(store, order_id)
    assert row["status"] == "on-hold"
    assert sum("Waits for you: the house number is missing" in text for text, _, _ in row["notes"]) == 1
    await connector.report(report, told, in_doubt=False)
    assert row_of(store, order_id)["status"] == "processing"


async def test_the_same_hold_a_second_time_is_told_a_second_time(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    told = ""
    for hold in (HOLD, None, HOLD):
        told = await connector.report(replace(report, hold=hold), told, in_doubt=False)
    notes = row_of(store, order_id)["notes"]
    assert sum("Waits for you" in text for text, _, _ in notes) == 2
    assert row_of(store, order_id)["status"] == "on-hold"


async def test_a_failure_puts_the_order_on_hold_with_the_reason(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.FAILED, milestones=(PICKED_UP, FAILED))
    await connector.report(report, "", in_doubt=False)
    row = row_of(store, order_id)
    assert row["status"] == "on-hold"
    assert sum("Nobody at home [" in text for text, _, _ in row["notes"]) == 1


async def test_a_person_who_takes_the_order_off_hold_is_not_overruled(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = replace(await booked(connector, order_id), hold=HOLD)
    told = await connector.report(report, "", in_doubt=False)
    store.set_status(order_id, "processing")
    told = await connector.report(report, told, in_doubt=False)
    assert row_of(store, order_id)["status"] == "processing"
    store.set_status(order_id, "on-hold")  # and now it is the person's own hold
    await connector.report(replace(report, hold=None), told, in_doubt=False)
    assert row_of(store, order_id)["status"] == "on-hold"


@pytest.mark.parametrize("status", ["cancelled", "refunded", "completed", "pending", "failed", "on-hold"])
@pytest.mark.parametrize("ending", [{"hold": HOLD}, {"status": Status.DELIVERED}, {"status": Status.FAILED}])
async def test_a_status_that_somebody_else_set_stays(
    store: FakeWooCommerce, link: Link, order_id: str, status: str, ending: dict[str, Any]
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id)
    store.set_status(order_id, status)
    await connector.report(replace(report, **ending), "", in_doubt=False)
    assert row_of(store, order_id)["status"] == status


async def test_a_status_that_no_plugin_registers_any_more_is_left_alone(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.DELIVERED, is_shipped=True)
    store.set_status(order_id, "ready-to-bake")
    await connector.report(report, "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "ready-to-bake"


async def test_meta_and_status_go_in_one_write(store: FakeWooCommerce, link: Link, order_id: str) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id, hold=HOLD), "", in_doubt=False)
    assert store.calls("PUT", f"orders/{order_id}") == 1


async def test_when_a_person_has_dealt_with_a_failure_the_order_is_off_hold_and_stays_so(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    report = await booked(connector, order_id, status=Status.FAILED, milestones=(PICKED_UP, FAILED))
    told = await connector.report(replace(report, hold=HOLD), "", in_doubt=False)
    assert row_of(store, order_id)["status"] == "on-hold"
    for _ in range(2):
        told = await connector.report(report, told, in_doubt=False)
        assert row_of(store, order_id)["status"] == "processing"


async def test_our_own_hold_is_not_read_back_as_the_merchants(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id, hold=HOLD), "", in_doubt=False)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    order = connector.read_order(raw)
    assert (order.raw_status, order.status) == ("on-hold", OrderStatus.OPEN)
    assert order.fulfillment_orders[0].is_dispatchable


async def test_the_merchants_hold_is_one_whatever_we_reported(
    store: FakeWooCommerce, link: Link, order_id: str
) -> None:
    connector = await link(store)
    await connector.report(await booked(connector, order_id), "", in_doubt=False)
    store.set_status(order_id, "on-hold")
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    assert connector.read_order(raw).status is OrderStatus.ON_HOLD
