"""DoorDash's error codes and reasons: what a quote and a booking make of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.calling import Answer
from connectors.couriers.doordash.refusals import FAMILIES, REFUSALS
from connectors.refusing import Family
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

PAYLOADS = Path(__file__).parents[3] / "payloads" / "doordash"

OTHER, ADDRESS = IncidentKind.OTHER, IncidentKind.ADDRESS_PROBLEM
DOWN = IncidentKind.CARRIER_DOWN

# (status, code/reason, error of a booking, its incident, decline of a quote or None where that raises too)
TABLE = [
    (400, "validation_error", RemoteRefused, OTHER, DeclineReason.OTHER),
    (422, "invalid_delivery_parameters", RemoteRefused, OTHER, DeclineReason.OTHER),
    (
        400,
        "invalid_delivery_parameters/distance_too_long",
        RemoteRefused,
        ADDRESS,
        DeclineReason.OUT_OF_AREA,
    ),
    (
        422,
        "invalid_delivery_parameters/distance_too_long",
        RemoteRefused,
        ADDRESS,
        DeclineReason.OUT_OF_AREA,
    ),
    (
        422,
        "invalid_delivery_parameters/pickup_address_not_in_coverage",
        RemoteRefused,
        ADDRESS,
        DeclineReason.OUT_OF_AREA,
    ),
    (
        422,
        "invalid_delivery_parameters/delivery_address_not_in_coverage",
        RemoteRefused,
        ADDRESS,
        DeclineReason.OUT_OF_AREA,
    ),
    (
        422,
        "invalid_delivery_parameters/outside_of_delivery_time",
        RemoteRefused,
        IncidentKind.LATE_RISK,
        DeclineReason.PAST_CUTOFF,
    ),
    (422, "invalid_delivery_parameters/of_next_year", RemoteRefused, OTHER, DeclineReason.OTHER),
    (401, "authentication_error", AccountProblem, OTHER, None),
    (403, "authorization_error", AccountProblem, OTHER, None),
    (404, "unknown_delivery_id", RemoteRefused, OTHER, None),
    (409, "duplicate_delivery_id", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/delivery_abandoned", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/delivery_cancelled", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/delivery_completed", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/delivery_creation_in_progress", RemoteUnavailable, DOWN, None),
    (422, "cancel_not_allowed/delivery_picked_up", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/cancellation_window_closed", RemoteRefused, OTHER, None),
    (422, "cancel_not_allowed/duplicate_request", RemoteUnavailable, DOWN, None),
    (422, "cancel_not_allowed/of_next_year", RemoteRefused, OTHER, None),
    (422, "update_not_allowed", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/delivery_abandoned", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/delivery_cancelled", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/delivery_completed", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/delivery_creation_in_progress", RemoteUnavailable, DOWN, None),
    (422, "update_not_allowed/delivery_picked_up", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/update_window_closed", RemoteRefused, OTHER, None),
    (422, "update_not_allowed/duplicate_request", RemoteUnavailable, DOWN, None),
    (500, "service_fault", RemoteUnavailable, DOWN, None),
    (429, "", RateLimited, OTHER, None),
    (400, "a_code_of_next_year", RemoteRefused, OTHER, DeclineReason.OTHER),
    (502, "", RemoteUnavailable, DOWN, None),
    (401, "", AccountProblem, OTHER, None),
    (404, "", RemoteRefused, OTHER, None),
]


def answer(status: int, named: str) -> Answer:
    code, _, reason = named.partition("/")
    body = {"code": code, "message": "Their words."} | ({"reason": reason} if reason else {})
    return Answer(status, body, b"", {})


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
        assert (declined.reason, declined.raw_code, declined.carrier) == (decline, code, "doordash")


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


def test_a_wrong_phone_number_is_named_and_not_repeated() -> None:
    refused = Answer(400, json.loads((PAYLOADS / "validation_error.json").read_text()), b"", {})

    declined = REFUSALS.decline_or_raise(refused)

    assert declined.reason is DeclineReason.ADDRESS_PROBLEM
    assert "dropoff_phone_number" in declined.text
    assert "555" not in declined.text + REFUSALS.error_of(refused).message


def test_a_rate_limit_without_a_header_waits_for_half_of_doordashs_minute() -> None:
    limited = REFUSALS.error_of(Answer(429, None, b"", {}))

    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 30.0


def test_a_late_cancelling_is_worded_for_whatever_made_it_late() -> None:
    refused = REFUSALS.error_of(answer(422, "cancel_not_allowed/delivery_completed"))

    assert "too late" in refused.message
    assert "goods" not in refused.message


def test_an_unknown_reason_falls_back_on_its_code() -> None:
    assert REFUSALS.family_of(answer(422, "cancel_not_allowed/of_next_year")) is Family.TOO_LATE
