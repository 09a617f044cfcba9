"""From blocks on the grid to named streets on the ground."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from simulator.city.city import RoadClass, Street
from simulator.city.ground import Ground, Spot, gap_m
from simulator.city.layout import Cell, Layout
from simulator.city.names import RING_ROAD, street_names
from simulator.city.network import Block

_STRAIGHT_UP_TO_M = 220.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Streets with the spots they run through; the first `junction_count` spots are junctions."""

    spots: tuple[Spot, ...]
    junction_count: int
    signals: frozenset[int]
    streets: tuple[Street, ...]


def draw_streets(random: Random, ground: Ground, layout: Layout, blocks: tuple[Block, ...]) -> Drawn:
    """Place the junctions, bend long blocks, join blocks to streets and name them."""
    cells = sorted({cell for block in blocks for cell in (block.start, block.end)})
    number_of = {cell: number for number, cell in enumerate(cells)}
    # Junctions move a little on the grid itself, so that streets bend with the ground and never cross.
    grid_of = {
        cell: (cell[0] + random.uniform(-0.12, 0.12), cell[1] + random.uniform(-0.12, 0.12)) for cell in cells
    }
    spots = [ground.spot(*grid_of[cell]) for cell in cells]
    between: dict[Block, tuple[int, ...]] = {}
    for block in blocks:
        curve = _curve(ground, grid_of[block.start], grid_of[block.end])
        between[block] = tuple(range(len(spots), len(spots) + len(curve)))
        spots += curve
    streets = []
    for name, run in _named_runs(random, layout, blocks):
        nodes = [number_of[run[0].start]]
        for block in run:
            nodes += [*between[block], number_of[block.end]]
        streets.append(Street(name, run[0].road_class, tuple(nodes), run[0].is_one_way, run[0].is_bridge))
    return Drawn(tuple(spots), len(cells), _signals(blocks, number_of), tuple(streets))


def _curve(ground: Ground, start: tuple[float, float], end: tuple[float, float]) -> list[Spot]:
    """The spots strictly between the ends of a block: none for short ones, up to two for long ones."""
    length_m = gap_m(ground.spot(*start), ground.spot(*end))
    pieces = min(3, 1 + int(length_m // _STRAIGHT_UP_TO_M))
    shares = (index / pieces for index in range(1, pieces))
    return [
        ground.spot(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        for share in shares
    ]


def _signals(blocks: Iterable[Block], number_of: dict[Cell, int]) -> frozenset[int]:
    """Traffic lights stand where an arterial meets an arterial, a collector or the ring road."""
    classes: dict[Cell, set[tuple[bool, RoadClass]]] = {}
    for block in blocks:
        for cell in (block.start, block.end):
            classes.setdefault(cell, set()).add((block.along_row, block.road_class))
    lit = []
    for cell, arms in classes.items():
        rows = {road for along_row, road in arms if along_row}
        columns = {road for along_row, road in arms if not along_row}
        is_busy = RoadClass.RESIDENTIAL not in rows | columns and rows and columns
        if is_busy and RoadClass.ARTERIAL in rows | columns:
            lit.append(number_of[cell])
    return frozenset(lit)


def _named_runs(
    random: Random, layout: Layout, blocks: tuple[Block, ...]
) -> Iterator[tuple[str, list[Block]]]:
    """Join neighbouring blocks of a line that carry the same name and traffic, in driving order."""
    words = street_names(random)
    for along_row in (True, False):
        for line in range(layout.size):
            halves = (next(words), next(words))
            run: list[Block] = []
            run_name = ""
            for block in _blocks_of_line(blocks, along_row, line):
                name = _name(block, halves, layout)
                if run and not (name == run_name and _continues(run[-1], block)):
                    yield run_name, _in_driving_order(run)
                    run = []
                run_name = name
                run.append(block)
            if run:
                yield run_name, _in_driving_order(run)


def _blocks_of_line(blocks: tuple[Block, ...], along_row: bool, line: int) -> list[Block]:
    fixed = 0 if along_row else 1
    return sorted(
        (block for block in blocks if block.along_row == along_row and block.start[fixed] == line),
        key=lambda block: min(block.start, block.end),
    )


def _continues(before: Block, block: Block) -> bool:
    same_traffic = (before.road_class, before.is_one_way, before.is_bridge) == (
        block.road_class,
        block.is_one_way,
        block.is_bridge,
    )
    return same_traffic and max(before.start, before.end) == min(block.start, block.end)


def _in_driving_order(run: list[Block]) -> list[Block]:
    """A one-way street against the count of the grid is listed from its far end."""
    return run[::-1] if run[0].start > run[0].end else run


def _name(block: Block, halves: tuple[str, str], layout: Layout) -> str:
    """Arterials keep their name from end to end; small streets change it half-way."""
    if block.road_class is RoadClass.RING:
        return RING_ROAD
    if block.road_class is RoadClass.ARTERIAL:
        return f"{halves[0]} {'Boulevard' if block.along_row else 'Parkway'}"
    place = min(block.start, block.end)[1 if block.along_row else 0]
    word = halves[0] if place < layout.size / 2 else halves[1]
    return f"{word} {'Street' if block.along_row else 'Avenue'}"
