"""What is asked of ShipEngine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.parcel.shipengine import shipments
from connectors.parcel.shipengine.limits import why_not
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery import IfUndeliverable, LegDirection
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, QuoteRequest
from doorstep.window import Promise, PromiseBasis, Window

# A Monday, ten in the morning in New York.
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ZONE = "America/New_York"
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001", "+15550100000")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002", "+15550100009")
BOX = Parcel(1_000, 100, 305, 200)
QUESTION = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), MONDAY, MONDAY, ZONE)
BOOKING = BookingRequest(
    "leg_01",
    "1001",
    "ups.ups_ground",
    STORE,
    DOOR,
    (BOX,),
    Money(4200, "USD"),
    MONDAY,
    MONDAY,
    Promise(Window(MONDAY, MONDAY + timedelta(days=2)), ZONE, PromiseBasis.CALENDAR),
    {},
)


def rated(request: QuoteRequest | BookingRequest) -> dict[str, Any]:
    body: dict[str, Any] = shipments.rates_body(request, ["se-1", "se-2"])
    return body


def test_a_rating_names_the_accounts_and_the_currency() -> None:
    body = rated(QUESTION)

    assert body["rate_options"] == {"carrier_ids": ["se-1", "se-2"], "preferred_currency": "usd"}
    assert body["shipment"]["ship_to"] == {
        "name": "A. Shopper",
        "phone": "+15550100009",
        "address_line1": "2 Side St",
        "city_locality": "Port Meridian",
        "state_province": "NY",
        "postal_code": "10002",
        "country_code": "US",
        "address_residential_indicator": "unknown",
    }
    assert body["shipment"]["ship_date"] == "2026-11-23"
    assert "external_shipment_id" not in body["shipment"]


def test_parcels_are_sent_in_grams_and_centimetres_with_the_longest_side_first() -> None:
    (package,) = rated(QUESTION)["shipment"]["packages"]

    assert package == {
        "weight": {"value": 1_000, "unit": "gram"},
        "dimensions": {"unit": "centimeter", "length": 30.5, "width": 20.0, "height": 10.0},
        "label_messages": {"reference1": "qst_1"},
    }


@pytest.mark.parametrize(("grams", "sent"), [(0, 1), (1, 1), (999, 999)])
def test_no_parcel_weighs_nothing(grams: int, sent: int) -> None:
    (package,) = rated(replace(QUESTION, parcels=(Parcel(grams),)))["shipment"]["packages"]

    assert package["weight"]["value"] == sent
    assert "dimensions" not in package


def test_a_label_is_bought_under_the_booking_key() -> None:
    body: Any = shipments.label_body(
        BOOKING, carrier_id="se-1", service_code="ups_ground", package_code="package"
    )

    assert body["shipment"]["external_shipment_id"] == "leg_01"
    assert (body["shipment"]["carrier_id"], body["shipment"]["service_code"]) == ("se-1", "ups_ground")
    assert [package["package_code"] for package in body["shipment"]["packages"]] == ["package"]
    assert (body["is_return_label"], body["label_format"]) == (False, "pdf")


def test_our_keys_are_short_enough_to_be_kept_whole() -> None:
    # "leg_" and a UUID in 26 letters.
    assert len("leg_") + 26 <= shipments.LONGEST_KEY


def test_a_return_is_rated_and_bought_as_one() -> None:
    returned = replace(BOOKING, direction=LegDirection.RETURN)
    body: Any = shipments.label_body(returned, carrier_id="se-1", service_code="x", package_code="")

    assert (body["is_return_label"], body["charge_event"], body["rma_number"]) == (
        True,
        "carrier_default",
        "1001",
    )
    for asked in (returned, replace(QUESTION, is_return=True)):
        assert rated(asked)["rate_options"]["is_return"] is True
    assert shipments.made_for(returned) != shipments.made_for(BOOKING)


@pytest.mark.parametrize(
    ("needs", "confirmation"),
    [
        ((), "none"),
        ((HandoverRequirement.SIGNATURE,), "signature"),
        ((HandoverRequirement.NO_SAFE_PLACE,), "signature"),
        ((HandoverRequirement.PIN,), "delivery_code"),
        ((HandoverRequirement.SIGNATURE, HandoverRequirement.PIN), "delivery_code"),
        ((HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.PIN), "adult_signature"),
        ((HandoverRequirement.ID_CHECK,), "adult_signature"),
        ((HandoverRequirement.PHONE_NUMBER,), "none"),
    ],
)
def test_the_strictest_need_at_the_door_is_confirmed(
    needs: tuple[HandoverRequirement, ...], confirmation: str
) -> None:
    assert rated(replace(QUESTION, requirements=needs))["shipment"]["confirmation"] == confirmation


@pytest.mark.parametrize(
    ("trait", "options"),
    [
        (GoodsTrait.ALCOHOL, {"contains_alcohol": True}),
        (GoodsTrait.FRAGILE, {"fragile": True}),
        (GoodsTrait.OVERSIZED, {"additional_handling": True}),
        (GoodsTrait.LIVE_ANIMALS, {"regulated_content_type": "other_live_animal"}),
        (
            GoodsTrait.LITHIUM,
            {
                "dangerous_goods": True,
                "dangerous_goods_contact": {"name": "Till", "phone": "+15550100000"},
            },
        ),
    ],
)
def test_goods_are_declared(trait: GoodsTrait, options: dict[str, object]) -> None:
    body = rated(replace(QUESTION, goods=Goods(frozenset({trait}))))

    assert body["shipment"]["advanced_options"] == options


def test_alcohol_is_handed_to_grown_ups_only() -> None:
    body = rated(replace(QUESTION, goods=Goods(frozenset({GoodsTrait.ALCOHOL}))))

    assert body["shipment"]["confirmation"] == "adult_signature"


def test_ordinary_goods_need_no_options() -> None:
    assert "advanced_options" not in rated(QUESTION)["shipment"]


@pytest.mark.parametrize(("needs", "is_left"), [((), True), ((HandoverRequirement.SIGNATURE,), False)])
def test_a_parcel_is_left_at_the_door_unless_somebody_signs(
    needs: tuple[HandoverRequirement, ...], is_left: bool
) -> None:
    careless = replace(BOOKING, if_undeliverable=IfUndeliverable.LEAVE_AT_DOOR, requirements=needs)
    options = rated(careless)["shipment"].get("advanced_options", {})

    assert options.get("shipper_release", False) is is_left


def test_an_estimate_is_asked_for_between_postcodes() -> None:
    bare = replace(QUESTION, dropoff=Address("US", postal_code="10002"))

    assert shipments.estimate_body(bare, ["se-1"]) == {
        "carrier_ids": ["se-1"],
        "from_country_code": "US",
        "from_postal_code": "10001",
        "from_city_locality": "Port Meridian",
        "from_state_province": "NY",
        "to_country_code": "US",
        "to_postal_code": "10002",
        "weight": {"value": 1_000, "unit": "gram"},
        "dimensions": {"unit": "centimeter", "length": 30.5, "width": 20.0, "height": 10.0},
        "confirmation": "none",
        "address_residential_indicator": "unknown",
        "ship_date": "2026-11-23",
    }


@pytest.mark.parametrize(
    ("ready", "asked", "leaves"),
    [
        (MONDAY, MONDAY, "2026-11-23"),
        # Five in the afternoon in New York is too late for the day's collection.
        (MONDAY.replace(hour=22), MONDAY, "2026-11-24"),
        # Ready a week ago, asked for today: carriers take no day that is over.
        (MONDAY - timedelta(days=7), MONDAY, "2026-11-23"),
        # Saturday evening leaves on Monday, and so does Sunday.
        (MONDAY + timedelta(days=5, hours=8), MONDAY, "2026-11-30"),
        (MONDAY + timedelta(days=6), MONDAY, "2026-11-30"),
    ],
)
def test_a_parcel_leaves_on_a_day_on_which_carriers_come(
    ready: datetime, asked: datetime, leaves: str
) -> None:
    assert rated(replace(QUESTION, ready_at=ready, asked_at=asked))["shipment"]["ship_date"] == leaves


@pytest.mark.parametrize(
    "changes",
    [
        {"dropoff": replace(DOOR, line1="3 Side St")},
        {"dropoff": replace(DOOR, name="Somebody Else")},
        {"parcels": (Parcel(1_100, 100, 305, 200),)},
        {"parcels": (BOX, BOX)},
        {"requirements": (HandoverRequirement.SIGNATURE,)},
        {"goods": Goods(frozenset({GoodsTrait.FRAGILE}))},
    ],
)
def test_another_door_or_parcel_needs_another_price(changes: dict[str, Any]) -> None:
    assert shipments.made_for(QUESTION) == shipments.made_for(BOOKING)
    assert shipments.made_for(QUESTION) != shipments.made_for(replace(QUESTION, **changes))


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({}, ()),
        ({"line1": "", "city": " "}, ("line1", "city")),
        ({"postal_code": "", "province": ""}, ("postal_code", "province")),
        ({"country": "GB", "province": ""}, ()),
        ({"name": "", "company": "Corner Shop"}, ()),
        ({"name": ""}, ("name",)),
    ],
)
def test_what_a_label_would_still_need_is_named(changes: dict[str, str], lacking: tuple[str, ...]) -> None:
    assert shipments.lacks(replace(DOOR, **changes)) == lacking  # type: ignore[arg-type] # all of them are text


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"parcels": ()}, DeclineReason.OTHER, "no parcel"),
        ({"dropoff": replace(DOOR, country="CA")}, DeclineReason.RULE, "customs"),
        ({"dropoff": replace(DOOR, country="")}, DeclineReason.ADDRESS_PROBLEM, "country"),
        ({"requirements": (HandoverRequirement.TWO_PERSON,)}, DeclineReason.HANDOVER, "TWO_PERSON"),
        ({"goods": Goods(frozenset({GoodsTrait.FROZEN}))}, DeclineReason.HANDOVER, "COLD_CHAIN"),
        ({"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}, DeclineReason.PROHIBITED_GOODS, "HAZARDOUS"),
    ],
)
def test_what_no_label_is_bought_for_is_declined_without_asking(
    changes: dict[str, Any], reason: DeclineReason, word: str
) -> None:
    declined = why_not(replace(QUESTION, **changes))

    assert declined is not None
    assert declined.reason is reason
    assert word in declined.text


def test_several_parcels_are_no_obstacle() -> None:
    assert why_not(replace(QUESTION, parcels=(BOX, BOX))) is None
