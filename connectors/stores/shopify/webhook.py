"""Shopify's webhooks, classic and next-generation Events: who signed them and which order they are about.

Headers and payloads as of November 2026. Payloads are hints: the order is always fetched again, so nothing
but ids is read here.

- orders/edited, fulfillments/*, refunds/* and most returns/* carry the order's number, most orders/* also its
  gid.
- fulfillment_orders/* and fulfillment_holds/* carry the gid of a fulfillment order alone. It is given as the
  notice's `order_external_id`; `ShopifyConnector.fetch_order` takes such a gid and fetches the order it
  belongs to.
- returns/update, returns/process, bulk_operations/finish and others name no order: `order_external_id` is "".
- locations/*, app/uninstalled, app/scopes_update and the compliance topics are of kinds of their own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.stores.shopify import privacy
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.topics import COMPLIANCE_TOPICS
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.ports import NoticeKind, StoreNotice
from doorstep.privacy import PrivacyNotice
from doorstep.secret import Secret
from doorstep.signature import verify_base64

ORDER_GID = "gid://shopify/Order/"
FULFILLMENT_ORDER_GID = "gid://shopify/FulfillmentOrder/"

_GID = re.compile(r"^gid://shopify/(Order|FulfillmentOrder)/\d{1,20}$")
_DELETIONS = frozenset({"orders/delete", "Order/delete"})
_KINDS = {
    "app/uninstalled": NoticeKind.UNINSTALLED,
    "app/scopes_update": NoticeKind.SCOPES,
    **dict.fromkeys(COMPLIANCE_TOPICS, NoticeKind.PRIVACY),
}
_PLACES = frozenset({"locations", "Location"})


class ShopifyWebhookReader:
    """Verifies with the app's client secret; while that is being rotated, with the old one too."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the raw bytes.

        Raises
        ------
        BadSignature
            If none of the secrets made it.
        """
        given = _header(headers, "hmac-sha256")
        if not given:
            raise BadSignature("the message carries no signature of Shopify's")
        verify_base64(secrets, body, given)

    def read(self, headers: Mapping[str, str], body: bytes) -> StoreNotice:
        """Understand a verified notice.

        Raises
        ------
        UnreadablePayload
            If it is not one of Shopify's, or an order's notice without an order.
        """
        payload = _payload(body)
        topic = _topic(headers, payload)
        order_id = _order_id(topic, payload)
        return StoreNotice(
            topic,
            _dedupe_id(headers, body, topic, order_id),
            order_id,
            is_deletion=topic in _DELETIONS,
            kind=_kind(topic, order_id),
        )

    def read_privacy(self, headers: Mapping[str, str], body: bytes) -> PrivacyNotice:
        """Whom a verified notice of the kind PRIVACY is about.

        Raises
        ------
        UnreadablePayload
            If it is about nobody.
        """
        payload = _payload(body)
        return privacy.read_notice(_topic(headers, payload), payload)

    def is_ping(self, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG002 - the port's signature
        """Shopify sends no unsigned hello."""
        return False


def order_gid(number: int | str) -> str:
    """The gid of an order's number."""
    return f"{ORDER_GID}{number}"


def is_gid(text: str) -> bool:
    """Whether it is the gid of an order or a fulfillment order."""
    return _GID.match(text) is not None


def _header(headers: Mapping[str, str], name: str) -> str:
    """The classic header, or that of the Events family."""
    return headers.get(f"x-shopify-{name}", "") or headers.get(f"shopify-{name}", "")


def _payload(body: bytes) -> Field:
    try:
        payload = Field(json.loads(body))
    except ValueError:
        raise UnreadablePayload("the notice is not JSON") from None
    if not isinstance(payload.value, dict):
        raise payload.unreadable("is not an object")
    return payload


def _kind(topic: str, order_id: str) -> NoticeKind:
    if topic in _KINDS:
        return _KINDS[topic]
    if topic.partition("/")[0] in _PLACES:
        return NoticeKind.PLACES
    return NoticeKind.ORDER if order_id else NoticeKind.OTHER


def _topic(headers: Mapping[str, str], payload: Field) -> str:
    topic = _header(headers, "topic")
    if not topic:
        raise UnreadablePayload("the notice has no topic header", path=("x-shopify-topic",))
    if "x-shopify-topic" in headers:
        return topic
    action = headers.get("shopify-action", "") or payload["action"].text_or_empty()
    return f"{topic}/{action}"


def _dedupe_id(headers: Mapping[str, str], body: bytes, topic: str, order_id: str) -> str:
    """One merchant's action has one event id over many topics, and in bulk over many orders too."""
    event = _header(headers, "event-id")
    if event:
        return f"{topic}:{event}:{order_id}"
    delivery = _header(headers, "webhook-id")
    return f"{topic}:{delivery}" if delivery else f"{topic}:sha256:{hashlib.sha256(body).hexdigest()}"


def _order_id(topic: str, payload: Field) -> str:
    family = topic.partition("/")[0]
    reader = _READERS.get(family)
    found = reader(payload) if reader else ""
    if family == "orders" and not found and "order_id" not in payload.value:
        raise payload["id"].unreadable("is missing")
    return found


def _of_order(payload: Field) -> str:
    edit = payload["order_edit"]
    if edit:
        return _number(edit["order_id"])
    return _gid(payload["admin_graphql_api_id"]) or _number(payload["id"]) or _of_part(payload)


def _of_part(payload: Field) -> str:
    return _gid(payload["admin_graphql_api_order_id"]) or _number(payload["order_id"])


def _of_return(payload: Field) -> str:
    order = payload["order"]
    return (_gid(order["admin_graphql_api_id"]) or _number(order["id"])) if order else _of_part(payload)


def _of_fulfillment_order(payload: Field) -> str:
    merges = payload["fulfillment_order_merges"].value
    places: list[Any] = [payload.value, *(merges if isinstance(merges, list) else [merges])]
    for place in filter(None, places):
        for name in ("fulfillment_order", "moved_fulfillment_order", "original_fulfillment_order"):
            unit = Field(place)[name]
            if unit and (found := _number(unit["order_id"]) or _gid(unit["id"])):
                return found
    return ""


def _of_event(payload: Field) -> str:
    variables = payload["query_variables"].value
    values = variables.values() if isinstance(variables, dict) else ()
    gids = [value for value in values if isinstance(value, str)]
    of_orders = [gid for gid in gids if gid.startswith(ORDER_GID)]
    return next((gid for gid in [*of_orders, *gids] if is_gid(gid)), "")


_READERS: dict[str, Callable[[Field], str]] = {
    "orders": _of_order,
    "fulfillments": _of_part,
    "fulfillment_events": _of_part,
    "order_transactions": _of_part,
    "refunds": _of_part,
    "returns": _of_return,
    "fulfillment_orders": _of_fulfillment_order,
    "fulfillment_holds": _of_fulfillment_order,
    "Order": _of_event,
    "FulfillmentOrder": _of_event,
}


def _gid(field: Field) -> str:
    text = field.text_or_empty()
    return text if is_gid(text) else ""


def _number(field: Field) -> str:
    """The gid of an order's number; numbers exceed 2^53, so one that went through a float is refused."""
    return order_gid(field.count()) if field else ""
