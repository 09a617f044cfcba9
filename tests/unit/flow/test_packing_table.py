"""Orders and carts at the packing table, with the real packer and with one that misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from doorstep.goods import GoodsRule, GoodsRules
from doorstep.packing import Box, Packing, Piece
from doorstep.product import Dimensions
from gateway.flow.packing import LoadLine, PackingTable
from gateway.flow.packing.table import AT_ONCE, MOST_PIECES
from optimizer.packing import BoxPacker

RULES = GoodsRules()
MUG = LoadLine(2, "mugs", "Mug", "MUG", 400, Dimensions(120, 100, 100), ("Fragile",))
BOARD = LoadLine(1, "board", "Board", "BRD", 900, Dimensions(400, 250, 30))
FLAT = Box("box_flat", "Flat", Dimensions(420, 260, 60), Dimensions(430, 270, 70), 150, 20_000)
CUBE = Box("box_cube", "Cube", Dimensions(250, 250, 120), Dimensions(260, 260, 130), 100, 20_000)


@dataclass
class Counted:
    """The real one, counted; breaks or waits when told to."""

    packer: BoxPacker = field(default_factory=BoxPacker)
    asked: int = 0
    threads: set[int] = field(default_factory=set)
    breaks: bool = False
    gate: threading.Event | None = None

    def pack(
        self, pieces: Sequence[Piece], boxes: Sequence[Box], *, dimensional_divisor: int | None = None
    ) -> Packing:
        self.asked += 1
        self.threads.add(threading.get_ident())
        if self.gate is not None:
            self.gate.wait(5)
        if self.breaks:
            raise ArithmeticError("lost count")
        return self.packer.pack(pieces, boxes, dimensional_divisor=dimensional_divisor)


async def test_the_merchants_boxes_are_filled_and_say_what_lies_where() -> None:
    load = await PackingTable(BoxPacker()).load([MUG, BOARD], RULES, [FLAT, CUBE], divisor=5_000)
    assert {one.box_id for one in load.packed} == {"box_flat", "box_cube"}
    assert load.parcels == tuple(one.parcel for one in load.packed)
    assert sum(parcel.weight_g for parcel in load.parcels) == 2 * 400 + 900 + 150 + 100
    laid = [placement.piece for one in load.packed for placement in one.placements]
    assert sorted(piece.line_id for piece in laid) == ["board", "mugs", "mugs"]
    assert {piece.line_id for piece in laid if piece.is_fragile} == {"mugs"}
    assert load.notes == ()


async def test_without_boxes_the_usual_cartons_are_filled() -> None:
    load = await PackingTable(BoxPacker()).load([MUG], RULES)
    (one,) = load.packed
    assert one.box_id == "usual-1"
    assert (one.parcel.weight_g, one.parcel.length_mm) == (800, 250)


async def test_what_goes_into_no_box_is_a_parcel_of_its_own_and_is_told() -> None:
    ladder = LoadLine(1, "l", "Ladder", "LAD", 4_000, Dimensions(1_800, 300, 100))
    load = await PackingTable(BoxPacker()).load([ladder, BOARD], RULES, [FLAT])
    assert [(one.box_id, one.parcel.length_mm) for one in load.packed] == [("box_flat", 430), ("", 1_800)]
    assert load.notes[0].startswith("Ladder is taken as it is: It is 180 × 30 × 10 cm")


async def test_a_merchant_may_say_the_sides_that_a_store_does_not_know() -> None:
    rules = GoodsRules((GoodsRule(sku_prefixes=("tea-",), sides=Dimensions(100, 100, 80), is_upright=True),))
    table = PackingTable(BoxPacker())
    tea = LoadLine(3, "t", "Tea", "TEA-250", 340)
    load = await table.load([tea], rules)
    assert not load.is_estimate
    assert all(placement.piece.is_upright for one in load.packed for placement in one.placements)
    unknown = await table.load([tea], RULES)
    assert unknown.is_estimate
    assert "Tea has no sides" in unknown.notes[0]


async def test_the_same_load_is_packed_once_until_a_box_changes() -> None:
    packer = Counted()
    table = PackingTable(packer)
    first = await table.load([MUG], RULES, [CUBE])
    assert await table.load([MUG], RULES, [CUBE]) == first
    assert packer.asked == 1
    await table.load([MUG], RULES, [FLAT, CUBE])
    assert packer.asked == 2


async def test_a_large_load_is_packed_beside_the_loop_and_found_packed_by_the_next_who_asks() -> None:
    packer = Counted(gate=threading.Event())
    assert packer.gate is not None
    table = PackingTable(packer)
    many = [LoadLine(AT_ONCE + 1, "m", "Mug", "MUG", 400, Dimensions(120, 100, 100))]
    hasty = await table.load(many, RULES, within_s=0.01)
    assert hasty.is_estimate
    assert hasty.notes == ("Packing took too long; the parcel is an estimate.",)
    packer.gate.set()
    patient = await table.load(many, RULES, within_s=5)
    assert not patient.is_estimate
    assert packer.asked == 1
    assert threading.get_ident() not in packer.threads


@pytest.mark.parametrize("pieces", [2, AT_ONCE + 1])
async def test_a_packer_that_breaks_leaves_an_estimate(pieces: int) -> None:
    load = await PackingTable(Counted(breaks=True)).load(
        [LoadLine(pieces, "m", "Mug", "MUG", 400, Dimensions(120, 100, 100))], RULES
    )
    assert load.is_estimate
    assert load.notes == ("Packing failed; the parcel is an estimate.",)


async def test_nobody_packs_thousands_of_pieces() -> None:
    packer = Counted()
    crowd = LoadLine(MOST_PIECES + 1, "m", "Mug", "MUG", 400, Dimensions(120, 100, 100))
    load = await PackingTable(packer).load([crowd], RULES)
    assert load.is_estimate
    assert packer.asked == 0
