"""Orders as Shopify writes them, read as ours."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.stores.shopify.mapping import read_order
from connectors.stores.shopify.places import e164
from doorstep.errors import UnreadablePayload
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import FulfillmentMethod, FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus
from doorstep.window import Window

PAYLOAD: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "payloads" / "shopify" / "order.json").read_text()
)
CHOICE = "cho_01jdm3y5x8e3s9v2k7q4c6b0an"
VARIANT = "gid://shopify/ProductVariant/9007199254740995"
UNIT = "order.fulfillmentOrders.nodes.0"
LINE = "order.lineItems.nodes.0"


def changed(path: str, value: object) -> str:
    """The payload as JSON, with one place of it changed."""
    payload = copy.deepcopy(PAYLOAD)
    *parents, last = path.split(".")
    place: Any = payload
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(payload)


def read(path: str, value: object) -> Order:
    return read_order(changed(path, value))


def unit(path: str, value: object) -> FulfillmentOrder:
    return read(f"{UNIT}.{path}", value).fulfillment_orders[0]


def test_an_order_is_read_whole() -> None:
    order = read_order(json.dumps(PAYLOAD))
    assert order.external_id == "gid://shopify/Order/820982911946154508"
    assert order.number == "#1001"
    assert order.status is OrderStatus.OPEN
    assert order.raw_status == "UNFULFILLED"
    assert order.placed_at == datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 11, 20, 14, 5, 2, tzinfo=UTC)
    assert order.total == Money(6490, "USD")
    assert order.shipping_paid == Money(500, "USD")
    assert order.choice_reference == CHOICE
    assert order.confirmation_number == "XPAV284CT"
    assert order.tags == ("gift", "vip")
    assert not order.is_test
    assert not order.needs_personal_data


def test_lines_are_what_is_left_of_them_with_weights_in_grams() -> None:
    tea, card = read_order(json.dumps(PAYLOAD)).lines
    assert (tea.quantity, tea.weight_g, tea.unit_price) == (2, 750, Money(2495, "USD"))
    assert (tea.product_external_id, tea.is_gift_card) == (VARIANT, False)
    assert (card.requires_shipping, card.weight_g, card.sku) == (False, None, "")
    assert (card.product_external_id, card.is_gift_card) == ("", True)


def test_a_fulfillment_order_is_what_is_still_to_ship_from_one_place() -> None:
    part = read_order(json.dumps(PAYLOAD)).fulfillment_orders[0]
    assert part.is_dispatchable
    assert part.method is FulfillmentMethod.LOCAL
    assert part.location_external_id == "gid://shopify/Location/5"
    assert part.service_code == "doorstep_today"
    assert part.changed_at == datetime(2026, 11, 20, 14, 5, 2, tzinfo=UTC)
    assert [(line.line_external_id, line.quantity) for line in part.lines] == [
        ("gid://shopify/LineItem/487817672276298554", 2)
    ]
    start, end = datetime(2026, 11, 20, 20, tzinfo=UTC), datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert part.delivery_window == Window(start, end)
    assert part.destination is None, "it is the order's own address"


def test_the_address_has_its_number_in_e164_and_its_place() -> None:
    address = read_order(json.dumps(PAYLOAD)).destination
    assert address is not None
    assert (address.name, address.province, address.country) == ("Ana Lopez", "NY", "US")
    assert (address.phone, address.phone_raw) == ("+12127363100", "(212) 736-3100")
    assert address.instructions == "Ring twice"
    assert address.location == LatLng(40.7484, -73.9857)


def test_another_door_than_the_orders_is_kept_with_its_own_words() -> None:
    elsewhere = {**PAYLOAD["order"]["fulfillmentOrders"]["nodes"][0]["destination"], "address1": "1 Main St"}
    address = unit("destination", elsewhere).destination
    assert address is not None
    assert (address.line1, address.province, address.location) == ("1 Main St", "New York", None)


def test_instructions_for_one_delivery_stand_above_the_orders_note() -> None:
    address = unit(
        "deliveryMethod.additionalInformation", {"instructions": "Side door", "phone": None}
    ).destination
    assert address is not None
    assert address.instructions == "Side door"
    assert address.province == "NY", "the rest is the order's fuller address"


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("555-555-SHIP", "US", None),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("", "US", None),
        ("212 736 3100", "", None),
    ],
)
def test_phone_numbers_are_read_by_country(raw: str, country: str, expected: str | None) -> None:
    assert e164(raw, country) == expected


@pytest.mark.parametrize(
    ("status", "shipments", "expected"),
    [
        ("UNFULFILLED", [], OrderStatus.OPEN),
        ("IN_PROGRESS", [], OrderStatus.OPEN),
        ("SCHEDULED", [], OrderStatus.OPEN),
        ("ON_HOLD", [], OrderStatus.ON_HOLD),
        ("PARTIALLY_FULFILLED", ["IN_TRANSIT"], OrderStatus.OPEN),
        ("PARTIALLY_FULFILLED", ["DELIVERED"], OrderStatus.PARTIALLY_DELIVERED),
        ("FULFILLED", ["DELIVERED", "PICKED_UP"], OrderStatus.DELIVERED),
        ("FULFILLED", ["DELIVERED", "IN_TRANSIT"], OrderStatus.PARTIALLY_DELIVERED),
        ("FULFILLED", ["FULFILLED"], OrderStatus.OTHER),
        ("FULFILLMENT_NOT_REQUIRED", [], OrderStatus.OTHER),
        ("SOMETHING_OF_2027", [], OrderStatus.OTHER),
    ],
)
def test_fulfilled_is_delivered_only_when_the_shipments_say_so(
    status: str, shipments: list[str], expected: OrderStatus
) -> None:
    payload = json.loads(changed("order.displayFulfillmentStatus", status))
    payload["order"]["fulfillments"] = [
        {"status": "SUCCESS", "displayStatus": word} for word in shipments
    ] + [{"status": "CANCELLED", "displayStatus": "CANCELED"}]
    order = read_order(json.dumps(payload))
    assert order.status is expected
    assert order.raw_status == status


def test_a_cancelled_order_is_cancelled_whatever_else_it_says() -> None:
    assert read("order.cancelledAt", "2026-11-20T15:00:00Z").status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("status", "asked", "expected", "reason"),
    [
        ("OPEN", "UNSUBMITTED", FulfillmentOrderStatus.OPEN, ""),
        ("OPEN", "SUBMITTED", FulfillmentOrderStatus.OTHER, "OPEN: SUBMITTED"),
        ("IN_PROGRESS", "UNSUBMITTED", FulfillmentOrderStatus.OPEN, ""),
        ("IN_PROGRESS", "ACCEPTED", FulfillmentOrderStatus.OTHER, "IN_PROGRESS: ACCEPTED"),
        ("SCHEDULED", "UNSUBMITTED", FulfillmentOrderStatus.ON_HOLD, "SCHEDULED"),
        ("CLOSED", "UNSUBMITTED", FulfillmentOrderStatus.DISPATCHED, ""),
        ("CANCELLED", "UNSUBMITTED", FulfillmentOrderStatus.CANCELLED, ""),
        ("INCOMPLETE", "REJECTED", FulfillmentOrderStatus.OTHER, "INCOMPLETE"),
        ("SOMETHING_OF_2027", "UNSUBMITTED", FulfillmentOrderStatus.OTHER, "SOMETHING_OF_2027"),
    ],
)
def test_every_status_of_a_fulfillment_order_has_a_meaning(
    status: str, asked: str, expected: FulfillmentOrderStatus, reason: str
) -> None:
    payload = json.loads(changed(f"{UNIT}.status", status))
    payload["order"]["fulfillmentOrders"]["nodes"][0]["requestStatus"] = asked
    part = read_order(json.dumps(payload)).fulfillment_orders[0]
    assert (part.status, part.hold_reason) == (expected, reason)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("SHIPPING", FulfillmentMethod.SHIP),
        ("LOCAL", FulfillmentMethod.LOCAL),
        ("PICK_UP", FulfillmentMethod.PICKUP),
        ("PICKUP_POINT", FulfillmentMethod.PICKUP),
        ("RETAIL", FulfillmentMethod.NONE),
        ("NONE", FulfillmentMethod.NONE),
        ("BY_BALLOON", FulfillmentMethod.OTHER),
    ],
)
def test_only_shipping_and_local_delivery_are_dispatched(method: str, expected: FulfillmentMethod) -> None:
    part = unit("deliveryMethod.methodType", method)
    assert part.method is expected
    assert part.is_dispatchable == (expected in {FulfillmentMethod.SHIP, FulfillmentMethod.LOCAL})


def test_an_order_whose_routing_is_not_done_has_no_fulfillment_orders_yet() -> None:
    assert read("order.fulfillmentOrders.nodes", []).fulfillment_orders == ()


@pytest.mark.parametrize(
    ("weight", "grams"),
    [
        ({"value": 100, "unit": "GRAMS"}, 100),
        ({"value": 1.5, "unit": "POUNDS"}, 680),
        ({"value": 4, "unit": "OUNCES"}, 113),
        ({"value": 0.0001, "unit": "GRAMS"}, 1),
        ({"value": 0.0, "unit": "KILOGRAMS"}, None),
        ({"value": 3, "unit": "STONES"}, None),
        (None, None),
    ],
)
def test_weights_become_grams(weight: object, grams: int | None) -> None:
    assert read(f"{LINE}.weight", weight).lines[0].weight_g == grams


def test_the_choice_may_come_as_the_code_of_the_rate() -> None:
    payload = json.loads(changed("order.customAttributes", [{"key": "doorstep_choice", "value": "forged"}]))
    payload["order"]["shippingLines"]["nodes"] = [
        {"code": "cho_01jdm3y5x8e3s9v2k7q4c6b0am", "isRemoved": True},
        {"code": CHOICE, "isRemoved": False},
    ]
    assert read_order(json.dumps(payload)).choice_reference == CHOICE


def test_what_is_no_choice_of_ours_is_none() -> None:
    assert read("order.customAttributes", []).choice_reference == ""


@pytest.mark.parametrize("denied", ["shippingAddress", "fulfillmentOrders.nodes.0.destination"])
def test_a_withheld_address_is_named_as_such(denied: str) -> None:
    payload = json.loads(changed("order.shippingAddress", None))
    payload["order"]["fulfillmentOrders"]["nodes"][0]["destination"] = None
    payload["denied"] = [denied, "email"]
    order = read_order(json.dumps(payload))
    assert order.needs_personal_data
    assert order.destination is None


def test_an_address_that_nobody_entered_is_another_matter_than_a_withheld_one() -> None:
    assert not read("order.shippingAddress", None).needs_personal_data


def test_a_withheld_e_mail_address_keeps_nothing_from_the_door() -> None:
    assert not read("denied", ["email"]).needs_personal_data


def test_the_address_of_an_order_without_goods_is_not_missed() -> None:
    payload = json.loads(changed("order.shippingAddress", None))
    payload["order"]["requiresShipping"] = False
    payload["denied"] = ["shippingAddress"]
    assert not read_order(json.dumps(payload)).needs_personal_data


@pytest.mark.parametrize(
    ("path", "value", "trouble"),
    [
        ("order", None, "is missing"),
        ("order.id", None, "is missing"),
        ("order.id", 820982911946154508, "is not text"),
        ("order.name", "", "is missing"),
        ("order.updatedAt", "yesterday", "is not a date with a time"),
        ("order.updatedAt", "2026-11-20T14:05:02", "has no time zone"),
        ("order.createdAt", "0001-01-01T00:00:00+23:00", "is not a date with a time"),
        ("order.currentTotalPriceSet.shopMoney.currencyCode", "XYZ", "is no ISO 4217 currency"),
        ("order.currentTotalPriceSet.shopMoney.amount", "12.999", "is no amount of its currency"),
        ("order.currentTotalPriceSet", None, "is not an object"),
        (f"{LINE}.currentQuantity", -1, "is negative"),
        (f"{LINE}.currentQuantity", 1.5, "is not a whole number"),
        (f"{LINE}.currentQuantity", True, "is not a whole number"),
        (f"{LINE}.weight.value", -0.5, "is negative"),
        (f"{LINE}.weight.value", "heavy", "is not a number"),
        (f"{LINE}.weight.value", 10**400, "is out of range"),
        (f"{UNIT}.id", None, "is missing"),
        (f"{UNIT}.status", None, "is missing"),
        (f"{UNIT}.lineItems.nodes.0.remainingQuantity", -2, "is negative"),
        (f"{UNIT}.lineItems.nodes.0.lineItem", None, "is not an object"),
        ("order.shippingAddress.latitude", 91, "are no place on the earth"),
        ("order.tags", "gift", "is not a list"),
    ],
)
def test_bad_input_names_its_field_and_shows_nothing_of_it(path: str, value: object, trouble: str) -> None:
    with pytest.raises(UnreadablePayload) as refusal:
        read(path, value)
    named = ".".join(refusal.value.path)
    assert named == path or named.startswith(f"{path}.")
    assert refusal.value.message.startswith(named)
    assert trouble in refusal.value.message
    for private in ("Ana", "350 5th", "736-3100", "ana@example.test", "yesterday", "heavy"):
        assert private not in refusal.value.message


@pytest.mark.parametrize("body", ["", "<html>", "[]", "3", '"text"', "null"])
def test_what_is_no_order_at_all_is_refused(body: str) -> None:
    with pytest.raises(UnreadablePayload):
        read_order(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: object, path: str = "") -> list[str]:
    found = [path] if path else []
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in children:
        found += _paths(child, f"{path}.{name}" if path else str(name))
    return found


@given(path=st.sampled_from(_paths(PAYLOAD)), value=JSON)
def test_whatever_stands_in_a_field_the_order_is_read_or_refused(path: str, value: object) -> None:
    body = changed(path, value)
    try:
        order = read_order(body)
    except UnreadablePayload:
        return
    assert order.external_id
