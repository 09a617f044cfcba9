"""What is remembered of orders."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.couriers.lalamove import heard as module
from connectors.couriers.lalamove.heard import Heard, Known
from connectors.couriers.lalamove.terms import Terms
from doorstep.money import Money

TERMS = Terms("quo_1", "a", "b", "CAR", Money(100, "HKD"), datetime(2026, 1, 1, tzinfo=UTC))


def test_our_own_answer_wins_over_a_webhook_and_ends_the_doubt() -> None:
    heard = Heard()
    heard.doubt("pk_1", "leg_01", TERMS)
    heard.tell("pk_1", "leg_01", "7")
    assert heard.order_of("pk_1", "leg_01") == Known("7", is_own=False)
    assert heard.doubt_of("pk_1", "leg_01") == TERMS

    heard.place("pk_1", "leg_01", "8", "quo_1")

    assert heard.order_of("pk_1", "leg_01") == Known("8", is_own=True)
    assert heard.doubt_of("pk_1", "leg_01") is None
    assert heard.user_of("pk_1", "quo_1") == "leg_01"


def test_a_replaced_order_is_known_by_its_other_number_in_its_own_account_alone() -> None:
    heard = Heard()
    for account in ("pk_1", "pk_2"):
        heard.place(account, "leg_01", "8", "quo_1")
        heard.tell(account, "leg_02", "9")

    heard.replace("pk_1", "8", "108")
    heard.replace("pk_1", "9", "109")

    assert heard.order_of("pk_1", "leg_01") == Known("108", is_own=True)
    assert heard.order_of("pk_1", "leg_02") == Known("109", is_own=False)
    assert heard.order_of("pk_2", "leg_01") == Known("8", is_own=True)


def test_accounts_do_not_hear_of_each_other() -> None:
    heard = Heard()
    heard.place("pk_1", "leg_01", "8", "quo_1")

    assert heard.order_of("pk_2", "leg_01") is None
    assert heard.user_of("pk_2", "quo_1") == ""


def test_the_oldest_are_forgotten_first() -> None:
    heard = Heard()
    for number in range(module.MOST + 1):
        heard.tell("pk_1", f"leg_{number}", "7")

    assert heard.order_of("pk_1", "leg_0") is None
    assert heard.order_of("pk_1", "leg_1") is not None


def test_a_process_that_starts_knows_nothing() -> None:
    heard = Heard()
    heard.place("pk_1", "leg_01", "8", "quo_1")
    heard.clear()

    assert heard.order_of("pk_1", "leg_01") is None
