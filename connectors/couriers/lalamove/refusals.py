"""What Lalamove's error codes mean to us.

Codes of its API guide v3 (2026) and, where marked, seen in public integrations. An error says
`{errors: [{id, message, detail}]}`; the guide's examples also show a bare `{message: "ERR_…"}`.
"""

from __future__ import annotations

from connectors.calling import Answer
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from connectors.refusing import Family, Meaning, Refusals
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, children, text
from doorstep.quote import DeclineReason

WRONG_PHONE = "ERR_INVALID_PHONE_NUMBER"
WRONG_TIME = "ERR_INVALID_SCHEDULE_TIME"

FAMILIES: dict[str, Family] = {
    "ERR_INSUFFICIENT_CREDIT": Family.ACCOUNT,
    "ERR_INVALID_MARKET": Family.ACCOUNT,
    "ERR_INSUFFICIENT_STOPS": Family.INVALID,
    "ERR_TOO_MANY_STOPS": Family.INVALID,
    WRONG_PHONE: Family.INVALID,
    "ERR_INVALID_FIELD": Family.INVALID,
    "ERR_MISSING_FIELD": Family.INVALID,
    "ERR_REQUIRED_FIELD": Family.INVALID,
    "ERR_INVALID_RESPONSE": Family.INVALID,
    WRONG_TIME: Family.WINDOW,
    "ERR_INVALID_SERVICE_TYPE": Family.PARCEL,
    "ERR_INVALID_SPECIAL_REQUEST": Family.OTHER,
    "ERR_OUT_OF_SERVICE_AREA": Family.NOT_SERVICEABLE,
    "ERR_REVERSE_GEOCODE_FAILURE": Family.ADDRESS,
    "ERR_INVALID_QUOTATION_ID": Family.REQUOTE,
    # The guide's own table leaves the name open: a quotation that is over has one of these.
    "ERR_QUOTATION_EXPIRED": Family.REQUOTE,
    "ERR_INVALID_QUOTATION_EXPIRED": Family.REQUOTE,
    "ERR_ORDER_NOT_FOUND": Family.GONE,
    "ERR_EXCEED_MIN_TIPS": Family.OTHER,
    "ERR_EXCEED_MAX_TIPS": Family.OTHER,
    "ERR_INVALID_TIPS": Family.OTHER,
    "ERR_INVALID_ORDER_STATUS": Family.TOO_LATE,
    "ERR_CANCELLATION_FORBIDDEN": Family.TOO_LATE,
    "ERR_CHANGE_DRIVER": Family.TOO_LATE,
    "ERR_RATE_LIMIT_EXCEEDED": Family.SLOW_DOWN,
    # Seen in public integrations (Brazil, 2026).
    "ERR_CANCELLATION": Family.TOO_LATE,
    "ERR_ORDER_EDIT": Family.TOO_LATE,
    "ERR_DRIVER_NOT_FOUND": Family.GONE,
}
"""Every documented code."""

_MEANINGS = {
    Family.PARCEL: Meaning(
        "{name} has no such vehicle in this city.",
        IncidentKind.ITEM_MISMATCH,
        DeclineReason.VEHICLE_MISMATCH,
    ),
    Family.TOO_LATE: Meaning("It is too late: {name}'s driver is on the way, or already has the goods."),
}

_ACCOUNT_TEXTS = {
    "ERR_INSUFFICIENT_CREDIT": "The Lalamove wallet is empty. Top it up in the Partner Portal.",
    "402": "The Lalamove wallet is empty. Top it up in the Partner Portal.",
    "ERR_INVALID_MARKET": "This Lalamove key is not for this market. Check the market's two letters.",
    "401": "Lalamove does not accept the API key and secret. Copy both again from the Partner Portal.",
    "403": "Lalamove refuses this account's calls. Ask partner.support@lalamove.com.",
}


def errors_of(answer: Answer) -> tuple[Json, ...]:
    """The errors that an answer names: a list, or for webhooks a single object."""
    single = answer.body.get("errors")
    return (single,) if isinstance(single, dict) else children(answer.body, "errors")


def code_of(answer: Answer) -> str:
    """Lalamove's error code, "" where it gave none: then a proxy spoke, or the status says it all."""
    for error in (*errors_of(answer), answer.body):
        for name in ("id", "message"):
            if text(error, name).startswith("ERR_"):
                return text(error, name)
    return ""


def _message_of(answer: Answer) -> str:
    errors = errors_of(answer)
    return text(errors[0], "message") if errors else text(answer.body, "message")


def _wrong_fields(answer: Answer) -> tuple[str, ...]:
    """Names only, from pointers such as /data/stops/1/address; the rest may repeat what stood there."""
    if code_of(answer) == WRONG_PHONE:
        return ("phone number",)
    pointers = [text(error, "detail") for error in errors_of(answer)]
    named = [_last_name(pointer) for pointer in pointers if pointer.startswith("/")]
    return tuple(dict.fromkeys(name for name in named if name))


def _last_name(pointer: str) -> str:
    names = [part for part in pointer.split("/") if part.isidentifier() and part != "data"]
    return names[-1] if names else ""


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    _message_of,
    fields_of=_wrong_fields,
    account_texts=_ACCOUNT_TEXTS,
    meanings=_MEANINGS,
)
