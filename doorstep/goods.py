"""What must be known of goods to carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from doorstep.order import HandoverRequirement
from doorstep.product import Dimensions


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

_IN_WORDS = {
    GoodsTrait.PHARMACY: "medicines",
    GoodsTrait.AGE_RESTRICTED: "goods for adults",
    GoodsTrait.HAZARDOUS: "hazardous goods",
    GoodsTrait.LITHIUM: "lithium batteries",
    GoodsTrait.CHILLED: "chilled goods",
    GoodsTrait.FROZEN: "frozen goods",
    GoodsTrait.FRAGILE: "fragile goods",
    GoodsTrait.OVERSIZED: "oversized goods",
    GoodsTrait.LIVE_ANIMALS: "live animals",
    GoodsTrait.OTHER: "such goods",
}


def in_words(trait: GoodsTrait) -> str:
    """What such goods are called in a sentence: "alcohol", "frozen goods"."""
    return _IN_WORDS.get(trait, trait.lower())


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


def cause_of(goods: Goods, need: HandoverRequirement) -> str:
    """Why goods need something at the door, in words; "" where it is not because of them."""
    by_trait = {HandoverRequirement.ID_CHECK: AGE_CHECKED, HandoverRequirement.COLD_CHAIN: COOLED}
    traits = sorted(goods.traits & by_trait.get(need, frozenset()))
    if traits:
        return " and ".join(in_words(trait) for trait in traits)
    is_age = need is HandoverRequirement.ID_CHECK and goods.minimum_age is not None
    return f"goods for people of {goods.minimum_age} and over" if is_age else ""


@dataclass(frozen=True, slots=True)
class GoodsRule:
    """Which articles are goods of some kind. One of its words suffices; case and hyphens do not count.

    Attributes
    ----------
    words
        Tags, categories, parts of a category's path, product types or shipping classes, as a whole.
    sku_prefixes
        What an SKU begins with.
    title_words
        Whole words of the title.
    traits, without
        What such articles are, and what they are not, whatever other rules say.
    minimum_age
        Years; of several rules the highest counts.
    sides
        Of one piece, where the store knows none.
    is_upright, ships_alone
        As `doorstep.packing.Piece`.
    """

    words: tuple[str, ...] = ()
    sku_prefixes: tuple[str, ...] = ()
    title_words: tuple[str, ...] = ()
    traits: frozenset[GoodsTrait] = frozenset()
    without: frozenset[GoodsTrait] = frozenset()
    minimum_age: int | None = None
    sides: Dimensions | None = None
    is_upright: bool = False
    ships_alone: bool = False


def _called(trait: GoodsTrait, *words: str) -> GoodsRule:
    return GoodsRule(words, traits=frozenset({trait}))


USUAL_GOODS = (
    _called(GoodsTrait.ALCOHOL, "alcohol", "alcoholic", "alcoholic beverages", "alcoholic drinks"),
    _called(GoodsTrait.ALCOHOL, "beer", "wine", "liquor", "spirits", "liquor & spirits", "hard cider"),
    _called(GoodsTrait.TOBACCO, "tobacco", "tobacco products", "cigarettes", "cigars", "vape", "vaping"),
    _called(GoodsTrait.PHARMACY, "pharmacy", "prescription", "rx", "medicine", "medicines", "medication"),
    _called(GoodsTrait.AGE_RESTRICTED, "age restricted", "adults only", "adult only", "18+", "21+"),
    _called(GoodsTrait.HAZARDOUS, "hazmat", "hazardous", "hazardous goods", "hazardous materials", "orm d"),
    _called(GoodsTrait.HAZARDOUS, "dangerous goods", "flammable", "corrosive", "explosive", "aerosol"),
    _called(GoodsTrait.LITHIUM, "lithium", "lithium battery", "lithium batteries", "lithium ion", "li ion"),
    _called(GoodsTrait.CHILLED, "chilled", "refrigerated", "cold chain", "keep refrigerated"),
    _called(GoodsTrait.FROZEN, "frozen", "frozen food", "frozen foods", "keep frozen"),
    _called(GoodsTrait.FRAGILE, "fragile", "breakable", "handle with care"),
    _called(GoodsTrait.OVERSIZED, "oversized", "oversize", "bulky", "extra large item"),
    _called(GoodsTrait.LIVE_ANIMALS, "live animals", "live animal", "live fish", "live insects"),
)
"""Words that shops use, and names of Shopify's standard categories; a shop that means something else by one
says so with a rule that has `without`.
"""


@dataclass(frozen=True, slots=True)
class GoodsRules:
    """What a merchant's articles are.

    Attributes
    ----------
    rules
        The merchant's own; `without` of any of them holds against the usual ones too.
    has_usual
        Whether `USUAL_GOODS` count as well.
    """

    rules: tuple[GoodsRule, ...] = ()
    has_usual: bool = True

    @property
    def all(self) -> tuple[GoodsRule, ...]:
        """Every rule that counts."""
        return (*self.rules, *USUAL_GOODS) if self.has_usual else self.rules
