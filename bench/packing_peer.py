"""py3dbp 1.1.2 as a merchant would use it: the smallest box that takes everything, else several.

It packs into given boxes and leaves the choice among them to its caller. So it is asked first what each box
takes when everything is offered to it, which is one call; where no box takes all, it is given some boxes of
each size, the largest first, to spread the order over, and then each of these parcels once more to find a
smaller box. It knows neither support nor what is fragile or upright.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from doorstep.packing import Box, Piece

MISSING = "py3dbp is not installed, so that there is nothing to compare with: pip install py3dbp==1.1.2"

OF_EACH_SIZE = 3
"""How many boxes of each size it may spread an order over."""


def peer() -> ModuleType | None:
    """The library; None where it is not installed."""
    try:
        return importlib.import_module("py3dbp")
    except ModuleNotFoundError:
        return None


def pack_with_peer(
    module: ModuleType, pieces: Sequence[Piece], boxes: Sequence[Box]
) -> tuple[Box, ...] | None:
    """The boxes that it needs for some pieces; None where it leaves one over."""
    one = _smallest(module, pieces, boxes)
    if one is not None:
        return (one,)
    spread = _packed(module, pieces, [box for box in boxes for _ in range(OF_EACH_SIZE)], distribute=True)
    used = [found for found in spread.bins if found.items]
    if sum(len(found.items) for found in used) < len(pieces):
        return None
    by_line = {piece.line_id: piece for piece in pieces}
    by_id = {box.id: box for box in boxes}
    return tuple(_shrunk(module, found, by_line, by_id) for found in used)


def _shrunk(module: ModuleType, full: Any, pieces: Mapping[str, Piece], boxes: Mapping[str, Box]) -> Box:
    inside = _smallest(module, [pieces[item.name] for item in full.items], list(boxes.values()))
    return inside if inside is not None else boxes[full.name]


def _smallest(module: ModuleType, pieces: Sequence[Piece], boxes: Sequence[Box]) -> Box | None:
    """The smallest box that takes everything; None where none does."""
    packer = _packed(module, pieces, boxes, distribute=False)
    enough = [found for found in packer.bins if not found.unfitted_items]
    by_id = {box.id: box for box in boxes}
    return by_id[min(enough, key=lambda found: (found.get_volume(), found.name)).name] if enough else None


def _packed(module: ModuleType, pieces: Sequence[Piece], boxes: Sequence[Box], *, distribute: bool) -> Any:
    packer = module.Packer()
    for box in boxes:
        inside = box.inside
        sides = (inside.length_mm, inside.height_mm, inside.width_mm)
        packer.add_bin(module.Bin(box.id, *sides, box.most_g - box.empty_g))
    for piece in pieces:
        sides = (piece.sides.length_mm, piece.sides.height_mm, piece.sides.width_mm)
        packer.add_item(module.Item(piece.line_id, *sides, piece.weight_g))
    packer.pack(bigger_first=True, distribute_items=distribute, number_of_decimals=0)
    return packer
