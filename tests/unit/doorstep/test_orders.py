"""Orders, boxes and addresses: what cannot be is refused where it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    OrderLine,
)
from doorstep.parcel import Parcel, total_weight_g


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Parcel(-1), "weight_g"),
        (lambda: Parcel(1, 100), "all three or not at all"),
        (lambda: Parcel(1, 100, 100), "all three or not at all"),
        (lambda: Parcel(1, 100, 100, 0), "must be positive"),
        (lambda: OrderLine("1", "Kettle", -1), "quantity"),
        (lambda: OrderLine("1", "Kettle", 1, weight_g=-1), "weight_g"),
    ],
)
def test_a_measure_that_cannot_be_is_refused_by_name(make: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        make()


def test_a_volume_is_known_when_the_sides_are() -> None:
    assert Parcel(0, 300, 200, 100).volume_ml == 6000
    assert Parcel(0).volume_ml is None


@given(weights=st.lists(st.integers(0, 10**6)))
def test_parcels_weigh_what_they_weigh_together(weights: list[int]) -> None:
    assert total_weight_g([Parcel(weight_g) for weight_g in weights]) == sum(weights)


UNIT = FulfillmentOrder(
    "1", FulfillmentOrderStatus.OPEN, FulfillmentMethod.SHIP, (FulfillmentLine("line-1", 1),)
)


def test_only_what_is_open_and_shipped_and_left_over_is_dispatched() -> None:
    open_ones = (FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.QUOTED)
    shipped = (FulfillmentMethod.SHIP, FulfillmentMethod.LOCAL)
    for status in FulfillmentOrderStatus:
        for method in FulfillmentMethod:
            unit = replace(UNIT, status=status, method=method)
            assert unit.is_dispatchable == (status in open_ones and method in shipped)
    assert not replace(UNIT, lines=()).is_dispatchable
    assert not replace(UNIT, lines=(FulfillmentLine("line-1", 0),)).is_dispatchable


ANN = Address(
    country="US",
    name="Ann Example",
    company="Example Ltd",
    line1="12 Mill Street",
    line2="Flat 3",
    city="Port Meridian",
    province="NY",
    postal_code="00412",
    phone="+12125550111",
    phone_raw="(212) 555-0111",
    email="ann@shop.example",
    instructions="Dog",
    location=LatLng(39.9, -71.5),
)


def test_an_address_says_what_a_courier_would_still_need() -> None:
    assert ANN.missing == ()
    assert Address("US").missing == ("line1", "city")
    assert replace(ANN, line1="  ", country="").missing == ("line1", "country")


def test_an_address_on_one_line_names_no_person() -> None:
    assert ANN.one_line == "12 Mill Street, Flat 3, Port Meridian, NY 00412, US"
    assert Address("US").one_line == "US"


def test_an_address_does_not_print_the_people_at_it() -> None:
    shown = f"{ANN!r} {ANN} {[ANN]} {UNIT!r} {replace(UNIT, destination=ANN)!r}"
    for private in ("Ann", "Mill", "Flat", "555", "example", "Dog", "39.9", "-71.5"):
        assert private not in shown


def test_an_address_is_placed_without_changing_it() -> None:
    elsewhere = ANN.at(LatLng(1, 1))
    assert elsewhere.location == LatLng(1, 1)
    assert elsewhere.at(ANN.location) == ANN
