"""EasyPost's error codes and the messages of carriers that give no rates."""

from __future__ import annotations

import pytest

from connectors.calling import Answer
from connectors.parcel.easypost.refusals import FAMILIES, REFUSALS, decline_of_message
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

NONE = IncidentKind.OTHER

# (HTTP status, code, error when buying, its incident)
TABLE: list[tuple[int, str, type[RemoteError], IncidentKind]] = [
    (422, "ADDRESS.VERIFY.FAILURE", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (422, "ADDRESS.OF_NEXT_YEAR", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (422, "PARCEL.PARAMETERS.INVALID", RemoteRefused, IncidentKind.ITEM_MISMATCH),
    (422, "SHIPMENT.POSTAGE.EXISTS", RemoteRefused, NONE),
    (422, "SHIPMENT.PURCHASE.IN_PROGRESS", RemoteRefused, NONE),
    (422, "SHIPMENT.POSTAGE.NO_RESPONSE", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    (422, "SHIPMENT.MISSING_RATE", RemoteRefused, IncidentKind.QUOTE_EXPIRED),
    (422, "SHIPMENT.RATES.UNAVAILABLE", RemoteRefused, IncidentKind.QUOTE_EXPIRED),
    (422, "SHIPMENT.REFUND.FAILURE", RemoteRefused, NONE),
    (422, "SHIPMENT.REFUND.UNAVAILABLE", RemoteRefused, NONE),
    (422, "SHIPMENT.POSTAGE.REQUIRED", RemoteRefused, NONE),
    (402, "PAYMENT_REQUIRED", AccountProblem, NONE),
    (401, "UNAUTHORIZED", AccountProblem, NONE),
    (403, "MODE.UNAUTHORIZED", AccountProblem, NONE),
    (422, "MODE.CONFLICT", AccountProblem, NONE),
    (429, "RATE_LIMITED", RateLimited, NONE),
    (500, "INTERNAL_SERVER_ERROR", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
    (404, "NOT_FOUND", RemoteRefused, NONE),
    (404, "TRACKER.NOT_FOUND", RemoteRefused, NONE),
    (422, "PARAMETER.REQUIRED", RemoteRefused, NONE),
    (422, "SHIPMENT.INVALID", RemoteRefused, NONE),
    (422, "SHIPMENT.INVALID_PARAMS", RemoteRefused, NONE),
    (422, "SHIPMENT.MISSING_INFORMATION", RemoteRefused, NONE),
    (422, "SHIPMENT.OPTIONS.INVALID", RemoteRefused, NONE),
    (422, "SHIPMENT.CUSTOMS_INFO.REQUIRED", RemoteRefused, NONE),
    (422, "SHIPMENT.POSTAGE.FAILURE", RemoteRefused, NONE),
    (422, "SHIPMENT.PURCHASE.FAILURE", RemoteRefused, NONE),
    (422, "SHIPMENT.INSURANCE.ALREADY_PURCHASED", RemoteRefused, NONE),
    (422, "TRACKER.CREATE.ERROR", RemoteRefused, NONE),
    (422, "TRACKER.INVALID_TEST_CODE", RemoteRefused, NONE),
    (422, "TRACKER.NO_CARRIER_FOR_CODE", RemoteRefused, NONE),
    (422, "INSURANCE.AMOUNT.ABOVE_MAXIMUM", RemoteRefused, NONE),
    (422, "INSURANCE.AMOUNT.BELOW_MINIMUM", RemoteRefused, NONE),
    (422, "A.CODE.OF_NEXT_YEAR", RemoteRefused, NONE),
    (401, "", AccountProblem, NONE),
    (404, "", RemoteRefused, NONE),
    (408, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
    (429, "", RateLimited, NONE),
    (504, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
]


def answer(status: int, code: str, *fields: str) -> Answer:
    errors: list[object] = [{"field": name, "message": "12 Private Lane"} for name in fields]
    errors = errors or ["12 Private Lane"]
    return Answer(status, {"error": {"code": code, "message": "12 Private Lane", "errors": errors}}, b"", {})


@pytest.mark.parametrize(("status", "code", "error", "kind"), TABLE)
def test_every_documented_code_becomes_an_error_of_ours(
    status: int, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    raised = REFUSALS.error_of(answer(status, code))

    assert type(raised) is error
    assert (raised.kind, raised.raw_code) == (kind, code or str(status))
    assert "Private" not in raised.message


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


@pytest.mark.parametrize(
    ("code", "fields", "reason"),
    [
        ("ADDRESS.VERIFY.FAILURE", (), DeclineReason.ADDRESS_PROBLEM),
        ("SHIPMENT.INVALID_PARAMS", ("to_address",), DeclineReason.ADDRESS_PROBLEM),
        # What is no name of a field may be anybody's address.
        ("SHIPMENT.INVALID_PARAMS", ("12 Private Lane",), DeclineReason.OTHER),
        ("PARCEL.PARAMETERS.INVALID", ("weight",), DeclineReason.TOO_LARGE),
        ("SHIPMENT.INVALID_PARAMS", (), DeclineReason.OTHER),
        ("SHIPMENT.RATES.UNAVAILABLE", (), DeclineReason.OTHER),
    ],
)
def test_a_refused_rating_is_a_decline(code: str, fields: tuple[str, ...], reason: DeclineReason) -> None:
    declined = REFUSALS.decline_or_raise(answer(422, code, *fields))

    assert (declined.reason, declined.raw_code) == (reason, code)
    assert "Private" not in declined.text


def test_an_account_that_is_refused_is_no_decline() -> None:
    with pytest.raises(AccountProblem):
        REFUSALS.decline_or_raise(answer(401, "UNAUTHORIZED"))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Weight exceeds the maximum of 70 lbs.", DeclineReason.TOO_HEAVY),
        ("Parcel dimensions are required", DeclineReason.TOO_LARGE),
        ("Length plus girth over limit", DeclineReason.TOO_LARGE),
        ("Invalid account credentials", DeclineReason.ACCOUNT_PROBLEM),
        ("The cutoff for same day pickup has passed.", DeclineReason.PAST_CUTOFF),
        ("The destination is not in the service area.", DeclineReason.OUT_OF_AREA),
        ("Invalid destination zip", DeclineReason.ADDRESS_PROBLEM),
        ("Rate limit exceeded", DeclineReason.RATE_LIMITED),
        ("Request timed out", DeclineReason.CARRIER_DOWN),
        ("Computer says no at 12 Private Lane", DeclineReason.OTHER),
    ],
)
def test_a_carrier_without_rates_declines_in_our_words(message: str, reason: DeclineReason) -> None:
    declined = decline_of_message({"carrier": "USPS", "type": "rate_error", "message": message})

    assert (declined.reason, declined.raw_code) == (reason, "rate_error")
    assert declined.text.startswith("USPS ")
    assert "Private" not in declined.text
