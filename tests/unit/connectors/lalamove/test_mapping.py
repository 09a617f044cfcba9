"""Requests to Lalamove and its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.lalamove import mapping
from connectors.couriers.lalamove.markets import market_of
from connectors.couriers.lalamove.planning import Plan
from connectors.couriers.lalamove.terms import Terms, read_terms, terms_in
from connectors.couriers.lalamove.vehicles import Service
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.proof import Proof, ProofKind
from doorstep.quote import PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

PAYLOADS = Path(__file__).parents[3] / "payloads" / "lalamove"
NOON = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STORE = Address(
    "HK",
    "Till",
    "Corner Shop",
    "1 Main St",
    city="Kowloon",
    phone="+85255550100",
    location=LatLng(22.33547, 114.17616),
)
DOOR = Address(
    "HK",
    name="A. Shopper",
    line1="2 Side St",
    line2="Flat 5",
    city="Central",
    phone="+85255550109",
    instructions="Ring twice",
    location=LatLng(22.28129, 114.15986),
)
HK = market_of("HK")


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text())["data"]
    return loaded


def terms() -> Terms:
    return read_terms(payload("quotation.json"), "MOTORCYCLE")


def question(**changes: Any) -> QuoteRequest:
    box = Parcel(1_000, 300, 200, 100)
    plain = QuoteRequest("qst_1", STORE, DOOR, (box,), Money(42_000, "HKD"), NOON, NOON, "Asia/Hong_Kong")
    return replace(plain, **changes)


def booking() -> BookingRequest:
    promise = Promise(Window(NOON, NOON + timedelta(hours=1)), "Asia/Hong_Kong", PromiseBasis.PREDICTED)
    return BookingRequest(
        "leg_01",
        "1001",
        "MOTORCYCLE",
        STORE,
        DOOR,
        (Parcel(1_000),),
        Money(42_000, "HKD"),
        NOON,
        NOON,
        promise,
        {},
        items=(("Bread", 2),),
    )


def test_a_quotation_asks_with_coordinates_as_text_and_addresses_without_names() -> None:
    body = mapping.quotation_body(STORE, DOOR, "MOTORCYCLE", HK, None)

    assert body == {
        "serviceType": "MOTORCYCLE",
        "language": "en_HK",
        "stops": [
            {
                "coordinates": {"lat": "22.3354700", "lng": "114.1761600"},
                "address": "1 Main St, Kowloon, HK",
            },
            {
                "coordinates": {"lat": "22.2812900", "lng": "114.1598600"},
                "address": "2 Side St, Flat 5, Central, HK",
            },
        ],
    }


def test_an_appointment_goes_out_in_utc() -> None:
    body = mapping.quotation_body(STORE, DOOR, "CAR", HK, NOON)

    assert body["scheduleAt"] == "2026-11-23T02:00:00.000Z"


def test_an_order_names_the_stops_the_people_and_our_booking_key() -> None:
    assert mapping.order_body(booking(), terms()) == {
        "quotationId": "1514140994227007571",
        "sender": {"stopId": "1514140995971838016", "name": "Corner Shop", "phone": "+85255550100"},
        "recipients": [
            {
                "stopId": "1514140995971838017",
                "name": "A. Shopper",
                "phone": "+85255550109",
                "remarks": "Ref: 1001\r\nUnit: Flat 5\r\nNote: Ring twice\r\nContents: 2 x Bread",
            }
        ],
        "isPODEnabled": True,
        "metadata": {"booking_key": "leg_01", "reference": "1001"},
    }


def test_terms_survive_until_the_booking() -> None:
    kept = terms()

    assert kept.price == Money(12_400, "HKD")
    assert kept.expires_at == NOON + timedelta(minutes=5)
    assert kept.holds_at(NOON)
    assert not kept.holds_at(kept.expires_at)
    assert terms_in(kept.as_data()) == kept


@pytest.mark.parametrize("name", list(terms().as_data()))
def test_terms_that_are_not_whole_are_none(name: str) -> None:
    assert terms_in({**terms().as_data(), name: ""}) is None


@pytest.mark.parametrize(("name", "value"), [("price", "a lot"), ("currency", "XXX"), ("expires_at", "soon")])
def test_terms_that_cannot_be_read_are_none(name: str, value: str) -> None:
    assert terms_in({**terms().as_data(), name: value}) is None


@pytest.mark.parametrize("field", ["quotationId", "expiresAt", "stops", "priceBreakdown"])
def test_a_quotation_without_what_an_order_needs_is_none(field: str) -> None:
    with pytest.raises(RemoteUnavailable):
        read_terms({**payload("quotation.json"), field: None}, "MOTORCYCLE")


def test_ids_may_come_as_numbers_and_stay_exact() -> None:
    numbered = {**payload("quotation.json"), "quotationId": 1514140994227007571}

    assert read_terms(numbered, "CAR").quotation_id == "1514140994227007571"


def test_a_quotation_becomes_an_offer_that_can_be_booked() -> None:
    plan = Plan(None, NOON + timedelta(minutes=15), NOON + timedelta(minutes=45))

    offer = mapping.offer(terms(), Service("MOTORCYCLE"), plan, question())

    assert (offer.service, offer.title) == ("MOTORCYCLE", "Courier by motorcycle")
    assert (offer.price, offer.price_basis) == (Money(12_400, "HKD"), PriceBasis.LIVE)
    assert offer.vehicle is VehicleKind.MOTORCYCLE
    assert offer.expires_at == NOON + timedelta(minutes=5)
    assert offer.promise.window == Window(NOON + timedelta(minutes=35), NOON + timedelta(minutes=75))
    assert terms_in(offer.booking_data) == terms()


@pytest.mark.parametrize(
    ("distance", "metres"),
    [
        ({"value": "6000", "unit": "m"}, 6000.0),
        ({"value": "6", "unit": "km"}, None),
        ({"value": "far", "unit": "m"}, None),
        ({}, None),
    ],
)
def test_the_way_is_read_in_metres_or_not_at_all(distance: dict[str, str], metres: float | None) -> None:
    assert mapping.road_m({"distance": distance}) == metres


def test_an_order_becomes_a_booking() -> None:
    made = mapping.read_booking(payload("order.json"), Money(1, "HKD"))

    assert (made.external_id, made.status, made.raw_status) == (
        "3443160224863834408",
        DeliveryStatus.DELIVERED,
        "COMPLETED",
    )
    assert (made.price, made.tracking_url) == (Money(14_400, "HKD"), "https://share.example/?HK100")


def test_an_order_is_read_with_its_driver() -> None:
    order = {**payload("order.json"), "status": "ON_GOING"}

    update = mapping.read_order(order, payload("driver.json"), NOON)

    assert (update.external_id, update.status) == ("3443160224863834408", DeliveryStatus.TO_PICKUP)
    assert update.courier is not None
    assert update.courier.display_name == "David"
    assert update.position is not None
    assert update.position.location == LatLng(22.3, 114.17)
    assert update.position.recorded_at == datetime(2026, 11, 23, 2, 40, 10, tzinfo=UTC)


def test_a_fix_whose_instant_is_written_oddly_was_taken_now() -> None:
    driver = payload("driver.json")
    odd = {**driver, "coordinates": {**driver["coordinates"], "updatedAt": "2026-11-23T10:40.10Z"}}

    update = mapping.read_order(payload("order.json"), odd, NOON)

    assert update.position is not None
    assert update.position.recorded_at == NOON


@pytest.mark.parametrize("coordinates", [{}, {"lat": "x", "lng": "1"}, {"lat": "95", "lng": "1"}, None])
def test_a_driver_who_is_nowhere_has_no_position(coordinates: object) -> None:
    assert mapping.read_position({"coordinates": coordinates}, NOON) is None


def test_a_search_that_is_read_may_be_the_second_one_and_is_told_again_each_time() -> None:
    order = {**payload("order.json"), "status": "ASSIGNING_DRIVER", "driverId": ""}

    first = mapping.read_order(order, {}, NOON)
    again = mapping.read_order(order, {}, NOON + timedelta(minutes=1))

    assert first.status is DeliveryStatus.SEARCHING
    assert first.source_event_id != again.source_event_id


def test_any_other_standing_is_told_once() -> None:
    ids = {
        mapping.read_order(payload("order.json"), {}, NOON + timedelta(minutes=minutes)).source_event_id
        for minutes in range(3)
    }

    assert len(ids) == 1


def test_pictures_of_pickup_and_drop_off_are_proofs() -> None:
    assert mapping.read_proofs(payload("order.json")) == (
        Proof(
            ProofKind.PHOTO,
            "https://pictures.example/pickup.jpg",
            datetime(2026, 11, 23, 2, 31, tzinfo=UTC),
            is_pickup=True,
        ),
        Proof(
            ProofKind.PHOTO,
            "https://pictures.example/dropoff.jpg",
            datetime(2026, 11, 23, 2, 55, 39, 721_000, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(("status", "count"), [("PENDING", 0), ("FAILED", 0), ("SIGNED", 1)])
def test_only_what_was_handed_over_is_proven(status: str, count: int) -> None:
    proofs = mapping.read_proofs({"stops": [{}, {"POD": {"status": status, "image": "https://x.example"}}]})

    assert [proof.kind for proof in proofs] == [ProofKind.SIGNATURE] * count


def test_remarks_stand_at_the_stop_or_at_the_order() -> None:
    order = payload("order.json")
    at_stop = {"stops": [{}, {"remarks": "Ref: 1\r\nNote: x"}], "remarks": ["other"]}

    assert mapping.remark_lines(order)[0] == "Ref: 1001"
    assert mapping.remark_lines(at_stop) == ("Ref: 1", "Note: x")
