"""The simulated shop's webhooks: REST-shaped payloads, headers and signature as of November 2026."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.money import Money
from simulator.postman import Habits
from simulator.stores.shopify.records import LineRecord, OrderRecord, UnitRecord

SHOPIFY_HABITS = Habits(
    # 8 retries over 4 hours, each pause twice the one before: 56 s to 2 h.
    retry_after_s=tuple(14_400 / 255 * 2**step for step in range(8)),
    timeout_s=5.0,
)
"""Five seconds for an answer, any 2xx is a yes, a redirect is a no."""

Payload = dict[str, Any]

_FAMILIES = ("FULFILLMENT_ORDERS", "FULFILLMENTS", "ORDERS", "REFUNDS", "LOCATIONS", "APP")


def topic_of(name: str) -> str:
    """ "ORDERS_CREATE" as the header has it, "orders/create"."""
    family = next(family for family in _FAMILIES if name.startswith(f"{family}_"))
    return f"{family.lower()}/{name.removeprefix(f'{family}_').lower()}"


def signature(secret: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of the raw body under the app's client secret."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def headers(
    *, topic: str, domain: str, version: str, delivery_id: str, event_id: str, sent_at: datetime, signed: str
) -> dict[str, str]:
    """The headers of one delivery; `event_id` is shared by all that one action caused."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signed,
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-API-Version": version,
        "X-Shopify-Webhook-Id": delivery_id,
        "X-Shopify-Event-Id": event_id,
        "X-Shopify-Triggered-At": f"{sent_at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def encode(payload: Payload, include_fields: tuple[str, ...]) -> bytes:
    """The body; with `include_fields` only those members of it."""
    if include_fields:
        payload = {name: value for name, value in payload.items() if name in include_fields}
    return json.dumps(payload, ensure_ascii=False).encode()


def shaped(topic: str, order: Payload) -> Payload:
    """The order as a topic tells of it: an edit only with its number, a deletion with nothing else."""
    if topic == "ORDERS_DELETE":
        return {"id": order["id"]}
    if topic == "ORDERS_EDITED":
        return {"order_edit": {"order_id": order["id"], "line_items": {"additions": [], "removals": []}}}
    return order


def unit_payload(unit: UnitRecord) -> Payload:
    """fulfillment_orders/*: nothing but a gid and a status."""
    return {"fulfillment_order": {"id": unit.gid, "status": unit.status.lower()}}


def order_payload(order: OrderRecord, *, time_zone: str, shows_personal_data: bool) -> Payload:
    """orders/*: instants carry the shop's offset, and protected fields are absent, not null."""
    zone = ZoneInfo(time_zone)
    payload: dict[str, Any] = {
        "id": order.number,
        "admin_graphql_api_id": order.gid,
        "name": order.name,
        "order_number": int(order.name.lstrip("#")),
        "created_at": _stamp(order.created_at, zone),
        "processed_at": _stamp(order.created_at, zone),
        "updated_at": _stamp(order.updated_at, zone),
        "cancelled_at": _stamp(order.cancelled_at, zone),
        "currency": order.total.currency,
        "current_total_price": order.total.amount,
        "total_shipping_price_set": _money_set(order.shipping_price),
        "financial_status": "paid",
        "fulfillment_status": None,
        "note_attributes": [{"name": key, "value": value} for key, value in order.attributes.items()],
        "tags": ", ".join(order.tags),
        "test": order.is_test,
        "shipping_lines": [{"code": order.shipping_code, "price": order.shipping_price.amount}],
        "line_items": [_line(line) for line in order.lines],
    }
    address = order.address
    if address is None:
        return payload
    payload["shipping_address"] = {"country_code": address.country, "province_code": address.province or None}
    if shows_personal_data:
        payload["email"] = order.customer.email or None
        payload["note"] = order.note or None
        payload["shipping_address"] |= {
            "first_name": order.customer.first_name,
            "last_name": order.customer.last_name,
            "address1": address.line1,
            "address2": address.line2 or None,
            "city": address.city,
            "zip": address.postal_code,
            "phone": order.customer.phone or None,
        }
    return payload


def _line(line: LineRecord) -> dict[str, Any]:
    article = line.article
    return {
        "id": line.number,
        "admin_graphql_api_id": line.gid,
        "sku": article.sku,
        "title": article.title,
        "quantity": article.quantity,
        "current_quantity": line.current_quantity,
        "grams": article.weight_g,
        "requires_shipping": article.requires_shipping,
        "price": article.unit_price.amount,
    }


def _money_set(amount: Money) -> dict[str, Any]:
    side = {"amount": amount.amount, "currency_code": amount.currency}
    return {"shop_money": side, "presentment_money": side}


def _stamp(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else instant.astimezone(zone).isoformat(timespec="seconds")
