"""The packer: whatever it is given, the checker has nothing to say; and it chooses boxes well."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.limits import billed_weight_g
from doorstep.packing import Box, Packing, Piece, UnpackedReason
from doorstep.ports.planning import Packer
from doorstep.product import Dimensions
from optimizer.packing import BoxPacker
from optimizer.packing.check import check

DIVISOR = 5_000
PACKER: Packer = BoxPacker()

SIDES = st.builds(Dimensions, *[st.integers(1, 12).map(lambda side: side * 20)] * 3)
PIECES = st.lists(
    st.builds(
        Piece,
        line_id=st.sampled_from(["a", "b", "c", "d"]),
        sides=SIDES,
        weight_g=st.integers(0, 3_000),
        is_upright=st.booleans(),
        is_fragile=st.booleans(),
        ships_alone=st.sampled_from([False, False, False, True]),
    ),
    max_size=14,
)
BOXES = st.lists(
    st.builds(
        lambda inside, empty_g, most_g: Box(
            "",
            "",
            inside,
            Dimensions(inside.length_mm + 8, inside.width_mm + 8, inside.height_mm + 8),
            empty_g,
            most_g,
        ),
        st.builds(Dimensions, *[st.integers(3, 20).map(lambda side: side * 20)] * 3),
        st.integers(10, 400),
        st.integers(500, 10_000),
    ),
    max_size=4,
).map(
    lambda boxes: [
        Box(f"box-{number}", "", box.inside, box.outside, box.empty_g, box.most_g)
        for number, box in enumerate(boxes)
    ]
)


@given(
    pieces=PIECES, boxes=BOXES, divisor=st.sampled_from([None, 4_000, 6_000]), looks=st.sampled_from([0, 500])
)
@settings(max_examples=150)
def test_the_checker_has_nothing_to_say_about_any_packing(
    pieces: list[Piece], boxes: list[Box], divisor: int | None, looks: int
) -> None:
    packing = BoxPacker(looks=looks).pack(pieces, boxes, dimensional_divisor=divisor)
    assert check(pieces, boxes, packing) == ()
    assert BoxPacker(looks=looks).pack(pieces, boxes, dimensional_divisor=divisor) == packing


@pytest.mark.parametrize("seed", range(8))
def test_large_orders_with_odd_measures_are_packed_well(seed: int, box: Callable[..., Box]) -> None:
    chance = random.Random(seed)
    boxes = [box("s", 251, 199, 149), box("m", 397, 301, 203), box("l", 593, 401, 307, most_g=15_000)]
    pieces = [
        Piece(
            f"line-{number}",
            Dimensions(*(chance.randint(23, 190) for _ in range(3))),
            chance.randint(20, 900),
            is_upright=chance.random() < 0.2,
            is_fragile=chance.random() < 0.2,
        )
        for number in range(60)
    ]
    packing = PACKER.pack(pieces, boxes, dimensional_divisor=DIVISOR)
    assert check(pieces, boxes, packing) == ()
    assert not packing.unpacked


def test_the_order_in_which_boxes_are_named_changes_nothing(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    pieces = [piece(f"line-{number}", 60 + 7 * number, 90, 40 + 3 * number) for number in range(12)]
    boxes = [box("a", 300, 200, 150), box("b", 200, 300, 150), box("c", 400, 300, 200)]
    forwards = PACKER.pack(pieces, boxes, dimensional_divisor=DIVISOR)
    assert PACKER.pack(pieces, boxes[::-1], dimensional_divisor=DIVISOR) == forwards


def test_nothing_is_packed_into_nothing() -> None:
    assert PACKER.pack([], []) == Packing(())


def test_pieces_are_turned_to_fill_a_box_to_the_last_corner(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    # Eight bricks of 200 × 100 × 50 are 8 litres: the whole inside of 200 × 200 × 200.
    pieces = [piece("brick", 50, 200, 100)] * 8
    packing = PACKER.pack(pieces, [box("cube", 200, 200, 200)], dimensional_divisor=DIVISOR)
    assert check(pieces, [box("cube", 200, 200, 200)], packing) == ()
    assert [len(packed.placements) for packed in packing.parcels] == [8]


def test_a_long_piece_lies_in_a_long_box_however_its_sides_are_named(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    tube = box("tube", 60, 60, 900)
    for sides in [(900, 50, 60), (50, 900, 60), (60, 50, 900)]:
        assert not PACKER.pack([piece("rod", *sides)], [tube]).unpacked
    standing = piece("rod", 900, 50, 60, is_upright=True)
    assert [left.reason for left in PACKER.pack([standing], [tube]).unpacked] == [UnpackedReason.TOO_LARGE]


def test_an_upright_piece_is_turned_but_not_laid_down(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    [packed] = PACKER.pack([piece("lamp", 100, 300, 200, is_upright=True)], [box("b", 320, 120, 210)]).parcels
    [laid] = packed.placements
    assert (laid.length_mm, laid.width_mm, laid.height_mm) == (300, 100, 200)


def test_a_fragile_piece_goes_on_top(piece: Callable[..., Piece], box: Callable[..., Box]) -> None:
    vase, book = piece("vase", 200, 200, 100, is_fragile=True), piece("book", 200, 200, 90)
    [packed] = PACKER.pack([vase, book], [box("b", 200, 200, 200)]).parcels
    assert [(laid.piece.line_id, laid.z_mm) for laid in packed.placements] == [("book", 0), ("vase", 90)]


def test_two_fragile_pieces_do_not_stand_on_each_other(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    vases = [piece("vase", 200, 200, 100, is_fragile=True)] * 2
    packing = PACKER.pack(vases, [box("b", 200, 200, 200)])
    assert [len(packed.placements) for packed in packing.parcels] == [1, 1]


def test_a_piece_that_ships_alone_is_a_parcel_as_it_is(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    crate = piece("crate", 400, 300, 250, weight_g=9_000, ships_alone=True)
    packing = PACKER.pack([crate, piece("book", 200, 150, 30)], [box("b", 500, 400, 300)])
    book, alone = packing.parcels
    assert (book.box_id, alone.box_id) == ("b", "")
    assert (alone.parcel.weight_g, alone.parcel.length_mm, alone.parcel.height_mm) == (9_000, 400, 250)
    assert PACKER.pack([crate], []).parcels == (alone,)


def test_a_parcel_is_as_large_as_its_box_outside_and_weighs_as_much_as_all_of_it(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    [packed] = PACKER.pack([piece("book", 200, 150, 30, weight_g=750)], [box("b", 210, 160, 60)]).parcels
    parcel = packed.parcel
    assert parcel.weight_g == 850
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (220, 170, 70)


def test_a_box_is_not_filled_beyond_what_it_may_weigh(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    # Each weighs 3 kg; with the box of 100 g three make 9.1 kg and four 12.1 kg.
    irons = [piece("iron", 100, 100, 100, weight_g=3_000)] * 4
    packing = PACKER.pack(irons, [box("b", 400, 400, 400, most_g=10_000)])
    assert sorted(len(packed.placements) for packed in packing.parcels) == [1, 3]


def test_the_smallest_box_is_taken_where_size_is_billed(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    boxes = [box("large", 400, 300, 300), box("fitting", 200, 160, 70), box("tiny", 100, 80, 50)]
    [packed] = PACKER.pack([piece("book", 200, 150, 60)], boxes, dimensional_divisor=DIVISOR).parcels
    assert packed.box_id == "fitting"


def test_two_small_boxes_are_taken_instead_of_a_huge_one_that_is_billed_for_its_air(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    # The large box is 610³ mm³: 45.4 kg of size. Two small ones are 160³ mm³ each: 0.8 kg of size, 1.6 kg of
    # weight, and one more parcel counts as a kilogram.
    boxes = [box("large", 600, 600, 600), box("small", 150, 150, 150)]
    pieces = [piece("cube", 140, 140, 140, weight_g=1_500)] * 2
    packing = PACKER.pack(pieces, boxes, dimensional_divisor=DIVISOR)
    assert [packed.box_id for packed in packing.parcels] == ["small", "small"]
    assert sum(billed_weight_g(packed.parcel, DIVISOR) for packed in packing.parcels) == 3_200


def test_one_parcel_is_made_where_another_would_save_little(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    # Together 310 × 160 × 160 mm: 1.59 kg of size; apart twice 0.82 kg: nothing is saved.
    boxes = [box("double", 300, 150, 150), box("single", 150, 150, 150)]
    pieces = [piece("cube", 140, 140, 140, weight_g=100)] * 2
    packing = PACKER.pack(pieces, boxes, dimensional_divisor=DIVISOR)
    assert [packed.box_id for packed in packing.parcels] == ["double"]


def test_many_pieces_fill_several_boxes_and_the_rest_goes_into_a_smaller_one(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    boxes = [box("eight", 200, 200, 200), box("one", 100, 100, 100)]
    pieces = [piece("cube", 100, 100, 100)] * 25
    packing = PACKER.pack(pieces, boxes, dimensional_divisor=DIVISOR)
    assert sorted(packed.box_id for packed in packing.parcels) == ["eight", "eight", "eight", "one"]


def test_pieces_that_no_box_takes_are_left_over_with_the_reason_in_words(
    piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    boxes = [box("small", 200, 200, 200, most_g=5_000), box("large", 600, 400, 400, most_g=20_000)]
    pieces = [
        piece("door", 2_000, 905, 40),
        piece("anvil", 300, 150, 150, weight_g=35_000),
        piece("lamp", 100, 100, 500, is_upright=True),
        piece("book", 200, 150, 30),
    ]
    packing = PACKER.pack(pieces, boxes)
    assert [packed.placements[0].piece.line_id for packed in packing.parcels] == ["book"]
    assert {left.piece.line_id: (left.reason, left.text) for left in packing.unpacked} == {
        "door": (
            UnpackedReason.TOO_LARGE,
            "It is 200 × 90.5 × 4 cm; no box takes that, the largest being 60 × 40 × 40 cm inside.",
        ),
        "anvil": (
            UnpackedReason.TOO_HEAVY,
            "It weighs 35 kg; the boxes that it fits into carry at most 19.9 kg.",
        ),
        "lamp": (
            UnpackedReason.TOO_LARGE,
            "It is 10 × 10 × 50 cm and stays upright; "
            "no box takes that, the largest being 60 × 40 × 40 cm inside.",
        ),
    }


def test_a_merchant_without_boxes_is_told_so(piece: Callable[..., Piece]) -> None:
    [left] = PACKER.pack([piece("book", 200, 150, 30)], []).unpacked
    assert (left.reason, left.text) == (
        UnpackedReason.OTHER,
        "There is no box to pack it into, and it does not ship alone.",
    )


@pytest.mark.parametrize("ids", [("b", "b"), ("",)])
def test_boxes_need_an_id_of_their_own(
    ids: tuple[str, ...], piece: Callable[..., Piece], box: Callable[..., Box]
) -> None:
    with pytest.raises(ValueError, match="boxes must have an id each, and no two the same"):
        PACKER.pack([piece("book", 200, 150, 30)], [box(id_, 300, 300, 300) for id_ in ids])


def test_a_divisor_below_one_is_refused(piece: Callable[..., Piece], box: Callable[..., Box]) -> None:
    with pytest.raises(ValueError, match="dimensional_divisor must be positive, got 0"):
        PACKER.pack([piece("book", 200, 150, 30)], [box("b", 300, 300, 300)], dimensional_divisor=0)
