"""What Stuart's error codes mean to us.

Codes of its published client libraries, and those seen in public integrations and their recorded answers.
A record that Stuart finds invalid says which field it is about: that decides what to do.
"""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.couriers.stuart.client import NAME, SYSTEM
from connectors.refusing import Family, Refusals
from doorstep.json_reading import child, text

INVALID_RECORD = "RECORD_INVALID"

FAMILIES: dict[str, Family] = {
    INVALID_RECORD: Family.INVALID,
    "BAD_REQUEST": Family.INVALID,
    "JOB_DELIVERIES_INVALID": Family.INVALID,
    "PHONE_INVALID": Family.INVALID,
    "ADDRESS_CONTACT_PHONE_REQUIRED": Family.INVALID,
    "EMAIL_INVALID": Family.INVALID,
    "JOB_DISTANCE_NOT_ALLOWED": Family.NOT_SERVICEABLE,
    "OUT_OF_RANGE": Family.NOT_SERVICEABLE,
    "ADDRESS_INVALID": Family.NOT_SERVICEABLE,
    "CANT_GEOCODE_ADDRESS": Family.ADDRESS,
    "JOB_PICKUP_AT_INVALID": Family.WINDOW,
    "INVALID_GRANT": Family.ACCOUNT,
}
"""Every documented code. "ADDRESS_INVALID" means an address outside the area that Stuart serves."""

_BY_FIELD: dict[str, Family] = {
    "client_reference": Family.ADOPT,
    "pickup_at": Family.WINDOW,
    "dropoff_at": Family.WINDOW,
    "end_customer_time_window_start": Family.WINDOW,
    "end_customer_time_window_end": Family.WINDOW,
    "package_type": Family.PARCEL,
}

_CONTACT_FIELDS = {
    "PHONE_INVALID": ("contact phone",),
    "ADDRESS_CONTACT_PHONE_REQUIRED": ("contact phone",),
    "EMAIL_INVALID": ("contact email",),
}

_ACCOUNT_TEXTS = {
    "402": "Stuart wants this account's invoices settled first.",
    "403": "This Stuart account is not allowed to do that. Ask your Stuart account manager.",
}

_FIELD_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def code_of(answer: Answer) -> str:
    """Stuart's error code, "" where it gave none; an invalid record's with the field that it is about."""
    code = text(answer.body, "error").upper()
    if code != INVALID_RECORD:
        return code
    telling = next((name for name in _wrong_fields(answer) if name.split(".")[-1] in _BY_FIELD), "")
    return f"{code}:{telling}" if telling else code


def _family_of_code(code: str) -> Family | None:
    record, _, field_name = code.partition(":")
    return _BY_FIELD.get(field_name.split(".")[-1]) if record == INVALID_RECORD else None


def _wrong_fields(answer: Answer) -> tuple[str, ...]:
    """Names only: what Stuart says about a field may repeat what stood in it."""
    contact_fields = _CONTACT_FIELDS.get(text(answer.body, "error").upper())
    if contact_fields is not None:
        return contact_fields
    return tuple(name for name in child(answer.body, "data") if _FIELD_NAME.fullmatch(name))


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    lambda answer: text(answer.body, "message"),
    fields_of=_wrong_fields,
    family_of_code=_family_of_code,
    account_texts=_ACCOUNT_TEXTS,
)
