"""Which of Stuart's five sizes parcels go as, and what it does not take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.couriers.stuart.sizes import LIMITS, package_type_for
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.limits import why_not
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, QuoteRequest, VehicleKind

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SHOP = Address("FR", line1="1 rue du Test", city="Paris", location=LatLng(48.85, 2.35))
DOOR = replace(SHOP, line1="2 rue du Test", location=LatLng(48.87, 2.35))


@pytest.mark.parametrize(
    ("weight_g", "sides", "code"),
    [
        (100, (80, 100, 100), "xsmall"),
        (100, (101, 80, 80), "small"),
        (6_000, (150, 400, 200), "small"),
        (6_001, (150, 400, 200), "medium"),
        (12_000, (300, 300, 500), "medium"),
        (12_001, (300, 300, 500), "large"),
        (40_000, (900, 650, 500), "large"),
        (70_000, (1_000, 900, 500), "xlarge"),
        (70_001, (100, 100, 100), None),
        (100, (1_001, 10, 10), None),
        (100, (1_000, 900, 501), None),
    ],
)
def test_a_parcel_goes_as_the_smallest_size_that_holds_it(
    weight_g: int, sides: tuple[int, int, int], code: str | None
) -> None:
    size = package_type_for((Parcel(weight_g, *sides),))

    assert (size.code if size else None) == code


def test_several_parcels_share_one_size_by_weight_and_by_room() -> None:
    # Two boxes of 6 l do not fit into the 12 l of a small one, and neither do three of 3 kg into 6 kg.
    by_room = package_type_for((Parcel(500, 390, 190, 100),) * 2)
    by_weight = package_type_for((Parcel(3_000, 100, 100, 100),) * 3)

    assert by_room is not None
    assert by_weight is not None
    assert (by_room.code, by_weight.code) == ("medium", "medium")


def test_what_nobody_measured_is_no_envelope() -> None:
    size = package_type_for((Parcel(100),))

    assert size is not None
    assert size.code == "small"


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"vehicle": VehicleKind.MOTORCYCLE}, "medium"),
        ({"vehicle": VehicleKind.CAR}, "large"),
        ({"distance_m": 8_001.0}, "medium"),
        ({"distance_m": 13_001.0}, "large"),
        ({"at_least": "xlarge"}, "xlarge"),
        ({"at_least": "a size of next year"}, "small"),
    ],
)
def test_a_wanted_vehicle_or_a_long_way_asks_for_a_larger_size(wishes: dict[str, Any], code: str) -> None:
    size = package_type_for((Parcel(1_000, 300, 150, 100),), **wishes)

    assert size is not None
    assert size.code == code


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"parcels": (Parcel(70_001),)}, DeclineReason.TOO_HEAVY),
        ({"parcels": (Parcel(100, 1_001, 10, 10),)}, DeclineReason.TOO_LARGE),
        ({"vehicle": VehicleKind.TRUCK}, DeclineReason.VEHICLE_MISMATCH),
        ({"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}, DeclineReason.PROHIBITED_GOODS),
        ({"goods": Goods(frozenset({GoodsTrait.ALCOHOL}))}, DeclineReason.AGE_RESTRICTED),
        ({"requirements": (HandoverRequirement.COLD_CHAIN,)}, DeclineReason.HANDOVER),
        ({"dropoff": DOOR.at(LatLng(49.05, 2.35))}, DeclineReason.OUT_OF_AREA),
    ],
)
def test_what_stuart_does_not_take_falls_out_before_it_is_asked(
    changes: dict[str, Any], reason: DeclineReason
) -> None:
    plain = QuoteRequest("q", SHOP, DOOR, (Parcel(500),), Money(100, "EUR"), NOON, NOON, "Europe/Paris")

    declined = why_not("stuart", "Stuart", LIMITS, replace(plain, **changes))

    assert declined is not None
    assert declined.reason is reason
