"""ShipEngine's error codes, the words of its carriers, and why a label is not taken back."""

from __future__ import annotations

import pytest

from connectors.calling import Answer
from connectors.parcel.shipengine.refusals import FAMILIES, REFUSALS, VOID_REASONS, decline_of
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason

NONE = IncidentKind.OTHER

# (HTTP status, code, error when buying, its incident)
TABLE: list[tuple[int, str, type[RemoteError], IncidentKind]] = [
    (400, "invalid_address", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (400, "verification_failure", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (400, "no_rates_returned", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (400, "service_not_determined", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
    (409, "identifier_conflict", RemoteRefused, NONE),
    (404, "not_found", RemoteRefused, NONE),
    (504, "timeout", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
    (429, "rate_limit_exceeded", RateLimited, NONE),
    (401, "unauthorized", AccountProblem, NONE),
    (403, "forbidden", AccountProblem, NONE),
    (400, "insufficient_funds", AccountProblem, NONE),
    (400, "auto_fund_not_supported", AccountProblem, NONE),
    (400, "meter_failure", AccountProblem, NONE),
    (400, "funding_source_missing_configuration", AccountProblem, NONE),
    (400, "subscription_inactive", AccountProblem, NONE),
    (400, "trial_expired", AccountProblem, NONE),
    (400, "terms_not_accepted", AccountProblem, NONE),
    (400, "invalid_billing_plan", AccountProblem, NONE),
    (400, "carrier_not_connected", AccountProblem, NONE),
    (400, "carrier_disconnected", AccountProblem, NONE),
    (400, "confirmation_not_supported", RemoteRefused, NONE),
    (400, "return_label_not_supported", RemoteRefused, NONE),
    (400, "tracking_not_supported", RemoteRefused, NONE),
    (400, "label_images_not_supported", RemoteRefused, NONE),
    (400, "refresh_not_supported", RemoteRefused, NONE),
    (400, "settings_not_supported", RemoteRefused, NONE),
    (400, "carrier_not_supported", RemoteRefused, NONE),
    (400, "field_value_required", RemoteRefused, NONE),
    (400, "field_conflict", RemoteRefused, NONE),
    (400, "field_of_next_year", RemoteRefused, NONE),
    (400, "invalid_field_value", RemoteRefused, NONE),
    (400, "invalid_identifier", RemoteRefused, NONE),
    (400, "invalid_object", RemoteRefused, NONE),
    (400, "invalid_status", RemoteRefused, NONE),
    (400, "invalid_string_length", RemoteRefused, NONE),
    (400, "invalid_charge_event", RemoteRefused, NONE),
    (400, "invalid_thing_of_next_year", RemoteRefused, NONE),
    (400, "identifiers_must_match", RemoteRefused, NONE),
    (400, "incompatible_paired_labels", RemoteRefused, NONE),
    (400, "customs_items_required", RemoteRefused, NONE),
    (409, "carrier_conflict", RemoteRefused, NONE),
    (409, "warehouse_conflict", RemoteRefused, NONE),
    (409, "webhook_event_type_conflict", RemoteRefused, NONE),
    (409, "batch_cannot_be_modified", RemoteRefused, NONE),
    (400, "default_warehouse_cannot_be_deleted", RemoteRefused, NONE),
    (400, "order_source_not_active", RemoteRefused, NONE),
    (400, "request_body_required", RemoteRefused, NONE),
    (400, "insurance_failure", RemoteRefused, NONE),
    (400, "unspecified", RemoteRefused, NONE),
    (400, "unknown", RemoteRefused, NONE),
    (400, "a_code_of_next_year", RemoteRefused, NONE),
    (500, "a_code_of_next_year", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
]


def answer(status: int, code: str, *fields: str) -> Answer:
    errors: list[dict[str, str]] = [
        {"error_source": "carrier", "error_code": code, "message": "12 Private Lane", "field_name": name}
        for name in fields or ("",)
    ]
    return Answer(status, {"request_id": "1", "errors": errors}, b"", {})


@pytest.mark.parametrize(("status", "code", "error", "kind"), TABLE)
def test_every_documented_code_becomes_an_error_of_ours(
    status: int, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    raised = REFUSALS.error_of(answer(status, code))

    assert type(raised) is error
    assert (raised.kind, raised.raw_code) == (kind, code)
    assert "Private" not in raised.message


def test_the_table_above_leaves_no_code_out() -> None:
    assert {code for _, code, *_ in TABLE} >= FAMILIES.keys()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccountProblem),
        (404, RemoteRefused),
        (429, RateLimited),
        (500, RemoteUnavailable),
        (503, RemoteUnavailable),
    ],
)
@pytest.mark.parametrize("code", ["", "unspecified", "unknown"])
def test_a_vague_code_says_less_than_the_status_beside_it(
    code: str, status: int, error: type[RemoteError]
) -> None:
    raised = REFUSALS.error_of(answer(status, code))

    assert (type(raised), raised.raw_code) == (error, str(status))


def test_the_wait_that_shipengine_asks_for_is_kept() -> None:
    asked = Answer(429, None, b"", {"Retry-After": "17"})

    error = REFUSALS.error_of(asked)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 17


@pytest.mark.parametrize(
    ("code", "fields", "reason"),
    [
        ("invalid_address", (), DeclineReason.ADDRESS_PROBLEM),
        ("no_rates_returned", (), DeclineReason.OUT_OF_AREA),
        ("field_value_required", ("shipment.ship_to.postal_code",), DeclineReason.ADDRESS_PROBLEM),
        ("field_value_required", ("shipment.packages[0].weight",), DeclineReason.OTHER),
        # What is no name of a field may be anybody's address.
        ("field_value_required", ("12 Private Lane",), DeclineReason.OTHER),
        ("unspecified", (), DeclineReason.OTHER),
    ],
)
def test_a_refused_rating_is_a_decline(code: str, fields: tuple[str, ...], reason: DeclineReason) -> None:
    declined = REFUSALS.decline_or_raise(answer(400, code, *fields))

    assert (declined.reason, declined.raw_code) == (reason, code)
    assert "Private" not in declined.text


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("unspecified", "The package weight cannot exceed 31 kg.", DeclineReason.TOO_HEAVY),
        ("unspecified", "Package dimensions exceed the maximum.", DeclineReason.TOO_LARGE),
        ("unspecified", "Multi-package shipments are not supported.", DeclineReason.TOO_LARGE),
        ("unspecified", "The delivery confirmation is not available.", DeclineReason.HANDOVER),
        ("unspecified", "Invalid account credentials", DeclineReason.ACCOUNT_PROBLEM),
        ("unspecified", "The cutoff for today has passed.", DeclineReason.PAST_CUTOFF),
        ("unspecified", "Shipments of alcohol need an agreement", DeclineReason.PROHIBITED_GOODS),
        ("unspecified", "Not available for this destination", DeclineReason.OUT_OF_AREA),
        ("unspecified", "Invalid destination postal code", DeclineReason.ADDRESS_PROBLEM),
        ("unspecified", "Too many requests", DeclineReason.RATE_LIMITED),
        ("unspecified", "The request timed out", DeclineReason.CARRIER_DOWN),
        ("unspecified", "Computer says no to A. Shopper", DeclineReason.OTHER),
        ("timeout", "", DeclineReason.CARRIER_DOWN),
        ("confirmation_not_supported", "", DeclineReason.HANDOVER),
        ("insufficient_funds", "weight", DeclineReason.ACCOUNT_PROBLEM),
        ("invalid_address", "12 Private Lane", DeclineReason.ADDRESS_PROBLEM),
        ("no_rates_returned", "", DeclineReason.OUT_OF_AREA),
        ("rate_limit_exceeded", "", DeclineReason.RATE_LIMITED),
        ("", "", DeclineReason.OTHER),
    ],
)
def test_a_carrier_without_rates_declines_in_our_words(
    code: str, message: str, reason: DeclineReason
) -> None:
    declined = decline_of({"carrier_code": "ups", "error_code": code, "message": message})

    assert (declined.reason, declined.raw_code) == (reason, code)
    assert declined.text.startswith("ups ")
    assert "Private" not in declined.text
    assert "Shopper" not in declined.text


# As documented for `reason_code` of a void.
DOCUMENTED = frozenset(
    "unknown unspecified validation_failed label_not_found_within_void_period label_already_used "
    "label_already_voided contact_carrier".split()
)


def test_every_reason_against_a_void_has_a_sentence() -> None:
    assert VOID_REASONS.keys() == DOCUMENTED
    assert all(sentence.endswith(".") for sentence in VOID_REASONS.values())
