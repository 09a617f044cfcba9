"""How many questions about orders somebody may ask."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway.checkout.shopify.guesses import Guesses


@dataclass
class Hands:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_somebody_who_tries_numbers_has_a_dozen_and_then_one_a_minute() -> None:
    hands = Hands()
    guesses = Guesses(hands)
    assert [guesses.ask("shop", "one") for _ in range(12)] == [0.0] * 12
    assert guesses.ask("shop", "one") == pytest.approx(60.0)
    hands.now_s = 60.0
    assert guesses.ask("shop", "one") == 0.0
    assert guesses.ask("shop", "one") > 0


def test_others_and_other_shops_are_not_in_the_way() -> None:
    guesses = Guesses(Hands())
    for _ in range(12):
        guesses.ask("shop", "one")
    assert (guesses.ask("shop", "two"), guesses.ask("other", "one")) == (0.0, 0.0)


def test_a_page_that_knows_its_order_may_ask_every_half_minute_all_day() -> None:
    hands = Hands()
    guesses = Guesses(hands)
    for _ in range(2_000):
        assert guesses.ask("shop", "one") == 0.0
        guesses.was_right("shop", "one")
        hands.now_s += 30


def test_who_changes_the_address_with_every_guess_is_held_down_by_the_shop() -> None:
    guesses = Guesses(Hands())
    taken = [guesses.ask("shop", f"visitor {number}") == 0.0 for number in range(700)]
    assert taken.count(True) == 600
