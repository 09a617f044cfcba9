"""What an order is carried in, as long as nobody has packed it. Pure."""

from __future__ import annotations

from doorstep.order import FulfillmentOrder, Order
from doorstep.parcel import Parcel

UNKNOWN_ITEM_G = 500
"""Weight assumed for a piece whose store does not tell it."""

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
    """The parcels that the store knows, else one usual carton with the weight of all pieces."""
    if unit.parcels:
        return unit.parcels
    lines = {line.external_id: line for line in order.lines}
    weight_g = 0
    for part in unit.lines:
        line = lines.get(part.line_external_id)
        piece_g = line.weight_g if line and line.weight_g is not None else UNKNOWN_ITEM_G
        weight_g += piece_g * part.quantity
    return (usual_carton(weight_g),)


def usual_carton(weight_g: int) -> Parcel:
    """A parcel of this weight in the smallest of `BOXES` that takes it; heavier ones get the largest."""
    _, (length, width, height) = next((box for box in BOXES if weight_g <= box[0]), BOXES[-1])
    return Parcel(max(weight_g, 1), length, width, height)
