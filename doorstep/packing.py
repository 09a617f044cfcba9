"""Packing: pieces into boxes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.parcel import Parcel
from doorstep.product import Dimensions


@dataclass(frozen=True, slots=True)
class Piece:
    """One article to be packed.

    Attributes
    ----------
    line_id
        The line of the order that it belongs to.
    is_upright
        It may be turned, but not laid on its side.
    is_fragile
        Nothing may stand on it.
    ships_alone
        It is its own parcel.
    """

    line_id: str
    sides: Dimensions
    weight_g: int
    is_upright: bool = False
    is_fragile: bool = False
    ships_alone: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box that the merchant packs with.

    Attributes
    ----------
    inside
        What fits in.
    outside
        What carriers measure.
    empty_g, most_g
        Its own weight, and the most that it may weigh when it is full.
    """

    id: str
    name: str
    inside: Dimensions
    outside: Dimensions
    empty_g: int
    most_g: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a piece lies in its box: its corner nearest to the box's, and its sides as it was turned, mm."""

    piece: Piece
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class PackedParcel:
    """A full box, or a piece that ships in its own; then `box_id` is ""."""

    parcel: Parcel
    box_id: str
    placements: tuple[Placement, ...]


class UnpackedReason(StrEnum):
    """Why a piece is in no box."""

    TOO_LARGE = "TOO_LARGE"
    TOO_HEAVY = "TOO_HEAVY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A piece that no box takes."""

    piece: Piece
    reason: UnpackedReason
    text: str


@dataclass(frozen=True, slots=True)
class Packing:
    """What came of it; every piece is in exactly one parcel or left over."""

    parcels: tuple[PackedParcel, ...]
    unpacked: tuple[Unpacked, ...] = ()
