"""Requests to Roadie and its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.roadie import mapping
from connectors.couriers.roadie.planning import why_declined
from connectors.couriers.roadie.windows import Times
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

PAYLOADS = Path(__file__).parent / "payloads"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SHOP = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001", "+15550100000")
DOOR = replace(
    SHOP,
    name="A. Shopper",
    company="",
    line1="2 Side St",
    line2="Apt 5",
    phone="+15550100009",
    instructions="Ring twice",
    location=LatLng(40.74, -73.99),
)
TIMES = Times(NOON, Window(NOON, NOON + timedelta(hours=4)))


def question(**changes: Any) -> QuoteRequest:
    box = (Parcel(1_000, 300, 200, 100),)
    plain = QuoteRequest("qst_1", SHOP, DOOR, box, Money(4200, "USD"), NOON, NOON, "America/New_York")
    return replace(plain, **changes)


def booking(**changes: Any) -> BookingRequest:
    promise = Promise(TIMES.deliver_between, "America/New_York", PromiseBasis.CARRIER_COMMITMENT)
    box = (Parcel(1_000, 300, 200, 100),)
    plain = BookingRequest(
        "leg_01", "1001", "local_delivery", SHOP, DOOR, box, Money(4200, "USD"), NOON, NOON, promise, {}
    )
    return replace(plain, **changes)


def test_a_question_is_in_inches_pounds_and_dollars() -> None:
    body = mapping.estimate_body(question(), TIMES)

    # 300, 200 and 100 mm are 11.81, 7.87 and 3.94 inches, and a kilogram is 2.2046 pounds; rounded up.
    assert body["items"] == [
        {"length": 11.9, "width": 7.9, "height": 4.0, "weight": 2.21, "quantity": 1, "value": 42.0}
    ]
    assert body["deliver_between"] == {"start": "2026-11-23T17:00:00Z", "end": "2026-11-23T21:00:00Z"}
    assert body["delivery_location"] == {
        "address": {
            "name": "A. Shopper",
            "street1": "2 Side St",
            "street2": "Apt 5",
            "city": "Port Meridian",
            "state": "NY",
            "zip": "10001",
            "latitude": 40.74,
            "longitude": -73.99,
        },
        "contact": {"name": "A. Shopper", "phone": "5550100009"},
        "notes": "Ring twice",
    }


def test_two_unmeasured_parcels_are_a_foot_each_way_and_share_the_value() -> None:
    items = mapping.estimate_body(question(parcels=(Parcel(500), Parcel(0))), TIMES)["items"]

    assert isinstance(items, list)
    assert [(item["length"], item["value"]) for item in items] == [(11.9, 21.0), (11.9, 21.0)]
    assert all(item["weight"] > 0 for item in items)


def test_the_booking_key_is_the_idempotency_key() -> None:
    body = mapping.shipment_body(booking(items=(("Bread", 2),)), TIMES)

    assert (body["idempotency_key"], body["reference_id"]) == ("leg_01", "1001")
    assert body["description"] == "2 x Bread"


@pytest.mark.parametrize(
    ("changes", "is_signed", "is_adult"),
    [
        ({}, False, False),
        ({"requirements": (HandoverRequirement.SIGNATURE,)}, True, False),
        ({"requirements": (HandoverRequirement.ADULT_SIGNATURE,)}, True, True),
        ({"goods": Goods(minimum_age=18)}, False, True),
    ],
)
def test_what_must_happen_at_the_door_is_asked_for(
    changes: dict[str, Any], is_signed: bool, is_adult: bool
) -> None:
    options = mapping.shipment_body(booking(**changes), TIMES)["options"]

    assert options == {
        "signature_required": is_signed,
        "notifications_enabled": False,
        "over_21_required": is_adult,
    }


@pytest.mark.parametrize(
    ("phone", "digits"),
    [("+15550100009", "5550100009"), ("+33100000009", None), ("5550100009", None), (None, None)],
)
def test_phones_are_those_of_the_country(phone: str | None, digits: str | None) -> None:
    assert mapping.us_phone(replace(DOOR, phone=phone)) == digits


def test_an_estimate_becomes_an_offer_whose_promise_is_the_window() -> None:
    offer = mapping.read_quote({"price": 12.35, "size": "small"}, question(), TIMES)

    assert (offer.price, offer.price_basis) == (Money(1235, "USD"), PriceBasis.ESTIMATE)
    assert offer.promise.window == TIMES.deliver_between
    assert offer.vehicle is VehicleKind.CAR
    assert offer.booking_data["window_is_wanted"] == ""


def test_an_estimate_without_a_price_is_no_offer() -> None:
    with pytest.raises(RemoteUnavailable):
        mapping.read_quote({"size": "small"}, question(), TIMES)


def test_a_shipment_becomes_a_booking() -> None:
    shipment = json.loads((PAYLOADS / "shipment.json").read_text())

    made = mapping.read_booking(shipment, Money(1100, "USD"))

    assert (made.external_id, made.status) == ("152040", DeliveryStatus.PICKED_UP)
    assert made.price == Money(1200, "USD")
    assert made.tracking_url == "https://track.roadie.com/id/RETHNKW354W3H438"
    assert mapping.read_booking({**shipment, "price": None}, Money(1100, "USD")).price == Money(1100, "USD")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropoff": Address("US", postal_code="10002")}, DeclineReason.ADDRESS_PROBLEM),
        ({"dropoff": replace(DOOR, province="")}, DeclineReason.ADDRESS_PROBLEM),
        ({"dropoff": replace(DOOR, country="CA")}, DeclineReason.OUT_OF_AREA),
        ({"goods": Goods(frozenset({GoodsTrait.ALCOHOL}))}, DeclineReason.PROHIBITED_GOODS),
        ({"requirements": (HandoverRequirement.COLD_CHAIN,)}, DeclineReason.HANDOVER),
        ({"parcels": (Parcel(70_000),)}, DeclineReason.TOO_HEAVY),
        ({"parcels": ()}, DeclineReason.OTHER),
        ({"value": Money(100, "CAD")}, DeclineReason.RULE),
    ],
)
def test_what_roadie_cannot_carry_is_declined_without_asking(
    changes: dict[str, Any], reason: DeclineReason
) -> None:
    declined = why_declined(question(**changes))

    assert declined is not None
    assert declined.reason is reason
