"""Records as the GraphQL types of the Admin API 2026-10, in our own reading of its schema."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from doorstep.address import Address
from doorstep.money import Money
from simulator.stores.shopify.records import (
    Hold,
    LineRecord,
    OrderRecord,
    Place,
    SubscriptionRecord,
    UnitLine,
    UnitRecord,
)

View = dict[str, Any]
LARGEST_PAGE = 250

_HOLD_WORDS = {
    "AWAITING_PAYMENT": "Awaiting payment",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INCORRECT_ADDRESS": "Incorrect address",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
}


def stamp(instant: datetime | None) -> str | None:
    """An instant as GraphQL writes it: UTC, whole seconds."""
    return None if instant is None else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def connection[Record](
    records: Iterable[Record],
    view: Callable[[Record], View],
    key: Callable[[Record], tuple[Any, ...]],
) -> Callable[..., View]:
    """A connection's resolver; cursors name the sort key, so that pages hold while records change."""

    def resolve(
        info: Any,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        reverse: bool | None = None,
        **_: Any,
    ) -> View:
        if first is None and last is None:
            raise GraphQLError(
                f"you must provide one of first or last on {info.field_name}",
                extensions={"code": "BAD_REQUEST"},
            )
        size = first if first is not None else last or 0
        if not 0 <= size <= LARGEST_PAGE:
            raise GraphQLError(
                f"{size} is not a page size between 0 and {LARGEST_PAGE}", extensions={"code": "BAD_REQUEST"}
            )
        ordered = sorted(records, key=key, reverse=bool(reverse))
        if after is not None:
            start = _key_of(after)
            ordered = [record for record in ordered if _is_after(list(key(record)), start, bool(reverse))]
        chosen = ordered[:size] if first is not None else ordered[-size:]
        nodes = [view(record) for record in chosen]
        cursors = [_cursor(key(record)) for record in chosen]
        return {
            "nodes": nodes,
            "edges": [{"node": node, "cursor": cursor} for node, cursor in zip(nodes, cursors, strict=True)],
            "pageInfo": {
                "hasNextPage": first is not None and len(ordered) > size,
                "hasPreviousPage": after is not None,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }

    return resolve


def _is_after(key: list[Any], start: list[Any], reverse: bool) -> bool:
    return key < start if reverse else key > start


def _cursor(key: tuple[Any, ...]) -> str:
    return base64.b64encode(json.dumps(list(key)).encode()).decode()


def _key_of(cursor: str) -> list[Any]:
    try:
        key = json.loads(base64.b64decode(cursor))
    except ValueError:
        raise GraphQLError(
            "Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}
        ) from None
    return key if isinstance(key, list) else []


def money(amount: Money, presentment: tuple[str, int]) -> View:
    """A MoneyBag; the presentment side is another currency at (code, minor units per shop minor unit)."""
    currency, rate = presentment
    shown = Money(amount.minor * rate, currency)
    return {
        "shopMoney": {"amount": amount.amount, "currencyCode": amount.currency},
        "presentmentMoney": {"amount": shown.amount, "currencyCode": currency},
    }


def mailing_address(order: OrderRecord) -> View | None:
    """The order's shipping address."""
    address = order.address
    if address is None:
        return None
    location = address.location
    return {
        "id": f"gid://shopify/MailingAddress/{order.number}",
        "firstName": order.customer.first_name,
        "lastName": order.customer.last_name,
        "name": order.customer.name,
        "company": address.company or None,
        "address1": address.line1,
        "address2": address.line2 or None,
        "city": address.city,
        "province": address.province or None,
        "provinceCode": address.province or None,
        "zip": address.postal_code or None,
        "countryCodeV2": address.country,
        "phone": order.customer.phone or None,
        "latitude": location.lat if location else None,
        "longitude": location.lng if location else None,
        "coordinatesValidated": location is not None,
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
        **{name: whole[name] for name in names},
    }


def line(record: LineRecord, presentment: tuple[str, int]) -> View:
    """A LineItem."""
    article = record.article
    return {
        "id": record.gid,
        "sku": article.sku,
        "title": article.title,
        "name": article.title,
        "variantTitle": None,
        "quantity": article.quantity,
        "currentQuantity": record.current_quantity,
        "unfulfilledQuantity": record.current_quantity,
        "requiresShipping": article.requires_shipping,
        "isGiftCard": article.is_gift_card,
        "customAttributes": [],
        "weight": {"unit": "GRAMS", "value": float(article.weight_g)},
        "originalUnitPriceSet": money(article.unit_price, presentment),
    }


def unit_line(record: UnitLine, presentment: tuple[str, int]) -> View:
    """A FulfillmentOrderLineItem."""
    article = record.line.article
    return {
        "id": f"gid://shopify/FulfillmentOrderLineItem/{record.number}",
        "lineItem": line(record.line, presentment),
        "productTitle": article.title,
        "sku": article.sku,
        "totalQuantity": record.total,
        "remainingQuantity": record.remaining,
        "requiresShipping": article.requires_shipping,
        "weight": {"unit": "GRAMS", "value": float(article.weight_g)},
    }


def hold(record: Hold) -> View:
    """A FulfillmentHold."""
    return {
        "id": f"gid://shopify/FulfillmentHold/{record.number}",
        "reason": record.reason,
        "displayReason": _HOLD_WORDS.get(record.reason, "Other"),
        "reasonNotes": None,
        "heldByRequestingApp": False,
    }


def place(record: Place) -> View:
    """A Location."""
    return {
        "id": record.gid,
        "name": record.name,
        "isActive": True,
        "isFulfillmentService": record.is_fulfillment_service,
        "fulfillsOnlineOrders": True,
        "shipsInventory": True,
        "address": place_address(record.address),
    }


def place_address(address: Address) -> View:
    """A LocationAddress."""
    return {
        "address1": address.line1,
        "address2": address.line2 or None,
        "city": address.city,
        "country": address.country,
        "countryCode": address.country,
        "province": address.province or None,
        "provinceCode": address.province or None,
        "zip": address.postal_code,
        "phone": address.phone_raw or address.phone,
        "latitude": address.location.lat if address.location else None,
        "longitude": address.location.lng if address.location else None,
    }


def delivery_method(unit: UnitRecord) -> View:
    """A DeliveryMethod."""
    return {
        "id": f"gid://shopify/DeliveryMethod/{unit.number}",
        "methodType": unit.method,
        "presentedName": None,
        "serviceCode": unit.service_code or None,
        "sourceReference": None,
        "minDeliveryDateTime": None,
        "maxDeliveryDateTime": None,
        "additionalInformation": None,
    }


def attributes(pairs: Mapping[str, str]) -> list[View]:
    """Cart attributes."""
    return [{"key": key, "value": value} for key, value in pairs.items()]


def subscription(record: SubscriptionRecord) -> View:
    """A WebhookSubscription."""
    return {
        "id": record.gid,
        "topic": record.topic,
        "uri": record.uri,
        "name": record.name or None,
        "format": "JSON",
        "filter": record.filter or None,
        "includeFields": list(record.include_fields),
        "createdAt": stamp(record.created_at),
        "updatedAt": stamp(record.created_at),
    }


def fulfillments(order: OrderRecord) -> list[View]:
    """The shipments of an order."""
    if not order.shipped_as:
        return []
    return [
        {
            "id": f"gid://shopify/Fulfillment/{order.number}",
            "name": f"{order.name}-F1",
            "status": "SUCCESS",
            "displayStatus": order.shipped_as,
            "createdAt": stamp(order.updated_at),
        }
    ]
