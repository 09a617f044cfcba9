"""Filling boxes with pieces, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.limits import billed_weight_g
from doorstep.packing import Box, PackedParcel, Piece, Placement
from doorstep.parcel import Parcel
from doorstep.product import Dimensions
from optimizer.packing.room import Room, Spot, Taste, Turn


@dataclass(frozen=True, slots=True)
class Item:
    """A piece as it is reckoned with: the ways it may be turned, each once, and its volume."""

    number: int
    piece: Piece
    turns: tuple[Turn, ...]
    volume_mm3: int
    weight_g: int
    is_fragile: bool

    @classmethod
    def of(cls, number: int, piece: Piece) -> Item:
        """The piece that was named as the `number`th."""
        turns = tuple(sorted(set(turns_of(piece))))
        volume_mm3 = volume_of(piece.sides)
        return cls(number, piece, turns, volume_mm3, piece.weight_g, piece.is_fragile)


@dataclass(frozen=True, slots=True)
class Filled:
    """A box and what was laid into it."""

    box: Box
    laid: tuple[tuple[Item, Spot], ...]

    def parcel(self) -> Parcel:
        """The box as a carrier sees it."""
        weight_g = self.box.empty_g + sum(item.weight_g for item, _ in self.laid)
        return parcel_of(self.box.outside, weight_g)

    def packed(self) -> PackedParcel:
        """The same in the language of the ground floor."""
        placements = tuple(Placement(item.piece, *spot) for item, spot in self.laid)
        return PackedParcel(self.parcel(), self.box.id, placements)


@dataclass(slots=True)
class Effort:
    """How much may still be tried, in corners looked at: alike on every machine, unlike seconds."""

    looks_left: int

    @property
    def is_spent(self) -> bool:
        """Whether to be content with what was found."""
        return self.looks_left <= 0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a box is filled; across, its length and width change places."""

    taste: Taste
    is_across: bool


MANNERS = (
    Manner(Taste.FLAT, is_across=False),
    Manner(Taste.SNUG, is_across=False),
    Manner(Taste.FLAT, is_across=True),
    Manner(Taste.SNUG, is_across=True),
)


def turns_of(piece: Piece) -> list[Turn]:
    """All ways in which a piece may lie: six, and two where it must stay upright."""
    long, wide, high = piece.sides.length_mm, piece.sides.width_mm, piece.sides.height_mm
    standing = [(long, wide, high), (wide, long, high)]
    if piece.is_upright:
        return standing
    return [*standing, (long, high, wide), (high, long, wide), (wide, high, long), (high, wide, long)]


def volume_of(sides: Dimensions) -> int:
    """Cubic millimetres."""
    return sides.length_mm * sides.width_mm * sides.height_mm


def parcel_of(outside: Dimensions, weight_g: int) -> Parcel:
    """A parcel of some size and weight."""
    return Parcel(weight_g, outside.length_mm, outside.width_mm, outside.height_mm)


def fits_inside(item: Item, box: Box) -> bool:
    """Whether a box takes a piece by its size alone."""
    inside = box.inside
    for length, width, height in item.turns:
        if length <= inside.length_mm and width <= inside.width_mm and height <= inside.height_mm:
            return True
    return False


def is_light_enough(item: Item, box: Box) -> bool:
    """Whether a box takes a piece by its weight alone."""
    return box.empty_g + item.weight_g <= box.most_g


def hardest_first(items: Sequence[Item]) -> list[Item]:
    """The order in which pieces are laid: what nothing may stand on last, else the largest first."""
    return sorted(
        items, key=lambda item: (item.is_fragile, -item.volume_mm3, item.turns, -item.weight_g, item.number)
    )


def sooner(order: Sequence[Item], left: Sequence[Item]) -> list[Item]:
    """The same pieces for another try: those that found no place move half the way to the front.

    Fragile ones among them then stand on the floor and take the room above: on top there was none.
    """
    numbers = {item.number for item in left}
    halved = [(place if item.number in numbers else 2 * place) for place, item in enumerate(order)]
    ranked = sorted(zip(halved, order, strict=True), key=lambda pair: pair[0])
    return [item for _, item in ranked]


def fill(
    box: Box, items: Sequence[Item], manner: Manner, effort: Effort, *, patience_mm3: int | None = None
) -> tuple[Filled, list[Item]]:
    """Lay into a box what finds a place, in this order; and what is left over.

    Parameters
    ----------
    patience_mm3
        Give up, with all that is still to come left over, when more than this has found no place.
    """
    inside = box.inside
    length, width = inside.length_mm, inside.width_mm
    if manner.is_across:
        length, width = width, length
    thinnest = min((min(item.turns[0]) for item in items), default=1)
    room = Room(length, width, inside.height_mm, thinnest, manner.taste)
    carries_g = box.most_g - box.empty_g
    laid: list[tuple[Item, Spot]] = []
    left: list[Item] = []
    too_large: tuple[Turn, ...] | None = None
    for place, item in enumerate(items):
        # What is shaped like the piece before it, which found no place, finds none either.
        spot = None if item.weight_g > carries_g or item.turns == too_large else room.find(item.turns)
        if spot is None:
            if item.weight_g <= carries_g:
                too_large = item.turns
            left.append(item)
            if patience_mm3 is not None:
                patience_mm3 -= item.volume_mm3
                if patience_mm3 < 0:
                    left += items[place + 1 :]
                    break
            continue
        room.put(spot, is_fragile=item.is_fragile)
        too_large = None
        carries_g -= item.weight_g
        laid.append((item, _turned_back(spot) if manner.is_across else spot))
    effort.looks_left -= room.looks
    return Filled(box, tuple(laid)), left


def fill_all(
    boxes: Sequence[Box],
    items: Sequence[Item],
    manner: Manner,
    effort: Effort,
    *,
    patience_mm3: int,
    known: dict[str, tuple[Filled, list[Item]]] | None = None,
) -> tuple[list[Filled], list[Item]]:
    """Fill some boxes in turn, and what is left over in the end; a box that stays empty is not among them.

    Parameters
    ----------
    patience_mm3
        Give up when more than this will find no place in any of them.
    known
        What was found of the first of several boxes with the same items and manner; it is added to.
    """
    filled: list[Filled] = []
    left = list(items)
    room_mm3 = sum(volume_of(box.inside) for box in boxes)
    for place, box in enumerate(boxes):
        room_mm3 -= volume_of(box.inside)
        if place == 0 and known is not None and len(boxes) > 1:
            if box.id not in known:
                known[box.id] = fill(box, left, manner, effort)
            full, left = known[box.id]
        else:
            full, left = fill(box, left, manner, effort, patience_mm3=patience_mm3 + room_mm3)
        filled += [full] if full.laid else []
        if not left or sum(item.volume_mm3 for item in left) > patience_mm3 + room_mm3:
            break
    return filled, left


def billed_g(parcels: Sequence[Parcel], divisor: int | None) -> int:
    """What is charged for in all."""
    return sum(billed_weight_g(parcel, divisor) for parcel in parcels)


def _turned_back(spot: Spot) -> Spot:
    return Spot(spot.y, spot.x, spot.z, spot.width, spot.length, spot.height)
