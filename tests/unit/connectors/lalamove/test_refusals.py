"""Lalamove's error codes: what a quote and a booking make of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.calling import Answer
from connectors.couriers.lalamove.refusals import FAMILIES, REFUSALS, code_of
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

PAYLOADS = Path(__file__).parents[3] / "payloads" / "lalamove"
REFUSED, ACCOUNT, LIMITED, AWAY = RemoteRefused, AccountProblem, RateLimited, RemoteUnavailable
NONE, ADDRESS, LATE = IncidentKind.OTHER, IncidentKind.ADDRESS_PROBLEM, IncidentKind.LATE_RISK

# (HTTP status, code, error of a booking, its incident, decline of a quote or None where that raises too)
TABLE = [
    (402, "ERR_INSUFFICIENT_CREDIT", ACCOUNT, NONE, None),
    (422, "ERR_INVALID_MARKET", ACCOUNT, NONE, None),
    (422, "ERR_INSUFFICIENT_STOPS", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_TOO_MANY_STOPS", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_INVALID_PHONE_NUMBER", REFUSED, ADDRESS, DeclineReason.ADDRESS_PROBLEM),
    (422, "ERR_INVALID_FIELD", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_MISSING_FIELD", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_REQUIRED_FIELD", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_INVALID_RESPONSE", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_INVALID_SCHEDULE_TIME", REFUSED, LATE, DeclineReason.PAST_CUTOFF),
    (422, "ERR_INVALID_SERVICE_TYPE", REFUSED, IncidentKind.ITEM_MISMATCH, DeclineReason.VEHICLE_MISMATCH),
    (422, "ERR_INVALID_SPECIAL_REQUEST", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_OUT_OF_SERVICE_AREA", REFUSED, ADDRESS, DeclineReason.OUT_OF_AREA),
    (422, "ERR_REVERSE_GEOCODE_FAILURE", REFUSED, ADDRESS, DeclineReason.ADDRESS_PROBLEM),
    (422, "ERR_INVALID_QUOTATION_ID", REFUSED, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (422, "ERR_QUOTATION_EXPIRED", REFUSED, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (422, "ERR_INVALID_QUOTATION_EXPIRED", REFUSED, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (404, "ERR_ORDER_NOT_FOUND", REFUSED, NONE, None),
    (404, "ERR_DRIVER_NOT_FOUND", REFUSED, NONE, None),
    (422, "ERR_EXCEED_MIN_TIPS", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_EXCEED_MAX_TIPS", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_INVALID_TIPS", REFUSED, NONE, DeclineReason.OTHER),
    (422, "ERR_INVALID_ORDER_STATUS", REFUSED, NONE, None),
    (409, "ERR_CANCELLATION_FORBIDDEN", REFUSED, NONE, None),
    (422, "ERR_CANCELLATION", REFUSED, NONE, None),
    (422, "ERR_CHANGE_DRIVER", REFUSED, NONE, None),
    (422, "ERR_ORDER_EDIT", REFUSED, NONE, None),
    (429, "ERR_RATE_LIMIT_EXCEEDED", LIMITED, NONE, None),
    (422, "ERR_OF_NEXT_YEAR", REFUSED, NONE, DeclineReason.OTHER),
    (400, "", REFUSED, NONE, DeclineReason.OTHER),
    (401, "", ACCOUNT, NONE, None),
    (402, "", ACCOUNT, NONE, None),
    (403, "", ACCOUNT, NONE, None),
    (404, "", REFUSED, NONE, None),
    (409, "", REFUSED, NONE, DeclineReason.OTHER),
    (422, "", REFUSED, NONE, DeclineReason.OTHER),
    (429, "", LIMITED, NONE, None),
    (500, "", AWAY, IncidentKind.CARRIER_DOWN, None),
    (502, "", AWAY, IncidentKind.CARRIER_DOWN, None),
]


def answer(status: int, code: str) -> Answer:
    errors = [{"id": code, "message": "Their words.", "detail": ""}] if code else []
    return Answer(status, {"errors": errors}, b"", {})


@pytest.mark.parametrize(("status", "code", "error", "kind", "decline"), TABLE)
def test_every_documented_code_becomes_an_error_of_ours_when_booking(
    status: int, code: str, error: type[RemoteError], kind: IncidentKind, decline: DeclineReason | None
) -> None:
    raised = REFUSALS.error_of(answer(status, code))

    assert type(raised) is error
    assert (raised.kind, raised.raw_code) == (kind, code or str(status))
    assert "Their words" not in raised.message


@pytest.mark.parametrize(("status", "code", "error", "kind", "decline"), TABLE)
def test_every_documented_code_declines_or_fails_a_quote(
    status: int, code: str, error: type[RemoteError], kind: IncidentKind, decline: DeclineReason | None
) -> None:
    if decline is None:
        with pytest.raises(error):
            REFUSALS.decline_or_raise(answer(status, code))
    else:
        declined = REFUSALS.decline_or_raise(answer(status, code))
        assert (declined.reason, declined.raw_code, declined.carrier) == (decline, code, "lalamove")


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"id": "ERR_X", "message": "m"}]},
        {"errors": {"id": "ERR_X", "message": "m"}},
        {"errors": [{"id": "7", "message": "ERR_X"}]},
        {"message": "ERR_X"},
    ],
    ids=["list", "object", "as a message", "bare"],
)
def test_a_code_is_found_wherever_the_guide_shows_one(body: dict[str, object]) -> None:
    assert code_of(Answer(422, body, b"", {})) == "ERR_X"


@pytest.mark.parametrize("body", [None, [], {"errors": "ERR_X"}, {"errors": [7]}, {"message": "no code"}])
def test_an_error_without_a_code_has_none(body: object) -> None:
    assert code_of(Answer(422, body, b"", {})) == ""


def test_a_wrong_address_is_named_and_not_repeated() -> None:
    refused = Answer(422, json.loads((PAYLOADS / "invalid_field.json").read_text()), b"", {})

    declined = REFUSALS.decline_or_raise(refused)

    assert declined.reason is DeclineReason.ADDRESS_PROBLEM
    assert "address" in declined.text
    assert "Side" not in declined.text + REFUSALS.error_of(refused).message


def test_an_empty_wallet_says_what_to_do() -> None:
    assert "Top it up" in REFUSALS.error_of(answer(402, "ERR_INSUFFICIENT_CREDIT")).message
