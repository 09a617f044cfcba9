"""Pieces and boxes in few words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doorstep.packing import Box, Piece
from doorstep.product import Dimensions


@pytest.fixture(scope="session")
def piece() -> Callable[..., Piece]:
    """Its line and its three sides; 500 g."""

    def make(
        line_id: str,
        length_mm: int,
        width_mm: int,
        height_mm: int,
        *,
        weight_g: int = 500,
        is_upright: bool = False,
        is_fragile: bool = False,
        ships_alone: bool = False,
    ) -> Piece:
        sides = Dimensions(length_mm, width_mm, height_mm)
        return Piece(line_id, sides, weight_g, is_upright, is_fragile, ships_alone)

    return make


@pytest.fixture(scope="session")
def box() -> Callable[..., Box]:
    """Its id and its three sides inside; the walls are 5 mm, it weighs 100 g and carries 20 kg in all."""

    def make(
        id_: str, length_mm: int, width_mm: int, height_mm: int, *, empty_g: int = 100, most_g: int = 20_000
    ) -> Box:
        inside = Dimensions(length_mm, width_mm, height_mm)
        outside = Dimensions(length_mm + 10, width_mm + 10, height_mm + 10)
        return Box(id_, id_, inside, outside, empty_g, most_g)

    return make
