"""The choice among carriers against every choice there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np
import pytest

from doorstep.wave import Pool, Wave
from optimizer.modes.book import Book
from optimizer.modes.carriers import choose_carriers
from optimizer.modes.closing import close
from optimizer.modes.cp_sat import prove
from optimizer.modes.filling import fill
from optimizer.modes.levels import LevelSearch
from optimizer.modes.prices import all_levels, ascend, bound_at
from tests.unit.optimizer.modes.conftest import random_wave

SEEDS = range(14, 24)


def a_minute() -> float:
    return 60.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_holds_for_the_best_choice_and_the_choice_is_near_it(
    seed: int, least_cost: Callable[[Book], float]
) -> None:
    book = Book.of(random_wave(seed))
    best = least_cost(book)
    found = LevelSearch(book, a_minute).run()
    assert found.relaxed_bound <= found.bound + 1e-6
    assert found.bound <= best + 1e-6
    # Six orders: what branching on discounts alone leaves is a few per cent of one of them.
    assert best - 1e-6 <= found.cost <= 1.03 * best


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_wave_is_solved_to_the_best_there_is(seed: int, least_cost: Callable[[Book], float]) -> None:
    book = Book.of(random_wave(seed))
    best = least_cost(book)
    choice = choose_carriers(book, monotonic() + 60, seed=1)
    assert choice.cost == pytest.approx(best, rel=1e-4)
    assert book.cost_of(choice.pick) == choice.cost
    assert choice.bound <= best + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_cp_sat_agrees_with_every_choice_tried(seed: int, least_cost: Callable[[Book], float]) -> None:
    book = Book.of(random_wave(seed))
    proven = prove(book, fill(book, all_levels(book), book.cost), seconds=60, seed=1)
    assert proven is not None
    pick, bound = proven
    assert book.cost_of(pick) == pytest.approx(least_cost(book), abs=0.5)
    # Spendings are compared in whole minor units there, and in fractions here.
    assert bound == pytest.approx(book.cost_of(pick), abs=1.0)


def test_any_prices_prove_a_bound(least_cost: Callable[[Book], float]) -> None:
    book = Book.of(random_wave(3))
    best, random = least_cost(book), np.random.default_rng(3)
    for _ in range(50):
        prices = random.normal(0, 300, len(book.curves))
        assert bound_at(book, all_levels(book), prices) <= best + 1e-6


def test_raising_the_bound_on_fewer_columns_still_proves_it_for_all(
    least_cost: Callable[[Book], float],
) -> None:
    book = Book.of(random_wave(5))
    near = book.nearest(book.cost, 1)
    assert near.cost.shape[1] == 2
    levels = all_levels(book)
    priced = ascend(near, levels, np.zeros(len(book.curves)), target=least_cost(book), steps=100)
    assert bound_at(book, levels, priced.prices) <= least_cost(book) + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_filling_never_breaks_a_limit(seed: int) -> None:
    book = Book.of(random_wave(seed, orders=60))
    assert np.isfinite(book.cost_of(fill(book, all_levels(book), book.cost)))


def test_closing_a_leaf_is_best_on_its_pieces_and_its_prices_prove_it() -> None:
    # Without tiers, budgets and double parcels the one leaf is the problem, and a transport problem.
    wave = random_wave(11, orders=40)
    single = tuple(replace(order, parcels=1) for order in wave.orders)
    pools = tuple(Pool(pool.id, pool.carriers, most=9) for pool in wave.pools)
    book = Book.of(Wave("USD", single, pools))
    levels = all_levels(book)
    greedy = fill(book, levels, book.cost)
    priced = ascend(book, levels, np.zeros(len(book.curves)), target=book.cost_of(greedy), steps=100)
    closed = close(book, levels, priced, greedy, seconds=60)
    assert closed.pick is not None
    assert closed.prices is not None
    assert book.cost_of(closed.pick) < book.cost_of(greedy)
    assert bound_at(book, levels, closed.prices) == pytest.approx(book.cost_of(closed.pick), abs=0.01)


def test_without_time_there_is_still_a_choice_within_all_limits() -> None:
    book = Book.of(random_wave(2, orders=200))
    choice = choose_carriers(book, monotonic() - 1, seed=1)
    assert np.isfinite(book.cost_of(choice.pick))
    assert choice.bound <= choice.cost


def test_a_wave_without_orders_or_offers_is_no_error() -> None:
    assert choose_carriers(Book.of(Wave("USD", ())), monotonic() + 5, seed=1).cost == 0
    lonely = replace(random_wave(1).orders[0], options=())
    choice = choose_carriers(Book.of(Wave("USD", (lonely,))), monotonic() + 5, seed=1)
    assert choice.pick.tolist() == [0]
