"""Admin API 2026-10, written from its schema and recorded answers of November 2026: orders. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.places import read_destination, read_shipping_address
from doorstep.address import Address
from doorstep.errors import UnreadablePayload
from doorstep.ids import prefix_of
from doorstep.order import (
    DISPATCHED_METHODS,
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from doorstep.window import Window

CHOICE_ATTRIBUTE = "doorstep_choice"
"""Cart attribute that carries the shopper's choice from our checkout elements."""

_METHODS = {
    "SHIPPING": FulfillmentMethod.SHIP,
    "LOCAL": FulfillmentMethod.LOCAL,
    "PICK_UP": FulfillmentMethod.PICKUP,
    "PICKUP_POINT": FulfillmentMethod.PICKUP,
    "RETAIL": FulfillmentMethod.NONE,
    "NONE": FulfillmentMethod.NONE,
}
_STATUSES = {
    "OPEN": FulfillmentOrderStatus.OPEN,
    "IN_PROGRESS": FulfillmentOrderStatus.OPEN,
    "ON_HOLD": FulfillmentOrderStatus.ON_HOLD,
    "SCHEDULED": FulfillmentOrderStatus.ON_HOLD,
    # Its goods have left; whether they arrived is not in this status.
    "CLOSED": FulfillmentOrderStatus.DISPATCHED,
    "CANCELLED": FulfillmentOrderStatus.CANCELLED,
}
# A fulfillment service was asked to ship these, so they are not ours to carry.
_ASKED_ELSEWHERE = frozenset({"SUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED"})
_OPEN = frozenset(
    "UNFULFILLED OPEN IN_PROGRESS PENDING_FULFILLMENT SCHEDULED REQUEST_DECLINED RESTOCKED".split()
)
_ARRIVED = frozenset({"DELIVERED", "PICKED_UP"})
_GRAMS = {"GRAMS": 1.0, "KILOGRAMS": 1000.0, "OUNCES": 28.349523125, "POUNDS": 453.59237}


def read_order(body: str) -> Order:
    """Map what `ShopifyConnector` fetched: {"order": …, "denied": [paths that Shopify withheld]}.

    Raises
    ------
    UnreadablePayload
        If a field is missing or wrong; `path` names it in Shopify's words.
    """
    try:
        payload = Field(json.loads(body))
    except ValueError:
        raise UnreadablePayload("the payload is not JSON") from None
    order = Field(payload["order"].value, ("order",))
    if not order:
        raise order.unreadable("is missing")
    destination = _destination(order)
    units = tuple(_fulfillment_order(unit, order, destination) for unit in order["fulfillmentOrders"].nodes())
    denied = [path.text() for path in payload["denied"].items()]
    return Order(
        external_id=order["id"].text(),
        number=order["name"].text(),
        platform=StorePlatform.SHOPIFY,
        status=_status(order),
        placed_at=order["processedAt"].instant(),
        updated_at=order["updatedAt"].instant(),
        total=order["currentTotalPriceSet"].shop_money(),
        lines=tuple(_line(line) for line in order["lineItems"].nodes()),
        fulfillment_orders=units,
        destination=destination,
        shipping_paid=order["totalShippingPriceSet"].shop_money(),
        choice_reference=_choice(order, units),
        needs_personal_data=_lacks_address(order, destination, units, denied),
        tags=tuple(tag.text_or_empty() for tag in order["tags"].items()),
        is_test=order["test"].flag(False),
        raw_status=order["displayFulfillmentStatus"].text_or_empty(),
    )


def _status(order: Field) -> OrderStatus:
    """The order as a whole. FULFILLED says that everything left, not that it arrived."""
    if order["cancelledAt"]:
        return OrderStatus.CANCELLED
    status = order["displayFulfillmentStatus"].text_or_empty()
    sent = [part["displayStatus"].text_or_empty() for part in order["fulfillments"].items() if _counts(part)]
    arrived = [word for word in sent if word in _ARRIVED]
    if status == "ON_HOLD":
        return OrderStatus.ON_HOLD
    if status == "FULFILLED" and arrived and len(arrived) == len(sent):
        return OrderStatus.DELIVERED
    if status in {"FULFILLED", "PARTIALLY_FULFILLED"} and arrived:
        return OrderStatus.PARTIALLY_DELIVERED
    if status in _OPEN or status == "PARTIALLY_FULFILLED":
        return OrderStatus.OPEN
    return OrderStatus.OTHER


def _counts(fulfillment: Field) -> bool:
    return fulfillment["status"].text_or_empty() not in {"CANCELLED", "ERROR", "FAILURE"}


def _line(line: Field) -> OrderLine:
    return OrderLine(
        external_id=line["id"].text(),
        title=line["name"].text_or_empty(),
        quantity=line["currentQuantity"].count(),
        requires_shipping=line["requiresShipping"].flag(True),
        sku=line["sku"].text_or_empty(),
        unit_price=line["originalUnitPriceSet"].shop_money(),
        weight_g=_weight_g(line["weight"]),
    )


def _weight_g(weight: Field) -> int | None:
    """Grams; None for 0, which is what Shopify has where nobody entered a weight, and for unknown units."""
    if not weight:
        return None
    value = weight["value"].number()
    if value < 0:
        raise weight["value"].unreadable("is negative")
    grams = _GRAMS.get(weight["unit"].text_or_empty())
    return None if grams is None or value == 0 else max(1, round(value * grams))


def _destination(order: Field) -> Address | None:
    address = order["shippingAddress"]
    if not address:
        return None
    return read_shipping_address(
        address,
        phone=order["phone"].text_or_empty(),
        email=order["email"].text_or_empty(),
        instructions=order["note"].text_or_empty(),
    )


def _fulfillment_order(unit: Field, order: Field, destination: Address | None) -> FulfillmentOrder:
    method = unit["deliveryMethod"]
    status, hold_reason = _unit_status(unit)
    return FulfillmentOrder(
        external_id=unit["id"].text(),
        status=status,
        method=_method(method, order),
        lines=tuple(_unit_line(line) for line in unit["lineItems"].nodes() if _is_carried(line)),
        destination=_own_destination(unit, destination),
        location_external_id=_location_id(unit),
        service_code=method["serviceCode"].text_or_empty() if method else "",
        ready_at=unit["fulfillAt"].instant_or_none(),
        delivery_window=_window(method) if method else None,
        hold_reason=hold_reason,
    )


def _method(method: Field, order: Field) -> FulfillmentMethod:
    if method:
        return _METHODS.get(method["methodType"].text_or_empty(), FulfillmentMethod.OTHER)
    # Orders made through the API may have no delivery method; an address then says that they are shipped.
    return FulfillmentMethod.SHIP if order["requiresShipping"].flag(True) else FulfillmentMethod.NONE


def _unit_status(unit: Field) -> tuple[FulfillmentOrderStatus, str]:
    """Our status and, where nothing moves, Shopify's word for why."""
    raw = unit["status"].text()
    asked = unit["requestStatus"].text_or_empty()
    status = _STATUSES.get(raw, FulfillmentOrderStatus.OTHER)
    if status is FulfillmentOrderStatus.OPEN and asked in _ASKED_ELSEWHERE:
        return FulfillmentOrderStatus.OTHER, f"{raw}: {asked}"
    if status is FulfillmentOrderStatus.ON_HOLD:
        reasons = [hold["displayReason"].text_or_empty() for hold in unit["fulfillmentHolds"].items()]
        return status, "; ".join(filter(None, reasons)) or raw
    return status, raw if status is FulfillmentOrderStatus.OTHER else ""


def _unit_line(line: Field) -> FulfillmentLine:
    return FulfillmentLine(line["lineItem"]["id"].text(), line["remainingQuantity"].count())


def _is_carried(line: Field) -> bool:
    return line["requiresShipping"].flag(True)


def _location_id(unit: Field) -> str:
    location = unit["assignedLocation"]["location"] if unit["assignedLocation"] else unit["assignedLocation"]
    return location["id"].text() if location else ""


def _own_destination(unit: Field, of_order: Address | None) -> Address | None:
    """Where this unit goes, if that is another place, or needs other words, than the order's address."""
    method = unit["deliveryMethod"]
    extra = method["additionalInformation"] if method else method
    instructions = extra["instructions"].text_or_empty() if extra else ""
    phone = extra["phone"].text_or_empty() if extra else ""
    if not instructions and of_order is not None:
        instructions = of_order.instructions
    if not unit["destination"]:
        return _with_instructions(of_order, instructions)
    own = read_destination(unit["destination"], phone=phone, instructions=instructions)
    if of_order is not None and _same_door(own, of_order):
        # The order's address also has the province's code and the coordinates.
        return _with_instructions(of_order, instructions)
    return own


def _with_instructions(address: Address | None, instructions: str) -> Address | None:
    if address is None or address.instructions == instructions:
        return None
    return replace(address, instructions=instructions)


def _same_door(one: Address, other: Address) -> bool:
    def door(address: Address) -> tuple[str, ...]:
        parts = (
            address.line1,
            address.line2,
            address.city,
            address.postal_code,
            address.country,
            address.name,
        )
        return tuple(part.casefold() for part in parts)

    return door(one) == door(other)


def _window(method: Field) -> Window | None:
    start = method["minDeliveryDateTime"].instant_or_none()
    end = method["maxDeliveryDateTime"].instant_or_none()
    return Window(start, end) if start and end and start <= end else None


def _choice(order: Field, units: Iterable[FulfillmentOrder]) -> str:
    """The shopper's choice at our checkout: as cart attribute, or as the code of the rate that was taken."""
    attributes = [
        attribute["value"].text_or_empty()
        for attribute in order["customAttributes"].items()
        if attribute["key"].text_or_empty() == CHOICE_ATTRIBUTE
    ]
    codes = [
        line["code"].text_or_empty()
        for line in order["shippingLines"].nodes()
        if not line["isRemoved"].flag(False)
    ]
    candidates = [*attributes, *codes, *(unit.service_code for unit in units)]
    return next((text for text in candidates if prefix_of(text) == "cho"), "")


def _lacks_address(
    order: Field, destination: Address | None, units: Iterable[FulfillmentOrder], denied: Iterable[str]
) -> bool:
    """Whether Shopify withheld what a courier needs; an address that nobody entered is another matter."""
    withheld = [path for path in denied if "shippingAddress" in path or "destination" in path]
    if not withheld or not order["requiresShipping"].flag(True):
        return False
    carried = [unit for unit in units if unit.method in DISPATCHED_METHODS]
    places = [unit.destination or destination for unit in carried] or [destination]
    return any(place is None or place.missing for place in places)
