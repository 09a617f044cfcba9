"""Stuart's error answers, and the words in an address that bring each of them about."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

ERRORS: dict[str, tuple[int, str]] = {
    "RECORD_INVALID": (422, "Unable to save record"),
    "JOB_DISTANCE_NOT_ALLOWED": (422, "This delivery cannot be completed because the distance is too large"),
    "OUT_OF_RANGE": (422, "This location is out of range"),
    "ADDRESS_INVALID": (422, "A destination address is not in a valid delivery area"),
    "CANT_GEOCODE_ADDRESS": (422, "The address can't be geocoded"),
    "PHONE_INVALID": (422, "The phone number is invalid"),
    "ADDRESS_CONTACT_PHONE_REQUIRED": (422, "Contact phone is required"),
    "EMAIL_INVALID": (422, "The email is invalid"),
    "JOB_DELIVERIES_INVALID": (422, "The deliveries are invalid"),
    "JOB_PICKUP_AT_INVALID": (422, "The pickup time is invalid"),
    "BAD_REQUEST": (400, "Type does not have a valid value"),
    "INVALID_GRANT": (401, "The client credentials are invalid"),
    "UNAUTHORIZED": (401, "The access token was revoked"),
    "FORBIDDEN": (403, "You are not allowed to do that"),
    "NOT_FOUND": (404, "The resource does not exist"),
    "JOB_NOT_CANCELABLE": (422, "The job cannot be canceled"),
    "TOO_MANY_REQUESTS": (429, "Too many requests"),
    "INTERNAL_SERVER_ERROR": (500, "Something went wrong"),
    "SERVICE_UNAVAILABLE": (503, "The service is unavailable"),
}
"""Code -> HTTP status and message. Those about an unknown job and a late cancelling are made up."""

_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, data: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.data = dict(data or {})

    def response(self) -> Response:
        """As Stuart words it."""
        status, message = ERRORS[self.code]
        body: dict[str, object] = {"error": self.code, "message": message}
        return JSONResponse(body | ({"data": self.data} if self.data else {}), status_code=status)


def magic_code(address: str) -> str:
    """The code that an address asks for, "" for none: "2 FAIL OUT_OF_RANGE St"."""
    code = _word_after(_FAIL_WORD, address)
    return code if code in ERRORS else ""


def fate_of(address: str) -> str:
    """Why the handover fails at this address, "" if it does not: "FATE end-customer_unreachable"."""
    return _word_after(_FATE_WORD, address)


def _word_after(word: str, address: str) -> str:
    words = address.replace(",", " ").split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
