"""Roadie's error answers, and the words in a street that bring each of them about."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

_INVALID = 1001
_RETRY_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to say no; only code 1001 is public, so the others carry no list of errors."""

    status: int
    parameter: str = ""


ERRORS: dict[str, Kind] = {
    "pickup_location": Kind(422, "pickup_location"),
    "delivery_location": Kind(422, "delivery_location"),
    "pickup_after": Kind(422, "pickup_after"),
    "deliver_between": Kind(422, "deliver_between"),
    "items": Kind(422, "items"),
    "reference_id": Kind(422, "reference_id"),
    "amount": Kind(422, "amount"),
    "state": Kind(422, "state"),
    "unauthorized": Kind(401),
    "forbidden": Kind(403),
    "not_found": Kind(404),
    "throttled": Kind(429),
    "internal_error": Kind(500),
    "unavailable": Kind(503),
}
"""Name -> what is answered; "state" is an assumed one for what is too late."""

_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with."""

    def __init__(self, name: str, parameter: str = "") -> None:
        super().__init__(name)
        self.name = name
        self._parameter = parameter or ERRORS[name].parameter

    def response(self) -> Response:
        """As Roadie words it."""
        kind = ERRORS[self.name]
        headers = {"Retry-After": str(_RETRY_AFTER_S)} if kind.status == 429 else None
        if not self._parameter:
            return JSONResponse({"errors": []}, kind.status, headers=headers)
        words = self._parameter.replace("_", " ").capitalize()
        error = {
            "code": _INVALID,
            "parameter": self._parameter,
            "message": f"{words} can't be blank.",
        }
        return JSONResponse({"errors": [error]}, kind.status, headers=headers)


def magic_name(street: str) -> str:
    """The error that a street asks for, "" for none: "2 FAIL throttled St"."""
    name = _word_after(_FAIL_WORD, street)
    return name if name in ERRORS else ""


def fate_of(street: str) -> str:
    """What happens at this door instead of a delivery, "" for nothing: "FATE delivery_attempted"."""
    return _word_after(_FATE_WORD, street)


def _word_after(word: str, street: str) -> str:
    words = street.split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
