"""Shopify's three compliance webhooks, as documented in November 2026. Pure.

customers/data_request and customers/redact name the shopper and their orders by number, shop/redact only the
shop. Their payloads: {shop_id, shop_domain, orders_requested | orders_to_redact: [numbers],
customer: {id, email, phone}, data_request: {id}}.
"""

from __future__ import annotations

from connectors.stores.shopify.payload import Field
from doorstep.errors import UnreadablePayload
from doorstep.privacy import PrivacyKind, PrivacyNotice

_KINDS = {
    "customers/data_request": (PrivacyKind.DATA_REQUEST, "orders_requested"),
    "customers/redact": (PrivacyKind.REDACT_SHOPPER, "orders_to_redact"),
    "shop/redact": (PrivacyKind.REDACT_STORE, ""),
}


def read_notice(topic: str, payload: Field) -> PrivacyNotice:
    """Whom it is about.

    Raises
    ------
    UnreadablePayload
        If it is none of the three, or a field is wrong.
    """
    if topic not in _KINDS:
        raise UnreadablePayload("the notice is not about privacy", path=("x-shopify-topic",))
    kind, orders_at = _KINDS[topic]
    if not orders_at:
        return PrivacyNotice(kind)
    customer, request = payload["customer"], payload["data_request"]
    return PrivacyNotice(
        kind,
        external_id=_number(request["id"]) if request else "",
        order_external_ids=tuple(
            f"gid://shopify/Order/{_number(number)}" for number in payload[orders_at].items()
        ),
        email=customer["email"].text_or_empty() if customer else "",
        phone=customer["phone"].text_or_empty() if customer else "",
    )


def _number(field: Field) -> str:
    """A number as text: it may exceed 2^53, so one that went through a float is refused."""
    return str(field.count()) if field else ""
