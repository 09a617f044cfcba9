"""The last word on every packing: measures it from the pieces and boxes alone.

Nothing here is shared with the parts that pack, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, permutations

from doorstep.packing import Box, PackedParcel, Packing, Piece, Placement
from doorstep.parcel import Parcel

SUPPORTED_PERCENT = 75
"""How much of a piece's underside lies on the floor or on the tops of other pieces.

Any line through the middle of a rectangle halves it. With more than half of it supported there is support on
both sides of every such line, so that a piece of even weight does not tip; the rest is for the road.
"""


class ViolationKind(StrEnum):
    """Which rule a packing breaks."""

    UNKNOWN_PIECE = "UNKNOWN_PIECE"
    PIECE_TWICE = "PIECE_TWICE"
    PIECE_MISSING = "PIECE_MISSING"
    WRONGLY_LEFT = "WRONGLY_LEFT"
    NO_REASON = "NO_REASON"
    EMPTY_PARCEL = "EMPTY_PARCEL"
    UNKNOWN_BOX = "UNKNOWN_BOX"
    NOT_ALONE = "NOT_ALONE"
    WRONG_SIDES = "WRONG_SIDES"
    ON_ITS_SIDE = "ON_ITS_SIDE"
    OUTSIDE = "OUTSIDE"
    OVERLAP = "OVERLAP"
    UNSUPPORTED = "UNSUPPORTED"
    ON_FRAGILE = "ON_FRAGILE"
    OVERWEIGHT = "OVERWEIGHT"
    WRONG_PARCEL = "WRONG_PARCEL"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, in words for whoever repairs the packer; `parcel` is its place in the packing."""

    kind: ViolationKind
    text: str
    parcel: int | None = None


def check(pieces: Sequence[Piece], boxes: Sequence[Box], packing: Packing) -> tuple[Violation, ...]:
    """Everything that is wrong with a packing; () for a good one."""
    found = list(_bookkeeping(pieces, boxes, packing))
    known = {box.id: box for box in boxes}
    for number, packed in enumerate(packing.parcels):
        box = known.get(packed.box_id)
        if not packed.placements:
            breaches = iter([(ViolationKind.EMPTY_PARCEL, "nothing is in it")])
        elif packed.box_id == "":
            breaches = _alone(packed)
        elif box is None:
            breaches = iter([(ViolationKind.UNKNOWN_BOX, f"there is no box {packed.box_id}")])
        else:
            breaches = _in_a_box(packed, box)
        found += [Violation(kind, text, number) for kind, text in breaches]
    return tuple(found)


def _bookkeeping(pieces: Sequence[Piece], boxes: Sequence[Box], packing: Packing) -> Iterator[Violation]:
    wanted = Counter(pieces)
    placed = Counter(placement.piece for packed in packing.parcels for placement in packed.placements)
    placed.update(left.piece for left in packing.unpacked)
    for piece in {**placed, **wanted}:
        name, times, asked = piece.line_id, placed[piece], wanted[piece]
        if not asked:
            yield Violation(ViolationKind.UNKNOWN_PIECE, f"nobody asked for a piece of {name}")
        elif times > asked:
            yield Violation(ViolationKind.PIECE_TWICE, f"{times} of {name} where {asked} were asked for")
        elif times < asked:
            yield Violation(ViolationKind.PIECE_MISSING, f"{times} of {name} where {asked} were asked for")
    for left in packing.unpacked:
        name = left.piece.line_id
        if not left.text:
            yield Violation(ViolationKind.NO_REASON, f"{name} is left over for no reason")
        if left.piece.ships_alone:
            yield Violation(ViolationKind.WRONGLY_LEFT, f"{name} needs no box")
        for box in boxes:
            if _goes_into(left.piece, box):
                yield Violation(ViolationKind.WRONGLY_LEFT, f"{name} goes into {box.id}")


def _goes_into(piece: Piece, box: Box) -> bool:
    if box.empty_g + piece.weight_g > box.most_g:
        return False
    inside = (box.inside.length_mm, box.inside.width_mm, box.inside.height_mm)
    sides = (piece.sides.length_mm, piece.sides.width_mm, piece.sides.height_mm)
    return any(
        all(side <= room for side, room in zip(turned, inside, strict=True))
        for turned in permutations(sides)
        if not piece.is_upright or turned[2] == sides[2]
    )


def _alone(packed: PackedParcel) -> Iterator[tuple[ViolationKind, str]]:
    if len(packed.placements) != 1 or not packed.placements[0].piece.ships_alone:
        yield ViolationKind.NOT_ALONE, "only a piece that ships alone needs no box"
        return
    piece = packed.placements[0].piece
    sides = piece.sides
    if packed.parcel != Parcel(piece.weight_g, sides.length_mm, sides.width_mm, sides.height_mm):
        yield ViolationKind.WRONG_PARCEL, f"{packed.parcel} is not {piece.line_id} as it is"
    yield from _sides(packed.placements[0])


def _in_a_box(packed: PackedParcel, box: Box) -> Iterator[tuple[ViolationKind, str]]:
    weight_g = box.empty_g + sum(placement.piece.weight_g for placement in packed.placements)
    if weight_g > box.most_g:
        yield ViolationKind.OVERWEIGHT, f"{weight_g} g of {box.most_g} g"
    outside = box.outside
    if packed.parcel != Parcel(weight_g, outside.length_mm, outside.width_mm, outside.height_mm):
        yield ViolationKind.WRONG_PARCEL, f"{packed.parcel} is not {box.id} with {weight_g} g"
    for placement in packed.placements:
        if placement.piece.ships_alone:
            yield ViolationKind.NOT_ALONE, f"{placement.piece.line_id} ships alone"
        yield from _sides(placement)
        yield from _place(placement, box, packed.placements)
    for one, other in combinations(packed.placements, 2):
        if _shared_mm2(one, other) and one.z_mm < _top_mm(other) and other.z_mm < _top_mm(one):
            text = f"{one.piece.line_id} and {other.piece.line_id} are in one place"
            yield ViolationKind.OVERLAP, text


def _sides(placement: Placement) -> Iterator[tuple[ViolationKind, str]]:
    sides, name = placement.piece.sides, placement.piece.line_id
    turned = (placement.length_mm, placement.width_mm, placement.height_mm)
    if sorted(turned) != sorted((sides.length_mm, sides.width_mm, sides.height_mm)):
        yield ViolationKind.WRONG_SIDES, f"{name} is not {turned}"
    elif placement.piece.is_upright and placement.height_mm != sides.height_mm:
        yield ViolationKind.ON_ITS_SIDE, f"{name} stands {placement.height_mm} mm high"


def _place(
    placement: Placement, box: Box, everything: Sequence[Placement]
) -> Iterator[tuple[ViolationKind, str]]:
    name, inside = placement.piece.line_id, box.inside
    is_inside = (
        0 <= placement.x_mm <= inside.length_mm - placement.length_mm
        and 0 <= placement.y_mm <= inside.width_mm - placement.width_mm
        and 0 <= placement.z_mm <= inside.height_mm - placement.height_mm
    )
    if not is_inside:
        yield ViolationKind.OUTSIDE, f"{name} sticks out of {box.id}"
    below = [other for other in everything if other is not placement and _shared_mm2(placement, other)]
    if placement.z_mm > 0:
        borne = sum(_shared_mm2(placement, other) for other in below if _top_mm(other) == placement.z_mm)
        base_mm2 = placement.length_mm * placement.width_mm
        if borne * 100 < base_mm2 * SUPPORTED_PERCENT:
            yield ViolationKind.UNSUPPORTED, f"{name} lies on {100 * borne // base_mm2} % of its underside"
    for other in below:
        # Not even at a distance: what is above comes down on the road.
        if other.piece.is_fragile and placement.z_mm >= _top_mm(other):
            yield ViolationKind.ON_FRAGILE, f"{name} is above {other.piece.line_id}"


def _shared_mm2(one: Placement, other: Placement) -> int:
    """What two pieces share as seen from above."""
    length = min(one.x_mm + one.length_mm, other.x_mm + other.length_mm) - max(one.x_mm, other.x_mm)
    width = min(one.y_mm + one.width_mm, other.y_mm + other.width_mm) - max(one.y_mm, other.y_mm)
    return length * width if length > 0 and width > 0 else 0


def _top_mm(placement: Placement) -> int:
    return placement.z_mm + placement.height_mm
