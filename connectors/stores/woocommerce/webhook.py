"""WooCommerce's webhooks: how they are signed and what they say. Pure. Measured on WooCommerce 10.5."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.stores.woocommerce.answers import error_code
from connectors.stores.woocommerce.diagnosis import SYSTEM
from doorstep.errors import UnreadablePayload
from doorstep.ports import NoticeKind, StoreNotice
from doorstep.privacy import PrivacyNotice
from doorstep.secret import Secret
from doorstep.signature import verify_base64

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")

_RIGHTS_LOST = frozenset({"woocommerce_rest_cannot_view", "rest_forbidden"})

_PING = re.compile(rb"webhook_id=\d{1,10}")


class WooCommerceWebhookReader:
    """Reads what a store posts. Header names arrive in lower case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check base64(HMAC-SHA256(secret, raw body)) in X-WC-Webhook-Signature.

        Raises
        ------
        BadSignature
            If none of the secrets made it.
        """
        verify_base64(secrets, body, headers.get("x-wc-webhook-signature", ""))

    def is_ping(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether this is the hello that follows registration: form-encoded, unsigned, without X-WC headers.

        It must be answered with exactly 200, else WooCommerce sends another after every later delivery.
        """
        return "x-wc-webhook-signature" not in headers and _PING.fullmatch(body.strip()) is not None

    def read(self, headers: Mapping[str, str], body: bytes) -> StoreNotice:
        """Take the notice as a hint to fetch the order.

        The payload was built at delivery and may be older than what we know, and a validly signed body can
        be an error object: such a notice names no order. Where the webhook's owner lost the right to see
        orders, what our link may do has changed (SCOPES); where the order is gone, nothing follows.

        Raises
        ------
        UnreadablePayload
            If the body is no JSON object.
        """
        payload = _object_of(body)
        topic = headers.get("x-wc-webhook-topic", "")
        external_id = _order_id(payload) if topic.startswith("order.") else ""
        return StoreNotice(
            topic=topic,
            dedupe_id=_dedupe_id(headers, body),
            order_external_id=external_id,
            # "Deleted" is the trash only; nothing at all is sent when an order is deleted for good.
            is_deletion=topic == "order.deleted",
            kind=_kind(external_id, payload),
        )

    def read_privacy(self, headers: Mapping[str, str], body: bytes) -> PrivacyNotice:  # noqa: ARG002 - the port's
        """WooCommerce sends none: its privacy tools work inside WordPress; always `UnreadablePayload`."""
        raise UnreadablePayload(f"A {SYSTEM} store sends no privacy requests.")


def _kind(external_id: str, payload: dict[str, Any]) -> NoticeKind:
    if external_id:
        return NoticeKind.ORDER
    return NoticeKind.SCOPES if error_code(payload) in _RIGHTS_LOST else NoticeKind.OTHER


def _object_of(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload(f"The {SYSTEM} webhook is no JSON.") from None
    if not isinstance(payload, dict):
        raise UnreadablePayload(f"The {SYSTEM} webhook is no JSON object.")
    return payload


def _order_id(payload: dict[str, Any]) -> str:
    given = payload.get("id")
    is_id = isinstance(given, int) and not isinstance(given, bool) and given > 0
    return str(given) if is_id else ""


def _dedupe_id(headers: Mapping[str, str], body: bytes) -> str:
    # The delivery id alone is a hash of the webhook and the current second (WC_Webhook::get_new_delivery_id):
    # two orders told of in one second share it.
    delivery = headers.get("x-wc-webhook-delivery-id", "")
    return f"{delivery}:{hashlib.sha256(body).hexdigest()[:16]}"
