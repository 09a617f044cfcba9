"""What lies where in a parcel."""

from __future__ import annotations

import strawberry

from doorstep import packing as ground
from gateway.api.marks import part, shape
from gateway.api.types.places import Parcel


@shape()
class PackedPiece:
    """A piece in its parcel: its corner nearest to the box's, and its sides as it was turned."""

    line_id: str = part("The order line's id in its store.")
    x_millimeters: int
    y_millimeters: int
    z_millimeters: int = part("Above the bottom.")
    length_millimeters: int
    width_millimeters: int
    height_millimeters: int

    @staticmethod
    def of(placement: ground.Placement) -> PackedPiece:
        return PackedPiece(
            line_id=placement.piece.line_id,
            x_millimeters=placement.x_mm,
            y_millimeters=placement.y_mm,
            z_millimeters=placement.z_mm,
            length_millimeters=placement.length_mm,
            width_millimeters=placement.width_mm,
            height_millimeters=placement.height_mm,
        )


@shape()
class PackedParcel:
    """A full box, or a piece that ships as it is."""

    parcel: Parcel
    box_id: strawberry.ID | None = part("Of the merchant's box; null for a usual carton, or none.")
    pieces: list[PackedPiece] = part("In the order in which they are laid in.", most=150, usual=5)

    @staticmethod
    def of(packed: ground.PackedParcel) -> PackedParcel:
        is_own = packed.box_id.startswith("box_")
        return PackedParcel(
            parcel=Parcel.of(packed.parcel),
            box_id=strawberry.ID(packed.box_id) if is_own else None,
            pieces=[PackedPiece.of(placement) for placement in packed.placements[:150]],
        )
