"""ShipEngine's error answers, and the magic addresses that bring them about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from starlette.responses import JSONResponse


@dataclass(frozen=True, slots=True)
class Wording:
    """How an error is answered."""

    status: int
    source: str
    type: str
    message: str


def _wordings(status: int, source: str, kind: str, codes: str) -> dict[str, Wording]:
    return {
        code: Wording(status, source, kind, f"{code.replace('_', ' ').capitalize()}.")
        for code in codes.split()
    }


ERRORS: dict[str, Wording] = {
    **_wordings(
        400,
        "shipengine",
        "validation",
        "field_value_required invalid_field_value field_conflict invalid_identifier invalid_status "
        "invalid_string_length identifiers_must_match request_body_required customs_items_required "
        "invalid_object invalid_charge_event incompatible_paired_labels",
    ),
    **_wordings(
        400,
        "carrier",
        "business_rules",
        "invalid_address verification_failure no_rates_returned service_not_determined "
        "confirmation_not_supported return_label_not_supported tracking_not_supported insurance_failure "
        "label_images_not_supported carrier_not_supported unspecified",
    ),
    **_wordings(
        400,
        "carrier",
        "account_status",
        "insufficient_funds carrier_not_connected carrier_disconnected meter_failure auto_fund_not_supported",
    ),
    **_wordings(
        400,
        "shipengine",
        "account_status",
        "subscription_inactive trial_expired terms_not_accepted invalid_billing_plan",
    ),
    **_wordings(
        409,
        "shipengine",
        "business_rules",
        "identifier_conflict carrier_conflict warehouse_conflict webhook_event_type_conflict "
        "batch_cannot_be_modified",
    ),
    **_wordings(401, "shipengine", "security", "unauthorized"),
    **_wordings(403, "shipengine", "security", "forbidden"),
    **_wordings(404, "shipengine", "validation", "not_found"),
    **_wordings(429, "shipengine", "system", "rate_limit_exceeded"),
    **_wordings(500, "shipengine", "system", "unknown"),
    **_wordings(504, "shipengine", "system", "timeout"),
}

VOID_REASONS = (
    "unknown",
    "unspecified",
    "validation_failed",
    "label_not_found_within_void_period",
    "label_already_used",
    "label_already_voided",
    "contact_carrier",
)
"""Of a void that is answered with 200 and not approved."""

_WHEN_BUYING = frozenset(
    {
        "insufficient_funds",
        "identifier_conflict",
        "return_label_not_supported",
        "insurance_failure",
        "label_images_not_supported",
        "invalid_charge_event",
        "incompatible_paired_labels",
        "customs_items_required",
        "meter_failure",
        "auto_fund_not_supported",
        "terms_not_accepted",
    }
)
_WHEN_TRACKING = frozenset({"tracking_not_supported"})

MAGIC_POSTCODES: dict[str, str] = {f"009{place:02d}": code for place, code in enumerate(sorted(ERRORS))}
"""A shipment to one of these postcodes fails with its code."""

_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, field_name: str = "", retry_after_s: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.field_name = field_name
        self.retry_after_s = retry_after_s

    def response(self) -> JSONResponse:
        """As ShipEngine words it."""
        wording = ERRORS[self.code]
        error = {
            "error_source": wording.source,
            "error_type": wording.type,
            "error_code": self.code,
            "message": wording.message,
        }
        if self.field_name:
            error["field_name"] = self.field_name
        headers = {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}
        body = {"request_id": str(uuid.uuid4()), "errors": [error]}
        return JSONResponse(body, wording.status, headers=headers)


def natural_operation(code: str) -> str:
    """The operation where a code would come up: "rate", "label", "void" or "track"."""
    if code in VOID_REASONS and code not in ERRORS:
        return "void"
    if code in _WHEN_TRACKING:
        return "track"
    return "label" if code in _WHEN_BUYING else "rate"


def magic_code(street: str, postcode: str, operation: str) -> str:
    """The code that an address asks for in this operation, "" for none.

    By its postcode, or by a street that says "FAIL insufficient_funds".
    """
    code = MAGIC_POSTCODES.get(postcode, "") or _word_after(_FAIL_WORD, street)
    return code if code in ERRORS and natural_operation(code) == operation else ""


def fate_of(street: str) -> str:
    """What will happen to a parcel for this street, "" for nothing: "FATE refused"."""
    return _word_after(_FATE_WORD, street)


def _word_after(word: str, street: str) -> str:
    words = street.split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
