"""What ShipEngine's errors and its carriers' words mean to us (error codes of API 1.1.202604, April 2026)."""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.parcel.shipengine.client import NAME, SYSTEM
from connectors.refusing import Family, Meaning, Refusals
from doorstep.json_reading import Json, children, text
from doorstep.quote import Decline, DeclineReason

# Two hundred calls a minute; a 429 names the seconds itself.
_DEFAULT_WAIT_S = 30.0

FAMILIES: dict[str, Family] = {
    "invalid_address": Family.ADDRESS,
    "verification_failure": Family.ADDRESS,
    "no_rates_returned": Family.NOT_SERVICEABLE,
    "service_not_determined": Family.NOT_SERVICEABLE,
    "identifier_conflict": Family.ADOPT,
    "not_found": Family.GONE,
    "timeout": Family.RETRY,
    "rate_limit_exceeded": Family.SLOW_DOWN,
    "unauthorized": Family.ACCOUNT,
    "forbidden": Family.ACCOUNT,
    "insufficient_funds": Family.ACCOUNT,
    "auto_fund_not_supported": Family.ACCOUNT,
    "meter_failure": Family.ACCOUNT,
    "subscription_inactive": Family.ACCOUNT,
    "trial_expired": Family.ACCOUNT,
    "terms_not_accepted": Family.ACCOUNT,
    "invalid_billing_plan": Family.ACCOUNT,
    "carrier_not_connected": Family.ACCOUNT,
    "carrier_disconnected": Family.ACCOUNT,
    "confirmation_not_supported": Family.INVALID,
    "return_label_not_supported": Family.INVALID,
    "tracking_not_supported": Family.INVALID,
    "label_images_not_supported": Family.INVALID,
    "refresh_not_supported": Family.INVALID,
    "settings_not_supported": Family.INVALID,
    "carrier_not_supported": Family.INVALID,
    "field_value_required": Family.INVALID,
    "field_conflict": Family.INVALID,
    "invalid_field_value": Family.INVALID,
    "invalid_identifier": Family.INVALID,
    "invalid_object": Family.INVALID,
    "invalid_status": Family.INVALID,
    "invalid_string_length": Family.INVALID,
    "invalid_charge_event": Family.INVALID,
    "identifiers_must_match": Family.INVALID,
    "incompatible_paired_labels": Family.INVALID,
    "customs_items_required": Family.INVALID,
    "carrier_conflict": Family.INVALID,
    "warehouse_conflict": Family.INVALID,
    "webhook_event_type_conflict": Family.INVALID,
    "batch_cannot_be_modified": Family.INVALID,
    "default_warehouse_cannot_be_deleted": Family.INVALID,
    "order_source_not_active": Family.INVALID,
    "request_body_required": Family.INVALID,
    "insurance_failure": Family.INVALID,
    "unspecified": Family.OTHER,
    "unknown": Family.OTHER,
}

VAGUE = frozenset({"unspecified", "unknown"})
"""Codes that say no more than the HTTP status beside them."""

VOIDED_BEFORE = "label_already_voided"

VOID_REASONS: dict[str, str] = {
    "unknown": "The carrier did not take the label back and gave no reason.",
    "unspecified": "The carrier did not take the label back and gave no reason.",
    "validation_failed": "The carrier does not take this label back.",
    "label_not_found_within_void_period": "The time in which the label could be voided is over.",
    "label_already_used": "The label can no longer be voided: the carrier has the parcel.",
    VOIDED_BEFORE: "The label was voided before.",
    "contact_carrier": "Only the carrier itself can void this label: it wants to be called.",
}
"""Every documented `reason_code` of a void that was not approved."""

_ACCOUNT_TEXTS = {
    "401": "ShipEngine does not know this key. Copy it again from its dashboard, API Management.",
    "unauthorized": "ShipEngine does not know this key. Copy it again from its dashboard, API Management.",
    "insufficient_funds": "A carrier's balance at ShipEngine is used up. Add funds in its dashboard.",
    "subscription_inactive": "ShipEngine's subscription is not active. Settle it in its dashboard, Billing.",
    "trial_expired": "ShipEngine's trial is over. Choose a plan in its dashboard.",
    "invalid_billing_plan": "ShipEngine's plan does not include this. Choose another in its dashboard.",
    "terms_not_accepted": "A carrier's terms wait to be accepted in ShipEngine's dashboard.",
    "carrier_not_connected": "A carrier is no longer connected. Connect it again in ShipEngine's dashboard.",
    "carrier_disconnected": "A carrier is no longer connected. Connect it again in ShipEngine's dashboard.",
}

_DECLINES: dict[str, tuple[DeclineReason, str]] = {
    "invalid_address": (DeclineReason.ADDRESS_PROBLEM, "does not accept the address"),
    "verification_failure": (DeclineReason.ADDRESS_PROBLEM, "does not accept the address"),
    "no_rates_returned": (DeclineReason.OUT_OF_AREA, "does not go there"),
    "service_not_determined": (DeclineReason.OUT_OF_AREA, "does not go there"),
    "confirmation_not_supported": (DeclineReason.HANDOVER, "does not do what is asked for at the door"),
    "rate_limit_exceeded": (DeclineReason.RATE_LIMITED, "asks to slow down"),
    "timeout": (DeclineReason.CARRIER_DOWN, "did not answer"),
    **{
        code: (DeclineReason.ACCOUNT_PROBLEM, "refuses the account")
        for code, family in FAMILIES.items()
        if family is Family.ACCOUNT
    },
}
"""What a code means where one carrier of several has failed with it; of any other its prose is read."""

_FIELD = re.compile(r"[a-z][a-z0-9_]*(\[[0-9]+\])?(\.[a-z0-9_]+(\[[0-9]+\])?)*")

# The messages are the carriers' own prose; the first pattern that fits decides.
_PROSE: tuple[tuple[re.Pattern[str], DeclineReason, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reason, sentence)
    for pattern, reason, sentence in (
        (r"weigh|too heavy|\blbs?\b", DeclineReason.TOO_HEAVY, "does not carry this weight"),
        (
            r"length|girth|dimension|oversize|too large|multi.?(package|piece)",
            DeclineReason.TOO_LARGE,
            "does not carry these parcels, or was not told their sides",
        ),
        (
            r"confirmation|signature",
            DeclineReason.HANDOVER,
            "does not do what is asked for at the door",
        ),
        (
            r"credential|account|permission|billing|payment|unauthori|funds|balance",
            DeclineReason.ACCOUNT_PROBLEM,
            "refuses the account",
        ),
        (r"cut-?off|too late", DeclineReason.PAST_CUTOFF, "has no pickup left today"),
        (r"alcohol|hazard|dangerous|lithium", DeclineReason.PROHIBITED_GOODS, "does not carry such goods"),
        (
            r"not serv|service area|no service|out of area|not available (for|to|from)",
            DeclineReason.OUT_OF_AREA,
            "does not go there",
        ),
        (r"zip|postal|address|city|state", DeclineReason.ADDRESS_PROBLEM, "does not accept the address"),
        (r"rate limit|too many|thrott", DeclineReason.RATE_LIMITED, "asks to slow down"),
        (
            r"time.?out|timed out|no response|unable to connect|unavailable|try again",
            DeclineReason.CARRIER_DOWN,
            "did not answer",
        ),
    )
)


def decline_of(entry: Json) -> Decline:
    """One carrier that failed, or one rate that cannot be had, inside an answer that is a yes.

    The carriers' own prose may hold addresses and is left out.
    """
    name = text(entry, "carrier_friendly_name") or text(entry, "carrier_code") or "A carrier"
    code, prose = text(entry, "error_code"), text(entry, "message") or _messages(entry)
    reason, sentence = _DECLINES.get(code) or _meant(prose)
    return Decline(SYSTEM, reason, f"{name} {sentence}.", raw_code=code)


def code_of(answer: Answer) -> str:
    """ShipEngine's error code, "" where it gave none.

    A vague one counts only beside a 400 or 409; any other status says more than it does.
    """
    codes = [text(error, "error_code") for error in children(answer.body, "errors")]
    code = next((code for code in codes if code), "")
    return "" if code in VAGUE and answer.status not in {400, 409} else code


def _message_of(answer: Answer) -> str:
    return "; ".join(text(error, "message") for error in children(answer.body, "errors"))


def _fields_of(answer: Answer) -> tuple[str, ...]:
    """Names only: whatever else stands there may repeat what stood in the field."""
    listed = children(answer.body, "errors")
    return tuple(name for error in listed if _FIELD.fullmatch(name := text(error, "field_name")))


def _meant(prose: str) -> tuple[DeclineReason, str]:
    for pattern, reason, sentence in _PROSE:
        if pattern.search(prose):
            return reason, sentence
    return DeclineReason.OTHER, "gave no rates"


def _messages(entry: Json) -> str:
    listed = entry.get("error_messages")
    return " ".join(word for word in listed if isinstance(word, str)) if isinstance(listed, list) else ""


def _family_of_code(code: str) -> Family | None:
    if code.startswith("funding_source_"):
        return Family.ACCOUNT
    return Family.INVALID if code.startswith(("field_", "invalid_")) else None


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    _message_of,
    fields_of=_fields_of,
    family_of_code=_family_of_code,
    account_texts=_ACCOUNT_TEXTS,
    meanings={
        Family.ADOPT: Meaning("ShipEngine already has a shipment under this booking's key."),
        Family.GONE: Meaning("ShipEngine knows no such label."),
    },
    wait_s=_DEFAULT_WAIT_S,
)
