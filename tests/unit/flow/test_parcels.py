"""What goods are carried in where nobody can pack them."""

from __future__ import annotations

import pytest

from doorstep.goods import GoodsRules
from doorstep.product import Dimensions
from gateway.flow.packing import Load, LoadLine, estimate_of
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G, usual_carton


def _load(pieces: int, weight_g: int | None = None, sides: Dimensions | None = None) -> Load:
    return estimate_of([LoadLine(pieces, "a", "Kettle", weight_g=weight_g, sides=sides)], GoodsRules())


@pytest.mark.parametrize(("pieces", "side_mm"), [(1, 250), (4, 350), (12, 500), (25, 600), (90, 600)])
def test_weight_chooses_the_carton(pieces: int, side_mm: int) -> None:
    (parcel,) = _load(pieces, 1_000).parcels
    assert (parcel.weight_g, parcel.length_mm) == (pieces * 1_000, side_mm)


def test_a_piece_of_unknown_weight_weighs_something_and_the_merchant_is_told() -> None:
    load = _load(2)
    assert load.parcels[0].weight_g == 2 * UNKNOWN_ITEM_G
    assert load.is_estimate
    assert load.notes == ("The parcel is an estimate: Kettle has no weight and no sides.",)


def test_light_goods_that_need_room_get_it() -> None:
    pillow = Dimensions(400, 300, 150)
    assert _load(1, 300, pillow).parcels[0].length_mm == 500
    assert _load(3, 300, pillow).parcels[0].length_mm == 600


def test_a_long_thing_makes_a_long_parcel() -> None:
    (parcel,) = _load(1, 400, Dimensions(1_200, 40, 40)).parcels
    assert (parcel.length_mm, parcel.width_mm) == (1_200, 450)


def test_nothing_weighs_nothing() -> None:
    assert usual_carton(0).weight_g == 1
    assert estimate_of([], GoodsRules()).parcels[0].weight_g == UNKNOWN_ITEM_G


def test_only_so_many_articles_are_named() -> None:
    lines = [LoadLine(1, title=f"Tea {number}", weight_g=100) for number in range(9)]
    (note,) = estimate_of(lines, GoodsRules()).notes
    assert note.endswith("Tea 4 has no sides; 4 more lack something.")
