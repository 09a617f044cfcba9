"""Requests to DoorDash and its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.doordash import mapping, reading
from connectors.couriers.doordash.limits import why_not
from connectors.couriers.doordash.times import Times
from doorstep.address import Address
from doorstep.booking import BookingChange, BookingRequest
from doorstep.delivery import IfUndeliverable
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.proof import Proof, ProofKind
from doorstep.quote import DeclineReason, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

PAYLOADS = Path(__file__).parents[3] / "payloads" / "doordash"
NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001", "+15550100000")
DOOR = Address(
    "US",
    name="A. B. Shopper",
    line1="2 Side St",
    line2="Apt 5",
    city="Port Meridian",
    province="NY",
    postal_code="10002",
    phone="+15550100009",
    instructions="Ring twice. " * 60,
    location=LatLng(40.73, -73.99),
)
BOX = Parcel(1_000, 254, 127, 51)


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return loaded


def question(**changes: Any) -> QuoteRequest:
    plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), NOON, NOON, "America/New_York")
    return replace(plain, **changes)


def booking(**changes: Any) -> BookingRequest:
    promise = Promise(Window(NOON, NOON + timedelta(hours=1)), "America/New_York", PromiseBasis.PREDICTED)
    plain = BookingRequest(
        "leg_01", "1001", "drive", STORE, DOOR, (BOX,), Money(4200, "USD"), NOON, NOON, promise, {}
    )
    return replace(plain, **changes)


def body_of(**changes: Any) -> dict[str, Any]:
    return mapping.quote_body(question(**changes), Times())


def test_addresses_go_out_on_one_line_and_in_parts() -> None:
    body = body_of()

    assert body["pickup_address"] == "1 Main St, Port Meridian, NY 10001, US"
    assert body["dropoff_address"] == "2 Side St, Apt 5, Port Meridian, NY 10002, US"
    assert body["dropoff_address_components"] == {
        "street_address": "2 Side St",
        "sub_premise": "Apt 5",
        "city": "Port Meridian",
        "state": "NY",
        "zip_code": "10002",
        "country": "US",
    }
    assert body["dropoff_location"] == {"lat": 40.73, "lng": -73.99}
    assert (body["dropoff_contact_given_name"], body["dropoff_contact_family_name"]) == ("A. B.", "Shopper")
    assert len(body["dropoff_instructions"]) == 500
    assert body["order_value"] == 4200


def test_a_door_outside_the_united_states_has_no_american_parts() -> None:
    body = body_of(dropoff=replace(DOOR, country="NZ", name="Shopper"))

    assert "dropoff_address_components" not in body
    assert body["dropoff_contact_given_name"] == "Shopper"
    assert "dropoff_contact_family_name" not in body


def test_what_is_not_known_is_not_sent() -> None:
    body = body_of(pickup=replace(STORE, phone=None), dropoff=replace(DOOR, location=None, instructions=""))

    absent = {
        "pickup_phone_number",
        "dropoff_location",
        "dropoff_instructions",
        "pickup_time",
        "order_contains",
    }
    assert not absent & body.keys()


def test_a_cart_has_a_price_before_anybody_gave_a_number() -> None:
    phoneless: dict[str, Any] = {"dropoff": replace(DOOR, phone=None), "is_cart": True}

    assert why_not(question(**phoneless)) is None
    assert body_of(**phoneless)["dropoff_phone_number"] == STORE.phone
    assert body_of(is_cart=True)["dropoff_phone_number"] == DOOR.phone


def test_a_box_goes_out_in_pounds_and_inches() -> None:
    # 1 kg are 2.2046 lb; 254, 127 and 51 mm are 10, 5 and 2.008 in.
    assert body_of()["items"] == [
        {"name": "Parcel 1 of 1", "quantity": 1, "weight": 2.2, "length": 10.0, "width": 5.0, "height": 2.0}
    ]
    assert mapping.items_of_parcels((Parcel(0),)) == [{"name": "Parcel 1 of 1", "quantity": 1}]


def test_windows_and_pickup_times_go_out_in_utc() -> None:
    wanted = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))
    windowed = mapping.quote_body(question(), Times(pickup=Window(NOON, wanted.end), dropoff=wanted))
    later = mapping.quote_body(question(), Times(pickup_at=NOON))

    assert windowed["pickup_window"] == {
        "start_time": "2026-11-23T15:00:00.000Z",
        "end_time": "2026-11-23T18:00:00.000Z",
    }
    assert windowed["dropoff_window"] == {
        "start_time": "2026-11-23T17:00:00.000Z",
        "end_time": "2026-11-23T18:00:00.000Z",
    }
    assert later["pickup_time"] == "2026-11-23T15:00:00.000Z"


DOORS = [
    (HandoverRequirement.SIGNATURE, {"signature": "required"}, False),
    (
        HandoverRequirement.ADULT_SIGNATURE,
        {"signature": "required", "id_verification": "required"},
        False,
    ),
    (HandoverRequirement.ID_CHECK, {"id_verification": "required"}, False),
    (HandoverRequirement.PIN, {"proof_of_delivery": "pin_code"}, False),
    (HandoverRequirement.PHOTO, {"proof_of_delivery": "photo_required"}, None),
    (HandoverRequirement.NO_SAFE_PLACE, None, False),
    (HandoverRequirement.PHONE_NUMBER, None, None),
]


@pytest.mark.parametrize(("requirement", "options", "contactless"), DOORS)
def test_what_must_happen_at_the_door_is_asked_for(
    requirement: HandoverRequirement, options: dict[str, str] | None, contactless: bool | None
) -> None:
    body = body_of(requirements=(requirement,))

    assert body.get("dropoff_options") == options
    assert body.get("contactless_dropoff") is contactless
    asks_for_pin = requirement is HandoverRequirement.PIN
    assert ("dropoff_pin_code_verification_metadata" in body) is asks_for_pin


CONTENTS = [
    (Goods(frozenset({GoodsTrait.ALCOHOL})), {"alcohol": True}, True),
    (Goods(frozenset({GoodsTrait.TOBACCO})), {"tobacco": True}, True),
    (Goods(frozenset({GoodsTrait.PHARMACY})), {"pharmacy_items": True}, False),
    (
        Goods(frozenset({GoodsTrait.PHARMACY}), minimum_age=18),
        {"pharmacy_items": True, "age_restricted_pharmacy_items": True},
        True,
    ),
    (Goods(frozenset({GoodsTrait.AGE_RESTRICTED})), None, True),
    (Goods(frozenset({GoodsTrait.FRAGILE})), None, False),
]


@pytest.mark.parametrize(("goods", "contains", "is_checked"), CONTENTS)
def test_goods_say_what_the_order_contains_and_whether_an_identity_card_is_looked_at(
    goods: Goods, contains: dict[str, bool] | None, is_checked: bool
) -> None:
    body = body_of(goods=goods)

    assert body.get("order_contains") == contains
    assert (body.get("dropoff_options") == {"id_verification": "required"}) is is_checked


@pytest.mark.parametrize(
    ("wish", "traits", "action", "contactless"),
    [
        (IfUndeliverable.RETURN, set(), "return_to_pickup", None),
        (IfUndeliverable.DISPOSE, set(), "dispose", None),
        (IfUndeliverable.LEAVE_AT_DOOR, set(), "return_to_pickup", True),
        (IfUndeliverable.DISPOSE, {GoodsTrait.ALCOHOL}, "return_to_pickup", False),
        (IfUndeliverable.LEAVE_AT_DOOR, {GoodsTrait.TOBACCO}, "return_to_pickup", False),
    ],
)
def test_goods_for_grown_ups_are_neither_left_nor_thrown_away(
    wish: IfUndeliverable, traits: set[GoodsTrait], action: str, contactless: bool | None
) -> None:
    body = mapping.quote_body(question(goods=Goods(frozenset(traits))), Times(), wish)

    assert body["action_if_undeliverable"] == action
    assert body.get("contactless_dropoff") is contactless


@pytest.mark.parametrize(
    ("changes", "vehicles"),
    [
        ({}, None),
        ({"parcels": (Parcel(8_000, 500, 300, 200),)}, ["bicycle", "car"]),
        ({"parcels": (Parcel(12_000),)}, ["car"]),
        ({"vehicle": VehicleKind.BICYCLE}, ["bicycle", "car"]),
        ({"vehicle": VehicleKind.CAR}, ["car"]),
    ],
)
def test_only_vehicles_that_take_the_goods_are_allowed(
    changes: dict[str, Any], vehicles: list[str] | None
) -> None:
    assert body_of(**changes).get("dasher_allowed_vehicles") == vehicles


def test_the_booking_key_is_the_id_that_doordash_takes_once() -> None:
    request = booking(items=(("Bread", 2), ("Jam", 1)))

    body = mapping.create_body(request, body_of())

    assert (body["external_delivery_id"], body["pickup_reference_tag"]) == ("leg_01", "1001")
    assert body["items"] == mapping.label_body(request)["items"]
    assert body["items"] == mapping.items_of_parcels(request.parcels, request.items)
    assert [item["name"] for item in mapping.items_of_parcels(request.parcels, request.items)] == [
        "2 x Bread, 1 x Jam"
    ]


def test_a_booking_asks_for_what_its_quote_asked_for() -> None:
    wanted = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))
    asked = question(delivery_window=wanted, vehicle=VehicleKind.CAR)
    offer = reading.read_quote(payload("quote.json"), asked, "f1")

    again = mapping.question_of(booking(booking_data=dict(offer.booking_data)))

    assert replace(again, reference=asked.reference) == asked
    assert mapping.fingerprint(mapping.quote_body(again, Times())) == mapping.fingerprint(
        mapping.quote_body(asked, Times())
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"requirements": (HandoverRequirement.ID_CHECK,)},
        {"goods": Goods(frozenset({GoodsTrait.ALCOHOL}))},
        {"dropoff": replace(DOOR, line1="3 Side St")},
        {"parcels": (BOX, BOX)},
        {"value": Money(4201, "USD")},
    ],
)
def test_a_quote_for_something_else_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert mapping.fingerprint(body_of(**changes)) != mapping.fingerprint(body_of())


def test_an_offer_holds_for_what_was_asked_until_it_ends() -> None:
    offer = reading.offered(reading.read_quote(payload("quote.json"), question(), "f1").booking_data)

    assert offer.holds("f1", NOON + timedelta(minutes=4, seconds=59))
    assert not offer.holds("f1", NOON + timedelta(minutes=5))
    assert not offer.holds("f2", NOON)
    assert not reading.offered({}).holds("", NOON)


def test_a_quote_becomes_an_offer_that_can_be_booked() -> None:
    offer = reading.read_quote(payload("quote.json"), question(), "f1")

    assert (offer.price, offer.price_basis) == (Money(975, "USD"), PriceBasis.LIVE)
    assert offer.expires_at == NOON + timedelta(minutes=5)
    assert offer.pickup_by == NOON + timedelta(minutes=12)
    assert offer.promise.window == Window(NOON + timedelta(minutes=25), NOON + timedelta(minutes=55))
    assert offer.booking_data["external_delivery_id"] == "dsq-1f0c8a6e"


def test_the_published_names_of_a_quotes_times_are_understood_as_well() -> None:
    told = {
        "external_delivery_id": "D-12345",
        "fee": 42,
        "currency": "USD",
        "delivery_time": "2026-11-23T15:35:00Z",
        "pickup_time": "2026-11-23T15:12:00Z",
        "expires_at": "2026-11-23T15:04:00Z",
    }

    offer = reading.read_quote(told, question(), "f1")

    assert offer.expires_at == NOON + timedelta(minutes=4)
    assert offer.promise.window.end == NOON + timedelta(minutes=55)


def test_a_wanted_window_is_the_promise() -> None:
    wanted = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))

    offer = reading.read_quote(payload("quote.json"), question(delivery_window=wanted), "f1")

    assert offer.promise == Promise(wanted, "America/New_York", PromiseBasis.CARRIER_COMMITMENT)


@pytest.mark.parametrize("field", ["external_delivery_id", "fee", "currency", "dropoff_time_estimated"])
def test_a_quote_without_what_an_offer_needs_is_no_offer(field: str) -> None:
    with pytest.raises(RemoteUnavailable):
        reading.read_quote({**payload("quote.json"), field: None}, question(), "f1")


def test_a_delivery_becomes_a_booking_and_an_update() -> None:
    delivery = payload("delivery_enroute_to_dropoff.json")

    made = reading.read_booking({**delivery, "fee": None}, Money(700, "USD"))
    update = reading.read_delivery(delivery)

    assert (made.external_id, made.status) == ("leg_01", DeliveryStatus.OUT_FOR_DELIVERY)
    assert made.price == Money(700, "USD")
    assert (update.status, update.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "enroute_to_dropoff")
    assert update.occurred_at == datetime(2026, 11, 23, 15, 13, 45, tzinfo=UTC)
    assert update.courier is not None
    assert (update.courier.vehicle, update.courier.proxy_phone) == (VehicleKind.CAR, "+15550200001")
    assert update.position is not None
    assert reading.tip_of(delivery) == Money(200, "USD")


def test_pictures_of_pickup_and_door_are_proof() -> None:
    at_store = datetime(2026, 11, 23, 15, 13, 30, tzinfo=UTC)
    at_door = datetime(2026, 11, 23, 15, 34, 10, tzinfo=UTC)

    assert reading.read_proofs(payload("delivery_delivered.json")) == (
        Proof(ProofKind.PHOTO, "https://pictures.example/pickup.png", at_store, is_pickup=True),
        Proof(ProofKind.PHOTO, "https://pictures.example/dropoff.png", at_door),
        Proof(ProofKind.SIGNATURE, "https://pictures.example/signature.png", at_door),
    )
    assert reading.read_proofs(payload("quote.json")) == ()


def test_a_change_sends_only_what_changes() -> None:
    wanted = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))

    moved = mapping.change_body(BookingChange(dropoff=replace(DOOR, line1="9 Far St"), instructions=""))
    later = mapping.change_body(BookingChange(window=wanted, items=(("Bread", 3),)))

    assert moved["dropoff_address"] == "9 Far St, Apt 5, Port Meridian, NY 10002, US"
    assert moved["dropoff_instructions"] == ""
    assert later.keys() == {"pickup_window", "dropoff_window", "items"}
    assert later["items"] == [{"name": "Bread", "quantity": 3}]
    assert mapping.change_body(BookingChange()) == {}


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"dropoff": replace(DOOR, phone=None)}, DeclineReason.ADDRESS_PROBLEM, "phone number"),
        (
            {"dropoff": replace(DOOR, phone=None), "pickup": replace(STORE, phone=None), "is_cart": True},
            DeclineReason.ADDRESS_PROBLEM,
            "or the shop's",
        ),
        ({"dropoff": Address("US", postal_code="10002")}, DeclineReason.ADDRESS_PROBLEM, "line1 and city"),
        ({"dropoff": replace(DOOR, country="GB")}, DeclineReason.OUT_OF_AREA, "GB"),
        (
            {"pickup": replace(STORE, location=LatLng(41.5, -73.99))},
            DeclineReason.OUT_OF_AREA,
            "as the crow flies",
        ),
        ({"requirements": (HandoverRequirement.COLD_CHAIN,)}, DeclineReason.HANDOVER, "cold chain"),
        ({"requirements": (HandoverRequirement.TWO_PERSON,)}, DeclineReason.HANDOVER, "two person"),
        (
            {"requirements": (HandoverRequirement.PIN, HandoverRequirement.PHOTO)},
            DeclineReason.HANDOVER,
            "not both",
        ),
        ({"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}, DeclineReason.PROHIBITED_GOODS, "hazardous"),
        ({"goods": Goods(frozenset({GoodsTrait.FROZEN}))}, DeclineReason.HANDOVER, "cold chain"),
        ({"parcels": (Parcel(30_000),)}, DeclineReason.TOO_HEAVY, "22.68"),
        ({"parcels": (Parcel(300, 2_000, 10, 10),)}, DeclineReason.TOO_LARGE, "120 cm"),
        ({"vehicle": VehicleKind.VAN}, DeclineReason.VEHICLE_MISMATCH, "car"),
    ],
)
def test_what_doordash_cannot_carry_is_declined_without_asking(
    changes: dict[str, Any], reason: DeclineReason, word: str
) -> None:
    declined = why_not(question(**changes))

    assert declined is not None
    assert declined.reason is reason
    assert word in declined.text


def test_nothing_speaks_against_a_common_box() -> None:
    assert why_not(question()) is None
