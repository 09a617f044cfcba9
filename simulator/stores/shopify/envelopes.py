"""Headers and signatures of webhooks: the classic family and that of the next-generation Events.

As Shopify documents them in November 2026; Events came with version 2026-10.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from simulator.stores.shopify.letters import Payload

_FAMILIES = (
    "FULFILLMENT_ORDERS",
    "FULFILLMENT_EVENTS",
    "FULFILLMENT_HOLDS",
    "FULFILLMENTS",
    "BULK_OPERATIONS",
    "ORDERS",
    "REFUNDS",
    "RETURNS",
    "LOCATIONS",
    "CUSTOMERS",
    "SHOP",
    "APP",
)
_RESOURCES = {
    "FULFILLMENT_ORDERS": "FulfillmentOrder",
    "FULFILLMENT_EVENTS": "FulfillmentEvent",
    "FULFILLMENT_HOLDS": "FulfillmentHold",
    "FULFILLMENTS": "Fulfillment",
    "BULK_OPERATIONS": "BulkOperation",
    "ORDERS": "Order",
    "REFUNDS": "Refund",
    "RETURNS": "Return",
    "LOCATIONS": "Location",
    "CUSTOMERS": "Customer",
    "SHOP": "Shop",
    "APP": "App",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on one delivery; `event_id` is shared by all that one action caused."""

    topic: str
    domain: str
    version: str
    delivery_id: str
    event_id: str
    sent_at: datetime
    name: str = ""

    def classic(self, signed: str) -> dict[str, str]:
        """The X-Shopify-* family."""
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic_of(self.topic),
            "X-Shopify-Hmac-Sha256": signed,
            "X-Shopify-Shop-Domain": self.domain,
            "X-Shopify-API-Version": self.version,
            "X-Shopify-Webhook-Id": self.delivery_id,
            "X-Shopify-Event-Id": self.event_id,
            "X-Shopify-Triggered-At": f"{self.sent_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        }
        return headers | ({"X-Shopify-Name": self.name} if self.name else {})

    def next_generation(self, signed: str) -> dict[str, str]:
        """The shopify-* family of Events."""
        resource, action = action_of(self.topic)
        return {
            "Content-Type": "application/json",
            "shopify-topic": resource,
            "shopify-action": action,
            "shopify-handle": self.name or "doorstep",
            "shopify-hmac-sha256": signed,
            "shopify-shop-domain": self.domain,
            "shopify-api-version": self.version,
            "shopify-webhook-id": self.delivery_id,
            "shopify-triggered-at": f"{self.sent_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        }


def topic_of(name: str) -> str:
    """ "ORDERS_CREATE" as the classic header has it, "orders/create"."""
    family = _family(name)
    return f"{family.lower()}/{name.removeprefix(f'{family}_').lower()}"


def action_of(name: str) -> tuple[str, str]:
    """ "ORDERS_PAID" as Events have it: ("Order", "update")."""
    family = _family(name)
    verb = name.removeprefix(f"{family}_")
    action = {"CREATE": "create", "ORDER_ROUTING_COMPLETE": "create", "DELETE": "delete"}
    return _RESOURCES[family], action.get(verb, "update")


def event_body(topic: str, gid: str, handle: str) -> Payload:
    """The body of an Event: what it is about, and nothing of it."""
    resource, action = action_of(topic)
    name = resource[:1].lower() + resource[1:]
    return {
        "topic": resource,
        "action": action,
        "handle": handle or "doorstep",
        "fields_changed": {"added": [], "updated": [], "removed": []},
        "query_variables": {f"{name}Id": gid},
        "data": {},
    }


def encode(payload: Payload, include_fields: tuple[str, ...]) -> bytes:
    """The body; with `include_fields` only those members of it."""
    if include_fields:
        payload = {name: value for name, value in payload.items() if name in include_fields}
    return json.dumps(payload, ensure_ascii=False).encode()


def signature(secret: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of the raw body under the app's client secret."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _family(name: str) -> str:
    return next(family for family in _FAMILIES if name.startswith(f"{family}_"))
