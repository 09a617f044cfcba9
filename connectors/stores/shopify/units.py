"""Admin API 2026-10, written from its schema and recorded answers of November 2026: fulfillment orders. Pure.

Fulfillment orders that move, are split, merged or held are other ones afterwards, with ids of their own: what
an order has now is all that counts.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.places import read_destination
from doorstep.address import Address
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
)
from doorstep.window import Window

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


def read_unit(unit: Field, order: Field, destination: Address | None, payment_hold: str) -> FulfillmentOrder:
    """One fulfillment order.

    Parameters
    ----------
    destination
        The order's.
    payment_hold
        Why the merchant would not ship yet, "" where the payment keeps nothing back.
    """
    method = unit["deliveryMethod"]
    status, hold_reason = _status(unit)
    if payment_hold and status is FulfillmentOrderStatus.OPEN:
        status, hold_reason = FulfillmentOrderStatus.ON_HOLD, payment_hold
    return FulfillmentOrder(
        external_id=unit["id"].text(),
        status=status,
        method=_method(method, order),
        lines=tuple(_line(line) for line in unit["lineItems"].nodes() if _is_carried(line)),
        destination=_own_destination(unit, destination),
        location_external_id=_location_id(unit),
        service_code=method["serviceCode"].text_or_empty() if method else "",
        ready_at=unit["fulfillAt"].instant_or_none(),
        delivery_window=_window(method) if method else None,
        hold_reason=hold_reason,
        changed_at=unit["updatedAt"].instant_or_none(),
    )


def is_held_by_us_alone(unit: Field) -> bool:
    """Whether nobody but this app lets it wait: our own hold tells the merchant, and must not stop us."""
    holds = list(unit["fulfillmentHolds"].items())
    held = unit["status"].text_or_empty() == "ON_HOLD"
    return held and bool(holds) and all(hold["heldByRequestingApp"].flag(False) for hold in holds)


def _method(method: Field, order: Field) -> FulfillmentMethod:
    if method:
        return _METHODS.get(method["methodType"].text_or_empty(), FulfillmentMethod.OTHER)
    # Orders made through the API may have no delivery method; an address then says that they are shipped.
    return FulfillmentMethod.SHIP if order["requiresShipping"].flag(True) else FulfillmentMethod.NONE


def _status(unit: Field) -> tuple[FulfillmentOrderStatus, str]:
    """Our status and, where nothing moves, Shopify's word for why."""
    raw = "OPEN" if is_held_by_us_alone(unit) else unit["status"].text()
    asked = unit["requestStatus"].text_or_empty()
    status = _STATUSES.get(raw, FulfillmentOrderStatus.OTHER)
    if status is FulfillmentOrderStatus.OPEN and asked in _ASKED_ELSEWHERE:
        return FulfillmentOrderStatus.OTHER, f"{raw}: {asked}"
    if status is FulfillmentOrderStatus.ON_HOLD:
        return status, _hold_reason(unit) or raw
    return status, raw if status is FulfillmentOrderStatus.OTHER else ""


def _hold_reason(unit: Field) -> str:
    others = (
        hold for hold in unit["fulfillmentHolds"].items() if not hold["heldByRequestingApp"].flag(False)
    )
    reasons = (hold["displayReason"].text_or_empty() for hold in others)
    return "; ".join(reason for reason in reasons if reason)


def _line(line: Field) -> FulfillmentLine:
    return FulfillmentLine(line["lineItem"]["id"].text(), line["remainingQuantity"].count())


def _is_carried(line: Field) -> bool:
    """Gift cards and digital goods go by e-mail, also where somebody ticked that they are shipped."""
    return line["requiresShipping"].flag(True) and not line["lineItem"]["isGiftCard"].flag(False)


def _location_id(unit: Field) -> str:
    """The location's gid; "" where it was deleted, which leaves only its name behind."""
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
