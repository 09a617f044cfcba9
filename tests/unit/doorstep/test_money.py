"""Amounts of money: exact, in minor units, never across currencies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.money import InvalidAmount, Money, UnknownCurrency, exponent_of, zero

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLP", "BHD"])
AMOUNTS = st.builds(Money, st.integers(-(10**15), 10**15), CURRENCIES)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.99", "USD", 1299),
        ("12.9", "USD", 1290),
        ("12", "USD", 1200),
        ("12.990", "USD", 1299),
        ("-0.01", "USD", -1),
        ("1300", "JPY", 1300),
        ("1300.00", "JPY", 1300),
        ("1.234", "KWD", 1234),
    ],
)
def test_an_amount_is_read_in_the_digits_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert Money.parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [("12.999", "USD"), ("82.75", "JPY"), ("1.2345", "KWD"), ("0.001", "EUR")]
)
def test_surplus_digits_are_refused_where_nothing_may_be_lost(amount: str, currency: str) -> None:
    with pytest.raises(InvalidAmount, match=f"digits of {currency}"):
        Money.parse(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("82.75", "JPY", 83),
        ("82.5", "JPY", 83),
        ("82.49", "JPY", 82),
        ("0.005", "USD", 1),
        ("-0.005", "USD", -1),
        ("1.2344", "KWD", 1234),
    ],
)
def test_another_systems_surplus_digits_are_rounded_half_away_from_nothing(
    amount: str, currency: str, minor: int
) -> None:
    assert Money.parse_rounding(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "amount",
    [
        "",
        " ",
        "12,99",
        "1e3",
        "NaN",
        "Infinity",
        "+5",
        ".5",
        "5.",
        "0x10",
        "1 000",
        "١٢",
        "12.99\n",
        "9" * 19,
    ],
)
@pytest.mark.parametrize("read", [Money.parse, Money.parse_rounding], ids=["strict", "rounding"])
def test_what_is_no_plain_decimal_is_refused(amount: str, read: Callable[[str, str], Money]) -> None:
    with pytest.raises(InvalidAmount):
        read(amount, "USD")


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "BTC", "US", "EURO"])
def test_a_currency_that_does_not_exist_is_refused_everywhere(currency: str) -> None:
    makers: list[Callable[[], Money]] = [
        lambda: Money(1, currency),
        lambda: Money.parse("1", currency),
        lambda: zero(currency),
    ]
    for make in makers:
        with pytest.raises(UnknownCurrency, match="ISO 4217"):
            make()


def test_currencies_have_none_two_or_three_digits() -> None:
    assert [exponent_of(code) for code in ("JPY", "USD", "KWD")] == [0, 2, 3]


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1299, "USD"), "12.99"),
        (Money(5, "USD"), "0.05"),
        (Money(-5, "USD"), "-0.05"),
        (Money(1300, "JPY"), "1300"),
        (Money(7, "KWD"), "0.007"),
        (Money(0, "EUR"), "0.00"),
    ],
)
def test_an_amount_is_written_with_exactly_its_currencys_digits(money: Money, written: str) -> None:
    assert money.amount == written
    assert str(money) == f"{written} {money.currency}"


@given(money=AMOUNTS)
def test_what_is_written_is_read_back_the_same(money: Money) -> None:
    assert Money.parse(money.amount, money.currency) == money
    assert Money.parse_rounding(money.amount, money.currency) == money


@given(a=st.integers(-(10**12), 10**12), b=st.integers(-(10**12), 10**12), currency=CURRENCIES)
def test_adding_and_taking_away_are_those_of_minor_units(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert (left + right).minor == a + b
    assert left + right - right == left
    assert (left < right, left >= right) == (a < b, a >= b)


@pytest.mark.parametrize(
    ("factor", "minor"),
    [(3, 2997), (Decimal("0.5"), 500), (Decimal("0.0005"), 0), (Decimal(-1), -999), (0, 0)],
)
def test_a_multiple_is_rounded_half_up_to_the_minor_unit(factor: Decimal | int, minor: int) -> None:
    # Half of 9.99 is 4.995.
    assert Money(999, "USD").times(factor) == Money(minor, "USD")


def test_two_currencies_cannot_be_combined() -> None:
    dollars, euros = Money(1, "USD"), Money(1, "EUR")
    attempts: list[Callable[[], object]] = [
        lambda: dollars + euros,
        lambda: dollars - euros,
        lambda: dollars < euros,
    ]
    for combine in attempts:
        with pytest.raises(ValueError, match="USD with EUR"):
            combine()
    assert dollars != euros
