"""Roadie's errors: what a quote and a booking make of each."""

from __future__ import annotations

import pytest

from connectors.calling import Answer
from connectors.couriers.roadie.refusals import BY_PARAMETER, FAMILIES, REFUSALS
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

# (HTTP status, code, parameter, error of a booking, its incident, decline of a quote or None)
TABLE = [
    (422, 1001, "", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (422, 1001, "reference_id", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (
        422,
        1001,
        "pickup_location",
        RemoteRefused,
        IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.ADDRESS_PROBLEM,
    ),
    (
        422,
        1001,
        "delivery_location.address.zip",
        RemoteRefused,
        IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.ADDRESS_PROBLEM,
    ),
    (422, 1001, "pickup_after", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (422, 1001, "deliver_between.end", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (422, 1001, "items.weight", RemoteRefused, IncidentKind.ITEM_MISMATCH, DeclineReason.TOO_LARGE),
    (422, 4711, "state", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, None, "", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (401, None, "", AccountProblem, IncidentKind.OTHER, None),
    (403, None, "", AccountProblem, IncidentKind.OTHER, None),
    (404, None, "", RemoteRefused, IncidentKind.OTHER, None),
    (429, None, "", RateLimited, IncidentKind.OTHER, None),
    (500, None, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (503, None, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
]


def answer(status: int, code: int | None, parameter: str) -> Answer:
    error = {"code": code, "parameter": parameter or None, "message": "Their words."}
    return Answer(status, {"errors": [error] if code else []}, b"", {"Retry-After": "60"})


@pytest.mark.parametrize(("status", "code", "parameter", "error", "kind", "decline"), TABLE)
def test_every_known_error_becomes_one_of_ours_when_booking(
    status: int,
    code: int | None,
    parameter: str,
    error: type[RemoteError],
    kind: IncidentKind,
    decline: DeclineReason | None,
) -> None:
    raised = REFUSALS.error_of(answer(status, code, parameter))

    expected_code = str(code or status) + (f":{parameter}" if parameter else "")
    assert type(raised) is error
    assert (raised.kind, raised.raw_code) == (kind, expected_code)
    assert "Their words" not in raised.message


@pytest.mark.parametrize(("status", "code", "parameter", "error", "kind", "decline"), TABLE)
def test_every_known_error_declines_or_fails_a_quote(
    status: int,
    code: int | None,
    parameter: str,
    error: type[RemoteError],
    kind: IncidentKind,
    decline: DeclineReason | None,
) -> None:
    if decline is None:
        with pytest.raises(error):
            REFUSALS.decline_or_raise(answer(status, code, parameter))
    else:
        assert REFUSALS.decline_or_raise(answer(status, code, parameter)).reason is decline


def test_the_table_above_leaves_nothing_out() -> None:
    assert {str(code) for _, code, *_ in TABLE} >= FAMILIES.keys()
    assert {parameter.split(".")[0] for _, _, parameter, *_ in TABLE} >= BY_PARAMETER.keys()


def test_a_rate_limit_keeps_the_time_that_roadie_asks_for() -> None:
    limited = REFUSALS.error_of(answer(429, None, ""))

    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 60.0


def test_a_parameter_that_is_no_name_is_not_repeated() -> None:
    refused = REFUSALS.error_of(answer(422, 1001, "2 Secret St"))

    assert "Secret" not in f"{refused.message} {refused.raw_code}"
