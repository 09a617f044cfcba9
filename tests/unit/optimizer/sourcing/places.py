"""Small named places and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from doorstep.money import Money
from doorstep.sourcing import Need, PlaceTerms, Source, SourcingRules, SourcingStrategy, SourcingTask

SUNDAY = date(2026, 11, 22)
KETTLE = Need("line-1", "kettle", 2, "KETTLE-1")
TEA = Need("line-2", "tea", 3, "TEA-1")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def place(
    name: str,
    stock: Mapping[str, int | None],
    price: int = 500,
    /,
    *,
    km: float | None = 5,
    today: date = SUNDAY,
    orders_today: int = 0,
    **terms: Any,
) -> Source:
    """A place with its id as its name."""
    far_m = None if km is None else round(km * 1000)
    wanted = PlaceTerms(name, **terms)
    return Source(name, name, wanted, stock, usd(price), today, far_m, orders_today)


def task(
    *sources: Source,
    strategy: SourcingStrategy = SourcingStrategy.CHEAPEST,
    needs: tuple[Need, ...] = (KETTLE, TEA),
    current: str = "",
    promised: str = "",
    **rules: Any,
) -> SourcingTask:
    """A question about two kettles and three tins of tea."""
    wanted = replace(SourcingRules(strategy), **rules)
    return SourcingTask(needs, sources, wanted, "USD", current, promised)
