"""Who could ship at all: stock, days and what the merchant allows, as numbers that can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from doorstep.money import Money
from doorstep.sourcing import (
    PassedOver,
    PassReason,
    PlaceStock,
    Source,
    SourcingRules,
    SourcingStrategy,
    SourcingTask,
)

NOT_ON_THE_MAP_M = 20_037_508
"""Half way round the earth: a place whose distance nobody knows is the farthest."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may ship, in numbers.

    Attributes
    ----------
    has
        Pieces by article, at most as many as are needed.
    cost
        Delivery and handling, minor units.
    leaves_on
        The first day on which it can pack.
    """

    source: Source
    has: Mapping[str, int]
    cost: int
    distance_m: int
    leaves_on: date

    @property
    def id(self) -> str:
        """The place's."""
        return self.source.location_id

    @property
    def priority(self) -> int:
        """1 is asked first."""
        return self.source.terms.priority


def needed(task: SourcingTask) -> Mapping[str, int]:
    """Pieces by article."""
    pieces: Counter[str] = Counter()
    for need in task.needs:
        pieces[need.article] += need.pieces
    return pieces


def minor_of(money: Money | None, currency: str) -> int:
    """An amount in minor units; nothing where there is none, or it cannot be compared."""
    return money.minor if money is not None and money.currency == currency else 0


def candidates(task: SourcingTask) -> tuple[Sequence[Candidate], Sequence[PassedOver]]:
    """Places that may ship and have something of it, by id; and why the others may not."""
    wanted = needed(task)
    able: list[Candidate] = []
    passed: list[PassedOver] = []
    for source in sorted(task.sources, key=lambda one: one.location_id):
        has = _has(source, wanted, task.rules)
        refusal = _barred(source, task.rules) or (None if any(has.values()) else lacking(task, source, has))
        if refusal is not None:
            passed.append(refusal)
            continue
        handling = minor_of(source.terms.handling, task.currency)
        far_m = NOT_ON_THE_MAP_M if source.distance_m is None else source.distance_m
        cost = minor_of(source.delivery, task.currency) + handling
        able.append(Candidate(source, has, cost, far_m, _leaves_on(source)))
    return able, passed


def not_today(late: Candidate) -> PassedOver:
    """Why a place is too late where others can pack sooner."""
    source, day = late.source, f"{late.leaves_on:%A}, {late.leaves_on.day} {late.leaves_on:%B}"
    most = source.terms.orders_a_day
    if source.terms.open_days.is_open(source.today) and most is not None:
        used = f"{source.orders_today} of {most} orders"
        text = f"Its capacity of today is used ({used}); it packs again on {day}."
        return PassedOver(late.id, PassReason.AT_CAPACITY, text)
    return PassedOver(late.id, PassReason.CLOSED, f"It is closed and packs again on {day}.")


def lacking(task: SourcingTask, source: Source, has: Mapping[str, int]) -> PassedOver:
    """What a place has too little of."""
    names = {need.article: need.name for need in task.needs}
    short = [
        f"{has[article]} of {pieces} pieces of {names[article]}"
        for article, pieces in needed(task).items()
        if has[article] < pieces
    ]
    more = f", and too little of {len(short) - 2} more" if len(short) > 2 else ""
    text = f"It has {', '.join(short[:2])} in stock{more}."
    return PassedOver(source.location_id, PassReason.OUT_OF_STOCK, text)


def _has(source: Source, wanted: Mapping[str, int], rules: SourcingRules) -> dict[str, int]:
    return {article: _pieces(source, article, pieces, rules) for article, pieces in wanted.items()}


def _pieces(source: Source, article: str, wanted: int, rules: SourcingRules) -> int:
    if source.terms.stock is PlaceStock.EVERYTHING and article not in source.stock:
        return wanted
    available = source.stock.get(article, 0)
    if available is None:
        return wanted
    return max(0, min(wanted, available - rules.safety_stock))


def _barred(source: Source, rules: SourcingRules) -> PassedOver | None:
    if not source.terms.may_ship:
        return PassedOver(source.location_id, PassReason.NOT_ALLOWED, "It may not ship orders.")
    if source.terms.is_shop and not rules.ship_from_shops:
        text = "It is a shop, and shops do not ship orders."
        return PassedOver(source.location_id, PassReason.NOT_ALLOWED, text)
    most = source.terms.orders_a_day
    if most == 0:
        return PassedOver(source.location_id, PassReason.AT_CAPACITY, "It packs no orders.")
    return None


def _leaves_on(source: Source) -> date:
    terms = source.terms
    is_full = terms.orders_a_day is not None and source.orders_today >= terms.orders_a_day
    return terms.open_days.on_or_after(source.today + timedelta(days=1 if is_full else 0))


def place_key(strategy: SourcingStrategy, one: Candidate) -> tuple[int | str, ...]:
    """By which single places are compared."""
    match strategy:
        case SourcingStrategy.NEAREST:
            return (one.distance_m, one.cost, one.priority, one.id)
        case SourcingStrategy.PRIORITY:
            return (one.priority, one.cost, one.distance_m, one.id)
    return (one.cost, one.distance_m, one.priority, one.id)
