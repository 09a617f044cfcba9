"""EasyPost's webhooks: all kinds come to all URLs, at least once, in any order."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

from connectors.parcel.easypost.mapping import read_tracker
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, child, instant, text
from doorstep.secret import Secret
from doorstep.signature import verify_hex

_PREFIX = "hmac-sha256-hex="
_V1 = "x-hmac-signature"
_V2 = "x-hmac-signature-v2"
_STALE_AFTER = timedelta(minutes=5)
_METHOD = "POST"


class EasyPostWebhooks:
    """Reads tracker and refund events; other kinds are about nothing of ours.

    Parameters
    ----------
    accept_v2
        Also take the second kind of signature, which covers time and path. EasyPost describes it in a
        support article of 2025 and in no client library yet, so it is off until a merchant needs it.
    clock
        For the age of V2 signatures, and for messages that carry no instant.
    """

    def __init__(self, *, accept_v2: bool = False, clock: Clock | None = None) -> None:
        self._accept_v2 = accept_v2
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature; secrets are normalised (NFKD) before use, as EasyPost's libraries do."""
        keys = [Secret(unicodedata.normalize("NFKD", secret.reveal())) for secret in secrets]
        if self._accept_v2 and headers.get(_V2):
            self._check_age(headers.get("x-timestamp", ""))
            signed = f"{headers['x-timestamp']}{_METHOD}{headers.get('x-path', '')}".encode() + body
            verify_hex(keys, signed, _digits(headers[_V2]))
            return
        verify_hex(keys, body, _digits(headers.get(_V1, "")))

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified event.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or a tracker event without a tracker.
        """
        event = _parse(body)
        kind, result = text(event, "description"), child(event, "result")
        at = instant(event, "created_at") or self._clock.now()
        external_id = text(result, "shipment_id") or text(result, "tracking_code")
        if kind == "refund.successful" and external_id:
            return (
                CarrierUpdate(
                    source_event_id=text(event, "id"),
                    external_id=external_id,
                    status=DeliveryStatus.CANCELLED,
                    raw_status="refund_refunded",
                    occurred_at=at,
                    tracking_number=text(result, "tracking_code"),
                ),
            )
        if not kind.startswith("tracker."):
            return ()
        if not external_id:
            raise UnreadablePayload("EasyPost's event names no parcel.", path=("result", "tracking_code"))
        update = read_tracker(
            result, external_id=external_id, source_event_id=text(event, "id"), fallback_at=at
        )
        return (update,)

    def _check_age(self, timestamp: str) -> None:
        try:
            sent_at = parsedate_to_datetime(timestamp)
            age = abs(self._clock.now() - sent_at)
        except (ValueError, TypeError):
            raise BadSignature("the signature's timestamp is missing or cannot be read") from None
        if age > _STALE_AFTER:
            raise BadSignature("the signature is more than five minutes old")


def _digits(header: str) -> str:
    if not header.startswith(_PREFIX):
        raise BadSignature(f"the signature header is missing or does not start with {_PREFIX}")
    return header.removeprefix(_PREFIX)


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload("EasyPost's event is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload("EasyPost's event is no JSON object.")
    return parsed
