"""Fulfillment orders and fulfillments as the Admin API 2026-10 shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.order_views import line_view, mailing_address
from simulator.stores.shopify.plain import View, money, place_address, stamp, weight
from simulator.stores.shopify.units import (
    DONE,
    EventRecord,
    FulfillmentRecord,
    Hold,
    Picked,
    UnitLine,
    UnitRecord,
)

if TYPE_CHECKING:
    from simulator.stores.shopify.views import Views

HOLD_WORDS = {
    "AWAITING_PAYMENT": "Awaiting payment",
    "AWAITING_RETURN_ITEMS": "Awaiting return items",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INCORRECT_ADDRESS": "Incorrect address",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
    "UNKNOWN_DELIVERY_DATE": "Unknown delivery date",
}
_ACTIONS = {
    "OPEN": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD", "SPLIT", "MERGE"),
    "IN_PROGRESS": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD", "MARK_AS_OPEN"),
    "SCHEDULED": ("MARK_AS_OPEN", "MOVE"),
    "ON_HOLD": ("RELEASE_HOLD", "HOLD", "MOVE"),
}


def unit_view(see: Views, unit: UnitRecord) -> View:
    """A FulfillmentOrder."""
    presentment = unit.order.presentment or see.presentment
    return {
        "__typename": "FulfillmentOrder",
        "id": unit.gid,
        "orderId": unit.order.gid,
        "orderName": unit.order.name,
        "orderProcessedAt": stamp(unit.order.created_at),
        "order": lambda _: see.order(unit.order),
        "status": unit.status,
        "requestStatus": unit.request_status,
        "createdAt": stamp(unit.created_at),
        "updatedAt": stamp(unit.updated_at),
        "fulfillAt": stamp(unit.fulfill_at),
        "fulfillBy": None,
        "assignedLocation": lambda _: _assigned_location(see, unit),
        "destination": see.personal(destination(unit)),
        "deliveryMethod": lambda _: delivery_method(unit),
        "fulfillmentHolds": [hold_view(record) for record in unit.holds],
        "supportedActions": [
            {"action": action, "externalUrl": None} for action in _ACTIONS.get(unit.status, ())
        ],
        "lineItems": connection(
            unit.lines, lambda line: unit_line_view(see, line, presentment), lambda line: line.number
        ),
        "fulfillments": connection(
            [
                shipment
                for shipment in unit.order.fulfillments
                if any(part.unit is unit for part in shipment.picked)
            ],
            see.fulfillment,
            lambda shipment: shipment.number,
        ),
        "locationsForMove": _locations_for_move(see, unit),
    }


def _assigned_location(see: Views, unit: UnitRecord) -> View:
    """A FulfillmentOrderAssignedLocation."""
    address = place_address(unit.place.address)
    names = ("address1", "address2", "city", "countryCode", "phone", "province", "zip")
    return {
        **{name: address[name] for name in names},
        "name": unit.place.name,
        "location": lambda _: see.place(unit.place),
    }


def unit_line_view(see: Views, record: UnitLine, presentment: tuple[str, int]) -> View:
    """A FulfillmentOrderLineItem."""
    article = record.line.article
    return {
        "id": record.gid,
        "lineItem": lambda _: line_view(see, record.line, presentment),
        "inventoryItemId": see.inventory_item_gid(article.sku),
        "productTitle": article.title,
        "sku": article.sku,
        "totalQuantity": record.total,
        "remainingQuantity": record.remaining,
        "requiresShipping": article.requires_shipping,
        "weight": weight(article.weight_g),
        "variant": lambda _: see.variant_of(article.sku),
    }


def destination(unit: UnitRecord) -> View | None:
    """Where a fulfillment order goes."""
    whole = mailing_address(unit.order)
    if whole is None:
        return None
    names = ("firstName", "lastName", "company", "address1", "address2", "city", "province", "zip", "phone")
    return {
        "id": f"gid://shopify/FulfillmentOrderDestination/{unit.number}",
        "countryCode": whole["countryCodeV2"],
        "email": unit.order.customer.email or None,
        "location": None,
        **{name: whole[name] for name in names},
    }


def delivery_method(unit: UnitRecord) -> View:
    """A DeliveryMethod."""
    window = unit.order.delivery_window
    address = unit.order.address
    instructions = address.instructions if address else ""
    return {
        "id": f"gid://shopify/DeliveryMethod/{unit.number}",
        "methodType": unit.method,
        "presentedName": unit.service_code.replace("_", " ").title() or None,
        "serviceCode": unit.service_code or None,
        "sourceReference": None,
        "minDeliveryDateTime": stamp(window[0]) if window else None,
        "maxDeliveryDateTime": stamp(window[1]) if window else None,
        "brandedPromise": None,
        "additionalInformation": {"instructions": instructions, "phone": None} if instructions else None,
    }


def hold_view(record: Hold) -> View:
    """A FulfillmentHold."""
    return {
        "__typename": "FulfillmentHold",
        "id": record.gid,
        "reason": record.reason,
        "displayReason": HOLD_WORDS.get(record.reason, "Other"),
        "reasonNotes": record.notes or None,
        "handle": record.handle or None,
        "heldByRequestingApp": record.by_app,
        "heldByApp": {"id": "gid://shopify/App/1"} if record.by_app else None,
    }


def fulfillment_view(see: Views, shipment: FulfillmentRecord) -> View:
    """A Fulfillment."""
    return {
        "__typename": "Fulfillment",
        "id": shipment.gid,
        "legacyResourceId": str(shipment.number),
        "name": shipment.name,
        "status": shipment.status,
        "displayStatus": shipment.display_status,
        "createdAt": stamp(shipment.created_at),
        "updatedAt": stamp(shipment.updated_at),
        "inTransitAt": stamp(shipment.in_transit_at),
        "deliveredAt": stamp(shipment.delivered_at),
        "estimatedDeliveryAt": stamp(shipment.estimated_delivery_at),
        "requiresShipping": True,
        "totalQuantity": shipment.pieces,
        "order": lambda _: see.order(shipment.order),
        "location": lambda _: see.place(shipment.place),
        "trackingInfo": lambda _, first=None: [
            {"company": row.company or None, "number": row.number or None, "url": row.url or None}
            for row in shipment.tracking[:first]
        ],
        "events": _events(shipment),
        "fulfillmentLineItems": connection(
            shipment.picked, lambda part: fulfillment_line_view(see, part), lambda part: part.number
        ),
        "fulfillmentOrders": connection(
            sorted({part.unit for part in shipment.picked}, key=lambda unit: unit.number),
            see.unit,
            lambda unit: unit.number,
        ),
    }


def fulfillment_line_view(see: Views, part: Picked) -> View:
    """A FulfillmentLineItem."""
    line = part.unit_line.line
    presentment = part.unit.order.presentment or see.presentment
    return {
        "id": f"gid://shopify/FulfillmentLineItem/{part.number}",
        "quantity": part.quantity,
        "lineItem": line_view(see, line, presentment),
        "originalTotalSet": money(line.article.unit_price.times(part.quantity), presentment),
    }


def event_view(event: EventRecord) -> View:
    """A FulfillmentEvent."""
    return {
        "__typename": "FulfillmentEvent",
        "id": event.gid,
        "status": event.status,
        "happenedAt": stamp(event.happened_at),
        "createdAt": stamp(event.created_at),
        "estimatedDeliveryAt": stamp(event.estimated_delivery_at),
        "message": event.message or None,
        "address1": event.address1 or None,
        "city": event.city or None,
        "province": event.province or None,
        "country": event.country or None,
        "zip": event.zip or None,
        "latitude": event.latitude,
        "longitude": event.longitude,
    }


def _events(shipment: FulfillmentRecord) -> Any:
    def resolve(info: Any, sortKey: str | None = None, **page: Any) -> View:  # noqa: N803 - GraphQL's name
        if sortKey != "HAPPENED_AT":
            return connection(shipment.events, event_view, lambda event: event.number)(info, **page)
        ordered = sorted(shipment.events, key=lambda event: (event.happened_at, event.number))
        places = {event.number: at for at, event in enumerate(ordered)}
        return connection(ordered, event_view, lambda event: places[event.number])(info, **page)

    return resolve


def _locations_for_move(see: Views, unit: UnitRecord) -> Any:
    presentment = unit.order.presentment or see.presentment
    lines = connection(
        unit.lines, lambda line: unit_line_view(see, line, presentment), lambda line: line.number
    )
    none = connection(unit.lines[:0], lambda line: unit_line_view(see, line, presentment), lambda _: 0)
    is_open = unit.status not in DONE
    return connection(
        [place for place in see.places if place is not unit.place],
        lambda place: {
            "location": see.place(place),
            "movable": is_open and place.is_active,
            "message": None if is_open and place.is_active else "This location cannot take it.",
            "availableLineItems": lines if is_open and place.is_active else none,
            "unavailableLineItems": none if is_open and place.is_active else lines,
        },
        lambda place: place.number,
    )
