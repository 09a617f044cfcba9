"""Who may be shipped to, and what: holds, payments, gift cards, companies, currencies and partial orders."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from connectors.stores.shopify.mapping import read_order
from doorstep.errors import UnreadablePayload
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus
from tests.unit.connectors.shopify.shopify_payloads import LINE, PAYLOAD, UNIT, changed

OURS = {"displayReason": "Incorrect address", "heldByRequestingApp": True}
THEIRS = {"displayReason": "Awaiting payment", "heldByRequestingApp": False}
FIRST_UNIT: dict[str, Any] = PAYLOAD["order"]["fulfillmentOrders"]["nodes"][0]


def read(places: dict[str, object]) -> Order:
    return read_order(changed(places))


def held(*holds: dict[str, object]) -> Order:
    return read(
        {
            "order.displayFulfillmentStatus": "ON_HOLD",
            f"{UNIT}.status": "ON_HOLD",
            f"{UNIT}.fulfillmentHolds": list(holds),
        }
    )


def unit_like(number: int, **changes: object) -> dict[str, object]:
    gid = f"gid://shopify/FulfillmentOrder/{number}"
    return {**copy.deepcopy(FIRST_UNIT), "id": gid, **changes}


def remaining(quantity: int) -> dict[str, object]:
    lines = copy.deepcopy(FIRST_UNIT["lineItems"])
    lines["nodes"][0]["remainingQuantity"] = quantity
    return {"lineItems": lines}


def statuses(order: Order) -> list[FulfillmentOrderStatus]:
    return [unit.status for unit in order.fulfillment_orders]


def test_a_hold_says_why() -> None:
    [unit] = held(THEIRS, {**THEIRS, "displayReason": "High risk of fraud"}).fulfillment_orders
    assert unit.status is FulfillmentOrderStatus.ON_HOLD
    assert unit.hold_reason == "Awaiting payment; High risk of fraud"


def test_a_hold_that_names_nobody_is_somebody_elses() -> None:
    order = held()
    assert order.status is OrderStatus.ON_HOLD
    assert order.fulfillment_orders[0].hold_reason == "ON_HOLD"


def test_our_own_hold_does_not_stop_us() -> None:
    order = held(OURS)
    assert order.status is OrderStatus.OPEN
    assert order.fulfillment_orders[0].is_dispatchable
    assert order.fulfillment_orders[0].hold_reason == ""


def test_another_hold_beside_ours_stops_and_is_the_only_one_named() -> None:
    order = held(OURS, THEIRS)
    assert order.status is OrderStatus.ON_HOLD
    assert order.fulfillment_orders[0].hold_reason == "Awaiting payment"


@pytest.mark.parametrize(
    ("payment", "reason"),
    [("PENDING", "payment pending"), ("EXPIRED", "payment expired"), ("VOIDED", "payment voided")],
)
def test_what_is_not_paid_waits_and_says_so(payment: str, reason: str) -> None:
    order = read({"order.displayFinancialStatus": payment})
    assert order.status is OrderStatus.ON_HOLD
    [unit] = order.fulfillment_orders
    assert (unit.status, unit.hold_reason) == (FulfillmentOrderStatus.ON_HOLD, reason)


@pytest.mark.parametrize(
    "payment",
    [
        *("AUTHORIZED", "PARTIALLY_PAID", "PAID", "PARTIALLY_REFUNDED", "REFUNDED"),
        *(None, "SOMETHING_OF_2027"),
    ],
)
def test_what_a_merchant_would_ship_is_shipped(payment: str | None) -> None:
    order = read({"order.displayFinancialStatus": payment})
    assert order.status is OrderStatus.OPEN
    assert order.fulfillment_orders[0].is_dispatchable


def test_what_is_paid_at_the_door_is_brought_there_first() -> None:
    gateways = ["Cash on Delivery (COD)"]
    order = read({"order.displayFinancialStatus": "PENDING", "order.paymentGatewayNames": gateways})
    assert order.fulfillment_orders[0].is_dispatchable


def test_an_unpaid_order_without_fulfillment_orders_yet_waits_too() -> None:
    order = read({"order.displayFinancialStatus": "PENDING", "order.fulfillmentOrders.nodes": []})
    assert order.status is OrderStatus.ON_HOLD


def test_a_payment_keeps_nothing_back_that_has_left_already() -> None:
    order = read(
        {
            "order.displayFinancialStatus": "VOIDED",
            "order.displayFulfillmentStatus": "FULFILLED",
            "order.fulfillments": [{"status": "SUCCESS", "displayStatus": "DELIVERED"}],
            f"{UNIT}.status": "CLOSED",
        }
    )
    assert order.status is OrderStatus.DELIVERED
    assert statuses(order) == [FulfillmentOrderStatus.DISPATCHED]


def test_a_gift_card_is_never_carried_whatever_it_says_of_shipping() -> None:
    order = read(
        {
            f"{UNIT}.lineItems.nodes.0.lineItem.isGiftCard": True,
            f"{UNIT}.lineItems.nodes.0.requiresShipping": True,
        }
    )
    [unit] = order.fulfillment_orders
    assert (unit.lines, unit.is_dispatchable) == ((), False)


def test_a_digital_line_is_never_carried() -> None:
    [unit] = read({f"{UNIT}.lineItems.nodes.0.requiresShipping": False}).fulfillment_orders
    assert (unit.lines, unit.is_dispatchable) == ((), False)


def test_edits_and_refunds_show_in_what_is_left() -> None:
    places: dict[str, object] = {
        f"{LINE}.currentQuantity": 1,
        f"{UNIT}.lineItems.nodes.0.remainingQuantity": 1,
    }
    order = read(places)
    assert order.lines[0].quantity == order.fulfillment_orders[0].lines[0].quantity == 1


def test_a_line_that_was_refunded_whole_leaves_nothing_to_ship() -> None:
    places: dict[str, object] = {
        f"{LINE}.currentQuantity": 0,
        f"{UNIT}.lineItems.nodes.0.remainingQuantity": 0,
    }
    order = read(places)
    assert order.lines[0].quantity == 0
    assert not order.fulfillment_orders[0].is_dispatchable


def test_after_a_move_the_old_one_is_over_and_the_other_is_to_ship() -> None:
    other_place = {"location": {"id": "gid://shopify/Location/6"}}
    order = read(
        {
            "order.fulfillmentOrders.nodes": [
                unit_like(1, status="CLOSED", **remaining(0)),
                unit_like(2, assignedLocation=other_place),
            ]
        }
    )
    assert statuses(order) == [FulfillmentOrderStatus.DISPATCHED, FulfillmentOrderStatus.OPEN]
    assert [unit.is_dispatchable for unit in order.fulfillment_orders] == [False, True]
    assert order.fulfillment_orders[1].location_external_id == "gid://shopify/Location/6"


def test_after_a_split_both_parts_ship_their_share_and_one_may_wait() -> None:
    parts = [
        unit_like(1, **remaining(1)),
        unit_like(2, status="ON_HOLD", fulfillmentHolds=[THEIRS], **remaining(1)),
    ]
    order = read({"order.fulfillmentOrders.nodes": parts, "order.displayFulfillmentStatus": "ON_HOLD"})
    assert [unit.lines[0].quantity for unit in order.fulfillment_orders] == [1, 1]
    assert [unit.is_dispatchable for unit in order.fulfillment_orders] == [True, False]


def test_after_a_merge_only_the_merged_one_is_to_ship() -> None:
    parts = [unit_like(1, status="CANCELLED", **remaining(0)), unit_like(2, **remaining(2))]
    order = read({"order.fulfillmentOrders.nodes": parts})
    assert statuses(order) == [FulfillmentOrderStatus.CANCELLED, FulfillmentOrderStatus.OPEN]


def test_a_rescheduled_one_waits_for_its_day() -> None:
    [unit] = read(
        {f"{UNIT}.status": "SCHEDULED", f"{UNIT}.fulfillAt": "2026-12-01T09:00:00Z"}
    ).fulfillment_orders
    assert unit.status is FulfillmentOrderStatus.ON_HOLD
    assert unit.ready_at is not None
    assert unit.ready_at.isoformat() == "2026-12-01T09:00:00+00:00"


def test_an_address_on_hold_that_only_we_hold_keeps_its_day() -> None:
    day = "2026-12-01T09:00:00Z"
    places: dict[str, object] = {f"{UNIT}.status": "ON_HOLD", f"{UNIT}.fulfillmentHolds": [OURS]}
    [unit] = read({**places, f"{UNIT}.fulfillAt": day}).fulfillment_orders
    assert unit.status is FulfillmentOrderStatus.OPEN
    assert unit.ready_at is not None


@pytest.mark.parametrize("assigned", [{"location": None}, None])
def test_a_location_that_was_deleted_is_no_location(assigned: object) -> None:
    [unit] = read({f"{UNIT}.assignedLocation": assigned}).fulfillment_orders
    assert unit.location_external_id == ""


COMPANY = {"order.shippingAddress.company": "Corner Cafe Ltd"}


def test_a_company_that_buys_is_named() -> None:
    order = read({"order.purchasingEntity": {"__typename": "PurchasingCompany"}, **COMPANY})
    assert order.company == "Corner Cafe Ltd"


@pytest.mark.parametrize("entity", [None, {"__typename": "Customer"}, {}, {"__typename": "OfTheYear2027"}])
def test_a_person_is_no_company_whatever_the_address_says(entity: object) -> None:
    assert read({"order.purchasingEntity": entity, **COMPANY}).company == ""


def test_a_company_whose_address_is_withheld_is_read_without_its_name() -> None:
    places: dict[str, object] = {
        "order.purchasingEntity": {"__typename": "PurchasingCompany"},
        "order.shippingAddress": None,
        f"{UNIT}.destination": None,
        "denied": ["shippingAddress"],
    }
    order = read(places)
    assert (order.company, order.needs_personal_data) == ("", True)


def total(amount: str, currency: str) -> dict[str, object]:
    bag = {"amount": amount, "currencyCode": currency}
    return {"order.currentTotalPriceSet.presentmentMoney": bag}


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("64.9", "USD", None),
        ("9735.0", "JPY", Money(9735, "JPY")),
        ("19.918", "KWD", Money(19918, "KWD")),
        ("59.95", "EUR", Money(5995, "EUR")),
        ("1.0", "XDR", None),
        ("1.5", "JPY", None),
    ],
)
def test_what_the_shopper_saw_is_told_where_it_is_another_currency(
    amount: str, currency: str, expected: Money | None
) -> None:
    order = read(total(amount, currency))
    assert (order.total, order.total_presented) == (Money(6490, "USD"), expected)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("6490", "JPY", 6490), ("6490.0", "JPY", 6490), ("64.905", "BHD", 64905), ("64.9", "BHD", 64900)],
)
def test_a_shops_currency_has_its_own_digits(amount: str, currency: str, expected: int) -> None:
    money = {"amount": amount, "currencyCode": currency}
    assert read({"order.currentTotalPriceSet.shopMoney": money}).total == Money(expected, currency)


def test_half_a_yen_in_the_shops_own_total_is_refused() -> None:
    with pytest.raises(UnreadablePayload, match="is no amount of its currency"):
        read({"order.currentTotalPriceSet.shopMoney": {"amount": "6490.5", "currencyCode": "JPY"}})


def test_a_test_order_says_so() -> None:
    assert read({"order.test": True}).is_test


def test_an_order_with_nothing_personal_at_all_is_read_and_waits() -> None:
    places: dict[str, object] = {"order.email": None, "order.phone": None, "order.note": None}
    places |= {"order.shippingAddress": None, f"{UNIT}.destination": None}
    places["denied"] = ["email", "phone", "shippingAddress", "fulfillmentOrders.nodes.0.destination"]
    order = read(places)
    assert order.needs_personal_data
    assert order.destination is None
    assert order.fulfillment_orders[0].destination is None


def many(count: int) -> FulfillmentOrder:
    lines = []
    for number in range(count):
        line = copy.deepcopy(FIRST_UNIT["lineItems"]["nodes"][0])
        line["lineItem"]["id"] = f"gid://shopify/LineItem/{number}"
        lines.append(line)
    return read({f"{UNIT}.lineItems.nodes": lines}).fulfillment_orders[0]


@pytest.mark.parametrize("count", [51, 251])
def test_long_orders_are_read_whole(count: int) -> None:
    assert len(many(count).lines) == count
