"""What Uber's error codes mean to us. Codes of Uber Direct OpenAPI 1.0.1, in families by what we do."""

from __future__ import annotations

from enum import StrEnum

from connectors.couriers.uber_direct.client import SYSTEM, Answer
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.incident import IncidentKind
from doorstep.json_reading import child, children, text
from doorstep.quote import Decline, DeclineReason

_DEFAULT_WAIT_S = 60.0


class Family(StrEnum):
    """What to do about an error."""

    NOT_SERVICEABLE = "NOT_SERVICEABLE"
    CAPACITY = "CAPACITY"
    WINDOW = "WINDOW"
    REQUOTE = "REQUOTE"
    ADOPT = "ADOPT"
    ACCOUNT = "ACCOUNT"
    SLOW_DOWN = "SLOW_DOWN"
    RETRY = "RETRY"
    INVALID = "INVALID"
    TOO_LATE = "TOO_LATE"
    GONE = "GONE"
    OTHER = "OTHER"


FAMILIES: dict[str, Family] = {
    "unknown_location": Family.NOT_SERVICEABLE,
    "address_undeliverable": Family.NOT_SERVICEABLE,
    "address_undeliverable_limited_couriers": Family.CAPACITY,
    "couriers_busy": Family.CAPACITY,
    "robo_couriers_busy": Family.CAPACITY,
    "customer_limited": Family.SLOW_DOWN,
    "pickup_window_too_small": Family.WINDOW,
    "pickup_ready_too_early": Family.WINDOW,
    "pickup_ready_too_late": Family.WINDOW,
    "pickup_deadline_too_early": Family.WINDOW,
    "dropoff_deadline_too_early": Family.WINDOW,
    "dropoff_deadline_before_pickup_deadline": Family.WINDOW,
    "dropoff_ready_after_pickup_deadline": Family.WINDOW,
    "expired_quote": Family.REQUOTE,
    "used_quote": Family.REQUOTE,
    "mismatched_price_quote": Family.REQUOTE,
    "duplicate_delivery": Family.ADOPT,
    "unauthorized": Family.ACCOUNT,
    "customer_suspended": Family.ACCOUNT,
    "customer_blocked": Family.ACCOUNT,
    "customer_not_found": Family.ACCOUNT,
    "missing_payment": Family.ACCOUNT,
    "not_allowed": Family.ACCOUNT,
    "request_timeout": Family.RETRY,
    "internal_server_error": Family.RETRY,
    "unknown_error": Family.RETRY,
    "service_unavailable": Family.RETRY,
    "invalid_params": Family.INVALID,
    "noncancelable_delivery": Family.TOO_LATE,
    "delivery_not_found": Family.GONE,
    "max_tip_exceeded": Family.OTHER,
    "tip_already_recorded": Family.OTHER,
    "no_tip": Family.OTHER,
    "invalid_tipping_state": Family.OTHER,
}
"""Every documented code. `customer_limited` (429) is a request to slow down, whoever is asked next."""

_BY_STATUS = {
    401: Family.ACCOUNT,
    402: Family.ACCOUNT,
    403: Family.ACCOUNT,
    408: Family.RETRY,
    429: Family.SLOW_DOWN,
}

_ACCOUNT_TEXTS = {
    "customer_suspended": "Uber has suspended this account. Ask Uber support, or settle what is owed.",
    "customer_blocked": "Uber has blocked this account. Ask Uber support.",
    "customer_not_found": "Uber knows no such customer id. Copy it again from direct.uber.com.",
    "missing_payment": "Uber has no means of payment for this account. Add one at direct.uber.com.",
    "not_allowed": "This Uber account is not allowed to do that. Ask your Uber account manager.",
}

_DECLINES = {
    Family.NOT_SERVICEABLE: (DeclineReason.OUT_OF_AREA, "Uber Direct does not deliver between these places."),
    Family.CAPACITY: (DeclineReason.NO_CAPACITY, "Uber Direct has no courier free nearby."),
    Family.WINDOW: (DeclineReason.PAST_CUTOFF, "Uber Direct cannot keep this pickup and delivery window."),
}

_REFUSALS = {
    Family.NOT_SERVICEABLE: (
        "Uber Direct does not deliver between these places.",
        IncidentKind.ADDRESS_PROBLEM,
    ),
    Family.CAPACITY: ("Uber Direct has no courier free nearby.", IncidentKind.NO_COURIER),
    Family.WINDOW: ("Uber Direct cannot keep this pickup and delivery window.", IncidentKind.LATE_RISK),
    Family.REQUOTE: ("The price of Uber Direct no longer holds.", IncidentKind.QUOTE_EXPIRED),
    Family.ADOPT: ("Uber Direct already carries a delivery with this reference.", IncidentKind.OTHER),
    Family.TOO_LATE: ("It is too late: Uber's courier already has the goods.", IncidentKind.OTHER),
    Family.GONE: ("Uber Direct knows no such delivery.", IncidentKind.OTHER),
}


def family_of(answer: Answer) -> Family:
    """The family of an error; codes that we do not know fall back on the HTTP status."""
    if answer.code in FAMILIES:
        return FAMILIES[answer.code]
    if answer.status in _BY_STATUS:
        return _BY_STATUS[answer.status]
    return Family.RETRY if answer.status >= 500 else Family.OTHER


def decline_or_raise(answer: Answer) -> Decline:
    """Turn a refused quote into a decline.

    Raises
    ------
    RemoteError
        If Uber could not be asked properly: account, rate limit, outage.
    """
    family = family_of(answer)
    if family in _DECLINES:
        reason, sentence = _DECLINES[family]
        return Decline(SYSTEM, reason, sentence, raw_code=answer.code)
    if family is Family.INVALID:
        names = _wrong_fields(answer)
        reason = DeclineReason.ADDRESS_PROBLEM if _is_about_address(names) else DeclineReason.OTHER
        return Decline(SYSTEM, reason, _invalid_sentence(names), raw_code=answer.code)
    if family is Family.OTHER:
        return Decline(SYSTEM, DeclineReason.OTHER, "Uber Direct refused to quote.", raw_code=answer.code)
    raise error_of(answer)


def error_of(answer: Answer) -> RemoteError:
    """The error that an answer means; its text holds nobody's data, Uber's own words are kept beside it."""
    family, raw_message = family_of(answer), text(answer.body, "message")
    raw_code = answer.code or str(answer.status)
    if family is Family.SLOW_DOWN:
        return RateLimited(
            "Uber Direct asks us to slow down.",
            system=SYSTEM,
            retry_after_s=answer.retry_after_s or _DEFAULT_WAIT_S,
            raw_code=raw_code,
        )
    if family is Family.ACCOUNT:
        sentence = _ACCOUNT_TEXTS.get(answer.code, "Uber does not accept this account's credentials.")
        return AccountProblem(sentence, system=SYSTEM, raw_code=raw_code, raw_message=raw_message)
    if family is Family.RETRY:
        return RemoteUnavailable(
            "Uber Direct is not working at the moment.",
            system=SYSTEM,
            raw_code=raw_code,
            raw_message=raw_message,
            kind=IncidentKind.CARRIER_DOWN,
        )
    names = _wrong_fields(answer)
    about = IncidentKind.ADDRESS_PROBLEM if _is_about_address(names) else IncidentKind.OTHER
    sentence, kind = _REFUSALS.get(family, (_invalid_sentence(names), about))
    return RemoteRefused(sentence, system=SYSTEM, raw_code=raw_code, raw_message=raw_message, kind=kind)


def _wrong_fields(answer: Answer) -> tuple[str, ...]:
    """Names only: what Uber says about a field may repeat what stood in it."""
    metadata = child(answer.body, "metadata")
    details = child(metadata, "param_details")
    listed = tuple(text(entry, "name") for entry in children(metadata, "param_details"))
    return tuple(name for name in (*details, *listed) if name and name.replace("_", "").isalnum())


def _is_about_address(names: tuple[str, ...]) -> bool:
    return any("address" in name or "phone" in name for name in names)


def _invalid_sentence(names: tuple[str, ...]) -> str:
    if not names:
        return "Uber Direct refused the request."
    return f"Uber Direct does not accept {', '.join(names)}."
