"""Lalamove's error answers, and the magic addresses that bring each of them about."""

from __future__ import annotations

from starlette.responses import JSONResponse

ERRORS: dict[str, tuple[int, str]] = {
    "ERR_INSUFFICIENT_CREDIT": (402, "Insufficient credit."),
    "ERR_ORDER_NOT_FOUND": (404, "Order not found."),
    "ERR_DRIVER_NOT_FOUND": (404, "Driver not found."),
    "ERR_CANCELLATION_FORBIDDEN": (409, "Cancellation forbidden."),
    "ERR_INSUFFICIENT_STOPS": (422, "Not enough stops."),
    "ERR_TOO_MANY_STOPS": (422, "Too many stops."),
    "ERR_INVALID_MARKET": (422, "Invalid market."),
    "ERR_INVALID_PHONE_NUMBER": (422, "Invalid phone number."),
    "ERR_INVALID_SCHEDULE_TIME": (422, "Invalid schedule time."),
    "ERR_INVALID_SERVICE_TYPE": (422, "Invalid service type."),
    "ERR_INVALID_SPECIAL_REQUEST": (422, "Invalid special request."),
    "ERR_OUT_OF_SERVICE_AREA": (422, "Out of service area."),
    "ERR_REVERSE_GEOCODE_FAILURE": (422, "Provide lat and lng."),
    "ERR_INVALID_QUOTATION_ID": (422, "Invalid quotation id."),
    "ERR_INVALID_FIELD": (422, "Invalid field."),
    "ERR_MISSING_FIELD": (422, "Missing field."),
    "ERR_EXCEED_MIN_TIPS": (422, "Below the least amount."),
    "ERR_EXCEED_MAX_TIPS": (422, "Above the greatest amount."),
    "ERR_INVALID_TIPS": (422, "Invalid amount."),
    "ERR_INVALID_ORDER_STATUS": (422, "Not in this status."),
    "ERR_ORDER_EDIT": (422, "Cannot edit order."),
    "ERR_CHANGE_DRIVER": (422, "Cannot change driver."),
    "ERR_INVALID_RESPONSE": (422, "Non-200 response received."),
    "ERR_RATE_LIMIT_EXCEEDED": (429, "Too many requests."),
    "BAD_REQUEST": (400, "Bad Request"),
    "UNAUTHORIZED": (401, "Unauthorized"),
    "FORBIDDEN": (403, "Forbidden"),
    "INTERNAL": (500, "Internal Server Error"),
}
"""Code -> HTTP status and message; those that do not begin with ERR_ are answered without a code."""

_NATURAL = {
    "ERR_INSUFFICIENT_CREDIT": "order",
    "ERR_INVALID_PHONE_NUMBER": "order",
    "ERR_INVALID_QUOTATION_ID": "order",
    "ERR_ORDER_NOT_FOUND": "get",
    "ERR_DRIVER_NOT_FOUND": "driver",
    "ERR_CANCELLATION_FORBIDDEN": "cancel",
    "ERR_EXCEED_MIN_TIPS": "fee",
    "ERR_EXCEED_MAX_TIPS": "fee",
    "ERR_INVALID_TIPS": "fee",
    "ERR_INVALID_ORDER_STATUS": "fee",
    "ERR_ORDER_EDIT": "edit",
    "ERR_CHANGE_DRIVER": "change_driver",
    "ERR_INVALID_RESPONSE": "webhook",
}
_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with.

    Parameters
    ----------
    detail
        A pointer to the wrong field, "/data/stops".
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def response(self) -> JSONResponse:
        """As Lalamove words it."""
        status, message = ERRORS[self.code]
        if not self.code.startswith("ERR_"):
            return JSONResponse({"message": message}, status)
        error = {"id": self.code, "message": message}
        if self.detail:
            error["detail"] = self.detail
        return JSONResponse({"errors": [error]}, status)


def natural_operation(code: str) -> str:
    """The operation where a code comes up: "quote" unless it belongs to another."""
    return _NATURAL.get(code, "quote")


def raise_magic(address: str, operation: str) -> None:
    """Refuse an operation whose address says "FAIL ERR_OUT_OF_SERVICE_AREA".

    Raises
    ------
    Problem
        With that code, in the operation where it comes up.
    """
    code = _word_after(_FAIL_WORD, address)
    if code in ERRORS and natural_operation(code) == operation:
        raise Problem(code)


def fate_of(address: str) -> str:
    """What becomes of an order to this address, "" for nothing unusual.

    One of POD_FAILED, SIGNED, NO_DRIVER, REJECTED: "2 FATE NO_DRIVER St".
    """
    return _word_after(_FATE_WORD, address)


def _word_after(word: str, address: str) -> str:
    words = address.replace(",", " ").split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
