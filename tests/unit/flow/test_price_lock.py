"""What is added to prices that have to stand longer than their quotes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.money import Money
from doorstep.scorecard import Requote
from gateway.flow.quoting.price_lock import ENOUGH, MOST_BASIS_POINTS, drift_of, raised

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def requotes(quoted: int, booked: int, times: int, currency: str = "USD") -> list[Requote]:
    return [
        Requote(f"leg_{number}", "acc_1", Money(quoted, currency), Money(booked, currency), 600, NOON)
        for number in range(times)
    ]


def test_nothing_is_added_before_enough_is_known() -> None:
    drift = drift_of(requotes(1_000, 1_100, ENOUGH - 1))
    assert (drift.basis_points, drift.buffer_basis_points) == (1_000, 0)
    assert drift.loss == Money(100 * (ENOUGH - 1), "USD")


@pytest.mark.parametrize(
    ("booked", "points"), [(1_020, 200), (1_000, 0), (900, 0), (2_000, MOST_BASIS_POINTS)]
)
def test_what_bookings_cost_more_on_average_is_added_within_bounds(booked: int, points: int) -> None:
    assert drift_of(requotes(1_000, booked, ENOUGH)).buffer_basis_points == points


def test_cheap_and_dear_bookings_count_by_their_money() -> None:
    drift = drift_of([*requotes(10_000, 10_500, 10), *requotes(100, 50, 10)])
    assert (drift.basis_points, drift.loss) == (4_500 * 10_000 // 101_000, Money(4_500, "USD"))


def test_another_currency_does_not_count() -> None:
    drift = drift_of([*requotes(1_000, 1_100, ENOUGH), *requotes(1_000, 9_000, 5, "EUR")])
    assert (drift.bookings, drift.loss) == (ENOUGH, Money(100 * ENOUGH, "USD"))


def test_without_bookings_there_is_nothing_to_say() -> None:
    assert drift_of([]).loss is None


def test_prices_are_raised_to_the_next_minor_unit() -> None:
    assert raised(Money(999, "USD"), 250) == Money(1_024, "USD")
    assert raised(Money(999, "USD"), 0) == Money(999, "USD")
