"""How fast and how tightly orders are packed, beside py3dbp on the same orders in the same run.

`python -m bench packing --instances 200 --seed 1`. An order has thirty pieces and the merchant ten boxes,
both drawn from the seed. Every packing of ours is checked. What is billed is the size of the boxes; it is
compared over the orders that both packed to the last piece. Ours heeds that pieces are borne from below,
which the peer does not. The same orders are packed once more with a tenth of the pieces fragile and a tenth
upright (`strict`), and compared with what the peer makes of them without heeding that either. Times are of
one core by the clock on the wall; the processor's own (`cpu`) stand beside them, since other programs run.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter, process_time

from bench.figures import percentile
from bench.packing_peer import MISSING, pack_with_peer, peer
from doorstep.packing import Box, Packing, Piece
from doorstep.product import Dimensions
from optimizer.packing import BoxPacker
from optimizer.packing.check import check

PIECES = 30
DIVISOR = 5000
"""Cubic centimetres to a kilogram, as most carriers of parcels reckon."""

CARTONS = (
    (200, 150, 100),
    (250, 200, 100),
    (300, 200, 150),
    (300, 250, 200),
    (350, 250, 200),
    (400, 300, 200),
    (400, 300, 300),
    (500, 350, 300),
    (600, 400, 300),
    (600, 400, 400),
)
"""Insides of boxes as they are sold, millimetres; an order's boxes differ from them by up to a tenth."""

WALL_MM = 4


@dataclass(frozen=True, slots=True)
class Run:
    """What one of the two made of one order: the boxes, or None where a piece was left over."""

    wall_s: float
    cpu_s: float
    boxes: tuple[Box, ...] | None

    @property
    def billed_mm3(self) -> int:
        """What the boxes take up."""
        outsides = [box.outside for box in self.boxes or ()]
        return sum(side.length_mm * side.width_mm * side.height_mm for side in outsides)


def main(arguments: list[str]) -> dict[str, object]:
    """Pack the orders of a seed with both."""
    options = _options(arguments)
    module = peer()
    if module is None:
        print(MISSING, file=sys.stderr)
    ours: list[Run] = []
    strict: list[Run] = []
    peers: list[Run] = []
    for number in range(options.instances):
        chance = random.Random(f"{options.seed}/{number}")
        pieces, boxes = instance_of(chance)
        ours.append(run_ours(pieces, boxes))
        strict.append(run_ours(_strict(pieces, chance), boxes))
        if module is not None:
            found, wall_s, cpu_s = _timed(partial(pack_with_peer, module, pieces, boxes))
            peers.append(Run(wall_s, cpu_s, found))
        if (number + 1) % 10 == 0:
            print(f"{number + 1} of {options.instances} orders", file=sys.stderr, flush=True)
    return {"instances": options.instances, "seed": options.seed} | summary(ours, strict, peers)


def instance_of(chance: random.Random) -> tuple[tuple[Piece, ...], tuple[Box, ...]]:
    """An order: sides from 3 to 20 cm, most of them short, and larger or smaller for the whole order."""
    scale = chance.uniform(0.6, 1.6)
    boxes = tuple(_box(f"box-{number}", carton, chance) for number, carton in enumerate(CARTONS))
    return tuple(_piece(f"line-{number}", scale, chance) for number in range(PIECES)), boxes


def run_ours(pieces: Sequence[Piece], boxes: Sequence[Box]) -> Run:
    """Pack one order, and check what came of it outside the measured time.

    Raises
    ------
    AssertionError
        If the checker finds fault.
    """

    def pack() -> Packing:
        return BoxPacker().pack(pieces, boxes, dimensional_divisor=DIVISOR)

    packing, wall_s, cpu_s = _timed(pack)
    faults = check(pieces, boxes, packing)
    assert not faults, faults
    by_id = {box.id: box for box in boxes}
    used = tuple(by_id[packed.box_id] for packed in packing.parcels)
    return Run(wall_s, cpu_s, None if packing.unpacked else used)


def summary(ours: Sequence[Run], strict: Sequence[Run], peers: Sequence[Run]) -> dict[str, object]:
    """The figures; those of the peer are None where it is not installed."""
    return {
        **_figures("", ours),
        **_figures("strict_", strict),
        **_figures("peer_", peers),
        "billed_volume_ratio": _ratio(ours, peers),
        "strict_billed_volume_ratio": _ratio(strict, peers),
    }


def _ratio(ours: Sequence[Run], peers: Sequence[Run]) -> float | None:
    """What ours bills for each unit that the peer does, where both packed everything."""
    both = [(one, other) for one, other in zip(ours, peers, strict=False) if one.boxes and other.boxes]
    if not both:
        return None
    return round(sum(one.billed_mm3 for one, _ in both) / sum(other.billed_mm3 for _, other in both), 4)


def _figures(prefix: str, runs: Sequence[Run]) -> dict[str, object]:
    wall_ms, cpu_ms = [1000 * run.wall_s for run in runs], [1000 * run.cpu_s for run in runs]
    return {
        f"{prefix}p50_ms": percentile(wall_ms, 0.5, 3),
        f"{prefix}p99_ms": percentile(wall_ms, 0.99, 3),
        f"{prefix}p99_cpu_ms": percentile(cpu_ms, 0.99, 3),
        f"{prefix}all_packed": sum(run.boxes is not None for run in runs) if runs else None,
        f"{prefix}parcels": sum(len(run.boxes or ()) for run in runs) if runs else None,
    }


def _timed[T](work: Callable[[], T]) -> tuple[T, float, float]:
    """What some work returns, and how long it took: by the wall, and of the processor."""
    gc.collect()
    wall_s, cpu_s = perf_counter(), process_time()
    found = work()
    return found, perf_counter() - wall_s, process_time() - cpu_s


def _box(name: str, carton: tuple[int, int, int], chance: random.Random) -> Box:
    length, width, height = (round(side * chance.uniform(0.9, 1.1)) for side in carton)
    return Box(
        name,
        name,
        Dimensions(length, width, height),
        Dimensions(length + 2 * WALL_MM, width + 2 * WALL_MM, height + 2 * WALL_MM),
        empty_g=(length * width + width * height + height * length) // 1000,
        most_g=25_000,
    )


def _piece(name: str, scale: float, chance: random.Random) -> Piece:
    length, width, height = (int(scale * 30 * (200 / 30) ** chance.random()) for _ in range(3))
    weight_g = max(1, round(length * width * height / 1000 * chance.uniform(0.1, 0.6)))
    return Piece(name, Dimensions(length, width, height), weight_g)


def _strict(pieces: Sequence[Piece], chance: random.Random) -> tuple[Piece, ...]:
    return tuple(
        replace(piece, is_upright=chance.random() < 0.1, is_fragile=chance.random() < 0.1) for piece in pieces
    )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench packing", description=__doc__)
    parser.add_argument("--instances", type=int, default=200, help="how many orders")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)
