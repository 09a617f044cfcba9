"""A wave says what is wrong with it, field first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.money import Money
from doorstep.wave import InvalidWave, Pool, Tier, Wave, WaveOption, WaveOrder
from tests.unit.optimizer.modes.conftest import offer, usd

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: offer("Dart", -1), r"options\[Dart\].price"),
        (lambda: offer("Dart", 1, late=1.5), r"options\[Dart\].late_chance"),
        (lambda: WaveOrder("o1", parcels=0), r"orders\[o1\].parcels"),
        (lambda: WaveOrder("o1", undelivered=usd(-1)), r"orders\[o1\].undelivered"),
        (lambda: WaveOrder("o1", (offer("Dart", 1), offer("Dart", 2))), r"orders\[o1\].options: 'Dart'"),
        (lambda: Pool("p", most=3, least=4), r"pools\[p\].least"),
        (lambda: Pool("p", most_spent=usd(-1)), r"pools\[p\].most_spent"),
        (lambda: Pool("p", tiers=(Tier(5, usd(10)), Tier(5, usd(20)))), r"pools\[p\].tiers"),
        (lambda: Pool("p", tiers=(Tier(5, usd(10)), Tier(9, usd(10)))), r"pools\[p\].tiers"),
        (lambda: Wave("USD", (WaveOrder("o1"), WaveOrder("o1"))), "orders: ids"),
        (lambda: Wave("USD", (), (Pool("p"), Pool("p"))), "pools: ids"),
        (lambda: Wave("EUR", (WaveOrder("o1", (offer("Dart", 1),)),)), r"orders\[o1\].options\[Dart\].price"),
        (lambda: Wave("EUR", (), (Pool("p", most_spent=usd(5)),)), r"pools\[p\].most_spent"),
        (lambda: Wave("USD", (), van_late_chance=2), "van_late_chance"),
        (
            lambda: Wave(
                "USD", (WaveOrder("o1", (offer("Dart", 9),)),), (Pool("p", tiers=(Tier(2, usd(10)),)),)
            ),
            r"pools\[p\].tiers: take off more",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_name_of_the_field(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidWave, match=f"^{message}"):
        make()


def test_an_offer_that_comes_too_late_costs_the_whole_promise_or_may_not_be_taken() -> None:
    late = WaveOption("q", "Dart", offer("Dart", 0).mode, usd(500), arrives_by=NOON + timedelta(hours=1))
    strict = WaveOrder("o1", (late,), due=NOON)
    priced = WaveOrder("o2", (late,), due=NOON, broken_promise=usd(1200))
    assert not strict.may_take(late)
    assert priced.may_take(late)
    assert priced.expected_minor(late) == 1700


def test_the_chance_of_coming_late_is_paid_for_rounded_half_up() -> None:
    order = WaveOrder("o1", (offer("Dart", 500, late=0.05),), broken_promise=Money(1210, "USD"))
    # 5 % of 12.10 are 60.5 minor units.
    assert order.expected_minor(order.options[0]) == 561
