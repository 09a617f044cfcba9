"""The short form of `python -m bench value`, and the world behind it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

import bench.value
from bench.value.fates import PICKUP_MIN, Conditions, Luck, alone, together
from bench.value.ledger import Ledger
from bench.value.shop import MOST_BOOKINGS, Policy, Shop
from bench.value.tuning import LOWEST_PRICE, Setting
from bench.value.world import PEAKS, Terms, World
from doorstep.dispatch_rules import DispatchRules
from doorstep.money import Money

PUNCTUAL = Policy(DispatchRules(miss_cost=Money(100_000, "USD")))
STACKING = Setting(miss_cost=900, most_stops=4, longest_wait_min=45, spare_min=15).policy
FINE_DAY = Conditions(trouble=1.0, busy=1.0, traffic=1.0)
GOOD = Luck(
    delayed=1.0, refused=1.0, dropped=1.0, nobody_home=1.0, carrier_fails=1.0,
    assign=1.0, delay=1.0, drop=1.0, noise=0.0, handover_min=4.0,
)  # fmt: skip
"""A courier after four minutes, and nothing goes wrong."""

STREET_MIN = [[abs(here - there) for there in (0, 10, 12, 15)] for here in (0, 10, 12, 15)]
"""Three doors along one road."""


def ledger(seed: int, policy: Policy, days: int = 4, terms: Terms | None = None, orders: int = 30) -> Ledger:
    return asyncio.run(Shop(World(seed, days, orders, terms or Terms()), policy).run())


def test_a_few_days_are_tuned_on_other_worlds_than_those_that_are_reported() -> None:
    words = "--days 2 --orders 6 --worlds 2 --tuning-worlds 2 --workers 1 --seed 7 --sensitivity".split()
    result = bench.value.main(words)
    assert (result["reported_seeds"], result["tuning_seeds"]) == ([7, 8], [1007, 1008])
    ours, theirs = result["best_value"], result["lowest_price"]
    assert isinstance(ours, dict)
    assert isinstance(theirs, dict)
    assert result["cost_ratio"] == pytest.approx(ours["cost"] / theirs["cost"], abs=1e-3)
    assert result["on_time_difference"] == pytest.approx(ours["on_time"] - theirs["on_time"], abs=1e-4)
    assert (result["stacked"], theirs["stacked"]) == (ours["stacked"], 0)
    for one in (ours, theirs):
        parts = one["fares"] + one["returns_and_support"] + one["late_cost"] + one["given_up_cost"]
        assert one["cost"] == pytest.approx(parts, abs=0.1)
    sensitivity = result["sensitivity"]
    assert isinstance(sensitivity, dict)
    assert len(sensitivity) == 18
    assert sensitivity["without stacks"]["stacked"] == 0


def test_with_nothing_to_lose_by_a_miss_and_nobody_to_wait_for_both_book_alike() -> None:
    free_of_misses = Policy(DispatchRules(miss_cost=Money(0, "USD")))
    assert ledger(3, free_of_misses) == ledger(3, LOWEST_PRICE)
    stacks_but_nobody_takes_two = replace(STACKING, rules=free_of_misses.rules)
    nobody = Terms(stackers=0)
    assert ledger(3, stacks_but_nobody_takes_two, terms=nobody) == ledger(3, LOWEST_PRICE, terms=nobody)


def test_the_same_seed_is_the_same_world_and_another_is_not() -> None:
    for policy in (LOWEST_PRICE, STACKING):
        assert ledger(4, policy, 3) == ledger(4, policy, 3)
        assert ledger(4, policy, 3) != ledger(5, policy, 3)


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


@pytest.mark.parametrize("policy", [LOWEST_PRICE, STACKING], ids=["lowest price", "best value with stacks"])
def test_the_books_add_up(policy: Policy) -> None:
    one = ledger(2, policy)
    assert one.orders == sum(len(day) for day in World(2, 4, 30, Terms()).days)
    assert one.cost == one.fares + one.returns + one.support + one.late + one.given_up
    assert one.late == (one.orders - one.on_time) * Terms().late_cost
    assert one.orders <= one.bookings <= one.orders * MOST_BOOKINGS
    handed_over = one.bookings - one.dropped - one.called_off - one.failed
    assert one.orders - handed_over == one.given_up // 1720
    assert one.support == 600 * one.failed
    assert one + Ledger() == one
    assert (one.stacked > 0) == (policy is STACKING)
    assert 2 * one.tours <= one.stacked <= 4 * one.tours


def test_the_more_orders_there_are_the_more_go_together_and_the_less_each_costs() -> None:
    few, many = ledger(8, STACKING, 3, orders=20), ledger(8, STACKING, 3, orders=120)
    assert few.stacked / few.orders < many.stacked / many.orders
    at_once = ledger(8, Setting(miss_cost=900, most_stops=1).policy, 3, orders=120)
    assert many.fares / many.orders < at_once.fares / at_once.orders


def test_a_tour_costs_its_way_and_something_for_each_further_door() -> None:
    world = World(9, 1, 30, Terms())
    assert world.stackable == {"acc_courier_0": 8, "acc_courier_2": 15}
    assert World(9, 1, 30, Terms(stackers=1)).stackable == {"acc_courier_0": 8}
    order = next(order for order in world.days[0] if order.placed_at.hour not in PEAKS)
    offers = dict(world.quotes(order, order.placed_at))
    account = next(account for account in world.stackable if account in offers)

    def price(*orders: object) -> int:
        return world.tour_price([order] * len(orders), account, order.placed_at).minor

    single = price(order)
    assert single == pytest.approx(offers[account].price.minor, abs=1)
    further = price(order, order) - single
    assert 0 < further < single / 2
    assert price(order, order, order) - single == pytest.approx(2 * further, abs=2)
    opposite = replace(order, place=(-order.place[0], -order.place[1]))
    there_and_back = world.tour_price([order, opposite], account, order.placed_at).minor
    assert there_and_back > price(order, order)


def test_a_tour_of_one_door_has_the_fate_of_that_door_alone() -> None:
    single = alone(GOOD, FINE_DAY, 10)
    tour = together([GOOD], FINE_DAY, STREET_MIN, doors_are_rides=False)
    assert tour.arrived_min == (single.arrived_min,) == (4 + PICKUP_MIN + 10,)
    assert (tour.is_refused, tour.dropped_min, tour.has_failed) == (False, None, (False,))


def test_what_holds_a_courier_up_at_one_door_is_late_at_the_next() -> None:
    def arrived(*lucks: Luck) -> tuple[float, ...]:
        return together(lucks, FINE_DAY, STREET_MIN, doors_are_rides=False).arrived_min

    # Two further bags, a minute each; four minutes at each door.
    assert arrived(GOOD, GOOD, GOOD) == (28, 34, 41)
    assert arrived(replace(GOOD, delayed=0.0), GOOD, GOOD) == (58, 64, 71)
    assert arrived(GOOD, replace(GOOD, delayed=0.0), GOOD) == (28, 64, 71)
    assert arrived(GOOD, GOOD, replace(GOOD, delayed=0.0)) == (28, 34, 71)
    # Nobody at home: six minutes more at that door.
    assert arrived(replace(GOOD, nobody_home=0.0), GOOD, GOOD) == (28, 40, 47)
    slow = together([replace(GOOD, noise=1.0), GOOD], FINE_DAY, STREET_MIN, doors_are_rides=False)
    assert slow.arrived_min[1] - slow.arrived_min[0] > 6


def test_a_further_door_is_delayed_by_its_share_of_a_ride_or_as_one() -> None:
    # One ride in twelve; six minutes of the 34 that the second door would take alone.
    for delayed, doors_are_rides, expected in [
        (0.01, False, 63),
        (0.02, False, 33),
        (0.02, True, 63),
        (0.09, True, 33),
    ]:
        lucks = [GOOD, replace(GOOD, delayed=delayed)]
        tour = together(lucks, FINE_DAY, STREET_MIN, doors_are_rides=doors_are_rides)
        assert tour.arrived_min == (27, expected)


def test_all_of_a_tour_is_lost_with_its_courier_and_each_failed_door_by_itself() -> None:
    lost = together([replace(GOOD, dropped=0.0), GOOD], FINE_DAY, STREET_MIN, doors_are_rides=False)
    assert lost.dropped_min == 12
    kept = together([GOOD, replace(GOOD, dropped=0.0)], FINE_DAY, STREET_MIN, doors_are_rides=False)
    assert kept.dropped_min is None
    failed = together([GOOD, replace(GOOD, carrier_fails=0.0)], FINE_DAY, STREET_MIN, doors_are_rides=False)
    assert failed.has_failed == (False, True)
    # At the second door after 33, and twelve back.
    assert failed.back_min == 45


def test_seeds_that_are_tuned_on_cannot_be_reported() -> None:
    with pytest.raises(SystemExit):
        bench.value.main(["--seed", "995", "--worlds", "10"])
