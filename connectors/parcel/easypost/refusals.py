"""What EasyPost's errors and a carrier's rating messages mean to us (error codes of API v2, June 2026)."""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.parcel.easypost.client import NAME, SYSTEM
from connectors.refusing import Family, Meaning, Refusals
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text
from doorstep.quote import Decline, DeclineReason

# EasyPost documents no Retry-After; its lists allow five requests a second.
_DEFAULT_WAIT_S = 5.0

FAMILIES: dict[str, Family] = {
    "ADDRESS.VERIFY.FAILURE": Family.ADDRESS,
    "PARCEL.PARAMETERS.INVALID": Family.PARCEL,
    "SHIPMENT.POSTAGE.EXISTS": Family.ADOPT,
    "SHIPMENT.PURCHASE.IN_PROGRESS": Family.ADOPT,
    "SHIPMENT.POSTAGE.NO_RESPONSE": Family.UNKNOWN_OUTCOME,
    "SHIPMENT.MISSING_RATE": Family.REQUOTE,
    "SHIPMENT.RATES.UNAVAILABLE": Family.REQUOTE,
    "SHIPMENT.REFUND.FAILURE": Family.TOO_LATE,
    "SHIPMENT.REFUND.UNAVAILABLE": Family.TOO_LATE,
    "SHIPMENT.POSTAGE.REQUIRED": Family.NOTHING_BOUGHT,
    "PAYMENT_REQUIRED": Family.ACCOUNT,
    "UNAUTHORIZED": Family.ACCOUNT,
    "MODE.UNAUTHORIZED": Family.ACCOUNT,
    "MODE.CONFLICT": Family.ACCOUNT,
    "RATE_LIMITED": Family.SLOW_DOWN,
    "INTERNAL_SERVER_ERROR": Family.RETRY,
    "NOT_FOUND": Family.GONE,
    "TRACKER.NOT_FOUND": Family.GONE,
    "PARAMETER.REQUIRED": Family.INVALID,
    "SHIPMENT.INVALID": Family.INVALID,
    "SHIPMENT.INVALID_PARAMS": Family.INVALID,
    "SHIPMENT.MISSING_INFORMATION": Family.INVALID,
    "SHIPMENT.OPTIONS.INVALID": Family.INVALID,
    "SHIPMENT.CUSTOMS_INFO.REQUIRED": Family.INVALID,
    "SHIPMENT.POSTAGE.FAILURE": Family.INVALID,
    "SHIPMENT.PURCHASE.FAILURE": Family.INVALID,
    "SHIPMENT.INSURANCE.ALREADY_PURCHASED": Family.INVALID,
    "TRACKER.CREATE.ERROR": Family.INVALID,
    "TRACKER.INVALID_TEST_CODE": Family.INVALID,
    "TRACKER.NO_CARRIER_FOR_CODE": Family.INVALID,
    "INSURANCE.AMOUNT.ABOVE_MAXIMUM": Family.INVALID,
    "INSURANCE.AMOUNT.BELOW_MINIMUM": Family.INVALID,
}

_ACCOUNT_TEXTS = {
    "401": "EasyPost does not know this key. Copy it again from easypost.com, Account, API keys.",
    "402": "EasyPost's account has no money or no card. Settle it at easypost.com, Billing.",
    "403": "EasyPost has suspended this account, or the key may not do this. Ask EasyPost support.",
}

_FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")

# The messages are the carriers' own prose; the first pattern that fits decides.
_MESSAGE_REASONS: tuple[tuple[re.Pattern[str], DeclineReason, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reason, sentence)
    for pattern, reason, sentence in (
        (r"weigh|too heavy|\blbs?\b", DeclineReason.TOO_HEAVY, "does not carry this weight"),
        (
            r"length|girth|dimension|oversize|too large",
            DeclineReason.TOO_LARGE,
            "does not carry these measures, or was not told them",
        ),
        (
            r"credential|account|permission|billing|payment|unauthori",
            DeclineReason.ACCOUNT_PROBLEM,
            "refuses the account",
        ),
        (r"cut-?off|too late", DeclineReason.PAST_CUTOFF, "has no pickup left today"),
        (r"not serv|service area|no service|out of area", DeclineReason.OUT_OF_AREA, "does not go there"),
        (r"zip|postal|address", DeclineReason.ADDRESS_PROBLEM, "does not accept the address"),
        (r"rate limit|too many", DeclineReason.RATE_LIMITED, "asks to slow down"),
        (
            r"time.?out|timed out|no response|unable to connect|unavailable|try again",
            DeclineReason.CARRIER_DOWN,
            "did not answer",
        ),
    )
)


def decline_of_message(message: Json) -> Decline:
    """One carrier of the account that gave no rates; its own prose may hold addresses and is left out."""
    carrier = text(message, "carrier") or "A carrier"
    prose, raw_code = text(message, "message"), text(message, "type")
    for pattern, reason, sentence in _MESSAGE_REASONS:
        if pattern.search(prose):
            return Decline(SYSTEM, reason, f"{carrier} {sentence}.", raw_code=raw_code)
    return Decline(SYSTEM, DeclineReason.OTHER, f"{carrier} gave no rates.", raw_code=raw_code)


def code_of(answer: Answer) -> str:
    """EasyPost's error code, "" where it gave none."""
    return text(child(answer.body, "error"), "code")


def _fields_of(answer: Answer) -> tuple[str, ...]:
    """Names only: whatever else stands there may repeat what stood in the field."""
    listed = children(child(answer.body, "error"), "errors")
    return tuple(name for entry in listed if _FIELD.fullmatch(name := text(entry, "field")))


def _family_of_code(code: str) -> Family | None:
    """Whole families of codes: of addresses, with those inside a verification, and of orders."""
    if code.startswith(("ADDRESS.", "E.ADDRESS.", "E.HOUSE_NUMBER.")):
        return Family.ADDRESS
    return Family.INVALID if code.startswith("ORDER.") else None


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    lambda answer: text(child(answer.body, "error"), "message"),
    fields_of=_fields_of,
    family_of_code=_family_of_code,
    account_texts=_ACCOUNT_TEXTS,
    meanings={
        Family.TOO_LATE: Meaning("The label can no longer be refunded."),
        Family.NOTHING_BOUGHT: Meaning("No label was bought for this shipment."),
        Family.REQUOTE: Meaning("The rate no longer holds.", IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    },
    wait_s=_DEFAULT_WAIT_S,
)
