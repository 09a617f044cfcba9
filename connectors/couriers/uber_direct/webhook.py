"""Uber Direct's webhooks: hexadecimal HMAC-SHA256 of the raw body, no timestamp in it, in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.couriers.uber_direct.mapping import read_position, read_update
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.errors import UnreadablePayload
from doorstep.json_reading import Json, child, instant, text
from doorstep.secret import Secret
from doorstep.signature import verify_hex

_SIGNATURE_HEADERS = ("x-uber-signature", "x-postmates-signature")
_STATUS_KINDS = frozenset({"event.delivery_status", "event.delivery_return"})
_POSITION_KIND = "event.courier_update"


class UberDirectWebhooks:
    """Reads `event.delivery_status` and `event.courier_update`; other kinds are about nothing of ours.

    Parameters
    ----------
    clock
        Only for messages that carry no instant at all.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature; the older header name carries the same value."""
        given = next((headers[name] for name in _SIGNATURE_HEADERS if headers.get(name)), "")
        verify_hex(secrets, body, given)

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified message.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or names no delivery.
        """
        message = _parse(body)
        kind = text(message, "kind")
        if kind not in _STATUS_KINDS and kind != _POSITION_KIND:
            return ()
        delivery = child(message, "data")
        delivery_id = text(message, "delivery_id") or text(delivery, "id")
        if not delivery_id:
            raise UnreadablePayload("Uber's message names no delivery.", path=("delivery_id",))
        at = self._instant_of(message, delivery, kind)
        update = read_update(
            delivery,
            # Repeats have the same id; a courier update without one repeats byte for byte.
            source_event_id=text(message, "id") or f"sha256:{hashlib.sha256(body).hexdigest()}",
            occurred_at=at,
            raw_status=text(message, "status"),
            delivery_id=delivery_id,
        )
        if kind == _POSITION_KIND:
            position = read_position(child(message, "location"), at)
            update = replace(update, position=position or update.position)
        return (update,)

    def _instant_of(self, message: Json, delivery: Json, kind: str) -> datetime:
        told = instant(message, "created"), instant(delivery, "updated")
        first, second = told if kind in _STATUS_KINDS else told[::-1]
        return first or second or self._clock.now()


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload("Uber's message is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload("Uber's message is no JSON object.")
    return parsed
