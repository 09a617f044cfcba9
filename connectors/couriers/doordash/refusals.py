"""What DoorDash's error codes mean to us: those of its published OpenAPI 2.1, in families by what we do.

An error has a code and often a reason; together they are written "code/reason" here and in what is kept raw.
"""

from __future__ import annotations

from connectors.calling import Answer
from connectors.couriers.doordash.wording import NAME, SYSTEM
from connectors.refusing import Family, Meaning, Refusals
from doorstep.json_reading import children, text

FAMILIES: dict[str, Family] = {
    "validation_error": Family.INVALID,
    "invalid_delivery_parameters": Family.INVALID,
    "invalid_delivery_parameters/distance_too_long": Family.NOT_SERVICEABLE,
    "invalid_delivery_parameters/pickup_address_not_in_coverage": Family.NOT_SERVICEABLE,
    "invalid_delivery_parameters/delivery_address_not_in_coverage": Family.NOT_SERVICEABLE,
    "invalid_delivery_parameters/outside_of_delivery_time": Family.WINDOW,
    "authentication_error": Family.ACCOUNT,
    "authorization_error": Family.ACCOUNT,
    "unknown_delivery_id": Family.GONE,
    "duplicate_delivery_id": Family.ADOPT,
    "cancel_not_allowed": Family.TOO_LATE,
    "cancel_not_allowed/delivery_abandoned": Family.TOO_LATE,
    "cancel_not_allowed/delivery_cancelled": Family.TOO_LATE,
    "cancel_not_allowed/delivery_completed": Family.TOO_LATE,
    "cancel_not_allowed/delivery_creation_in_progress": Family.RETRY,
    "cancel_not_allowed/delivery_picked_up": Family.TOO_LATE,
    "cancel_not_allowed/cancellation_window_closed": Family.TOO_LATE,
    "cancel_not_allowed/duplicate_request": Family.RETRY,
    "update_not_allowed": Family.TOO_LATE,
    "update_not_allowed/delivery_abandoned": Family.TOO_LATE,
    "update_not_allowed/delivery_cancelled": Family.TOO_LATE,
    "update_not_allowed/delivery_completed": Family.TOO_LATE,
    "update_not_allowed/delivery_creation_in_progress": Family.RETRY,
    "update_not_allowed/delivery_picked_up": Family.TOO_LATE,
    "update_not_allowed/update_window_closed": Family.TOO_LATE,
    "update_not_allowed/duplicate_request": Family.RETRY,
    "service_fault": Family.RETRY,
}
"""Every documented code and reason. A limit that is exceeded has no code of its own, only the status 429."""

IS_ASKED_ALREADY = "duplicate_request"

_ACCOUNT_TEXTS = {
    "authentication_error": (
        "DoorDash does not accept this developer id, key id and signing secret. Copy all three from one "
        "access key of the developer portal, and see that this machine's clock is right."
    ),
    "authorization_error": (
        "DoorDash does not let this access key do that. Production keys need DoorDash's approval: see the "
        "developer portal."
    ),
}


def code_of(answer: Answer) -> str:
    """DoorDash's "code" or "code/reason", "" where it gave none: then a proxy spoke, not DoorDash."""
    code, reason = text(answer.body, "code"), text(answer.body, "reason")
    return f"{code}/{reason}" if code and reason else code


def reason_of(answer: Answer) -> str:
    """The reason alone."""
    return text(answer.body, "reason")


def _family_without_reason(code: str) -> Family | None:
    return FAMILIES.get(code.partition("/")[0])


def _wrong_fields(answer: Answer) -> tuple[str, ...]:
    """Names only: what DoorDash says about a field may repeat what stood in it."""
    named = (text(entry, "field") for entry in children(answer.body, "field_errors"))
    return tuple(name for name in named if name and name.replace("_", "").replace(".", "").isalnum())


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    lambda answer: text(answer.body, "message"),
    fields_of=_wrong_fields,
    family_of_code=_family_without_reason,
    account_texts=_ACCOUNT_TEXTS,
    meanings={Family.TOO_LATE: Meaning("It is too late: {name} takes no change of this delivery any more.")},
    wait_s=30.0,  # half of the minute that DoorDash counts its 300 calls in; it sends no Retry-After
)
