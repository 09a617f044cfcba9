"""EasyPost's error answers, and the magic addresses that bring them about."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse

ERRORS: dict[str, tuple[int, str]] = {
    "PARAMETER.REQUIRED": (422, "Missing required parameter."),
    "PARCEL.PARAMETERS.INVALID": (422, "The parcel's parameters are invalid."),
    "ADDRESS.VERIFY.FAILURE": (422, "Unable to verify address."),
    "SHIPMENT.INVALID_PARAMS": (422, "Unable to create shipment, one or more parameters were invalid."),
    "SHIPMENT.INVALID": (422, "The shipment is invalid."),
    "SHIPMENT.OPTIONS.INVALID": (422, "The shipment's options are invalid."),
    "SHIPMENT.CUSTOMS_INFO.REQUIRED": (422, "Customs information is required."),
    "SHIPMENT.MISSING_INFORMATION": (422, "The shipment lacks information."),
    "SHIPMENT.MISSING_RATE": (422, "The rate is not one of this shipment's."),
    "SHIPMENT.RATES.UNAVAILABLE": (422, "No rates are available."),
    "SHIPMENT.POSTAGE.EXISTS": (422, "Postage already exists for this shipment."),
    "SHIPMENT.POSTAGE.FAILURE": (422, "The carrier refused to sell postage."),
    "SHIPMENT.POSTAGE.NO_RESPONSE": (422, "The carrier did not answer in time."),
    "SHIPMENT.POSTAGE.REQUIRED": (422, "Postage must be bought first."),
    "SHIPMENT.PURCHASE.FAILURE": (422, "The purchase failed."),
    "SHIPMENT.PURCHASE.IN_PROGRESS": (422, "A purchase of this shipment is in progress."),
    "SHIPMENT.REFUND.FAILURE": (422, "The refund failed."),
    "SHIPMENT.REFUND.UNAVAILABLE": (422, "This shipment can not be refunded."),
    "TRACKER.CREATE.ERROR": (422, "The tracker could not be created."),
    "UNAUTHORIZED": (401, "Invalid API key."),
    "PAYMENT_REQUIRED": (402, "Insufficient funds."),
    "FORBIDDEN": (403, "This account is suspended."),
    "NOT_FOUND": (404, "The requested resource could not be found."),
    "RATE_LIMITED": (429, "Too many requests."),
    "INTERNAL_SERVER_ERROR": (500, "We're sorry, something went wrong."),
    "SERVICE_UNAVAILABLE": (503, "Service unavailable."),
}

_WHEN_BUYING = frozenset(
    code for code in ERRORS if code.startswith(("SHIPMENT.POSTAGE", "SHIPMENT.PURCHASE"))
) | {"SHIPMENT.MISSING_RATE", "PAYMENT_REQUIRED"}
_WHEN_REFUNDING = frozenset({"SHIPMENT.REFUND.FAILURE", "SHIPMENT.REFUND.UNAVAILABLE"})

MAGIC_ZIPS: dict[str, str] = {f"009{place:02d}": code for place, code in enumerate(sorted(ERRORS))}
"""A shipment to one of these zip codes fails with its code."""

_FAIL_WORD = "FAIL"
_FATE_WORD = "FATE"


class Problem(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, errors: Sequence[object] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.errors = list(errors)

    def response(self) -> JSONResponse:
        """As EasyPost words it."""
        status, message = ERRORS[self.code]
        body = {"error": {"code": self.code, "message": message, "errors": self.errors}}
        return JSONResponse(body, status_code=status)


def natural_operation(code: str) -> str:
    """The operation where a code would come up: "rate", "buy" or "refund"."""
    if code in _WHEN_BUYING:
        return "buy"
    return "refund" if code in _WHEN_REFUNDING else "rate"


def magic_code(street: str, zip_code: str, operation: str) -> str:
    """The code that an address asks for in this operation, "" for none.

    By its zip code, or by a street that says "FAIL SHIPMENT.POSTAGE.FAILURE".
    """
    code = MAGIC_ZIPS.get(zip_code, "") or _word_after(_FAIL_WORD, street)
    return code if code in ERRORS and natural_operation(code) == operation else ""


def fate_of(street: str) -> str:
    """What will happen to a parcel for this street, "" for nothing: "FATE refused"."""
    return _word_after(_FATE_WORD, street)


def _word_after(word: str, street: str) -> str:
    words = street.split()
    return words[words.index(word) + 1] if word in words[:-1] else ""
