"""The bodies of the simulated shop's webhooks: REST-shaped, as published for version 2026-07."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.money import Money
from simulator.postman import Habits
from simulator.stores.shopify.order_views import customer_number
from simulator.stores.shopify.records import LineRecord, OrderRecord, Place
from simulator.stores.shopify.units import EventRecord, FulfillmentRecord, RefundRecord, ReturnRecord

Payload = dict[str, Any]

SHOPIFY_HABITS = Habits(
    # 8 retries over 4 hours, each pause twice the one before: 56 s to 2 h.
    retry_after_s=tuple(14_400 / 255 * 2**step for step in range(8)),
    timeout_s=5.0,
)
"""Five seconds for an answer, any 2xx is a yes, a redirect is a no."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a shop writes: instants carry its offset; protected fields are absent where not approved."""

    zone: ZoneInfo
    shows_personal_data: bool
    presentment: tuple[str, int]

    def stamp(self, instant: datetime | None) -> str | None:
        """An instant with the shop's offset."""
        return None if instant is None else instant.astimezone(self.zone).isoformat(timespec="seconds")

    def money_set(self, amount: Money, order: OrderRecord) -> Payload:
        """Both currencies."""
        currency, rate = order.presentment or self.presentment
        shown = Money(amount.minor * rate, currency)
        return {
            "shop_money": {"amount": amount.amount, "currency_code": amount.currency},
            "presentment_money": {"amount": shown.amount, "currency_code": currency},
        }


def order_payload(write: Writing, order: OrderRecord) -> Payload:
    """orders/*."""
    payload: Payload = {
        "id": order.number,
        "admin_graphql_api_id": order.gid,
        "name": order.name,
        "confirmation_number": order.confirmation_number,
        "order_number": order.position,
        "number": order.position - 1000,
        "created_at": write.stamp(order.created_at),
        "processed_at": write.stamp(order.created_at),
        "updated_at": write.stamp(order.updated_at),
        "cancelled_at": write.stamp(order.cancelled_at),
        "cancel_reason": order.cancel_reason.lower() or None,
        "closed_at": write.stamp(order.closed_at),
        "currency": order.shipping_price.currency,
        "presentment_currency": (order.presentment or write.presentment)[0],
        "current_total_price": order.total.amount,
        "current_total_price_set": write.money_set(order.total, order),
        "total_price": order.original_total.amount,
        "total_price_set": write.money_set(order.original_total, order),
        "total_shipping_price_set": write.money_set(order.shipping_price, order),
        "financial_status": order.financial_status.lower(),
        "fulfillment_status": _STATUSES.get(order.fulfillment_status),
        "note_attributes": [{"name": key, "value": value} for key, value in order.attributes.items()],
        "payment_gateway_names": list(order.gateways),
        "po_number": order.company.po_number if order.company else None,
        "source_name": order.source_name,
        "tags": ", ".join(order.tags),
        "taxes_included": False,
        "test": order.is_test,
        "shipping_lines": [{"code": order.shipping_code, "price": order.shipping_price.amount}],
        "line_items": [_line(write, line, order) for line in order.lines],
        "fulfillments": [fulfillment_payload(write, shipment) for shipment in order.fulfillments],
        "refunds": [refund_payload(write, refund) for refund in order.refunds],
    }
    if write.shows_personal_data:
        payload |= {
            "email": order.customer.email or None,
            "phone": order.customer.phone or None,
            "note": order.note or None,
            "customer": {
                "id": customer_number(order),
                "first_name": order.customer.first_name,
                "last_name": order.customer.last_name,
                "email": order.customer.email or None,
            },
        }
    if order.address is not None:
        payload["shipping_address"] = _address(write, order)
    return payload


def fulfillment_payload(write: Writing, shipment: FulfillmentRecord) -> Payload:
    """fulfillments/*."""
    numbers = [row.number for row in shipment.tracking if row.number]
    urls = [row.url for row in shipment.tracking if row.url]
    payload: Payload = {
        "id": shipment.number,
        "admin_graphql_api_id": shipment.gid,
        "order_id": shipment.order.number,
        "name": shipment.name.replace("-F", "."),
        "status": shipment.status.lower(),
        "shipment_status": shipment.display_status.lower() if shipment.events else None,
        "service": "manual",
        "created_at": write.stamp(shipment.created_at),
        "updated_at": write.stamp(shipment.updated_at),
        "location_id": shipment.place.number,
        "tracking_company": shipment.tracking[0].company or None if shipment.tracking else None,
        "tracking_number": numbers[0] if numbers else None,
        "tracking_numbers": numbers,
        "tracking_url": urls[0] if urls else None,
        "tracking_urls": urls,
        "line_items": [
            _line(write, part.unit_line.line, shipment.order) | {"quantity": part.quantity}
            for part in shipment.picked
        ],
    }
    if write.shows_personal_data:
        payload["email"] = shipment.order.customer.email or None
        payload["destination"] = _address(write, shipment.order) if shipment.order.address else None
    return payload


def event_payload(write: Writing, shipment: FulfillmentRecord, event: EventRecord) -> Payload:
    """fulfillment_events/create."""
    return {
        "id": event.number,
        "admin_graphql_api_id": event.gid,
        "fulfillment_id": shipment.number,
        "order_id": shipment.order.number,
        "status": event.status.lower(),
        "message": event.message or None,
        "happened_at": write.stamp(event.happened_at),
        "created_at": write.stamp(event.created_at),
        "updated_at": write.stamp(event.created_at),
        "estimated_delivery_at": write.stamp(event.estimated_delivery_at),
        "latitude": event.latitude,
        "longitude": event.longitude,
    }


def refund_payload(write: Writing, refund: RefundRecord) -> Payload:
    """refunds/create."""
    return {
        "id": refund.number,
        "admin_graphql_api_id": refund.gid,
        "order_id": refund.order.number,
        "created_at": write.stamp(refund.created_at),
        "processed_at": write.stamp(refund.created_at),
        "note": refund.note or None,
        "restock": any(part.restock_type != "NO_RESTOCK" for part in refund.lines),
        "refund_line_items": [
            {
                "id": part.number,
                "line_item_id": part.line.number,
                "quantity": part.quantity,
                "location_id": part.place.number if part.place else None,
                "restock_type": part.restock_type.lower(),
                "subtotal_set": write.money_set(part.subtotal, refund.order),
                "line_item": _line(write, part.line, refund.order),
            }
            for part in refund.lines
        ],
    }


def return_payload(_write: Writing, record: ReturnRecord) -> Payload:
    """returns/request, approve and close."""
    return {
        "id": record.number,
        "admin_graphql_api_id": record.gid,
        "status": record.status.lower(),
        "name": record.name,
        "order_id": record.order.number,
        "order": {"id": record.order.number, "admin_graphql_api_id": record.order.gid},
        "total_return_line_items": sum(part.quantity for part in record.lines),
    }


def place_payload(write: Writing, place: Place, now: datetime) -> Payload:
    """locations/*."""
    address = place.address
    return {
        "id": place.number,
        "admin_graphql_api_id": place.gid,
        "name": place.name,
        "address1": address.line1,
        "address2": address.line2 or None,
        "city": address.city,
        "zip": address.postal_code,
        "province_code": address.province or None,
        "country_code": address.country,
        "active": place.is_active,
        "legacy": place.is_fulfillment_service,
        "updated_at": write.stamp(now),
    }


def _address(write: Writing, order: OrderRecord) -> Payload:
    address = order.address
    if address is None:
        return {}
    shown: Payload = {"country_code": address.country, "province_code": address.province or None}
    if write.shows_personal_data:
        shown |= {
            "first_name": order.customer.first_name,
            "last_name": order.customer.last_name,
            "company": address.company or None,
            "address1": address.line1,
            "address2": address.line2 or None,
            "city": address.city,
            "zip": address.postal_code,
            "phone": order.customer.phone or None,
        }
    return shown


def _line(write: Writing, line: LineRecord, order: OrderRecord) -> Payload:
    article = line.article
    return {
        "id": line.number,
        "admin_graphql_api_id": line.gid,
        "sku": article.sku,
        "title": article.title,
        "quantity": article.quantity,
        "current_quantity": line.current_quantity,
        "fulfillable_quantity": max(0, line.current_quantity - line.fulfilled),
        "gift_card": article.is_gift_card,
        "grams": article.weight_g,
        "requires_shipping": article.requires_shipping,
        "price": article.unit_price.amount,
        "price_set": write.money_set(article.unit_price, order),
    }


_STATUSES: Mapping[str, str] = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}
