"""Requests to Stuart and its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.stuart import bodies, mapping
from connectors.couriers.stuart.changing import change_body
from connectors.couriers.stuart.schedule import Schedule
from connectors.couriers.stuart.sizes import PACKAGE_TYPES
from doorstep.address import Address
from doorstep.booking import BookingChange, BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.proof import ProofKind
from doorstep.quote import QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

PAYLOADS = Path(__file__).parent / "payloads"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MEDIUM = PACKAGE_TYPES[2]
SHOP = Address("FR", "Till", "Corner Shop", "1 rue du Test", city="Paris", postal_code="75001")
DOOR = Address(
    "FR",
    name="A. Long Name",
    line1="2 rue du Test",
    line2="Apt 5",
    city="Paris",
    postal_code="75002",
    phone="+33100000009",
    instructions="Ring twice",
    location=LatLng(48.87, 2.35),
)


def job(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / "job.json").read_text())
    return loaded | changes


def question(**changes: Any) -> QuoteRequest:
    plain = QuoteRequest(
        "qst_1", SHOP, DOOR, (Parcel(1_000),), Money(4200, "EUR"), NOON, NOON, "Europe/Paris"
    )
    return replace(plain, **changes)


def booking(**changes: Any) -> BookingRequest:
    promise = Promise(Window(NOON, NOON + timedelta(hours=1)), "Europe/Paris", PromiseBasis.PREDICTED)
    plain = BookingRequest(
        "leg_01", "1001", "on_demand", SHOP, DOOR, (Parcel(1_000),), Money(42, "EUR"), NOON, NOON, promise, {}
    )
    return replace(plain, **changes)


def test_a_question_names_both_ends_and_the_size_and_no_reference() -> None:
    sent = bodies.job_body(question(), MEDIUM, Schedule())

    assert sent == {
        "job": {
            "pickups": [
                {
                    "address": "1 rue du Test, 75001 Paris, FR",
                    "contact": {"firstname": "Till", "company": "Corner Shop"},
                }
            ],
            "dropoffs": [
                {
                    "address": "2 rue du Test, 75002 Paris, FR",
                    "coordinates": {"lat": 48.87, "long": 2.35},
                    "contact": {"firstname": "A.", "lastname": "Long Name", "phone": "+33100000009"},
                    "comment": "Apt 5. Ring twice",
                    "package_type": "medium",
                }
            ],
        }
    }


def test_a_booking_carries_its_key_as_the_unique_reference() -> None:
    sent = bodies.job_body(booking(items=(("Bread", 2), ("Jam", 1))), MEDIUM, Schedule())["job"]

    assert isinstance(sent, dict)
    (dropoff,) = sent["dropoffs"]
    assert (sent["assignment_code"], dropoff["client_reference"]) == ("1001", "leg_01")
    assert dropoff["package_description"] == "2 x Bread, 1 x Jam"


def test_an_appointment_goes_out_in_utc_with_the_shoppers_window() -> None:
    window = Window(NOON, NOON + timedelta(hours=1))
    schedule = Schedule(dropoff_at=NOON + timedelta(minutes=15), window=window)

    sent = bodies.job_body(question(), MEDIUM, schedule)["job"]

    assert isinstance(sent, dict)
    assert (sent["dropoff_at"], "pickup_at" in sent) == ("2026-11-23T11:15:00.000Z", False)
    assert sent["dropoffs"][0]["end_customer_time_window_start"] == "2026-11-23T11:00:00.000Z"
    assert sent["dropoffs"][0]["end_customer_time_window_end"] == "2026-11-23T12:00:00.000Z"


def test_a_price_with_a_time_is_a_predicted_offer() -> None:
    answer = {"amount": 8.3, "currency": "EUR"}

    offer = mapping.read_quote(answer, timedelta(minutes=10), question(), MEDIUM, Schedule())

    assert (offer.price, offer.vehicle) == (Money(830, "EUR"), VehicleKind.MOTORCYCLE)
    assert offer.pickup_by == NOON + timedelta(minutes=10)
    # Ten minutes until the pickup, five there, and twenty of riding where nobody knows the way.
    assert offer.promise.window == Window(NOON + timedelta(minutes=25), NOON + timedelta(minutes=55))
    assert offer.promise.basis is PromiseBasis.PREDICTED
    assert offer.free_cancel_until == NOON + timedelta(minutes=2)
    assert (offer.booking_data["amount"], offer.booking_data["package_type"]) == ("8.30", "medium")


def test_a_price_without_a_time_is_an_offer_with_an_approximate_promise() -> None:
    offer = mapping.read_quote({"amount": 8, "currency": "EUR"}, None, question(), MEDIUM, Schedule())

    assert offer.price == Money(800, "EUR")
    assert offer.promise.basis is PromiseBasis.APPROXIMATE


def test_a_wanted_window_is_the_promise() -> None:
    window = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))
    schedule = Schedule(dropoff_at=window.start, window=window)

    offer = mapping.read_quote({"amount": 8, "currency": "EUR"}, None, question(), MEDIUM, schedule)

    assert offer.promise == Promise(window, "Europe/Paris", PromiseBasis.CARRIER_COMMITMENT)


@pytest.mark.parametrize(
    "answer",
    [{}, {"amount": None, "currency": "EUR"}, {"amount": 8.3}, {"amount": "free", "currency": "EUR"}],
)
def test_an_answer_without_a_price_is_no_offer(answer: dict[str, object]) -> None:
    with pytest.raises(RemoteUnavailable):
        mapping.read_quote(answer, None, question(), MEDIUM, Schedule())


def test_a_job_becomes_a_booking_at_the_price_without_tax() -> None:
    made = mapping.read_booking(job(), "leg_01", Money(700, "EUR"))

    assert (made.external_id, made.tracking_number) == ("leg_01", "100171784")
    assert (made.status, made.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "delivering")
    assert made.price == Money(830, "EUR")
    assert made.dropoff_eta == datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
    assert made.pickup_eta == datetime(2026, 11, 23, 15, 15, tzinfo=UTC)
    assert mapping.read_booking(job(pricing=None), "leg_01", Money(700, "EUR")).price == Money(700, "EUR")


def test_a_job_says_who_comes_and_since_when_the_goods_are_on_the_way() -> None:
    update = mapping.read_job(job(), source_event_id="x", now=NOON)

    assert update.external_id == "leg_01"
    assert update.occurred_at == datetime(2026, 11, 23, 15, 21, tzinfo=UTC)
    assert update.courier is not None
    assert (update.courier.display_name, update.courier.vehicle) == ("Ana A.", VehicleKind.MOTORCYCLE)
    assert update.position is not None
    assert update.position.recorded_at == NOON


def test_proofs_are_those_that_the_delivery_names() -> None:
    delivery = {
        "delivered_at": "2026-11-23T16:40:00+01:00",
        "proof": {"signature_url": "https://p.example/s.png"},
        "package_image_url": "https://p.example/p.jpg",
    }

    proofs = mapping.read_proofs(job(deliveries=[delivery]))

    assert [(proof.kind, proof.url) for proof in proofs] == [
        (ProofKind.SIGNATURE, "https://p.example/s.png"),
        (ProofKind.PHOTO, "https://p.example/p.jpg"),
    ]
    assert mapping.read_proofs(job()) == ()


def test_a_change_names_the_delivery_and_only_what_changes() -> None:
    change = BookingChange(replace(DOOR, phone="+33100000010", line2=""), "Ring once", None, (("Jam", 1),))

    assert change_body(job(), change) == {
        "job": {
            "deliveries": [
                {
                    "id": 100215436,
                    "package_description": "1 x Jam",
                    "dropoff": {
                        "contact": {"firstname": "A.", "lastname": "Long Name", "phone": "+33100000010"},
                        "comment": "Ring once",
                    },
                }
            ]
        }
    }


@pytest.mark.parametrize(
    "change",
    [
        BookingChange(window=Window(NOON, NOON + timedelta(hours=1))),
        BookingChange(dropoff=replace(DOOR, line1="3 rue du Test")),
        BookingChange(dropoff=replace(DOOR, postal_code="75003")),
    ],
)
def test_another_door_or_another_time_needs_another_booking(change: BookingChange) -> None:
    with pytest.raises(RemoteRefused, match="only as a new booking"):
        change_body(job(), change)
