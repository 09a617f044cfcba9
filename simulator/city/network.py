"""The street network on the grid: which streets exist, which way they may be driven, who reaches whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from simulator.city.city import RoadClass
from simulator.city.layout import Cell, Layout


@dataclass(frozen=True, slots=True)
class Block:
    """One street between two neighbouring junctions; a one-way street goes from `start` to `end`."""

    start: Cell
    end: Cell
    road_class: RoadClass
    is_one_way: bool = False
    is_bridge: bool = False

    @property
    def along_row(self) -> bool:
        """Whether it runs along a row of the grid."""
        return self.start[0] == self.end[0]

    def opened(self) -> Block:
        """The same block for both directions, listed in the grid's order as all such blocks are."""
        ends = sorted((self.start, self.end))
        return replace(self, start=ends[0], end=ends[1], is_one_way=False)


def draw_blocks(random: Random, layout: Layout) -> tuple[Block, ...]:
    """Draw every street so that every junction reaches every other by car."""
    blocks = [block for block in _all_blocks(layout) if _is_kept(random, layout, block)]
    connected = _largest_part(blocks)
    blocks = [block for block in blocks if block.start in connected]
    return _open_traps(_with_one_ways(random, layout, blocks))


def _all_blocks(layout: Layout) -> Iterable[Block]:
    for row in range(layout.size):
        for column in range(layout.size):
            here = (row, column)
            for there in ((row, column + 1), (row + 1, column)):
                if max(there) < layout.size:
                    bridge = layout.crosses_river(here, there)
                    yield Block(here, there, layout.road_class(here, there), is_bridge=bridge)


def _is_kept(random: Random, layout: Layout, block: Block) -> bool:
    """Leave out what river and park forbid, and a random part of the small streets."""
    missing_share = {
        RoadClass.RING: 0.0,
        RoadClass.ARTERIAL: 0.0,
        RoadClass.COLLECTOR: 0.04,
        RoadClass.RESIDENTIAL: 0.22 if layout.is_outside_ring(block.start) else 0.09,
    }[block.road_class]
    is_missing = random.random() < missing_share
    middle = ((block.start[0] + block.end[0]) / 2, (block.start[1] + block.end[1]) / 2)
    if block.is_bridge:
        return layout.has_bridge(block.start, block.end)
    return not is_missing and not layout.is_in_park(*middle)


def _largest_part(blocks: Iterable[Block]) -> set[Cell]:
    neighbours: dict[Cell, list[Cell]] = {}
    for block in blocks:
        neighbours.setdefault(block.start, []).append(block.end)
        neighbours.setdefault(block.end, []).append(block.start)
    unseen, largest = dict.fromkeys(neighbours), set[Cell]()
    while unseen:
        part, to_visit = set[Cell](), [next(iter(unseen))]
        while to_visit:
            cell = to_visit.pop()
            if cell in part:
                continue
            part.add(cell)
            unseen.pop(cell)
            to_visit += neighbours[cell]
        largest = max(largest, part, key=len)
    return largest


def _with_one_ways(random: Random, layout: Layout, blocks: Iterable[Block]) -> list[Block]:
    """Small streets of the inner city carry traffic one way, neighbouring lines in opposite directions."""
    low, high = layout.size * 0.2, layout.size * 0.8
    is_one_way_line = {
        (along_row, line): random.random() < 0.75
        for along_row in (True, False)
        for line in range(layout.size)
    }
    turned = []
    for block in blocks:
        line = block.start[0] if block.along_row else block.start[1]
        is_inner = all(low <= place <= high for place in (*block.start, *block.end))
        if is_inner and block.road_class is RoadClass.RESIDENTIAL and is_one_way_line[block.along_row, line]:
            ends = (block.start, block.end) if line % 2 else (block.end, block.start)
            turned.append(replace(block, start=ends[0], end=ends[1], is_one_way=True))
        else:
            turned.append(block)
    return turned


def _open_traps(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Open one-way streets to both directions where they lead into, or out of, a place without return.

    First between junctions: streets between two strongly connected parts are all one-way, and opened
    they join them. Then between drives along a block, since a driver does not turn round in the middle
    of a street: whatever no drive can come back to has a one-way street at one of its ends.
    """
    part_of = strong_parts(driving_directions(blocks))
    blocks = [block if part_of[block.start] == part_of[block.end] else block.opened() for block in blocks]
    while True:
        ends = _ends_of_lost_drives(blocks)
        opened = [block.opened() if {block.start, block.end} & ends else block for block in blocks]
        if opened == blocks:
            return tuple(blocks)
        blocks = opened


def _ends_of_lost_drives(blocks: Iterable[Block]) -> set[Cell]:
    part_of = strong_parts(turns(driving_directions(blocks)))
    largest, _ = Counter(part_of.values()).most_common(1)[0]
    return {end for drive, part in part_of.items() if part != largest for end in drive}


def turns[Node](onward: Mapping[Node, Sequence[Node]]) -> dict[tuple[Node, Node], list[tuple[Node, Node]]]:
    """For every drive from junction to junction the drives that may follow: back only at a dead end."""
    return {
        (start, end): [(end, after) for after in onward[end] if after != start or len(onward[end]) == 1]
        for start, followers in onward.items()
        for end in followers
    }


def driving_directions(blocks: Iterable[Block]) -> dict[Cell, list[Cell]]:
    """For every junction the junctions that a car can drive to next."""
    onward: dict[Cell, list[Cell]] = {}
    for block in blocks:
        onward.setdefault(block.start, []).append(block.end)
        onward.setdefault(block.end, [])
        if not block.is_one_way:
            onward[block.end].append(block.start)
    return onward


def strong_parts[Node](onward: Mapping[Node, Iterable[Node]]) -> dict[Node, int]:
    """Number the strongly connected parts of a directed graph (Kosaraju, without recursion).

    Returns
    -------
    dict
        Node -> number of its part; nodes of the same part reach each other.
    """
    backward: dict[Node, list[Node]] = {node: [] for node in onward}
    for node, followers in onward.items():
        for follower in followers:
            backward[follower].append(node)
    part_of: dict[Node, int] = {}
    for number, root in enumerate(reversed(_finishing_order(onward))):
        to_visit = [root]
        while to_visit:
            node = to_visit.pop()
            if node not in part_of:
                part_of[node] = number
                to_visit += backward[node]
    return part_of


def _finishing_order[Node](onward: Mapping[Node, Iterable[Node]]) -> list[Node]:
    seen: set[Node] = set()
    order: list[Node] = []
    for root in onward:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(onward[root]))]
        while path:
            node, followers = path[-1]
            for follower in followers:
                if follower not in seen:
                    seen.add(follower)
                    path.append((follower, iter(onward[follower])))
                    break
            else:
                order.append(node)
                path.pop()
    return order
