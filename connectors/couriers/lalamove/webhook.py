"""Lalamove's webhooks: signed in the body, over time, path and data; in any order, for up to a day.

The signature is hexadecimal HMAC-SHA256 with the API secret over
`{timestamp}\\r\\nPOST\\r\\n{path}\\r\\n\\r\\n` and the JSON of `data` (guide's webhook deck of May 2023; the
exact bytes as seen in public integrations). It covers neither the event's id nor its type, so nothing is
concluded from those but what kind of data to look for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from connectors.couriers.lalamove import mapping
from connectors.couriers.lalamove.heard import Heard
from connectors.couriers.lalamove.members import members_of
from connectors.couriers.lalamove.statuses import (
    PROOFS,
    SEARCHING,
    Standing,
    failed_handover,
    proof_status,
    standing_of,
)
from connectors.couriers.lalamove.terms import amount_in, identifier, price_of
from connectors.couriers.lalamove.wording import NAME
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, child, children, text
from doorstep.secret import Secret
from doorstep.signature import verify_hex

PATH_HEADER = ":path"
"""Where the receiver puts the path that was posted to; no header that somebody sends can have this name."""

_SAY_NOTHING_MORE = frozenset(
    {
        "",
        "ORDER_CREATED",
        "ORDER_EDITED",
        "POD_STATUS_CHANGED",
        "POP_STATUS_CHANGED",
        "DELIVERY_CODE_STATUS_CHANGED",
    }
)
"""Kinds of messages that without a status or a proof in them change nothing."""

_NOTHING_PROVEN = frozenset({"", "PENDING"})
_ABOUT_NO_ORDER = frozenset({"WALLET_BALANCE_CHANGED"})
_MILLISECONDS_FROM = 100_000_000_000


class LalamoveWebhooks:
    """Reads what is told of orders; wallets and delivery codes are about nothing of ours.

    Parameters
    ----------
    heard
        Learns which order belongs to which booking key.
    path
        Of the address that Lalamove posts to, as Lalamove sees it; "" to take it from the header ":path".
        Without either nothing can be verified.
    clock
        Only for messages that carry no time.
    """

    def __init__(self, heard: Heard, *, path: str = "", clock: Clock | None = None) -> None:
        self._heard = heard
        self._path = path
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the exact bytes of `data`.

        The hello that Lalamove sends when an address is registered has no body and no signature, and says
        nothing: it passes.
        """
        if not body.strip():
            return
        path = self._path or headers.get(PATH_HEADER, "")
        if not path:
            raise BadSignature("the path that was posted to is not known, and it is part of the signature")
        members = members_of(body)
        if members is None:
            raise BadSignature("the body is no JSON object with each member once")
        timestamp, given = members.plain("timestamp"), members.plain("signature")
        start = f"{timestamp}\r\nPOST\r\n{path}\r\n\r\n".encode()
        as_sent = members.raw.get("data", b"")
        # A sender that writes its body with blanks still signs the shortest form.
        shortest = _shortest(members.values.get("data"))
        try:
            verify_hex(secrets, start + as_sent, given)
        except BadSignature:
            if shortest == as_sent:
                raise
            verify_hex(secrets, start + shortest, given)

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified message.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or speaks of an order without naming it.
        """
        if not body.strip():
            return ()
        message = _parse(body)
        data = child(message, "data")
        order = child(data, "order")
        if text(message, "eventType") in _ABOUT_NO_ORDER and not order:
            return ()
        order_id = identifier(order, "orderId")
        if not order_id:
            raise UnreadablePayload(f"{NAME}'s message names no order.", path=("data", "order", "orderId"))
        self._learn(message, order, order_id, identifier(data, "prevOrderId"))
        update = _update(message, data, order, self._instant(message))
        return () if update is None else (update,)

    def _learn(self, message: Json, order: Json, order_id: str, before: str) -> None:
        account, booking_key = text(message, "apiKey"), text(child(order, "metadata"), mapping.KEY)
        if booking_key:
            self._heard.tell(account, booking_key, order_id)
        if before:
            self._heard.replace(account, before, order_id)

    def _instant(self, message: Json) -> datetime:
        """When it was signed; `updatedAt` may be a local time that claims to be UTC (public integrations)."""
        told = identifier(message, "timestamp")
        if not told.isdecimal() or len(told) > 15:
            return self._clock.now()
        stamp = int(told)
        return datetime.fromtimestamp(stamp / 1000 if stamp >= _MILLISECONDS_FROM else stamp, UTC)


def _update(message: Json, data: Json, order: Json, at: datetime) -> CarrierUpdate | None:
    """What a message about an order says; None where it is nothing that we follow."""
    kind = text(message, "eventType")
    raw_status, standing = _standing(kind, data, order)
    if standing is None:
        return None
    order_id, before = identifier(order, "orderId"), identifier(data, "prevOrderId")
    driver = child(data, "driver") or child(order, "driver")
    return CarrierUpdate(
        source_event_id=text(message, "eventId") or f"{order_id}:{kind}:{identifier(message, 'timestamp')}",
        # A replaced order is known here by its old number, and goes on under the other.
        external_id=before or order_id,
        status=standing.status,
        raw_status=raw_status,
        occurred_at=at,
        tracking_url=text(order, "shareLink"),
        courier=mapping.read_courier(driver),
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=price_of(order) or amount_in(child(order, "price"), "totalPrice"),
        booking_key=text(child(order, "metadata"), mapping.KEY),
        replaced_by=order_id if before not in {"", order_id} else "",
    )


def _standing(kind: str, data: Json, order: Json) -> tuple[str, Standing | None]:
    """The raw status and what it means. Data alone is signed, so data decides as far as it can."""
    raw_status, previous = text(order, "status"), text(order, "previousStatus")
    if identifier(data, "prevOrderId"):
        # Nothing is said of how far the other one is: its own messages do.
        return "ORDER_REPLACED", Standing(DeliveryStatus.BOOKED)
    if raw_status:
        proof, party = proof_status(order), text(order, "cancelParty")
        return raw_status, standing_of(raw_status, previous=previous, proof=proof, cancelled_by=party)
    return _without_status(kind, data, order)


def _without_status(kind: str, data: Json, order: Json) -> tuple[str, Standing | None]:
    if child(data, "driver") or child(order, "driver"):
        return kind or "DRIVER_ASSIGNED", Standing(DeliveryStatus.COURIER_ASSIGNED)
    proof = proof_status(order)
    if proof not in _NOTHING_PROVEN:
        known = PROOFS.get(proof) or DeliveryStatus.UNKNOWN
        return f"POD_{proof}", failed_handover() if proof == "FAILED" else Standing(known)
    if any(child(stop, "POP") for stop in children(order, "stops")[:1]):
        return "POP", Standing(DeliveryStatus.PICKED_UP)
    if child(order, "price"):
        # The amount changes by a priority fee, and that can only be added while a driver is sought.
        return kind, standing_of(SEARCHING)
    return kind, None if kind in _SAY_NOTHING_MORE else Standing(DeliveryStatus.UNKNOWN)


def _shortest(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload(f"{NAME}'s message is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload(f"{NAME}'s message is no JSON object.")
    return parsed
