"""The world as described, and others that differ from it in one respect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product

from bench.value.tuning import Case, Plan, Setting, Stage
from bench.value.world import Terms

AT_ONCE = Setting(most_stops=1)
"""Books everything as soon as it is placed."""


def _each(knob: str, *values: float) -> Stage:
    return [partial(replace, **{knob: value}) for value in values]


def _both(miss_costs: Sequence[int], spares_min: Sequence[int]) -> Stage:
    """What a miss costs and what is to spare make up for each other, so they are tried together."""
    pairs = product(miss_costs, spares_min)
    return [partial(replace, miss_cost=miss, spare_min=spare) for miss, spare in pairs]


MISSES = _each("miss_cost", 0, 300, 600, 900, 1200, 1600, 2400)
"""What is tried for a miss where nothing waits, minor units."""

ALL = (
    _both((600, 900, 1300), (18, 22, 26)),
    _each("longest_wait_min", 20, 60),
    _each("most_stops", 2, 6),
)
"""In the world as described."""

FEWER = (_both((900, 1300), (18, 22, 26)),)
"""In the others."""

MORE_TO_SPARE = (_both((900, 1300), (30, 45, 60)),)
"""Where windows are long enough for it."""

SCORE_WEIGHTS = _each("reliability", 0.0, 1.0, 2.0, 4.0)
"""What is tried for the weight of reliability beside a price of weight one, where the score decides."""


def cases(plan: Plan) -> Sequence[Case]:
    """The world as described comes first; each of the others differs in one respect."""
    known, smaller = Terms(), plan.smaller()
    others = {
        "one of six couriers stacks": replace(known, stackers=1),
        "a further door costs half as much": replace(known, stop_fee=known.stop_fee // 2),
        "a further door costs twice as much": replace(known, stop_fee=2 * known.stop_fee),
        "a further door is delayed as a ride is": replace(known, doors_delay_as_rides=True),
        "late costs nothing": replace(known, late_cost=0),
        "late costs twice as much": replace(known, late_cost=2 * known.late_cost),
        "late costs four times as much": replace(known, late_cost=4 * known.late_cost),
        "carriers half as different": replace(known, spread=known.spread / 2),
        "carriers all alike": replace(known, spread=0.0),
        "price says nothing of quality": replace(known, price_follows_quality=0.0),
        "price follows quality closely": replace(known, price_follows_quality=0.9),
        "no bad spells": replace(known, has_spells=False),
    }
    fewer_orders = replace(smaller, orders_a_day=max(1, plan.orders_a_day // 2))
    more_orders = replace(smaller, orders_a_day=2 * plan.orders_a_day)
    return [
        Case("as described", known, plan, ALL),
        Case("without stacks", known, plan, [MISSES], AT_ONCE),
        Case("as described, as the others below", known, smaller, FEWER),
        Case("half as many orders", known, fewer_orders, FEWER),
        Case("twice as many orders", known, more_orders, FEWER),
        Case("windows twice as long", replace(known, window_stretch=2.0), smaller, MORE_TO_SPARE),
        *(Case(name, terms, smaller, FEWER) for name, terms in others.items()),
        Case(
            "by score, not expected cost, without stacks",
            known,
            smaller,
            [SCORE_WEIGHTS],
            replace(AT_ONCE, miss_cost=None),
        ),
    ]
