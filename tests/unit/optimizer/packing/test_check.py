"""The checker finds a good packing good, and every way of spoiling it bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from doorstep.packing import Box, PackedParcel, Packing, Piece, Placement, Unpacked, UnpackedReason
from doorstep.parcel import Parcel
from doorstep.product import Dimensions
from optimizer.packing.check import ViolationKind, check

Kind = ViolationKind
CARTON = Box("carton", "Carton", Dimensions(300, 200, 200), Dimensions(310, 210, 210), 200, 5_000)
PLATE = Piece("plate", Dimensions(200, 200, 100), 1_500)
BLOCK = Piece("block", Dimensions(100, 200, 100), 1_000)
VASE = Piece("vase", Dimensions(80, 80, 100), 300, is_upright=True, is_fragile=True)
SOFA = Piece("sofa", Dimensions(2_000, 900, 800), 40_000, ships_alone=True)
DOOR = Piece("door", Dimensions(2_000, 900, 40), 20_000)
PIECES = (PLATE, BLOCK, VASE, SOFA, DOOR)

ON_FLOOR = Placement(PLATE, 0, 0, 0, 200, 200, 100)
BESIDE = Placement(BLOCK, 200, 0, 0, 100, 200, 100)
ON_TOP = Placement(VASE, 10, 10, 100, 80, 80, 100)
FULL = PackedParcel(Parcel(3_000, 310, 210, 210), "carton", (ON_FLOOR, BESIDE, ON_TOP))
ALONE = PackedParcel(Parcel(40_000, 2_000, 900, 800), "", (Placement(SOFA, 0, 0, 0, 2_000, 900, 800),))
LEFT = Unpacked(DOOR, UnpackedReason.TOO_LARGE, "It is longer than every box.")
GOOD = Packing((FULL, ALONE), (LEFT,))


def test_a_good_packing_is_found_good() -> None:
    assert check(PIECES, (CARTON,), GOOD) == ()


def _with(*placements: Placement) -> Packing:
    return replace(GOOD, parcels=(replace(FULL, placements=placements), ALONE))


SPOILED: dict[str, tuple[Packing, ViolationKind]] = {
    "a piece of somebody else's": (
        replace(GOOD, unpacked=(LEFT, replace(LEFT, piece=replace(DOOR, line_id="gate")))),
        Kind.UNKNOWN_PIECE,
    ),
    "a piece that is left over and packed": (
        replace(GOOD, unpacked=(LEFT, Unpacked(VASE, UnpackedReason.OTHER, "Because."))),
        Kind.PIECE_TWICE,
    ),
    "a piece that is forgotten": (replace(GOOD, unpacked=()), Kind.PIECE_MISSING),
    "a piece that is left over though a box takes it": (
        replace(
            _with(ON_FLOOR, BESIDE), unpacked=(LEFT, Unpacked(VASE, UnpackedReason.OTHER, "It may break."))
        ),
        Kind.WRONGLY_LEFT,
    ),
    "a piece that is left over though it ships alone": (
        Packing((FULL,), (LEFT, Unpacked(SOFA, UnpackedReason.TOO_LARGE, "It is large."))),
        Kind.WRONGLY_LEFT,
    ),
    "a piece that is left over without a word": (
        replace(GOOD, unpacked=(replace(LEFT, text=""),)),
        Kind.NO_REASON,
    ),
    "an empty parcel": (
        replace(GOOD, parcels=(*GOOD.parcels, PackedParcel(Parcel(200, 310, 210, 210), "carton", ()))),
        Kind.EMPTY_PARCEL,
    ),
    "a box that nobody has": (
        replace(GOOD, parcels=(replace(FULL, box_id="crate"), ALONE)),
        Kind.UNKNOWN_BOX,
    ),
    "several pieces without a box": (
        replace(GOOD, parcels=(replace(FULL, box_id=""), ALONE)),
        Kind.NOT_ALONE,
    ),
    "a piece that ships alone in a box": (
        replace(GOOD, parcels=(FULL, replace(ALONE, box_id="carton"))),
        Kind.NOT_ALONE,
    ),
    "a piece that is smaller than it is": (
        _with(ON_FLOOR, BESIDE, replace(ON_TOP, length_mm=70)),
        Kind.WRONG_SIDES,
    ),
    "an upright piece on its side": (
        _with(ON_FLOOR, BESIDE, replace(ON_TOP, length_mm=100, height_mm=80)),
        Kind.ON_ITS_SIDE,
    ),
    "a piece in the wall": (_with(ON_FLOOR, replace(BESIDE, x_mm=201), ON_TOP), Kind.OUTSIDE),
    "a piece above the lid": (_with(ON_FLOOR, BESIDE, replace(ON_TOP, z_mm=101)), Kind.OUTSIDE),
    "a piece before the wall": (_with(replace(ON_FLOOR, y_mm=-1), BESIDE, ON_TOP), Kind.OUTSIDE),
    "two pieces in one place": (_with(ON_FLOOR, replace(BESIDE, x_mm=199), ON_TOP), Kind.OVERLAP),
    "a piece in another": (_with(ON_FLOOR, BESIDE, replace(ON_TOP, z_mm=0)), Kind.OVERLAP),
    "a piece that hangs in the air": (
        _with(BESIDE, replace(ON_FLOOR, z_mm=100), replace(ON_TOP, z_mm=0)),
        Kind.UNSUPPORTED,
    ),
    "a piece above a fragile one": (
        # The vase is as high as the block, and the plate lies on both.
        _with(replace(BESIDE, x_mm=0), replace(ON_TOP, x_mm=110, z_mm=0), replace(ON_FLOOR, z_mm=100)),
        Kind.ON_FRAGILE,
    ),
    "a parcel that weighs something else": (
        replace(GOOD, parcels=(replace(FULL, parcel=Parcel(2_999, 310, 210, 210)), ALONE)),
        Kind.WRONG_PARCEL,
    ),
    "a parcel that is as large as it is inside": (
        replace(GOOD, parcels=(replace(FULL, parcel=Parcel(3_000, 300, 200, 200)), ALONE)),
        Kind.WRONG_PARCEL,
    ),
    "a piece on its own that weighs something else": (
        replace(GOOD, parcels=(FULL, replace(ALONE, parcel=Parcel(40_001, 2_000, 900, 800)))),
        Kind.WRONG_PARCEL,
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_packing_is_found_bad(name: str) -> None:
    packing, kind = SPOILED[name]
    assert kind in {violation.kind for violation in check(PIECES, (CARTON,), packing)}


def test_a_box_that_weighs_too_much_is_found_bad() -> None:
    light = replace(CARTON, most_g=2_999)
    assert Kind.OVERWEIGHT in {violation.kind for violation in check(PIECES, (light,), GOOD)}


@pytest.mark.parametrize(
    ("overhang_mm", "is_good"),
    # The lid is 200 mm long: with 50 mm of it in the air three quarters of its underside are borne.
    [(49, True), (50, True), (51, False)],
)
def test_three_quarters_of_the_underside_are_to_be_borne(
    piece: Callable[..., Piece], overhang_mm: int, is_good: bool
) -> None:
    foot, lid = piece("foot", 200, 100, 100), piece("lid", 200, 100, 20)
    laid = (
        Placement(foot, 0, 0, 0, 200, 100, 100),
        Placement(lid, overhang_mm, 0, 100, 200, 100, 20),
    )
    packing = Packing((PackedParcel(Parcel(1_200, 310, 210, 210), "carton", laid),))
    found = {violation.kind for violation in check((foot, lid), (CARTON,), packing)}
    assert found == (set() if is_good else {Kind.UNSUPPORTED})
