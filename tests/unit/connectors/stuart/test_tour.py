"""Tours to several doors: sizes, times, and what one courier does not take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.couriers.stuart.bodies import tour_body
from connectors.couriers.stuart.sizes import PACKAGE_TYPES
from connectors.couriers.stuart.tour import plan_tour
from connectors.quoted import window_data
from doorstep.address import Address
from doorstep.booking import BookingRequest, StackRequest
from doorstep.errors import RemoteRefused
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.window import Promise, PromiseBasis, Window

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SHOP = Address("FR", line1="1 rue du Test", city="Paris", postal_code="75001", location=LatLng(48.85, 2.35))
FIVE_KILOS = (Parcel(5_000, 100, 100, 100),)
PROMISE = Promise(Window(NOON, NOON + timedelta(hours=1)), "Europe/Paris", PromiseBasis.PREDICTED)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def stop(place: int, **changes: Any) -> BookingRequest:
    """Doors a kilometre apart, in a line."""
    at = LatLng(48.85 + 0.009 * (place + 1), 2.35)
    plain = BookingRequest(
        booking_key=f"leg_{place:02d}",
        reference=f"100{place}",
        service="on_demand",
        pickup=SHOP,
        dropoff=replace(SHOP, line1=f"{place + 2} rue du Test", location=at),
        parcels=(Parcel(1_000, 200, 150, 100),),
        value=Money(42_00, "EUR"),
        ready_at=NOON,
        asked_at=NOON,
        promise=PROMISE,
        booking_data={},
        items=(("Bread", 1),),
    )
    return replace(plain, **changes)


def stack(*stops: BookingRequest) -> StackRequest:
    return StackRequest(stops)


def sizes_of(*stops: BookingRequest) -> list[str]:
    return [size.code for size in plan_tour(stack(*stops)).sizes]


def test_each_stop_goes_as_its_own_size() -> None:
    large = stop(1, parcels=(Parcel(5_000, 450, 250, 200),))

    assert sizes_of(stop(0), large, stop(2)) == ["small", "medium", "small"]


def test_one_package_is_said_to_be_as_large_as_all_together() -> None:
    three_kilos = (Parcel(3_000, 200, 150, 100),)

    # Nine kilograms are too heavy for a bicycle; whoever comes by moped takes them.
    assert sizes_of(*(stop(place, parcels=three_kilos) for place in range(3))) == ["medium", "small", "small"]


def test_a_tour_further_than_a_bicycle_goes_is_one_for_a_moped() -> None:
    far = stop(8)

    assert sizes_of(stop(0), far) == ["small", "medium"]


@pytest.mark.parametrize(
    ("stops", "kind"),
    [
        # Fifteen kilograms, which a car would take: with several doors nobody comes by car.
        (
            [stop(place, parcels=(Parcel(5_000, 100, 100, 100),)) for place in range(3)],
            IncidentKind.ITEM_MISMATCH,
        ),
        ([stop(0), stop(1, parcels=(Parcel(80_000),))], IncidentKind.ITEM_MISMATCH),
        ([stop(0), stop(1, parcels=())], IncidentKind.ITEM_MISMATCH),
        # Every door is near enough, and the way from one to the other is not.
        ([stop(8), stop(0), stop(7)], IncidentKind.ITEM_MISMATCH),
        ([stop(place) for place in range(9)], IncidentKind.OTHER),
        ([stop(0), stop(1, dropoff=Address("FR", postal_code="75002"))], IncidentKind.ADDRESS_PROBLEM),
        ([stop(0, ready_at=after(60 * 24 * 4 + 1)), stop(1)], IncidentKind.LATE_RISK),
    ],
    ids=["heavy", "one_heavy", "nothing", "far", "many", "no_street", "late"],
)
def test_what_one_courier_does_not_take_is_refused(stops: list[BookingRequest], kind: IncidentKind) -> None:
    with pytest.raises(RemoteRefused) as refused:
        plan_tour(stack(*stops))

    assert refused.value.kind is kind


def test_the_courier_comes_when_the_last_goods_are_ready() -> None:
    assert plan_tour(stack(stop(0), stop(1))).pickup_at is None
    assert plan_tour(stack(stop(0), stop(1, ready_at=after(40)))).pickup_at == after(40)


def windowed(place: int, start: float, end: float) -> BookingRequest:
    return stop(place, booking_data=window_data(Window(after(start), after(end))))


def test_nobody_is_visited_before_their_window() -> None:
    planned = plan_tour(stack(stop(0), windowed(1, 120, 180)))

    assert planned.pickup_at is not None
    # Five minutes at the pickup, two rides of a kilometre, and four minutes at the first door.
    assert after(100) < planned.pickup_at < after(110)


def test_a_tour_that_would_come_late_to_one_door_is_refused() -> None:
    for stops in ([windowed(0, 0, 20), stop(1)], [windowed(0, 60, 90), windowed(1, 240, 300)]):
        with pytest.raises(RemoteRefused, match="windows") as refused:
            plan_tour(stack(*stops))
        assert refused.value.kind is IncidentKind.LATE_RISK


def test_doors_that_nobody_located_are_left_to_stuart() -> None:
    nowhere = [
        stop(place, dropoff=replace(SHOP, line1=f"{place} rue Inconnue", location=None)) for place in range(2)
    ]

    assert sizes_of(*nowhere) == ["small", "small"]


def test_a_tour_is_told_with_a_reference_a_size_and_a_window_for_each_door() -> None:
    stops = [stop(0), windowed(1, 120, 180)]

    sent = tour_body(stops, PACKAGE_TYPES[1:3], after(100), is_booking=True)["job"]

    assert isinstance(sent, dict)
    assert (sent["pickup_at"], "dropoff_at" in sent) == ("2026-11-23T12:40:00.000Z", False)
    assert (sent["assignment_code"], len(sent["pickups"])) == ("1000, 1001", 1)
    first, second = sent["dropoffs"]
    assert [(one["client_reference"], one["package_type"]) for one in (first, second)] == [
        ("leg_00", "small"),
        ("leg_01", "medium"),
    ]
    assert first["package_description"] == "1 x Bread"
    assert "end_customer_time_window_start" not in first
    assert second["end_customer_time_window_start"] == "2026-11-23T13:00:00.000Z"
    assert second["end_customer_time_window_end"] == "2026-11-23T14:00:00.000Z"


def test_a_question_about_a_tour_uses_up_no_reference() -> None:
    sent = tour_body([stop(0), stop(1)], PACKAGE_TYPES[1:3], None, is_booking=False)["job"]

    assert isinstance(sent, dict)
    assert "assignment_code" not in sent
    assert "pickup_at" not in sent
    assert all("client_reference" not in one for one in sent["dropoffs"])
