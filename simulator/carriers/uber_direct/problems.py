"""Uber's error answers, and the magic addresses that bring each of them about."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

ERRORS: dict[str, tuple[int, str]] = {
    "invalid_params": (400, "The parameters of your request were invalid."),
    "unknown_location": (400, "The specified location was not understood."),
    "address_undeliverable": (400, "The specified location is not in a deliverable area."),
    "address_undeliverable_limited_couriers": (
        422,
        "The specified location is not deliverable at this time because all couriers are busy.",
    ),
    "pickup_window_too_small": (400, "The pickup window needs to be at least 10 minutes long."),
    "dropoff_deadline_too_early": (400, "The dropoff deadline needs to be 20 minutes after dropoff ready."),
    "dropoff_deadline_before_pickup_deadline": (400, "The dropoff deadline is before the pickup deadline."),
    "dropoff_ready_after_pickup_deadline": (400, "The dropoff ready time is after the pickup deadline."),
    "pickup_ready_too_early": (400, "The pickup ready time is in the past."),
    "pickup_deadline_too_early": (400, "The pickup deadline needs to be at least 20 minutes from now."),
    "pickup_ready_too_late": (400, "The pickup ready time needs to be within the next 30 days."),
    "expired_quote": (400, "The price quote specified has expired."),
    "used_quote": (400, "The price quote specified has already been used."),
    "mismatched_price_quote": (400, "The price quote specified does not match the delivery."),
    "missing_payment": (400, "A credit card or bank account is required for this request."),
    "not_allowed": (400, "Your account is not allowed to do that."),
    "noncancelable_delivery": (400, "The delivery can no longer be canceled."),
    "max_tip_exceeded": (400, "The tip is too high."),
    "tip_already_recorded": (400, "A tip was already recorded."),
    "no_tip": (400, "No tip was given."),
    "invalid_tipping_state": (400, "The delivery is not in a state for tips."),
    "unauthorized": (401, "Unauthorized."),
    "customer_suspended": (402, "Your account is past due."),
    "customer_blocked": (403, "Your account is not permitted to create deliveries."),
    "customer_not_found": (404, "Customer does not exist."),
    "delivery_not_found": (404, "The requested delivery does not exist."),
    "request_timeout": (408, "The request timed out."),
    "duplicate_delivery": (409, "An active delivery like this one already exists."),
    "customer_limited": (429, "Your account's rate limit was exceeded."),
    "internal_server_error": (500, "Something went wrong."),
    "unknown_error": (500, "An unknown error happened."),
    "service_unavailable": (503, "Service is currently unavailable."),
    "couriers_busy": (503, "All of our couriers are currently busy."),
    "robo_couriers_busy": (503, "All of our robo couriers are currently busy."),
}

MAGIC_ZIPS: dict[str, str] = {f"009{place:02d}": code for place, code in enumerate(sorted(ERRORS))}
"""A delivery to one of these zip codes fails with its code."""

_ONLY_WHEN_CREATING = frozenset(
    {"expired_quote", "used_quote", "mismatched_price_quote", "duplicate_delivery", "missing_payment"}
)
_ONLY_WHEN_CANCELLING = frozenset({"noncancelable_delivery"})
_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, metadata: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.metadata = dict(metadata or {})

    def response(self) -> JSONResponse:
        """As Uber words it."""
        status, message = ERRORS[self.code]
        body = {"code": self.code, "message": message, "kind": "error", "metadata": self.metadata}
        return JSONResponse(body, status_code=status)


def natural_operation(code: str) -> str:
    """The operation where a code would come up: "quote", "create" or "cancel"."""
    if code in _ONLY_WHEN_CREATING:
        return "create"
    return "cancel" if code in _ONLY_WHEN_CANCELLING else "quote"


def magic_code(street: str, zip_code: str, operation: str) -> str:
    """The code that an address asks for in this operation, "" for none.

    By its zip code, or by a street that says "FAIL couriers_busy".
    """
    code = MAGIC_ZIPS.get(zip_code, "") or _word_after(_FAIL_WORD, street)
    if code not in ERRORS:
        return ""
    natural = natural_operation(code)
    return code if natural == operation or (natural == "quote" and operation == "create") else ""


def fate_of(street: str) -> str:
    """Why the handover at this street will fail, "" if it will not: "FATE customer_unavailable"."""
    return _word_after(_FATE_WORD, street)


def _word_after(word: str, street: str) -> str:
    words = street.split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
