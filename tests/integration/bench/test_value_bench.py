"""The short form of `python -m bench value`, and the world behind it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

import bench.value
from bench.value.run import LOWEST_PRICE
from bench.value.shop import MOST_BOOKINGS, Ledger, Policy, Shop
from bench.value.world import PEAKS, Terms, World
from doorstep.dispatch_rules import DispatchRules
from doorstep.money import Money

PUNCTUAL = Policy(DispatchRules(miss_cost=Money(100_000, "USD")))


def ledger(seed: int, policy: Policy, days: int = 4, terms: Terms | None = None) -> Ledger:
    return asyncio.run(Shop(World(seed, days, 30, terms or Terms()), policy).run())


def test_a_few_days_are_tuned_on_other_worlds_than_those_that_are_reported() -> None:
    words = "--days 2 --orders 6 --worlds 2 --tuning-worlds 2 --workers 1 --seed 7".split()
    result = bench.value.main(words)
    assert (result["reported_seeds"], result["tuning_seeds"]) == ([7, 8], [1007, 1008])
    ours, theirs = result["best_value"], result["lowest_price"]
    assert isinstance(ours, dict)
    assert isinstance(theirs, dict)
    assert result["cost_ratio"] == pytest.approx(ours["cost"] / theirs["cost"], abs=1e-3)
    assert result["on_time_difference"] == pytest.approx(ours["on_time"] - theirs["on_time"], abs=1e-4)
    for one in (ours, theirs):
        parts = one["fares"] + one["returns_and_support"] + one["late_cost"] + one["given_up_cost"]
        assert one["cost"] == pytest.approx(parts, abs=0.1)
    sensitivity = result["sensitivity"]
    assert isinstance(sensitivity, dict)
    assert len(sensitivity) == 10


def test_with_nothing_to_lose_by_a_miss_both_book_alike() -> None:
    free_of_misses = Policy(DispatchRules(miss_cost=Money(0, "USD")))
    assert ledger(3, free_of_misses) == ledger(3, LOWEST_PRICE)


def test_the_same_seed_is_the_same_world_and_another_is_not() -> None:
    assert ledger(4, LOWEST_PRICE, 3) == ledger(4, LOWEST_PRICE, 3)
    assert ledger(4, LOWEST_PRICE, 3) != ledger(5, LOWEST_PRICE, 3)


def test_who_pays_any_price_for_punctuality_learns_to_be_more_punctual_than_the_cheapest() -> None:
    seeds = range(20, 23)
    dear = [ledger(seed, PUNCTUAL, 8) for seed in seeds]
    cheap = [ledger(seed, LOWEST_PRICE, 8) for seed in seeds]
    assert sum(one.on_time for one in dear) > sum(one.on_time for one in cheap)
    assert sum(one.fares / one.orders for one in dear) > sum(one.fares / one.orders for one in cheap)


def test_where_carriers_are_alike_there_is_nothing_to_learn() -> None:
    alike = Terms(spread=0.0, has_spells=False)
    world = World(1, 2, 30, alike)
    order = world.days[0][0]
    accounts = [account for account, _ in world.quotes(order, order.placed_at)]
    # Luck differs; without any every carrier would be the same.
    assert len({world.fate(order, one, 0, order.placed_at).arrived_min for one in accounts}) == len(accounts)
    dear, cheap = ledger(1, PUNCTUAL, 8, alike), ledger(1, LOWEST_PRICE, 8, alike)
    assert abs(dear.on_time_share - cheap.on_time_share) < 0.06


def test_luck_belongs_to_order_carrier_and_attempt_and_prices_to_the_moment() -> None:
    world = World(6, 2, 60, Terms())
    order = next(order for order in world.days[0] if order.placed_at.hour not in PEAKS)
    (account, offer), *_ = world.quotes(order, order.placed_at)
    first = world.fate(order, account, 0, order.placed_at)
    assert first == world.fate(order, account, 0, order.placed_at)
    assert first != world.fate(order, account, 1, order.placed_at)
    later = dict(world.quotes(order, order.placed_at + timedelta(seconds=1)))
    assert later[account].price == offer.price
    assert later[account].promise.window.end > offer.promise.window.end


def test_the_books_add_up() -> None:
    one = ledger(2, LOWEST_PRICE)
    assert one.cost == one.fares + one.returns + one.support + one.late + one.given_up
    assert one.late == (one.orders - one.on_time) * Terms().late_cost
    assert one.orders <= one.bookings <= one.orders * MOST_BOOKINGS
    handed_over = one.bookings - one.dropped - one.called_off - one.failed
    assert one.orders - handed_over == one.given_up // 1720
    assert one.support == 600 * one.failed
    assert one + Ledger() == one


def test_seeds_that_are_tuned_on_cannot_be_reported() -> None:
    with pytest.raises(SystemExit):
        bench.value.main(["--seed", "995", "--worlds", "10"])
