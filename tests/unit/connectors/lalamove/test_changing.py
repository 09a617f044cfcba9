"""Changes of an order: what is sent again, and what is not sent at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.couriers.lalamove.changing import change_body, currency_of, fee_body, standing_fee
from connectors.couriers.lalamove.markets import market_of
from doorstep.address import Address
from doorstep.booking import BookingChange
from doorstep.errors import RemoteRefused
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.window import Window

PAYLOADS = Path(__file__).parents[3] / "payloads" / "lalamove"
HK = market_of("HK")
NOON = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ELSEWHERE = Address(
    "HK",
    name="B. Neighbour",
    line1="4 Side St",
    line2="Floor 2",
    city="Central",
    phone="+85255550111",
    instructions="Knock",
    location=LatLng(22.28, 114.16),
)


def order() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / "order.json").read_text())["data"]
    return loaded


def stops(change: BookingChange) -> list[dict[str, Any]]:
    body = change_body(order(), change, HK)
    assert body is not None
    listed = body["stops"]
    assert isinstance(listed, list)
    return listed


def test_the_pickup_is_sent_again_exactly_as_it_was_placed() -> None:
    pickup, _ = stops(BookingChange(dropoff=ELSEWHERE))

    assert pickup == {
        "coordinates": {"lat": "22.3354735", "lng": "114.1761581"},
        "address": "1 Main St, Kowloon, HK",
        "name": "Corner Shop",
        "phone": "+85255550100",
    }


def test_another_door_keeps_the_reference_and_the_contents() -> None:
    _, dropoff = stops(BookingChange(dropoff=ELSEWHERE))

    assert dropoff == {
        "coordinates": {"lat": "22.2800000", "lng": "114.1600000"},
        "address": "4 Side St, Floor 2, Central, HK",
        "name": "B. Neighbour",
        "phone": "+85255550111",
        "remarks": "Ref: 1001\r\nUnit: Floor 2\r\nNote: Knock\r\nContents: 2 x Bread",
    }


def test_other_instructions_leave_the_door_as_it_is() -> None:
    _, dropoff = stops(BookingChange(instructions="Leave it with the porter"))

    assert (dropoff["address"], dropoff["phone"]) == ("2 Side St, Central, HK", "+85255550109")
    assert "Note: Leave it with the porter" in dropoff["remarks"]
    assert "Ring twice" not in dropoff["remarks"]
    assert "Unit: Flat 5" in dropoff["remarks"]


def test_a_change_that_was_made_already_is_not_sent_again() -> None:
    pickup, dropoff = stops(BookingChange(dropoff=ELSEWHERE))
    changed = {
        **order(),
        "stops": [pickup, {**dropoff, "coordinates": {"lat": "22.28", "lng": "114.16"}}],
    }

    assert change_body(changed, BookingChange(dropoff=ELSEWHERE), HK) is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (BookingChange(window=Window(NOON, NOON)), IncidentKind.LATE_RISK),
        (BookingChange(items=(("Bread", 3),)), IncidentKind.ITEM_MISMATCH),
        (BookingChange(dropoff=ELSEWHERE.at(None)), IncidentKind.ADDRESS_PROBLEM),
        (BookingChange(dropoff=replace(ELSEWHERE, phone=None)), IncidentKind.ADDRESS_PROBLEM),
    ],
    ids=["window", "items", "nowhere", "mute"],
)
def test_what_lalamove_does_not_change_is_refused_in_words(change: BookingChange, kind: IncidentKind) -> None:
    with pytest.raises(RemoteRefused) as refused:
        change_body(order(), change, HK)

    assert refused.value.kind is kind
    assert "Side St" not in refused.value.message


def test_an_order_without_its_stops_cannot_be_changed() -> None:
    with pytest.raises(RemoteRefused):
        change_body({"stops": []}, BookingChange(instructions="x"), HK)


@pytest.mark.parametrize(
    ("fee", "text"),
    [
        (Money(2_000, "HKD"), "20"),
        (Money(2_050, "HKD"), "20.5"),
        (Money(500, "JPY"), "500"),
        (Money(100_000, "HKD"), "1000"),
    ],
)
def test_fees_are_written_in_major_units_without_needless_zeros(fee: Money, text: str) -> None:
    assert fee_body(fee) == {"priorityFee": text}


def test_the_fee_that_stands_is_read() -> None:
    assert (standing_fee(order()), currency_of(order())) == (Money(2_000, "HKD"), "HKD")
    assert standing_fee({"priceBreakdown": {"total": "1", "currency": "HKD"}}) is None
