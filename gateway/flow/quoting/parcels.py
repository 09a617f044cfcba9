"""What goods are carried in where nobody can pack them, since their size is not known. Pure."""

from __future__ import annotations

from doorstep.packing import Box
from doorstep.parcel import Parcel
from doorstep.product import Dimensions

UNKNOWN_ITEM_G = 500
"""Weight assumed for a piece whose store does not tell it."""

FILLED = 0.7
"""Share of a carton that goods fill; the rest is air and padding."""

BOXES: tuple[tuple[int, tuple[int, int, int]], ...] = (
    (1_000, (250, 200, 100)),
    (5_000, (350, 300, 200)),
    (15_000, (500, 400, 300)),
    (30_000, (600, 450, 450)),
)
"""Usual cartons by the weight that they are filled to: grams, and length, width, height in millimetres.

An assumption until orders are packed: parcel carriers price by size as well and since July 2026 some
refuse to quote without it.
"""

USUAL_CARTONS: tuple[Box, ...] = tuple(
    Box(f"usual-{number}", f"Usual carton {number}", Dimensions(*sides), Dimensions(*sides), 0, most_g)
    for number, (most_g, sides) in enumerate(BOXES, start=1)
)
"""What a merchant without boxes packs with. Walls and their weight are neglected."""


def usual_carton(weight_g: int, volume_ml: float = 0, longest_mm: int = 0) -> Parcel:
    """A parcel of this weight in the smallest of `BOXES` that takes it.

    Goods that fit none get the largest, with its length stretched to their longest side.
    """
    for box_g, (length, width, height) in BOXES:
        room_ml = length * width * height / 1000 * FILLED
        if weight_g <= box_g and volume_ml <= room_ml and longest_mm <= length:
            return Parcel(max(weight_g, 1), length, width, height)
    _, (length, width, height) = BOXES[-1]
    return Parcel(max(weight_g, 1), max(length, longest_mm), width, height)
