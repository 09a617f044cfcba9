"""Prefixed, sortable ids over UUIDv7: the same in GraphQL, webhooks, logs and the database.

`ord_01jdm3y5x8e3s9v2k7q4c6b0an` is a prefix of three letters and 26 characters of Crockford's base 32
(lower case, no i l o u), so that ids sort by the time they were made and survive a double click.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SHAPE = re.compile(r"[a-z]{2,3}_[0-9a-hjkmnp-tv-z]{26}")

PREFIXES = {
    "mer": "Merchant",
    "sto": "Store",
    "loc": "Location",
    "ord": "Order",
    "ful": "FulfillmentOrder",
    "qst": "QuoteSet",
    "quo": "Quote",
    "cho": "DeliveryChoice",
    "del": "Delivery",
    "leg": "Leg",
    "evt": "DeliveryEvent",
    "exc": "DeliveryException",
    "pla": "RoutePlan",
    "rte": "Route",
    "stp": "Stop",
    "drv": "Driver",
    "veh": "Vehicle",
    "ses": "DriverSession",
    "dev": "DeviceKey",
    "acc": "CarrierAccount",
    "key": "ApiKey",
    "qua": "QuarantinedMessage",
    "inb": "InboxMessage",
    "prd": "Product",
    "prv": "PrivacyRequest",
    "rul": "Rule",
    "slt": "SlotTemplate",
    "hld": "SlotHold",
    "box": "Box",
    "doc": "Document",
    "att": "FailedAttempt",
    "ret": "ReturnRequest",
    "clm": "LossClaim",
    "stk": "Stack",
    "wav": "ModeWave",
    "whe": "WebhookEndpoint",
    "whc": "WebhookCall",
    "whm": "WebhookMessage",
    "wha": "WebhookAttempt",
    "ntc": "Notice",
    "nac": "NoticeAccount",
    "con": "Consent",
    "thr": "Thread",
    "msg": "Message",
    "upl": "Upload",
    "per": "Person",
    "pbk": "Playbook",
    "pbs": "PlaybookStep",
}
"""Prefix -> the type that `node(id:)` answers with."""


def new_id(prefix: str, *, now_ms: int | None = None, randomness: Callable[[int], bytes] = os.urandom) -> str:
    """Make an id with one of `PREFIXES`.

    Parameters
    ----------
    now_ms
        Unix milliseconds for the sortable part; the wall clock where absent.
    """
    if prefix not in PREFIXES:
        raise ValueError(f"unknown id prefix {prefix!r}; add it to PREFIXES")
    stamp = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    # RFC 9562, section 5.7: 48 bits of time, version 7, 12 random bits, variant 10, 62 random bits.
    rand = int.from_bytes(randomness(10))
    value = stamp << 80 | 0x7 << 76 | (rand >> 68 & 0xFFF) << 64 | 0b10 << 62 | rand & (1 << 62) - 1
    return f"{prefix}_{_base32(value)}"


def prefix_of(text: str) -> str | None:
    """The prefix of a well-formed id with a known prefix, else None."""
    if not _SHAPE.fullmatch(text):
        return None
    prefix = text.partition("_")[0]
    return prefix if prefix in PREFIXES else None


def _base32(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))
