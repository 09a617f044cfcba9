"""Shipments to EasyPost and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.easypost import CONNECTOR, mapping
from connectors.parcel.easypost.limits import why_not
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.goods import Goods, GoodsTrait
from doorstep.limits import why_not as beyond_limits
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, QuoteRequest

PAYLOADS = Path(__file__).parents[3] / "payloads" / "easypost"
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002", "+15550100009")
QUESTION = QuoteRequest(
    "qst_1",
    STORE,
    DOOR,
    (Parcel(1_000, 100, 300, 200),),
    Money(4200, "USD"),
    MONDAY,
    MONDAY,
    "America/New_York",
)


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return loaded


def shipment(request: QuoteRequest) -> dict[str, Any]:
    body: Any = mapping.shipment_body(request, "leg_01")["shipment"]
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("grams", "ounces"),
    [
        (0, 0.1),
        (1, 0.1),
        # 1000 / 28.349523125 = 35.27…, rounded up to a tenth.
        (1_000, 35.3),
        (28, 1.0),
        (29, 1.1),
    ],
)
def test_grams_become_ounces_rounded_up(grams: int, ounces: float) -> None:
    assert mapping.ounces(grams) == ounces


@given(st.integers(1, 500_000))
def test_no_parcel_is_ever_declared_lighter_or_smaller_than_it_is(measure: int) -> None:
    assert Decimal(str(mapping.ounces(measure))) * Decimal("28.349523125") >= measure
    assert Decimal(str(mapping.inches(measure))) * Decimal("25.4") >= measure
    assert (Decimal(str(mapping.inches(measure))) - Decimal("0.1")) * Decimal("25.4") < measure


def test_a_return_is_told_with_the_addresses_of_the_way_there() -> None:
    back = replace(QUESTION, pickup=DOOR, dropoff=STORE, is_return=True)
    there, told = shipment(QUESTION), shipment(back)

    assert "is_return" not in there
    assert told["is_return"] is True
    # EasyPost turns them round by itself.
    assert (told["from_address"], told["to_address"]) == (there["from_address"], there["to_address"])
    assert mapping.made_for(back) != mapping.made_for(replace(back, is_return=False))


def test_a_shipment_is_wrapped_and_its_longest_side_comes_first() -> None:
    body = shipment(QUESTION)

    # 300, 200 and 100 mm are 11.81…, 7.87… and 3.93… inches.
    assert body["parcel"] == {"weight": 35.3, "length": 11.9, "width": 7.9, "height": 4.0}
    assert body["reference"] == "leg_01"
    assert body["to_address"] == {
        "name": "A. Shopper",
        "street1": "2 Side St",
        "city": "Port Meridian",
        "state": "NY",
        "zip": "10002",
        "country": "US",
        "phone": "+15550100009",
    }
    assert "delivery_confirmation" not in body["options"]


def test_a_parcel_without_sides_is_sent_with_its_weight_alone() -> None:
    assert shipment(replace(QUESTION, parcels=(Parcel(1_000),)))["parcel"] == {"weight": 35.3}


@pytest.mark.parametrize(
    ("requirement", "confirmation"),
    [
        (HandoverRequirement.SIGNATURE, "SIGNATURE"),
        (HandoverRequirement.NO_SAFE_PLACE, "SIGNATURE"),
        (HandoverRequirement.ADULT_SIGNATURE, "ADULT_SIGNATURE"),
        (HandoverRequirement.ID_CHECK, "ADULT_SIGNATURE"),
    ],
)
def test_signatures_are_asked_for(requirement: HandoverRequirement, confirmation: str) -> None:
    body = shipment(replace(QUESTION, requirements=(requirement,)))

    assert body["options"]["delivery_confirmation"] == confirmation


def test_goods_for_adults_are_signed_for_by_one() -> None:
    body = shipment(replace(QUESTION, goods=Goods(frozenset({GoodsTrait.ALCOHOL}))))

    assert body["options"]["delivery_confirmation"] == "ADULT_SIGNATURE"


def test_what_is_beyond_the_published_limits_is_not_even_asked_for() -> None:
    two = replace(QUESTION, parcels=(Parcel(1), Parcel(1)))

    declined = beyond_limits("easypost", "EasyPost", CONNECTOR.limits, two)

    assert declined is not None
    assert declined.reason is DeclineReason.TOO_LARGE
    assert beyond_limits("easypost", "EasyPost", CONNECTOR.limits, QUESTION) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"dropoff": replace(DOOR, line1="3 Side St")},
        {"dropoff": replace(DOOR, name="Somebody Else")},
        {"parcels": (Parcel(1_100, 100, 300, 200),)},
        {"requirements": (HandoverRequirement.SIGNATURE,)},
    ],
)
def test_another_door_or_parcel_needs_another_shipment(changes: dict[str, Any]) -> None:
    assert mapping.made_for(QUESTION) == mapping.made_for(replace(QUESTION, reference="qst_2"))
    assert mapping.made_for(QUESTION) != mapping.made_for(replace(QUESTION, **changes))


def test_a_bought_shipment_is_a_booking_with_a_label() -> None:
    made = mapping.read_booking(payload("shipment_bought.json"), Money(0, "USD"))

    assert (made.external_id, made.status) == (
        "shp_00000000000000000000000000000001",
        DeliveryStatus.LABEL_READY,
    )
    assert made.raw_status == "unknown"
    assert (made.price, made.tracking_number) == (Money(607, "USD"), "9400100000000000000001")
    assert made.label_url == "https://labels.example/1.png"
    assert made.dropoff_eta == datetime(2026, 11, 26, 20, tzinfo=UTC)


def test_a_refunded_label_no_longer_counts_as_bought() -> None:
    bought = payload("shipment_bought.json")

    assert mapping.is_bought(bought)
    assert not mapping.is_bought({**bought, "refund_status": "submitted"})
    assert mapping.is_bought({**bought, "refund_status": "rejected"})
    assert not mapping.is_bought(payload("shipment_rated.json"))


@pytest.mark.parametrize(
    ("name", "changes", "status", "raw"),
    [
        ("shipment_rated.json", {}, DeliveryStatus.QUOTED, "unknown"),
        ("shipment_bought.json", {}, DeliveryStatus.LABEL_READY, "unknown"),
        (
            "shipment_bought.json",
            {"refund_status": "submitted"},
            DeliveryStatus.CANCELLED,
            "refund_submitted",
        ),
        (
            "shipment_bought.json",
            {"tracker": {"status": "delivered"}},
            DeliveryStatus.DELIVERED,
            "delivered",
        ),
    ],
)
def test_a_fetched_shipment_stands_where_its_refund_or_tracker_says(
    name: str, changes: dict[str, Any], status: DeliveryStatus, raw: str
) -> None:
    update = mapping.read_shipment({**payload(name), **changes})

    assert (update.status, update.raw_status) == (status, raw)
    assert update.external_id == "shp_00000000000000000000000000000001"
    assert update.occurred_at >= MONDAY - timedelta(days=1)


def test_the_cheapest_rate_of_the_service_is_taken() -> None:
    rates = [
        {"id": str(place), "carrier": "USPS", "service": "Priority", "rate": price, "currency": "USD"}
        for place, price in enumerate(["9.10", "8.20", "oops", "8.20"])
    ]

    found = mapping.matching_rate({"rates": rates}, "USPS", "Priority")

    assert found is not None
    assert found["id"] == "1"
    assert mapping.matching_rate({"rates": rates}, "USPS", "Express") is None


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"parcels": ()}, DeclineReason.OTHER, "no parcel"),
        ({"parcels": (Parcel(1), Parcel(1))}, DeclineReason.RULE, "one parcel"),
        ({"dropoff": replace(DOOR, country="CA")}, DeclineReason.RULE, "customs"),
        ({"dropoff": replace(DOOR, country="")}, DeclineReason.ADDRESS_PROBLEM, "country"),
        ({"requirements": (HandoverRequirement.PIN,)}, DeclineReason.HANDOVER, "PIN"),
        ({"goods": Goods(frozenset({GoodsTrait.CHILLED}))}, DeclineReason.HANDOVER, "COLD_CHAIN"),
        ({"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}, DeclineReason.PROHIBITED_GOODS, "HAZARDOUS"),
    ],
)
def test_what_is_not_booked_through_easypost_is_declined_without_asking(
    changes: dict[str, Any], reason: DeclineReason, word: str
) -> None:
    declined = why_not(replace(QUESTION, **changes))

    assert declined is not None
    assert declined.reason is reason
    assert word in declined.text
