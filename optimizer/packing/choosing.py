"""Which boxes: the cheapest set of one or two that takes everything, else one full box after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from doorstep.limits import billed_weight_g
from doorstep.packing import Box
from doorstep.parcel import Parcel
from optimizer.packing.filling import (
    MANNERS,
    Effort,
    Filled,
    Item,
    billed_g,
    fill,
    fill_all,
    fits_inside,
    hardest_first,
    is_light_enough,
    parcel_of,
    sooner,
    volume_of,
)

A_PARCEL_G = 1000
"""What one parcel more must save in billed weight: it has a price of its own beside that of its weight."""

MOST_BOXES = 2
"""How many boxes are looked for at once; larger orders begin with full boxes."""

PAIRED_BOXES = 30
"""Of more kinds of boxes than these only the largest are tried in pairs."""

EASY_PERCENT = 60
"""How full boxes may become for it to be likely that everything goes in."""

CHANCES_PERCENT = ((65, 50), (70, 40), (75, 20), (80, 6), (100, 1))
"""Up to how full, and how often everything went in; measured on orders of thirty pieces of mixed sizes."""

CHANCE_OF_LIKE_PIECES_PERCENT = 50
"""The same for pieces that are all of one shape, however full."""

NEAR_PERCENT = 10
"""How much of the volume may be left over for another try to be worth it."""

FILLERS = 3
"""How many kinds of boxes are compared for the next full one."""

Cost = tuple[int, int]
"""Billed grams with those for each parcel, then the volume that they take up, ml."""

Known = dict[str, tuple[Filled, list[Item]]]
"""Id of a box -> what was found when it was filled as the first of several."""


@dataclass(frozen=True, slots=True)
class _BoxSet:
    """Boxes that may take everything, what they cost at the least, and how full they would be."""

    boxes: tuple[Box, ...]
    at_least: Cost
    percent: int


def choose(items: Sequence[Item], boxes: Sequence[Box], divisor: int | None, effort: Effort) -> list[Filled]:
    """Boxes for pieces each of which goes into one of them at least. Boxes come largest first."""
    done: list[Filled] = []
    left = hardest_first(items)
    while left:
        together = _cheapest(left, boxes, divisor, effort)
        if together is not None:
            return done + together
        full, left = _fullest(left, boxes, divisor, effort)
        done.append(_smaller(full, boxes, divisor, effort))
    return done


def _cheapest(
    order: Sequence[Item], boxes: Sequence[Box], divisor: int | None, effort: Effort
) -> list[Filled] | None:
    """The cheapest one or two boxes that were found to take everything.

    First whatever is likely to come out even, cheapest first; then what would be cheaper, by what it saves
    times how likely it is.
    """
    box_sets = _box_sets(order, boxes, divisor)
    easy = [box_set for box_set in box_sets if box_set.percent <= EASY_PERCENT]
    hard = [box_set for box_set in box_sets if box_set.percent > EASY_PERCENT]
    known: Known = {}
    best = _first_even(easy, order, divisor, effort, known)
    are_alike = len({item.turns for item in order}) == 1
    limit = best[0][0] if best is not None else 2 * max((each.at_least[0] for each in hard), default=0)
    hard.sort(key=lambda box_set: (-_hope(box_set, limit, are_alike), box_set.at_least))
    for box_set in hard:
        if effort.is_spent:
            break
        if best is None or box_set.at_least < best[0]:
            better = _first_even([box_set], order, divisor, effort, known)
            if better is not None and (best is None or better[0] < best[0]):
                best = better
    return None if best is None else best[1]


def _hope(box_set: _BoxSet, limit: int, are_alike: bool) -> int:
    chance = next(chance for percent, chance in CHANCES_PERCENT if box_set.percent <= percent)
    if are_alike:
        chance = CHANCE_OF_LIKE_PIECES_PERCENT
    return (limit - box_set.at_least[0]) * chance


def _first_even(
    box_sets: Sequence[_BoxSet],
    order: Sequence[Item],
    divisor: int | None,
    effort: Effort,
    known: Known,
) -> tuple[Cost, list[Filled]] | None:
    """The first boxes that take everything, and what they cost."""
    for box_set in box_sets:
        if effort.is_spent:
            return None
        filled = _try(box_set.boxes, order, effort, known)
        if filled is not None:
            return _cost([full.parcel() for full in filled], divisor), filled
    return None


def _box_sets(
    items: Sequence[Item], boxes: Sequence[Box], divisor: int | None, most_boxes: int = MOST_BOXES
) -> list[_BoxSet]:
    """The sets of few boxes that have the volume, bear the weight and take each piece, cheapest first."""
    volume_mm3 = sum(item.volume_mm3 for item in items)
    weight_g = sum(item.weight_g for item in items)
    able = _able(items, boxes)
    volumes_mm3 = {box.id: volume_of(box.inside) for box in boxes}
    found: list[_BoxSet] = []
    for count in range(1, most_boxes + 1):
        for some in combinations_with_replacement(boxes if count == 1 else boxes[:PAIRED_BOXES], count):
            percent = -(-volume_mm3 * 100 // sum(volumes_mm3[box.id] for box in some))
            if percent > 100 or weight_g > sum(box.most_g - box.empty_g for box in some):
                continue
            if all(any(box.id in ids for box in some) for ids in able):
                found.append(_BoxSet(some, _least(some, weight_g, divisor), percent))
    found.sort(key=lambda box_set: (box_set.at_least, [box.id for box in box_set.boxes]))
    return found


def _able(items: Sequence[Item], boxes: Sequence[Box]) -> set[frozenset[str]]:
    """Which boxes take a piece, for each piece; what is the same for several stands once."""
    return {
        frozenset(box.id for box in boxes if fits_inside(item, box) and is_light_enough(item, box))
        for item in items
    }


def _least(boxes: Sequence[Box], weight_g: int, divisor: int | None) -> Cost:
    """What boxes cost at the least, however the weight is spread over them."""
    by_size = _cost([parcel_of(box.outside, box.empty_g) for box in boxes], divisor)
    by_weight_g = weight_g + sum(box.empty_g for box in boxes) + A_PARCEL_G * len(boxes)
    return max(by_size[0], by_weight_g), by_size[1]


def _cost(parcels: Sequence[Parcel], divisor: int | None) -> Cost:
    return (
        billed_g(parcels, divisor) + A_PARCEL_G * len(parcels),
        sum(parcel.volume_ml or 0 for parcel in parcels),
    )


def _try(boxes: Sequence[Box], order: Sequence[Item], effort: Effort, known: Known) -> list[Filled] | None:
    """Everything in these boxes, in whatever manner; None where no try came out even."""
    near_mm3 = sum(item.volume_mm3 for item in order) * NEAR_PERCENT // 100
    for number, manner in enumerate(MANNERS):
        filled, left = fill_all(
            boxes, order, manner, effort, patience_mm3=near_mm3, known=known if number == 0 else None
        )
        if not left:
            return filled
        if effort.is_spent or sum(item.volume_mm3 for item in left) > near_mm3:
            return None
        order = sooner(order, left)
    return None


def _fullest(
    order: Sequence[Item], boxes: Sequence[Box], divisor: int | None, effort: Effort
) -> tuple[Filled, list[Item]]:
    """A full box that costs little for what is in it, with the hardest piece in it, and what is left over."""
    hardest = order[0]
    able = [box for box in boxes if fits_inside(hardest, box) and is_light_enough(hardest, box)]

    def price(volume_mm3: int, billed: int) -> float:
        return (billed + A_PARCEL_G) / volume_mm3

    def price_when_full(box: Box) -> tuple[float, str]:
        empty = parcel_of(box.outside, box.empty_g)
        return price(volume_of(box.inside), billed_weight_g(empty, divisor)), box.id

    able.sort(key=price_when_full)
    if effort.is_spent:
        return fill(able[0], order, MANNERS[0], effort)
    tries = [fill(box, order, MANNERS[0], effort) for box in able[:FILLERS]]

    def price_as_filled(found: tuple[Filled, list[Item]]) -> tuple[float, str]:
        full = found[0]
        volume_mm3 = sum(item.volume_mm3 for item, _ in full.laid)
        return price(volume_mm3, billed_weight_g(full.parcel(), divisor)), full.box.id

    return min(tries, key=price_as_filled)


def _smaller(full: Filled, boxes: Sequence[Box], divisor: int | None, effort: Effort) -> Filled:
    """The same pieces in a cheaper box, where one takes them."""
    if effort.is_spent:
        return full
    order = hardest_first([item for item, _ in full.laid])
    cost = _cost([full.parcel()], divisor)
    cheaper = [each for each in _box_sets(order, boxes, divisor, 1) if each.at_least < cost]
    found = _first_even(cheaper, order, divisor, effort, {})
    return full if found is None else found[1][0]
