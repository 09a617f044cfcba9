"""Every status, event, reason and error code that a carrier documents has a meaning of ours."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from connectors.calling import Answer
from connectors.couriers.doordash import refusals as doordash
from connectors.couriers.doordash import statuses as doordash_words
from connectors.couriers.lalamove import refusals as lalamove
from connectors.couriers.roadie import refusals as roadie
from connectors.couriers.roadie import statuses as roadie_words
from connectors.couriers.stuart import refusals as stuart
from connectors.couriers.uber_direct import refusals as uber
from connectors.couriers.uber_direct import statuses as uber_words
from connectors.parcel.easypost import refusals as easypost
from connectors.parcel.easypost import statuses as easypost_words
from connectors.parcel.shipengine import mapping as shipengine_labels
from connectors.parcel.shipengine import refusals as shipengine
from connectors.parcel.shipengine import statuses as shipengine_words
from connectors.refusing import Refusals

# As the carriers' published descriptions and client libraries list them, November 2026.
UBER = """
    invalid_params unknown_location address_undeliverable address_undeliverable_limited_couriers
    pickup_window_too_small dropoff_deadline_too_early dropoff_deadline_before_pickup_deadline
    dropoff_ready_after_pickup_deadline pickup_ready_too_early pickup_deadline_too_early pickup_ready_too_late
    expired_quote used_quote mismatched_price_quote missing_payment not_allowed noncancelable_delivery
    max_tip_exceeded tip_already_recorded no_tip invalid_tipping_state unauthorized customer_suspended
    customer_blocked customer_not_found delivery_not_found request_timeout duplicate_delivery customer_limited
    internal_server_error unknown_error service_unavailable couriers_busy robo_couriers_busy
"""
_ABOUT_A_DELIVERY = """
    delivery_abandoned delivery_cancelled delivery_completed delivery_creation_in_progress
    delivery_picked_up duplicate_request
""".split()
DOORDASH = [
    *"validation_error authentication_error authorization_error unknown_delivery_id".split(),
    *"duplicate_delivery_id service_fault".split(),
    *(
        f"invalid_delivery_parameters/{reason}"
        for reason in ("distance_too_long", "outside_of_delivery_time")
    ),
    "invalid_delivery_parameters/pickup_address_not_in_coverage",
    "invalid_delivery_parameters/delivery_address_not_in_coverage",
    *(f"cancel_not_allowed/{reason}" for reason in (*_ABOUT_A_DELIVERY, "cancellation_window_closed")),
    *(f"update_not_allowed/{reason}" for reason in (*_ABOUT_A_DELIVERY, "update_window_closed")),
]
LALAMOVE = """
    ERR_INSUFFICIENT_CREDIT ERR_INSUFFICIENT_STOPS ERR_TOO_MANY_STOPS ERR_INVALID_MARKET
    ERR_INVALID_PHONE_NUMBER ERR_INVALID_SCHEDULE_TIME ERR_INVALID_SERVICE_TYPE ERR_INVALID_SPECIAL_REQUEST
    ERR_OUT_OF_SERVICE_AREA ERR_REVERSE_GEOCODE_FAILURE ERR_INVALID_QUOTATION_ID ERR_INVALID_QUOTATION_EXPIRED
    ERR_ORDER_NOT_FOUND ERR_INVALID_FIELD ERR_MISSING_FIELD ERR_EXCEED_MIN_TIPS ERR_EXCEED_MAX_TIPS
    ERR_INVALID_TIPS ERR_INVALID_ORDER_STATUS ERR_CHANGE_DRIVER ERR_CANCELLATION_FORBIDDEN
    ERR_RATE_LIMIT_EXCEEDED
"""
STUART = """
    RECORD_INVALID JOB_DISTANCE_NOT_ALLOWED OUT_OF_RANGE PHONE_INVALID ADDRESS_CONTACT_PHONE_REQUIRED
    INVALID_GRANT
"""
EASYPOST = """
    MODE.CONFLICT MODE.UNAUTHORIZED PARAMETER.REQUIRED NOT_FOUND SHIPMENT.INVALID_PARAMS SHIPMENT.INVALID
    SHIPMENT.MISSING_RATE SHIPMENT.MISSING_INFORMATION SHIPMENT.OPTIONS.INVALID SHIPMENT.POSTAGE.EXISTS
    SHIPMENT.POSTAGE.FAILURE SHIPMENT.POSTAGE.NO_RESPONSE SHIPMENT.POSTAGE.REQUIRED SHIPMENT.PURCHASE.FAILURE
    SHIPMENT.PURCHASE.IN_PROGRESS SHIPMENT.RATES.UNAVAILABLE SHIPMENT.REFUND.FAILURE
    SHIPMENT.REFUND.UNAVAILABLE SHIPMENT.CUSTOMS_INFO.REQUIRED SHIPMENT.INSURANCE.ALREADY_PURCHASED
    ORDER.INVALID ORDER.OF_NEXT_YEAR PARCEL.PARAMETERS.INVALID INSURANCE.AMOUNT.ABOVE_MAXIMUM
    INSURANCE.AMOUNT.BELOW_MINIMUM TRACKER.CREATE.ERROR TRACKER.INVALID_TEST_CODE TRACKER.NO_CARRIER_FOR_CODE
    TRACKER.NOT_FOUND PAYMENT_REQUIRED UNAUTHORIZED INTERNAL_SERVER_ERROR RATE_LIMITED ADDRESS.VERIFY.FAILURE
    E.ADDRESS.NOT_FOUND E.HOUSE_NUMBER.MISSING
"""
SHIPENGINE = """
    invalid_address verification_failure no_rates_returned service_not_determined field_value_required
    field_conflict invalid_field_value invalid_identifier invalid_status invalid_string_length
    identifier_conflict identifiers_must_match customs_items_required confirmation_not_supported
    return_label_not_supported tracking_not_supported carrier_not_connected carrier_disconnected
    carrier_conflict insufficient_funds funding_source_missing_configuration insurance_failure
    subscription_inactive trial_expired terms_not_accepted invalid_billing_plan unauthorized forbidden
    rate_limit_exceeded webhook_event_type_conflict warehouse_conflict batch_cannot_be_modified
    request_body_required unspecified unknown not_found timeout
"""


def _lalamove(code: str) -> object:
    return {"errors": [{"id": code}]}


def _doordash(code: str) -> object:
    name, _, reason = code.partition("/")
    return {"code": name, "reason": reason}


ERRORS = [
    *((uber.REFUSALS, code, {"code": code}) for code in UBER.split()),
    *((doordash.REFUSALS, code, _doordash(code)) for code in DOORDASH),
    *((lalamove.REFUSALS, code, _lalamove(code)) for code in LALAMOVE.split()),
    *((stuart.REFUSALS, code, {"error": code}) for code in STUART.split()),
    (roadie.REFUSALS, "1001", {"errors": [{"code": 1001}]}),
    *((easypost.REFUSALS, code, {"error": {"code": code}}) for code in EASYPOST.split()),
    *((shipengine.REFUSALS, code, {"errors": [{"error_code": code}]}) for code in SHIPENGINE.split()),
]

WORDS: list[tuple[Collection[str], str]] = [
    (uber_words.STATUSES, "pending pickup pickup_complete dropoff delivered canceled returned"),
    (uber_words.STATUSES, "shopping_completed"),
    (
        {*uber_words.REASONS, *uber_words.OURS_OR_THE_SHOPPERS},
        "out_of_items store_closed customer_called_to_cancel store_too_busy "
        "courier_delayed_en_route_to_pickup too_expensive delivery_vehicle_too_small no_courier_assigned "
        "cannot_access_customer_location cannot_find_customer_address customer_rejected_order "
        "customer_unavailable",
    ),
    (uber_words.VEHICLES, "bicycle scooter motorcycle car"),
    (
        doordash_words.STATUSES,
        "quote created confirmed enroute_to_pickup arrived_at_pickup picked_up enroute_to_dropoff "
        "arrived_at_dropoff delivered enroute_to_return arrived_at_return returned cancelled",
    ),
    (
        {*doordash_words.EVENTS, *doordash_words.ABOUT_A_ROUTE},
        "DELIVERY_CREATED DASHER_CONFIRMED DASHER_ENROUTE_TO_PICKUP DASHER_CONFIRMED_PICKUP_ARRIVAL "
        "DASHER_PICKED_UP DASHER_ENROUTE_TO_DROPOFF DASHER_CONFIRMED_DROPOFF_ARRIVAL DASHER_DROPPED_OFF "
        "DELIVERY_CANCELLED DELIVERY_RETURN_INITIALIZED DASHER_ENROUTE_TO_RETURN "
        "DASHER_CONFIRMED_RETURN_ARRIVAL DELIVERY_RETURNED DELIVERY_BATCHED",
    ),
    (
        doordash_words.REASONS,
        "cancelled_by_creator failed_to_process_payment failed_to_assign_and_refunded failed_to_pickup "
        "failed_to_deliver failed_to_return",
    ),
    (
        roadie_words.EVENTS,
        "driver_assigned at_pickup pickup_confirmed en_route_to_delivery driver_approaching_delivery "
        "at_delivery delivery_confirmed delivery_attempted returned canceled",
    ),
    (roadie_words.STATES, "scheduled assigned"),
    (
        easypost_words.STATUSES,
        "unknown pre_transit in_transit out_for_delivery delivered available_for_pickup return_to_sender "
        "failure cancelled error",
    ),
    (
        easypost_words.TROUBLES,
        "address_correction arrived_at_destination arrived_at_facility arrived_at_pickup_location "
        "awaiting_information cancelled damaged delayed delivery_exception departed_facility "
        "departed_origin_facility expired failure held in_transit label_created lost missorted "
        "out_for_delivery received_at_destination_facility received_at_origin_facility refused return "
        "status_update transferred_to_destination_carrier transit_exception unknown weather_delay",
    ),
    (shipengine_words.STATUSES, "UN AC IT DE EX AT NY SP"),
    (shipengine_labels.BEFORE_TRACKING, "processing completed error voided"),
    (
        shipengine.VOID_REASONS,
        "unknown unspecified validation_failed label_not_found_within_void_period label_already_used "
        "label_already_voided contact_carrier",
    ),
]


@pytest.mark.parametrize(
    ("refusals", "code", "body"), ERRORS, ids=[f"{entry[0].system}-{entry[1]}" for entry in ERRORS]
)
def test_every_documented_error_code_is_known(refusals: Refusals, code: str, body: object) -> None:
    answer = Answer(400, body, b"", {})

    assert refusals.code_of(answer) == code
    assert refusals.error_of(answer).is_known_code


@pytest.mark.parametrize(("table", "documented"), WORDS, ids=[words.split()[0] for _, words in WORDS])
def test_every_documented_word_is_in_the_table(table: Collection[str], documented: str) -> None:
    assert set(documented.split()) <= set(table)


@pytest.mark.parametrize(
    ("refusals", "body"),
    [
        (uber.REFUSALS, {"code": "of_next_year"}),
        (doordash.REFUSALS, {"code": "of_next_year"}),
        (lalamove.REFUSALS, {"errors": [{"id": "ERR_OF_NEXT_YEAR"}]}),
        (stuart.REFUSALS, {"error": "OF_NEXT_YEAR"}),
        (roadie.REFUSALS, {"errors": [{"code": 2047}]}),
        (easypost.REFUSALS, {"error": {"code": "OF.NEXT_YEAR"}}),
        (shipengine.REFUSALS, {"errors": [{"error_code": "of_next_year"}]}),
    ],
    ids=lambda value: value.system if isinstance(value, Refusals) else "",
)
def test_a_code_that_nobody_documented_is_told_apart(refusals: Refusals, body: object) -> None:
    assert not refusals.error_of(Answer(400, body, b"", {})).is_known_code
