"""The way in: pieces and boxes of a merchant to parcels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from doorstep.packing import Box, PackedParcel, Packing, Piece, Placement, Unpacked, UnpackedReason
from doorstep.product import Dimensions
from optimizer.packing.choosing import choose
from optimizer.packing.filling import Effort, Item, fits_inside, is_light_enough, parcel_of, volume_of

LOOKS = 4_000
"""How many corners are looked at in search of better boxes for up to `USUAL` pieces: some milliseconds."""

USUAL = 30


class BoxPacker:
    """Packs pieces into few boxes with little billed weight (`doorstep.ports.planning.Packer`).

    Three quarters of a piece's underside at least are borne by what is below, nothing lies above a fragile
    piece, and everything can be laid in from above in the order of the placements. One parcel more is made
    where it saves a kilogram of billed weight.

    Parameters
    ----------
    looks
        How much is tried for up to 30 pieces, in corners looked at; for more pieces it is more in proportion.
        Beyond it pieces are still packed, but better boxes are no longer looked for.
    """

    def __init__(self, *, looks: int = LOOKS) -> None:
        self._looks = looks

    def pack(
        self, pieces: Sequence[Piece], boxes: Sequence[Box], *, dimensional_divisor: int | None = None
    ) -> Packing:
        """Few parcels with little billed weight; the same input always packs alike.

        Parameters
        ----------
        dimensional_divisor
            Cubic centimetres that are billed as a kilogram; None where weight alone counts.

        Raises
        ------
        ValueError
            If the divisor is not positive, or a box has no id or that of another.
        """
        if dimensional_divisor is not None and dimensional_divisor <= 0:
            raise ValueError(f"dimensional_divisor must be positive, got {dimensional_divisor}")
        ids = {box.id for box in boxes}
        if len(ids) < len(boxes) or "" in ids:
            raise ValueError("boxes must have an id each, and no two the same")
        alone = [piece for piece in pieces if piece.ships_alone]
        items = [Item.of(number, piece) for number, piece in enumerate(pieces) if not piece.ships_alone]
        largest_first = sorted(boxes, key=lambda box: (-volume_of(box.inside), box.id))
        unpacked = {item.number: left for item in items if (left := _why_not(item, largest_first))}
        packable = [item for item in items if item.number not in unpacked]
        effort = Effort(self._looks * max(USUAL, len(packable)) // USUAL)
        filled = choose(packable, largest_first, dimensional_divisor, effort)
        return Packing(
            parcels=(*(full.packed() for full in filled), *_as_they_are(alone)),
            unpacked=tuple(unpacked.values()),
        )


def _as_they_are(pieces: Sequence[Piece]) -> Iterator[PackedParcel]:
    """Pieces that are parcels of their own."""
    for piece in pieces:
        sides = piece.sides
        placement = Placement(piece, 0, 0, 0, sides.length_mm, sides.width_mm, sides.height_mm)
        yield PackedParcel(parcel_of(sides, piece.weight_g), "", (placement,))


def _why_not(item: Item, boxes: Sequence[Box]) -> Unpacked | None:
    """Why no box takes a piece even alone; None where one does. Boxes come largest first."""
    if any(fits_inside(item, box) and is_light_enough(item, box) for box in boxes):
        return None
    if not boxes:
        text = "There is no box to pack it into, and it does not ship alone."
        return Unpacked(item.piece, UnpackedReason.OTHER, text)
    roomy = [box for box in boxes if fits_inside(item, box)]
    if not roomy:
        upright = " and stays upright" if item.piece.is_upright else ""
        text = (
            f"It is {_centimetres(item.piece.sides)}{upright}; "
            f"no box takes that, the largest being {_centimetres(boxes[0].inside)} inside."
        )
        return Unpacked(item.piece, UnpackedReason.TOO_LARGE, text)
    most_g = max(box.most_g - box.empty_g for box in roomy)
    text = (
        f"It weighs {item.weight_g / 1000:.10g} kg; "
        f"the boxes that it fits into carry at most {max(most_g, 0) / 1000:.10g} kg."
    )
    return Unpacked(item.piece, UnpackedReason.TOO_HEAVY, text)


def _centimetres(sides: Dimensions) -> str:
    measures = (sides.length_mm, sides.width_mm, sides.height_mm)
    return " × ".join(f"{measure / 10:.10g}" for measure in measures) + " cm"
