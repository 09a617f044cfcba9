"""DoorDash's error answers, and the magic words that bring each of them about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import JSONResponse

_NOT_CANCELLED = "The delivery can not be cancelled."
_NOT_UPDATED = "The delivery can not be updated."
_REFUSED_STATES = (
    "delivery_abandoned",
    "delivery_cancelled",
    "delivery_completed",
    "delivery_creation_in_progress",
    "delivery_picked_up",
    "duplicate_request",
)

ERRORS: dict[str, tuple[int, str]] = {
    "validation_error": (400, "One or more request values couldn't be validated."),
    "invalid_delivery_parameters": (422, "The delivery can not be made like this."),
    "invalid_delivery_parameters/distance_too_long": (422, "Allowed distance between addresses exceeded."),
    "invalid_delivery_parameters/pickup_address_not_in_coverage": (422, "Pickup is outside our area."),
    "invalid_delivery_parameters/delivery_address_not_in_coverage": (422, "Dropoff is outside our area."),
    "invalid_delivery_parameters/outside_of_delivery_time": (422, "Nobody delivers at this time."),
    "authentication_error": (401, "The token is invalid."),
    "authorization_error": (403, "The access key may not do that."),
    "unknown_delivery_id": (404, "No delivery with this external_delivery_id was found."),
    "duplicate_delivery_id": (409, "A delivery with this external_delivery_id already exists."),
    "cancel_not_allowed": (422, _NOT_CANCELLED),
    **{f"cancel_not_allowed/{state}": (422, _NOT_CANCELLED) for state in _REFUSED_STATES},
    "cancel_not_allowed/cancellation_window_closed": (422, _NOT_CANCELLED),
    "update_not_allowed": (422, _NOT_UPDATED),
    **{f"update_not_allowed/{state}": (422, _NOT_UPDATED) for state in _REFUSED_STATES},
    "update_not_allowed/update_window_closed": (422, _NOT_UPDATED),
    "service_fault": (500, "Something went wrong."),
    "rate_limit": (429, ""),
}
"""Code, or code/reason -> status and words. The limit on calls has no documented body."""

_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with.

    Parameters
    ----------
    code
        A key of `ERRORS`.
    fields
        (field, what is wrong with it), for `validation_error`.
    """

    def __init__(
        self, code: str, fields: Sequence[tuple[str, str]] = (), external_delivery_id: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.fields = tuple(fields)
        self.external_delivery_id = external_delivery_id

    def response(self) -> JSONResponse:
        """As DoorDash words it."""
        status, message = ERRORS[self.code]
        if not message:
            return JSONResponse({}, status_code=status)
        code, _, reason = self.code.partition("/")
        body: dict[str, object] = {"code": code, "message": message}
        if reason:
            body["reason"] = reason
        if self.fields:
            body["field_errors"] = [{"field": field, "error": error} for field, error in self.fields]
        if self.external_delivery_id:
            body["external_delivery_id"] = self.external_delivery_id
        return JSONResponse(body, status_code=status)


def natural_operation(code: str) -> str:
    """The operation where a code would come up: "quote", "create", "cancel", "update" or "get"."""
    words = code.partition("/")[0]
    natural = {
        "cancel_not_allowed": "cancel",
        "update_not_allowed": "update",
        "duplicate_delivery_id": "create",
        "unknown_delivery_id": "get",
    }
    return natural.get(words, "quote")


def magic_code(body: Mapping[str, object], operation: str) -> str:
    """The code that a delivery asks for in this operation, "" for none.

    By "FAIL distance_too_long" in the dropoff's instructions or address, or in the reference tag: a key of
    `ERRORS`, or a reason of `invalid_delivery_parameters`.
    """
    word = _word_after(_FAIL_WORD, body)
    code = word if word in ERRORS else f"invalid_delivery_parameters/{word}"
    if code not in ERRORS:
        return ""
    natural = natural_operation(code)
    return code if natural == operation or (natural == "quote" and operation == "create") else ""


def fate_of(body: Mapping[str, object]) -> str:
    """What will go wrong with a delivery, "" for nothing: "FATE undeliverable" in the same places."""
    return _word_after(_FATE_WORD, body)


def _word_after(word: str, body: Mapping[str, object]) -> str:
    for field in ("dropoff_instructions", "pickup_reference_tag", "dropoff_address"):
        words = str(body.get(field, "")).replace(",", " ").split()
        if word in words[:-1]:
            return words[words.index(word) + 1]
    return ""
