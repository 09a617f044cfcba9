"""Stuart's error codes: what a quote and a booking make of each."""

from __future__ import annotations

import pytest

from connectors.calling import Answer
from connectors.couriers.stuart.refusals import FAMILIES, REFUSALS
from connectors.refusing import Family
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

# (HTTP status, code, error of a booking, its incident, decline of a quote or None where that raises too)
TABLE = [
    (422, "RECORD_INVALID", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (400, "BAD_REQUEST", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (422, "JOB_DELIVERIES_INVALID", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (422, "PHONE_INVALID", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.ADDRESS_PROBLEM),
    (
        422,
        "ADDRESS_CONTACT_PHONE_REQUIRED",
        RemoteRefused,
        IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.ADDRESS_PROBLEM,
    ),
    (422, "EMAIL_INVALID", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
    (422, "JOB_DISTANCE_NOT_ALLOWED", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.OUT_OF_AREA),
    (422, "OUT_OF_RANGE", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.OUT_OF_AREA),
    (422, "ADDRESS_INVALID", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.OUT_OF_AREA),
    (422, "CANT_GEOCODE_ADDRESS", RemoteRefused, IncidentKind.ADDRESS_PROBLEM, DeclineReason.ADDRESS_PROBLEM),
    (422, "JOB_PICKUP_AT_INVALID", RemoteRefused, IncidentKind.LATE_RISK, DeclineReason.PAST_CUTOFF),
    (401, "INVALID_GRANT", AccountProblem, IncidentKind.OTHER, None),
    (401, "UNAUTHORIZED", AccountProblem, IncidentKind.OTHER, None),
    (402, "", AccountProblem, IncidentKind.OTHER, None),
    (403, "", AccountProblem, IncidentKind.OTHER, None),
    (429, "", RateLimited, IncidentKind.OTHER, None),
    (500, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (503, "", RemoteUnavailable, IncidentKind.CARRIER_DOWN, None),
    (422, "A_CODE_OF_NEXT_YEAR", RemoteRefused, IncidentKind.OTHER, DeclineReason.OTHER),
]


def answer(status: int, code: str, **data: list[str]) -> Answer:
    return Answer(status, {"error": code, "message": "Their words.", "data": data}, b"", {})


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
        assert (declined.reason, declined.raw_code, declined.carrier) == (decline, code, "stuart")


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


@pytest.mark.parametrize(
    ("field", "family"),
    [
        ("job.dropoffs.client_reference", Family.ADOPT),
        ("job.pickup_at", Family.WINDOW),
        ("job.dropoff_at", Family.WINDOW),
        ("job.dropoffs.package_type", Family.PARCEL),
        ("job.dropoffs.contact", Family.INVALID),
    ],
)
def test_the_field_of_an_invalid_record_decides(field: str, family: Family) -> None:
    assert REFUSALS.family_of(answer(422, "RECORD_INVALID", **{field: ["is not valid"]})) is family


def test_fields_are_named_and_what_stood_in_them_is_not_repeated() -> None:
    told = {"job.dropoffs.address": ["2 Secret St is odd"], "2 Secret St": []}
    refused = answer(422, "RECORD_INVALID", **told)

    declined = REFUSALS.decline_or_raise(refused)

    assert declined.reason is DeclineReason.ADDRESS_PROBLEM
    assert "job.dropoffs.address" in declined.text
    assert "Secret" not in declined.text + REFUSALS.error_of(refused).message
