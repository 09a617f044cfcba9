"""What Uber's error codes mean to us. Codes of Uber Direct OpenAPI 1.0.1, in families by what we do."""

from __future__ import annotations

from connectors.calling import Answer
from connectors.couriers.uber_direct.client import NAME, SYSTEM
from connectors.refusing import Family, Refusals
from doorstep.json_reading import child, children, text

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

_ACCOUNT_TEXTS = {
    "customer_suspended": "Uber has suspended this account. Ask Uber support, or settle what is owed.",
    "customer_blocked": "Uber has blocked this account. Ask Uber support.",
    "customer_not_found": "Uber knows no such customer id. Copy it again from direct.uber.com.",
    "missing_payment": "Uber has no means of payment for this account. Add one at direct.uber.com.",
    "not_allowed": "This Uber account is not allowed to do that. Ask your Uber account manager.",
}


def code_of(answer: Answer) -> str:
    """Uber's error code, "" where it gave none: then a proxy spoke, not Uber."""
    return text(answer.body, "code")


def _wrong_fields(answer: Answer) -> tuple[str, ...]:
    """Names only: what Uber says about a field may repeat what stood in it."""
    metadata = child(answer.body, "metadata")
    details = child(metadata, "param_details")
    listed = tuple(text(entry, "name") for entry in children(metadata, "param_details"))
    return tuple(name for name in (*details, *listed) if name and name.replace("_", "").isalnum())


REFUSALS = Refusals(
    SYSTEM,
    NAME,
    FAMILIES,
    code_of,
    lambda answer: text(answer.body, "message"),
    fields_of=_wrong_fields,
    account_texts=_ACCOUNT_TEXTS,
)
