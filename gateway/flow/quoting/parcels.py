"""What an order is carried in, as long as nobody has packed it. Pure."""

from __future__ import annotations

from doorstep.order import FulfillmentOrder, Order
from doorstep.parcel import Parcel

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


def parcels_of(order: Order, unit: FulfillmentOrder) -> tuple[Parcel, ...]:
    """The parcels that the store knows, else one usual carton that takes all pieces by weight and size."""
    if unit.parcels:
        return unit.parcels
    lines = {line.external_id: line for line in order.lines}
    weight_g, volume_ml, longest_mm = 0, 0.0, 0
    for part in unit.lines:
        line = lines.get(part.line_external_id)
        piece_g = line.weight_g if line and line.weight_g is not None else UNKNOWN_ITEM_G
        weight_g += piece_g * part.quantity
        sides = line.dimensions if line else None
        if sides is not None and part.quantity:
            volume_ml += sides.length_mm * sides.width_mm * sides.height_mm / 1000 * part.quantity
            longest_mm = max(longest_mm, sides.length_mm, sides.width_mm, sides.height_mm)
    return (usual_carton(weight_g, volume_ml, longest_mm),)


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
