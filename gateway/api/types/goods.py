"""What a merchant's articles are, and how orders are handled until somebody can fetch them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Annotated

import strawberry

from doorstep import calendar as days
from doorstep import goods as ground
from doorstep.goods import GoodsTrait
from doorstep.merchant import Merchant
from gateway.api.marks import entry, open_enum, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.scalars import LocalTime
from gateway.api.types.boxes import DimensionsInput
from gateway.api.types.places import Dimensions
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

open_enum(GoodsTrait)

MOST_RULES = 500
MOST_WORDS = 50
MOST_CLOSED = 90


@shape()
class GoodsRule:
    """Which articles are goods of some kind; one of its words suffices."""

    words: list[str] = part("Tags, categories, product types or shipping classes.", most=50, usual=3)
    sku_prefixes: list[str] = part(most=50, usual=1)
    title_words: list[str] = part("Whole words of the title.", most=50, usual=1)
    traits: list[GoodsTrait] = part("What such articles are.", most=12, usual=1)
    without: list[GoodsTrait] = part("What they are not, whatever other rules say.", most=12, usual=1)
    minimum_age: int | None
    sides: Dimensions | None = part("Of one piece, where the store knows none.")
    is_upright: bool = part("A piece may not be laid on its side.")
    ships_alone: bool = part("A piece is its own parcel.")

    @staticmethod
    def of(rule: ground.GoodsRule) -> GoodsRule:
        return GoodsRule(
            words=list(rule.words[:50]),
            sku_prefixes=list(rule.sku_prefixes[:50]),
            title_words=list(rule.title_words[:50]),
            traits=_shown(rule.traits),
            without=_shown(rule.without),
            minimum_age=rule.minimum_age,
            sides=Dimensions.maybe(rule.sides, None),
            is_upright=rule.is_upright,
            ships_alone=rule.ships_alone,
        )


@shape()
class GoodsRules:
    """What a merchant's articles are."""

    rules: list[GoodsRule] = part("The merchant's own.", most=500, usual=10)
    has_usual: bool = part("Whether words that shops commonly use count as well.")
    usual: list[GoodsRule] = part("Those words.", most=50, usual=13)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.GoodsRules) -> GoodsRules:
        return GoodsRules(
            rules=[GoodsRule.of(rule) for rule in rules.rules[:MOST_RULES]],
            has_usual=rules.has_usual,
            usual=[GoodsRule.of(rule) for rule in ground.USUAL_GOODS],
            version=version_of(rules),
        )


@shape()
class HandlingRules:
    """From an order to goods that somebody can fetch; times are those of the place."""

    location_id: strawberry.ID | None = part("Null for every place without rules of its own.")
    cut_off: LocalTime | None = part("Later orders count as placed on the next working day.")
    fewest_days: int = part("Working days that packing takes; 0 is the day of the order.")
    most_days: int
    weekdays: list[int] = part("On which somebody packs: 1 for Monday to 7 for Sunday.", most=7)
    ready_from: LocalTime = part("On later days than that of the order goods are ready from then on.")
    pickup_until: LocalTime = part("Parcel carriers take what is packed by then.")
    pickup_weekdays: list[int] = part("On which they come.", most=7)
    closed_on: list[date] = part(most=90, usual=10)
    keeps_holidays: bool = part("Nobody packs on public holidays.")
    version: int = part(f"Of the rules of all places together. {VERSION}")

    @staticmethod
    def of(rules: days.HandlingRules, location_id: str | None, version: int) -> HandlingRules:
        return HandlingRules(
            location_id=None if location_id is None else strawberry.ID(location_id),
            cut_off=None if rules.cut_off is None else _clock(rules.cut_off),
            fewest_days=rules.days.fewest,
            most_days=rules.days.most,
            weekdays=sorted(rules.weekdays),
            ready_from=_clock(rules.ready_from),
            pickup_until=_clock(rules.pickup_until),
            pickup_weekdays=sorted(rules.pickup_weekdays),
            closed_on=sorted(rules.closed),
            keeps_holidays=rules.keeps_holidays,
            version=version,
        )


def all_handling(merchant: Merchant) -> list[HandlingRules]:
    """What holds everywhere, and of each place with rules of its own."""
    own: Mapping[str, days.HandlingRules] = merchant.handling_at
    version = version_of(merchant.handling, own)
    places = [HandlingRules.of(rules, location_id, version) for location_id, rules in sorted(own.items())]
    return [HandlingRules.of(merchant.handling, None, version), *places]


@entry
class GoodsRuleInput:
    """Which articles are goods of some kind."""

    words: list[str] | None = part(most=50, default=None)
    sku_prefixes: list[str] | None = part(most=50, default=None)
    title_words: list[str] | None = part(most=50, default=None)
    traits: list[GoodsTrait] | None = part(most=12, default=None)
    without: list[GoodsTrait] | None = part(most=12, default=None)
    minimum_age: int | None = None
    sides: DimensionsInput | None = None
    is_upright: bool = False
    ships_alone: bool = False


@entry
class SaveGoodsRulesInput:
    """Take the place of all rules about goods."""

    rules: list[GoodsRuleInput] = part(most=500)
    has_usual: bool = True
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveGoodsRulesSuccess:
    """The rules as they are kept; questions from now on go by them."""

    goods_rules: GoodsRules


SaveGoodsRulesResult = Annotated[
    SaveGoodsRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveGoodsRulesResult", description="What saving rules about goods led to."),
]


@entry
class HandlingRulesInput:
    """How orders are handled, whole."""

    cut_off: LocalTime | None = None
    fewest_days: int = 0
    most_days: int = 0
    weekdays: list[int] | None = part("All where absent.", most=7, default=None)
    ready_from: LocalTime | None = part("09:00 where absent.", default=None)
    pickup_until: LocalTime | None = part("17:00 where absent.", default=None)
    pickup_weekdays: list[int] | None = part("Monday to Friday where absent.", most=7, default=None)
    closed_on: list[date] | None = part(most=90, default=None)
    keeps_holidays: bool = False


@entry
class SaveHandlingRulesInput:
    """Take the place of the rules of one place, or of those for all others."""

    location_id: strawberry.ID | None = None
    rules: HandlingRulesInput | None = part("Null lets a place go by what holds everywhere.", default=None)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveHandlingRulesSuccess:
    """All rules as they are kept; questions from now on go by them."""

    handling_rules: list[HandlingRules] = part(most=201, usual=3)


SaveHandlingRulesResult = Annotated[
    SaveHandlingRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveHandlingRulesResult", description="What saving rules about handling led to."),
]


def _shown(traits: Iterable[GoodsTrait]) -> list[GoodsTrait]:
    wanted = set(traits)
    return [trait for trait in GoodsTrait if trait in wanted]


def _clock(at: time) -> LocalTime:
    return LocalTime(at.isoformat(timespec="minutes"))
