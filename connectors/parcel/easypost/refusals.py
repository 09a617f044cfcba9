"""What EasyPost's errors and a carrier's rating messages mean to us (error codes of API v2, June 2026)."""

from __future__ import annotations

import re
from enum import StrEnum

from connectors.parcel.easypost.client import SYSTEM, Answer
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, text
from doorstep.quote import Decline, DeclineReason

# EasyPost documents no Retry-After; its lists allow five requests a second.
_DEFAULT_WAIT_S = 5.0


class Family(StrEnum):
    """What to do about an error."""

    ADDRESS = "ADDRESS"
    PARCEL = "PARCEL"
    ADOPT = "ADOPT"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    REQUOTE = "REQUOTE"
    ACCOUNT = "ACCOUNT"
    SLOW_DOWN = "SLOW_DOWN"
    RETRY = "RETRY"
    TOO_LATE = "TOO_LATE"
    NOTHING_BOUGHT = "NOTHING_BOUGHT"
    GONE = "GONE"
    INVALID = "INVALID"


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

_BY_STATUS = {
    401: Family.ACCOUNT,
    402: Family.ACCOUNT,
    403: Family.ACCOUNT,
    404: Family.GONE,
    408: Family.RETRY,
    429: Family.SLOW_DOWN,
}

_ACCOUNT_TEXTS = {
    401: "EasyPost does not know this key. Copy it again from easypost.com, Account, API keys.",
    402: "EasyPost's account has no money or no card. Settle it at easypost.com, Billing.",
    403: "EasyPost has suspended this account, or the key may not do this. Ask EasyPost support.",
}

_REFUSALS = {
    Family.ADDRESS: ("EasyPost cannot find this address.", IncidentKind.ADDRESS_PROBLEM),
    Family.PARCEL: ("EasyPost does not accept the parcel's weight or sides.", IncidentKind.ITEM_MISMATCH),
    Family.REQUOTE: ("The rate no longer holds.", IncidentKind.QUOTE_EXPIRED),
    Family.TOO_LATE: ("The label can no longer be refunded.", IncidentKind.OTHER),
    Family.NOTHING_BOUGHT: ("No label was bought for this shipment.", IncidentKind.OTHER),
    Family.GONE: ("EasyPost knows no such shipment.", IncidentKind.OTHER),
}

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


def family_of(answer: Answer) -> Family:
    """The family of an error; codes that we do not know fall back on their prefix and the HTTP status."""
    if answer.code in FAMILIES:
        return FAMILIES[answer.code]
    if answer.code.startswith("ADDRESS."):
        return Family.ADDRESS
    if answer.status in _BY_STATUS:
        return _BY_STATUS[answer.status]
    return Family.RETRY if answer.status >= 500 else Family.INVALID


def decline_or_raise(answer: Answer) -> Decline:
    """Turn a refused rating into a decline.

    Raises
    ------
    RemoteError
        If EasyPost could not be asked properly: account, rate limit, outage.
    """
    family = family_of(answer)
    if family is Family.ADDRESS or (family is Family.INVALID and _is_about_address(answer)):
        sentence = _REFUSALS[Family.ADDRESS][0]
        return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence, raw_code=answer.code)
    if family is Family.PARCEL:
        sentence = _REFUSALS[family][0]
        return Decline(SYSTEM, DeclineReason.TOO_LARGE, sentence, raw_code=answer.code)
    if family in {Family.INVALID, Family.REQUOTE}:
        return Decline(SYSTEM, DeclineReason.OTHER, "EasyPost refused to rate.", raw_code=answer.code)
    raise error_of(answer)


def decline_of_message(message: Json) -> Decline:
    """One carrier of the account that gave no rates; its own prose may hold addresses and is left out."""
    carrier = text(message, "carrier") or "A carrier"
    prose, raw_code = text(message, "message"), text(message, "type")
    for pattern, reason, sentence in _MESSAGE_REASONS:
        if pattern.search(prose):
            return Decline(SYSTEM, reason, f"{carrier} {sentence}.", raw_code=raw_code)
    return Decline(SYSTEM, DeclineReason.OTHER, f"{carrier} gave no rates.", raw_code=raw_code)


def error_of(answer: Answer) -> RemoteError:
    """The error that an answer means; its text holds nobody's data, EasyPost's own words are beside it."""
    family, raw_message = family_of(answer), text(child(answer.body, "error"), "message")
    raw_code = answer.code or str(answer.status)
    if family is Family.SLOW_DOWN:
        wait_s = answer.retry_after_s or _DEFAULT_WAIT_S
        sentence = "EasyPost asks us to slow down."
        return RateLimited(sentence, system=SYSTEM, retry_after_s=wait_s, raw_code=raw_code)
    if family is Family.ACCOUNT:
        sentence = _ACCOUNT_TEXTS.get(answer.status, "EasyPost does not let this key do that.")
        return AccountProblem(sentence, system=SYSTEM, raw_code=raw_code, raw_message=raw_message)
    if family is Family.RETRY:
        return RemoteUnavailable(
            "EasyPost is not working at the moment.",
            system=SYSTEM,
            raw_code=raw_code,
            raw_message=raw_message,
            kind=IncidentKind.CARRIER_DOWN,
        )
    if family in {Family.UNKNOWN_OUTCOME, Family.ADOPT}:
        return unclear(raw_code)
    kind = IncidentKind.ADDRESS_PROBLEM if _is_about_address(answer) else IncidentKind.OTHER
    sentence, kind = _REFUSALS.get(family, ("EasyPost refused the request.", kind))
    return RemoteRefused(sentence, system=SYSTEM, raw_code=raw_code, raw_message=raw_message, kind=kind)


def unclear(raw_code: str) -> UnknownOutcome:
    """Bought or not: only reading the shipment will tell."""
    return UnknownOutcome(
        "EasyPost failed while buying, so it is not known whether the label exists.",
        system=SYSTEM,
        raw_code=raw_code,
        kind=IncidentKind.CARRIER_DOWN,
    )


def _is_about_address(answer: Answer) -> bool:
    parts = ("address", "street", "city", "state", "zip", "phone")
    return any(part in name for name in answer.fields for part in parts)
