"""What an offer keeps for its booking, and what is held against it then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.quoted import is_too_dear, too_dear, wanted_window, window_data
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.window import Window

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("price", "dear"),
    [
        (Money(900, "USD"), False),
        (Money(1_100, "USD"), False),  # a tenth more to the cent
        (Money(1_101, "USD"), True),
        (Money(900, "CAD"), True),  # other money cannot be compared
    ],
)
def test_a_tenth_more_than_quoted_is_borne(price: Money, dear: bool) -> None:
    assert is_too_dear(price, Money(1_000, "USD")) is dear


def test_whatever_costs_more_than_a_quote_of_nothing_is_too_dear() -> None:
    assert is_too_dear(Money(1, "USD"), Money(0, "USD"))


def test_a_dear_price_sends_the_booking_to_the_next_in_rank() -> None:
    error = too_dear(Money(1_200, "USD"), Money(1_000, "USD"), system="courier", name="Courier")

    assert error.message == "Courier now asks 12.00 USD, more than a tenth above the quoted 10.00 USD."
    assert (error.system, error.raw_code, error.kind) == (
        "courier",
        "price_changed",
        IncidentKind.QUOTE_EXPIRED,
    )


def test_a_carrier_that_has_a_word_for_a_dear_price_keeps_it() -> None:
    error = too_dear(Money(2, "USD"), Money(1, "USD"), system="x", name="X", raw_code="price_moved")

    assert error.raw_code == "price_moved"


def test_a_wanted_window_survives_until_the_booking() -> None:
    wanted = Window(NOON, NOON + timedelta(hours=1))

    assert wanted_window(window_data(wanted)) == wanted
    assert wanted_window(window_data(None)) is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"window_start": NOON.isoformat()},
        {"window_start": "soon", "window_end": "later"},
        {"window_start": NOON.isoformat(), "window_end": (NOON - timedelta(hours=1)).isoformat()},
    ],
)
def test_booking_data_without_a_readable_window_holds_none(data: dict[str, str]) -> None:
    assert wanted_window(data) is None
