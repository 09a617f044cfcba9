"""What must be known of goods to carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from doorstep.order import HandoverRequirement


class GoodsTrait(StrEnum):
    """Something about goods that not everybody may or can carry."""

    ALCOHOL = "ALCOHOL"
    TOBACCO = "TOBACCO"
    PHARMACY = "PHARMACY"
    AGE_RESTRICTED = "AGE_RESTRICTED"
    HAZARDOUS = "HAZARDOUS"
    LITHIUM = "LITHIUM"
    CHILLED = "CHILLED"
    FROZEN = "FROZEN"
    FRAGILE = "FRAGILE"
    OVERSIZED = "OVERSIZED"
    LIVE_ANIMALS = "LIVE_ANIMALS"
    OTHER = "OTHER"


class AccessLimit(StrEnum):
    """What makes a door hard to reach for a large vehicle or a single person."""

    LIMITED_ACCESS = "LIMITED_ACCESS"
    NO_LIFT = "NO_LIFT"
    NO_LOADING_DOCK = "NO_LOADING_DOCK"
    OTHER = "OTHER"


AGE_CHECKED = frozenset({GoodsTrait.ALCOHOL, GoodsTrait.TOBACCO, GoodsTrait.AGE_RESTRICTED})
"""Goods that are handed to grown-ups alone, after a look at an identity card."""

COOLED = frozenset({GoodsTrait.CHILLED, GoodsTrait.FROZEN})


@dataclass(frozen=True, slots=True)
class Goods:
    """All that is to be carried, as far as it decides who can.

    Attributes
    ----------
    pieces
        How many articles.
    minimum_age
        Years; None where anybody may take them in.
    tags
        The merchant's own words for them, for rules.
    """

    traits: frozenset[GoodsTrait] = frozenset()
    pieces: int = 1
    minimum_age: int | None = None
    tags: frozenset[str] = frozenset()

    def needs(self) -> tuple[HandoverRequirement, ...]:
        """What follows for the door, whatever else was asked for."""
        needed: list[HandoverRequirement] = []
        if self.minimum_age is not None or self.traits & AGE_CHECKED:
            needed.append(HandoverRequirement.ID_CHECK)
        if self.traits & COOLED:
            needed.append(HandoverRequirement.COLD_CHAIN)
        return tuple(needed)


def all_needs(goods: Goods, asked_for: Iterable[HandoverRequirement]) -> tuple[HandoverRequirement, ...]:
    """What the goods need at the door and what was asked for, each once, in a stable order."""
    wanted = {*goods.needs(), *asked_for}
    return tuple(requirement for requirement in HandoverRequirement if requirement in wanted)
