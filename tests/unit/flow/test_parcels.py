"""What an order is carried in, as long as nobody has packed it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from doorstep.parcel import Parcel
from doorstep.product import Dimensions
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G, parcels_of, usual_carton

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _unit(pieces: int, parcels: tuple[Parcel, ...] = ()) -> FulfillmentOrder:
    lines = (FulfillmentLine("a", pieces),)
    return FulfillmentOrder("1", FulfillmentOrderStatus.OPEN, FulfillmentMethod.SHIP, lines, parcels=parcels)


def _order(line: OrderLine, unit: FulfillmentOrder) -> Order:
    total = Money(100, "USD")
    return Order("1", "1", StorePlatform.OTHER, OrderStatus.OPEN, NOON, NOON, total, (line,), (unit,))


def _packed(pieces: int, **line: object) -> Parcel:
    unit = _unit(pieces)
    (parcel,) = parcels_of(_order(OrderLine("a", "Kettle", pieces, **line), unit), unit)  # type: ignore[arg-type]
    return parcel


def test_what_the_store_packed_stays_packed() -> None:
    packed = (Parcel(700, 100, 100, 100), Parcel(800))
    unit = _unit(2, packed)
    assert parcels_of(_order(OrderLine("a", "Kettle", 2), unit), unit) == packed


@pytest.mark.parametrize(("pieces", "side_mm"), [(1, 250), (4, 350), (12, 500), (25, 600), (90, 600)])
def test_weight_chooses_the_carton(pieces: int, side_mm: int) -> None:
    parcel = _packed(pieces, weight_g=1_000)
    assert (parcel.weight_g, parcel.length_mm) == (pieces * 1_000, side_mm)


def test_a_piece_of_unknown_weight_weighs_something() -> None:
    assert _packed(2).weight_g == 2 * UNKNOWN_ITEM_G


def test_light_goods_that_need_room_get_it() -> None:
    pillow = Dimensions(400, 300, 150)
    assert _packed(1, weight_g=300, dimensions=pillow).length_mm == 500
    assert _packed(3, weight_g=300, dimensions=pillow).length_mm == 600


def test_a_long_thing_makes_a_long_parcel() -> None:
    parcel = _packed(1, weight_g=400, dimensions=Dimensions(1_200, 40, 40))
    assert (parcel.length_mm, parcel.width_mm) == (1_200, 450)


def test_nothing_weighs_nothing() -> None:
    assert usual_carton(0).weight_g == 1
