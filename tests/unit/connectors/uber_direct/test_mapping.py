"""Requests to Uber and its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.uber_direct import CONNECTOR, mapping
from connectors.couriers.uber_direct.limits import size_of, vehicle_for, why_not
from connectors.couriers.uber_direct.windows import Windows
from connectors.quoted import wanted_window
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery import IfUndeliverable
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.limits import why_not as beyond_limits
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

PAYLOADS = Path(__file__).parents[3] / "payloads" / "uber_direct"
NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001", "+15550100000")
DOOR = Address(
    "US",
    name="A. Shopper",
    line1='2 "Quoted" St',
    line2="Apt 5",
    city="Port Meridian",
    province="NY",
    postal_code="10002",
    phone="+15550100009",
    instructions="Ring twice. " * 40,
    location=LatLng(40.73, -73.99),
)
BOX = Parcel(1_200, 301, 200, 100)


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return loaded


def question(**changes: Any) -> QuoteRequest:
    plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), NOON, NOON, "America/New_York")
    return replace(plain, **changes)


def booking(**changes: Any) -> BookingRequest:
    promise = Promise(Window(NOON, NOON + timedelta(hours=1)), "America/New_York", PromiseBasis.PREDICTED)
    plain = BookingRequest(
        "leg_01", "1001", "same_day", STORE, DOOR, (BOX,), Money(4200, "USD"), NOON, NOON, promise, {}
    )
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("wish", "changes", "action"),
    [
        (IfUndeliverable.RETURN, {}, "return"),
        (IfUndeliverable.LEAVE_AT_DOOR, {}, "leave_at_door"),
        (IfUndeliverable.DISPOSE, {}, "discard"),
        # What must be handed over comes back.
        (IfUndeliverable.LEAVE_AT_DOOR, {"requirements": (HandoverRequirement.PIN,)}, "return"),
        (IfUndeliverable.DISPOSE, {"goods": Goods(frozenset({GoodsTrait.TOBACCO}))}, "return"),
    ],
)
def test_goods_that_nobody_takes_in_go_where_they_may(
    wish: IfUndeliverable, changes: dict[str, Any], action: str
) -> None:
    made = booking(if_undeliverable=wish, **changes)
    body = mapping.create_body(made, "dqt_1", Windows(), robo_courier=False)

    assert body["undeliverable_action"] == action


def test_addresses_go_out_as_strings_that_hold_json() -> None:
    body = mapping.quote_body(question(), Windows())

    assert json.loads(str(body["dropoff_address"])) == {
        "street_address": ['2 "Quoted" St', "Apt 5"],
        "city": "Port Meridian",
        "state": "NY",
        "zip_code": "10002",
        "country": "US",
    }
    assert (body["dropoff_latitude"], body["dropoff_longitude"]) == (40.73, -73.99)
    assert "pickup_latitude" not in body
    assert body["manifest_total_value"] == 4200


def test_windows_go_out_in_utc_and_only_where_there_are_any() -> None:
    body = mapping.quote_body(question(), Windows(pickup_ready=NOON))

    assert body["pickup_ready_dt"] == "2026-11-23T15:00:00.000Z"
    assert "dropoff_deadline_dt" not in body


def test_the_booking_key_is_idempotency_key_and_external_id() -> None:
    body = mapping.create_body(booking(), "dqt_1", Windows(), robo_courier=False)

    assert body["idempotency_key"] == body["external_id"] == "leg_01"
    assert (body["quote_id"], body["manifest_reference"]) == ("dqt_1", "1001")
    assert len(str(body["dropoff_notes"])) == 280
    assert "test_specifications" not in body
    assert "dropoff_verification" not in body


def test_a_box_is_listed_with_its_contents_in_centimetres_rounded_up() -> None:
    body = mapping.create_body(
        booking(items=(("Bread", 2), ("Jam", 1))), "dqt_1", Windows(), robo_courier=True
    )

    assert body["manifest_items"] == [
        {
            "name": "2 x Bread, 1 x Jam",
            "quantity": 1,
            "size": "medium",
            # 301 mm are 30.1 cm, rounded up.
            "dimensions": {"length": 31, "height": 10, "depth": 20},
            "weight": 1200,
        }
    ]
    assert body["test_specifications"] == {"robo_courier_specification": {"mode": "auto"}}


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        (
            HandoverRequirement.SIGNATURE,
            {"signature_requirement": {"enabled": True, "collect_signer_name": True}},
        ),
        (
            HandoverRequirement.ADULT_SIGNATURE,
            {
                "signature_requirement": {"enabled": True, "collect_signer_name": True},
                "identification": {"min_age": 21},
            },
        ),
        (HandoverRequirement.ID_CHECK, {"identification": {"min_age": 18}}),
        (HandoverRequirement.PIN, {"pincode": {"enabled": True}}),
        (HandoverRequirement.PHOTO, {"picture": True}),
    ],
)
def test_what_must_happen_at_the_door_is_asked_for(
    requirement: HandoverRequirement, expected: dict[str, object]
) -> None:
    body = mapping.create_body(booking(requirements=(requirement,)), "dqt_1", Windows(), robo_courier=False)

    assert body["dropoff_verification"] == expected


@pytest.mark.parametrize(
    ("goods", "age"),
    [
        (Goods(frozenset({GoodsTrait.AGE_RESTRICTED})), 18),
        (Goods(frozenset({GoodsTrait.ALCOHOL})), 21),
        (Goods(frozenset({GoodsTrait.ALCOHOL}), minimum_age=18), 18),
        (Goods(minimum_age=30), 25),  # the oldest that Uber looks for
    ],
)
def test_goods_for_adults_bring_a_look_at_the_identity_card(goods: Goods, age: int) -> None:
    body = mapping.create_body(booking(goods=goods), "dqt_1", Windows(), robo_courier=False)

    assert body["dropoff_verification"] == {"identification": {"min_age": age}}


def test_what_is_beyond_the_published_limits_is_not_even_asked_for() -> None:
    heavy = question(parcels=(Parcel(30_000),))

    declined = beyond_limits("uber_direct", "Uber Direct", CONNECTOR.limits, heavy)

    assert declined is not None
    assert declined.reason is DeclineReason.TOO_HEAVY
    assert beyond_limits("uber_direct", "Uber Direct", CONNECTOR.limits, question()) is None


def test_a_quote_becomes_an_offer_that_can_be_booked() -> None:
    offer = mapping.read_quote(payload("quote.json"), question())

    assert offer.price == Money(749, "USD")
    assert offer.price_basis is PriceBasis.LIVE
    assert offer.expires_at == NOON + timedelta(minutes=15)
    assert offer.pickup_by == NOON + timedelta(minutes=12)
    assert offer.promise.window == Window(NOON + timedelta(minutes=25), NOON + timedelta(minutes=55))
    assert offer.booking_data["quote_id"] == "dqt_1f0c8a6e"
    assert wanted_window(offer.booking_data) is None


def test_a_wanted_window_is_the_promise_and_survives_until_booking() -> None:
    wanted = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))

    offer = mapping.read_quote(payload("quote.json"), question(delivery_window=wanted))

    assert offer.promise == Promise(wanted, "America/New_York", PromiseBasis.CARRIER_COMMITMENT)
    assert wanted_window(offer.booking_data) == wanted


@pytest.mark.parametrize("field", ["id", "fee", "expires", "dropoff_eta"])
def test_a_quote_without_what_an_offer_needs_is_no_offer(field: str) -> None:
    with pytest.raises(RemoteUnavailable):
        mapping.read_quote({**payload("quote.json"), field: None}, question())


def test_a_delivery_becomes_a_booking() -> None:
    made = mapping.read_booking({**payload("status_dropoff.json")["data"], "fee": None}, Money(700, "USD"))

    assert (made.external_id, made.status) == ("del_9b27", DeliveryStatus.OUT_FOR_DELIVERY)
    assert made.price == Money(700, "USD")
    assert made.tracking_url == "https://tracking.example/9B27"


@pytest.mark.parametrize(
    ("weight_g", "sides", "size"),
    [
        (500, (100, 100, 100), "small"),
        (5_000, (300, 1, 1), "small"),
        (5_001, (100, 100, 100), "medium"),
        (500, (100, 451, 100), "large"),
        (22_680, (100, 100, 1_200), "xlarge"),
        (22_681, (100, 100, 100), None),
        (500, (1_201, 100, 100), None),
    ],
)
def test_parcels_have_the_smallest_size_that_holds_them(
    weight_g: int, sides: tuple[int, int, int], size: str | None
) -> None:
    assert size_of(Parcel(weight_g, *sides)) == size


def test_big_or_heavy_goods_go_by_car() -> None:
    assert vehicle_for((Parcel(1_000),)) is VehicleKind.BICYCLE
    assert vehicle_for((Parcel(4_000),) * 3) is VehicleKind.CAR
    assert vehicle_for((Parcel(1_000, 700, 10, 10),)) is VehicleKind.CAR


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"dropoff": replace(DOOR, phone=None)}, DeclineReason.ADDRESS_PROBLEM, "delivery address"),
        ({"pickup": replace(STORE, phone="555 0100")}, DeclineReason.ADDRESS_PROBLEM, "pickup address"),
        ({"dropoff": Address("US", postal_code="10002")}, DeclineReason.ADDRESS_PROBLEM, "line1 and city"),
        ({"requirements": (HandoverRequirement.COLD_CHAIN,)}, DeclineReason.HANDOVER, "COLD_CHAIN"),
        ({"goods": Goods(frozenset({GoodsTrait.FROZEN}))}, DeclineReason.HANDOVER, "COLD_CHAIN"),
        ({"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}, DeclineReason.PROHIBITED_GOODS, "HAZARDOUS"),
        ({"parcels": ()}, DeclineReason.OTHER, "no parcel"),
        ({"parcels": (Parcel(30_000),)}, DeclineReason.TOO_HEAVY, "22.68"),
        ({"parcels": (Parcel(300, 2_000, 10, 10),)}, DeclineReason.TOO_LARGE, "too large"),
    ],
)
def test_what_uber_cannot_carry_is_declined_without_asking(
    changes: dict[str, Any], reason: DeclineReason, word: str
) -> None:
    asked = question(**changes)

    declined = why_not(asked)

    assert declined is not None
    assert declined.reason is reason
    assert word in declined.text


def test_a_cart_has_a_price_before_anybody_gave_a_phone_number_and_an_order_has_none() -> None:
    unknown = replace(DOOR, phone=None)
    assert why_not(question(dropoff=unknown, is_cart=True)) is None
    assert "dropoff_phone_number" not in mapping.quote_body(question(dropoff=unknown), Windows())
    for asked in (question(dropoff=unknown), booking(dropoff=unknown)):
        declined = why_not(asked)
        assert declined is not None
        assert (declined.reason, "delivery address" in declined.text) == (DeclineReason.ADDRESS_PROBLEM, True)
