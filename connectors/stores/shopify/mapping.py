"""Admin API 2026-10, written from its schema and recorded answers of November 2026: orders. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from connectors.stores.shopify.measures import weight_g
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.places import read_shipping_address
from connectors.stores.shopify.units import is_held_by_us_alone, read_unit
from doorstep.address import Address
from doorstep.errors import UnreadablePayload
from doorstep.ids import prefix_of
from doorstep.money import Money
from doorstep.order import (
    DISPATCHED_METHODS,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
    TakenRate,
)

CHOICE_ATTRIBUTE = "doorstep_choice"
"""Cart attribute that carries the shopper's choice from our checkout elements."""

# Shopify lets a merchant fulfill any order, and its admin marks these as not to be shipped yet: a PENDING
# payment (bank deposit, wallet still checking) has not come, an EXPIRED authorisation cannot be captured any
# more, a VOIDED one was given back. AUTHORIZED ships: many merchants capture when they fulfill, and Shopify's
# own admin fulfills such orders without a question. All others have been paid at least in part; what was
# refunded shows in the quantities.
_PAYMENT_HOLDS = {
    "PENDING": "payment pending",
    "EXPIRED": "payment expired",
    "VOIDED": "payment voided",
}
# The name of Shopify's own manual payment method, paid at the door.
_PAID_AT_THE_DOOR = "cash on delivery"
_OPEN = frozenset(
    "UNFULFILLED OPEN IN_PROGRESS PENDING_FULFILLMENT SCHEDULED REQUEST_DECLINED RESTOCKED".split()
)
_ARRIVED = frozenset({"DELIVERED", "PICKED_UP"})


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
    hold = _payment_hold(order)
    units = tuple(read_unit(unit, order, destination, hold) for unit in order["fulfillmentOrders"].nodes())
    denied = [path.text() for path in payload["denied"].items()]
    total = order["currentTotalPriceSet"].shop_money()
    return Order(
        external_id=order["id"].text(),
        number=order["name"].text(),
        platform=StorePlatform.SHOPIFY,
        status=_status(order, units, hold),
        # What orders are counted by; `processedAt` may be any day that an importing app wrote.
        placed_at=order["createdAt"].instant(),
        updated_at=order["updatedAt"].instant(),
        total=total,
        lines=tuple(_line(line) for line in order["lineItems"].nodes()),
        fulfillment_orders=units,
        destination=destination,
        shipping_paid=order["totalShippingPriceSet"].shop_money(),
        choice_reference=_choice(order, units),
        taken_rate=_taken_rate(order),
        needs_personal_data=_lacks_address(order, destination, units, denied),
        tags=tuple(tag.text_or_empty() for tag in order["tags"].items()),
        is_test=order["test"].flag(False),
        raw_status=order["displayFulfillmentStatus"].text_or_empty(),
        total_presented=_presented(order["currentTotalPriceSet"]["presentmentMoney"], total),
        company=_company(order, destination),
        confirmation_number=order["confirmationNumber"].text_or_empty(),
    )


def _payment_hold(order: Field) -> str:
    """Why the merchant would not ship it yet; "" where the payment keeps nothing back."""
    status = order["displayFinancialStatus"].text_or_empty()
    gateways = (name.text_or_empty().casefold() for name in order["paymentGatewayNames"].items())
    if status == "PENDING" and any(_PAID_AT_THE_DOOR in name for name in gateways):
        return ""
    return _PAYMENT_HOLDS.get(status, "")


def _status(order: Field, units: Sequence[FulfillmentOrder], payment_hold: str) -> OrderStatus:
    """The order as a whole. FULFILLED says that everything left, not that it arrived."""
    if order["cancelledAt"]:
        return OrderStatus.CANCELLED
    status = order["displayFulfillmentStatus"].text_or_empty()
    if status == "ON_HOLD" and _is_held_by_us_alone(order):
        status = "OPEN"
    sent = [part["displayStatus"].text_or_empty() for part in order["fulfillments"].items() if _counts(part)]
    arrived = [word for word in sent if word in _ARRIVED]
    if status == "ON_HOLD":
        return OrderStatus.ON_HOLD
    if status == "FULFILLED" and arrived and len(arrived) == len(sent):
        return OrderStatus.DELIVERED
    if status in {"FULFILLED", "PARTIALLY_FULFILLED"} and arrived:
        return OrderStatus.PARTIALLY_DELIVERED
    if status in _OPEN or status == "PARTIALLY_FULFILLED":
        waits = payment_hold and (
            not units or any(unit.status is FulfillmentOrderStatus.ON_HOLD for unit in units)
        )
        return OrderStatus.ON_HOLD if waits else OrderStatus.OPEN
    return OrderStatus.OTHER


def _is_held_by_us_alone(order: Field) -> bool:
    held = [unit for unit in order["fulfillmentOrders"].nodes() if unit["status"].value == "ON_HOLD"]
    return bool(held) and all(is_held_by_us_alone(unit) for unit in held)


def _counts(fulfillment: Field) -> bool:
    return fulfillment["status"].text_or_empty() not in {"CANCELLED", "ERROR", "FAILURE"}


def _line(line: Field) -> OrderLine:
    """A line. `currentQuantity` is what edits and refunds left of it; `quantity` stays as it was ordered."""
    variant = line["variant"]
    return OrderLine(
        external_id=line["id"].text(),
        title=line["name"].text_or_empty(),
        quantity=line["currentQuantity"].count(),
        requires_shipping=line["requiresShipping"].flag(True),
        sku=line["sku"].text_or_empty(),
        unit_price=line["originalUnitPriceSet"].shop_money(),
        weight_g=weight_g(line["weight"]),
        product_external_id=variant["id"].text() if variant else "",
        is_gift_card=line["isGiftCard"].flag(False),
    )


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


def _presented(money: Field, total: Money) -> Money | None:
    """What the shopper saw, where that is another currency; one that ISO 4217 does not know is left out."""
    if not money or money["currencyCode"].text_or_empty() == total.currency:
        return None
    try:
        return money.money()
    except UnreadablePayload:
        return None


def _company(order: Field, destination: Address | None) -> str:
    """Who buys, where a company does; "" for a person.

    The name is that of the address, which Shopify fills from the company's location: reading the company
    itself would need one access scope more.
    """
    entity = order["purchasingEntity"]
    is_company = bool(entity) and entity["__typename"].text_or_empty() == "PurchasingCompany"
    return destination.company if is_company and destination is not None else ""


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


def _taken_rate(order: Field) -> TakenRate | None:
    """What the shopper took of the rates that the store asked for: Shopify carries their code alone."""
    lines = (line for line in order["shippingLines"].nodes() if not line["isRemoved"].flag(False))
    code = next((code for line in lines if (code := line["code"].text_or_empty())), "")
    return TakenRate(code) if code else None


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
