"""Reads and writes about goods and their handling; parts of the roots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import time
from typing import Annotated

from doorstep import calendar as days
from doorstep import goods as ground
from doorstep.product import Dimensions
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_id, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.goods import (
    MOST_CLOSED,
    MOST_RULES,
    MOST_WORDS,
    GoodsRuleInput,
    GoodsRules,
    HandlingRules,
    HandlingRulesInput,
    SaveGoodsRulesInput,
    SaveGoodsRulesResult,
    SaveGoodsRulesSuccess,
    SaveHandlingRulesInput,
    SaveHandlingRulesResult,
    SaveHandlingRulesSuccess,
    all_handling,
)

_AT = ("input",)
_MOST_DAYS = 30
_MOST_MM = 100_000


@shape()
class GoodsQueries:
    """Reads about goods."""

    @root(scope=Scope.CONFIGURE)
    async def goods_rules(self, info: Info) -> GoodsRules:
        """What the merchant's articles are, for carriers that may not take everything."""
        return GoodsRules.of((await info.context.reads.merchant()).goods)

    @root(most=201, scope=Scope.CONFIGURE)
    async def handling_rules(self, info: Info) -> list[HandlingRules]:
        """What holds everywhere, and of each place with rules of its own."""
        return all_handling(await info.context.reads.merchant())


@shape()
class GoodsMutations:
    """Writes about goods."""

    @root(scope=Scope.CONFIGURE)
    async def save_goods_rules(
        self, info: Info, given: Annotated[SaveGoodsRulesInput, INPUT]
    ) -> SaveGoodsRulesResult:
        """Says which articles are alcohol, hazardous, frozen and so on."""
        if len(given.rules) > MOST_RULES:
            raise wrong((*_AT, "rules"), f"rules takes at most {MOST_RULES}", "TOO_MANY")
        rules = tuple(
            _read_rule(rule, (*_AT, "rules", str(number))) for number, rule in enumerate(given.rules)
        )
        kept = await info.context.commands.save_goods_rules(
            rules=ground.GoodsRules(rules, has_usual=given.has_usual),
            expected_version=given.expected_version,
        )
        return SaveGoodsRulesSuccess(goods_rules=GoodsRules.of(kept.goods))

    @root(scope=Scope.CONFIGURE)
    async def save_handling_rules(
        self, info: Info, given: Annotated[SaveHandlingRulesInput, INPUT]
    ) -> SaveHandlingRulesResult:
        """Says when orders are packed, and when carriers of parcels come."""
        place = given.location_id
        location_id = None if place is None else read_id(place, "loc", (*_AT, "locationId"))
        rules = None if given.rules is None else _read_handling(given.rules, (*_AT, "rules"))
        kept = await info.context.commands.save_handling_rules(
            location_id=location_id, rules=rules, expected_version=given.expected_version
        )
        return SaveHandlingRulesSuccess(handling_rules=all_handling(kept))


def _read_rule(given: GoodsRuleInput, at: Path) -> ground.GoodsRule:
    words = _read_words(given.words, (*at, "words"))
    prefixes = _read_words(given.sku_prefixes, (*at, "skuPrefixes"))
    in_titles = _read_words(given.title_words, (*at, "titleWords"))
    if not (words or prefixes or in_titles):
        raise wrong(at, "a rule needs one of words, skuPrefixes and titleWords, else it fits nothing")
    age, sides = given.minimum_age, given.sides
    return ground.GoodsRule(
        words=words,
        sku_prefixes=prefixes,
        title_words=in_titles,
        traits=frozenset(given.traits or ()),
        without=frozenset(given.without or ()),
        minimum_age=None if age is None else read_span(age, (*at, "minimumAge"), 1, 99),
        sides=None
        if sides is None
        else Dimensions(
            read_span(sides.length_millimeters, (*at, "sides", "lengthMillimeters"), 1, _MOST_MM),
            read_span(sides.width_millimeters, (*at, "sides", "widthMillimeters"), 1, _MOST_MM),
            read_span(sides.height_millimeters, (*at, "sides", "heightMillimeters"), 1, _MOST_MM),
        ),
        is_upright=given.is_upright,
        ships_alone=given.ships_alone,
    )


def _read_words(given: Sequence[str] | None, at: Path) -> tuple[str, ...]:
    if given is not None and len(given) > MOST_WORDS:
        raise wrong(at, f"{at[-1]} takes at most {MOST_WORDS}", "TOO_MANY")
    words = (read_text(word, (*at, str(number)), 100) for number, word in enumerate(given or ()))
    return tuple(word for word in words if word)


def _read_handling(given: HandlingRulesInput, at: Path) -> days.HandlingRules:
    fewest = read_span(given.fewest_days, (*at, "fewestDays"), 0, _MOST_DAYS)
    closed = frozenset(given.closed_on or ())
    if len(closed) > MOST_CLOSED:
        raise wrong((*at, "closedOn"), f"closedOn takes at most {MOST_CLOSED} days", "TOO_MANY")
    usual = days.HandlingRules()
    return days.HandlingRules(
        cut_off=None if given.cut_off is None else _read_clock(given.cut_off, (*at, "cutOff")),
        days=days.DaySpan(fewest, read_span(given.most_days, (*at, "mostDays"), fewest, _MOST_DAYS)),
        weekdays=_read_weekdays(given.weekdays, usual.weekdays, (*at, "weekdays")),
        ready_from=_read_clock(given.ready_from or "09:00", (*at, "readyFrom")),
        pickup_until=_read_clock(given.pickup_until or "17:00", (*at, "pickupUntil")),
        pickup_weekdays=_read_weekdays(given.pickup_weekdays, usual.pickup_weekdays, (*at, "pickupWeekdays")),
        closed=closed,
        keeps_holidays=given.keeps_holidays,
    )


def _read_weekdays(given: Collection[int] | None, otherwise: frozenset[int], at: Path) -> frozenset[int]:
    weekdays = otherwise if given is None else frozenset(given)
    if not weekdays or not weekdays <= days.EVERY_DAY:
        raise wrong(at, f"{at[-1]} must be some of 1 (Monday) to 7")
    return weekdays


def _read_clock(given: str, at: Path) -> time:
    try:
        clock = time.fromisoformat(given)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None:
        raise wrong(at, f"{at[-1]} must be a time of day such as 15:30")
    return clock
