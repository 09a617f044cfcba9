"""What Roadie's errors mean to us.

Roadie answers with a list of errors, each with a code, the parameter that it is about and a message. The one
code that public sources show is 1001, for a parameter that is missing or not accepted; so the parameter, and
else the HTTP status, decides what to do. Rate limits carry Retry-After (Roadie's API overview).
"""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.couriers.roadie.client import NAME, SYSTEM
from connectors.refusing import Family, Refusals
from doorstep.json_reading import Json, children, text

INVALID_PARAMETER = "1001"

FAMILIES: dict[str, Family] = {INVALID_PARAMETER: Family.INVALID}
"""Every documented code."""

BY_PARAMETER: dict[str, Family] = {
    "pickup_location": Family.ADDRESS,
    "delivery_location": Family.ADDRESS,
    "pickup_after": Family.WINDOW,
    "deliver_between": Family.WINDOW,
    "items": Family.PARCEL,
}
"""By the first part of an invalid parameter's name ("delivery_location.address.zip")."""

_ACCOUNT_TEXTS = {
    "401": "Roadie does not accept the access token. Ask Roadie's support for the account's token.",
    "403": "This Roadie account is not allowed to do that. Ask your Roadie account manager.",
}

_PARAMETER = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def code_of(answer: Answer) -> str:
    """Code and parameter of the first error, "1001:items.weight"; "" where it gave none."""
    error = next(iter(children(answer.body, "errors")), {})
    value = error.get("code")
    code = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    parameter = _parameter_of(error)
    return f"{code}:{parameter}" if code and parameter else code


def _family_of_code(code: str) -> Family | None:
    number, _, parameter = code.partition(":")
    by_parameter = BY_PARAMETER.get(parameter.split(".")[0]) if number == INVALID_PARAMETER else None
    return by_parameter or FAMILIES.get(number)


def _parameter_of(error: Json) -> str:
    name = text(error, "parameter")
    return name if _PARAMETER.fullmatch(name) else ""


def _fields_of(answer: Answer) -> tuple[str, ...]:
    names = (_parameter_of(error) for error in children(answer.body, "errors"))
    # Alone it is the shipment's state, and no part of an address.
    return tuple(name for name in names if name not in {"", "state"})


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    lambda answer: text(next(iter(children(answer.body, "errors")), {}), "message"),
    fields_of=_fields_of,
    family_of_code=_family_of_code,
    account_texts=_ACCOUNT_TEXTS,
)
