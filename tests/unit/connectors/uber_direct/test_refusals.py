"""Uber's error codes: what a quote and a booking make of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.calling import Answer
from connectors.couriers.uber_direct.refusals import FAMILIES, REFUSALS
from connectors.refusing import Family
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

PAYLOADS = Path(__file__).parents[3] / "payloads" / "uber_direct"

# (HTTP status, code, error of a booking, its incident, decline of a quote or None where that raises too)
TABLE = [
    (400, "invalid_params", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "unknown_location", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.OUT_OF_AREA),
    (400, "address_undeliverable", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.OUT_OF_AREA),
    (
        422,
        "address_undeliverable_limited_couriers",
        RemoteRefused,
        IncidentKind.NO_COURIER,
        DeclineReason.NO_CAPACITY,
    ),
    (503, "couriers_busy", RemoteRefused, IncidentKind.NO_COURIER, DeclineReason.NO_CAPACITY),
    (503, "robo_couriers_busy", RemoteRefused, IncidentKind.NO_COURIER, DeclineReason.NO_CAPACITY),
    (400, "pickup_window_too_small", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (400, "pickup_ready_too_early", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (400, "pickup_ready_too_late", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (400, "pickup_deadline_too_early", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (400, "dropoff_deadline_too_early", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (
        400,
        "dropoff_deadline_before_pickup_deadline",
        RemoteRefused,
        IncidentKind.LATE_RISK,
        DeclineReason.PAST_CUTOFF,
    ),
    (
        400,
        "dropoff_ready_after_pickup_deadline",
        RemoteRefused,
        IncidentKind.LATE_RISK,
        DeclineReason.PAST_CUTOFF,
    ),
    (400, "expired_quote", RemoteRefused, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (400, "used_quote", RemoteRefused, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (400, "mismatched_price_quote", RemoteRefused, IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER),
    (409, "duplicate_delivery", RemoteRefused, IncidentKind.OTHER, None),
    (400, "noncancelable_delivery", RemoteRefused, IncidentKind.OTHER, None),
    (404, "delivery_not_found", RemoteRefused, IncidentKind.OTHER, None),
    (400, "missing_payment", AccountProblem, IncidentKind.OTHER, None),
    (400, "not_allowed", AccountProblem, IncidentKind.OTHER, None),
    (401, "unauthorized", AccountProblem, IncidentKind.OTHER, None),
    (402, "customer_suspended", AccountProblem, IncidentKind.OTHER, None),
    (403, "customer_blocked", AccountProblem, IncidentKind.OTHER, None),
    (404, "customer_not_found", AccountProblem, IncidentKind.OTHER, None),
    (429, "customer_limited", RateLimited, IncidentKind.OTHER, None),
    (408, "request_timeout", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (500, "internal_server_error", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (500, "unknown_error", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (503, "service_unavailable", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (400, "max_tip_exceeded", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "tip_already_recorded", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "no_tip", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "invalid_tipping_state", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "a_code_of_next_year", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (502, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (429, "", RateLimited, IncidentKind.OTHER, None),
    (403, "", AccountProblem, IncidentKind.OTHER, None),
]


def answer(status: int, code: str) -> Answer:
    return Answer(status, {"code": code, "message": "Their words.", "kind": "error", "metadata": {}}, b"", {})


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
        assert (declined.reason, declined.raw_code, declined.carrier) == (decline, code, "uber_direct")


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


def test_a_wrong_phone_number_is_named_and_not_repeated() -> None:
    refused = Answer(400, json.loads((PAYLOADS / "invalid_params.json").read_text()), b"", {})

    declined = REFUSALS.decline_or_raise(refused)

    assert declined.reason is DeclineReason.ADDRESS_PROBLEM
    assert "dropoff_phone_number" in declined.text
    assert "555" not in declined.text + REFUSALS.error_of(refused).message


def test_a_rate_limit_keeps_the_time_that_uber_asks_for() -> None:
    limited = REFUSALS.error_of(Answer(429, {"code": "customer_limited"}, b"", {"Retry-After": "12"}))

    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 12.0


def test_a_known_code_wins_over_the_status_it_came_with() -> None:
    assert REFUSALS.family_of(answer(422, "address_undeliverable")) is Family.NOT_SERVICEABLE
