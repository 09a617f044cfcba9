"""How long an order that comes at noon may wait to be compared with others, and what is open of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.address import Address
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.mode_rules import ModeRules
from doorstep.money import Money
from doorstep.quote import (
    CarrierQuote,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    RankFactor,
    RankReason,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.choosing.offers import open_turns
from gateway.flow.choosing.waiting import wait_until
from gateway.flow.dispatching.strategy import Errand, Line, line_up

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Address("US", postal_code="00412")
RULES = ModeRules(is_on=True, longest_wait_s=1800, spare_s=600)
HORIZON = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def offer(
    carrier: str,
    price: int,
    takes_min: float = 40,
    pickup_min: float | None = None,
    *,
    is_preferred: bool = False,
) -> Quote:
    """A courier, or a parcel carrier where it says when it comes by."""
    made = CarrierQuote(
        carrier=carrier,
        service="now",
        title=carrier,
        mode=DeliveryMode.COURIER if pickup_min is None else DeliveryMode.PARCEL,
        vehicle=VehicleKind.CAR,
        price=Money(price, "USD"),
        price_basis=PriceBasis.LIVE,
        promise=Promise(Window(NOON, at(takes_min)), "UTC", PromiseBasis.CARRIER_COMMITMENT),
        expires_at=at(15),
        pickup_by=None if pickup_min is None else at(pickup_min),
    )
    why = (RankReason(RankFactor.PREFERENCE, "a rule", 1.0),) if is_preferred else ()
    return Quote(f"quo_{carrier}", f"acc_{carrier}", made, 0, 0.0, why, 10)


def answers(*quotes: Quote) -> QuoteSet:
    request = QuoteRequest("q", HERE, HERE, (), Money(5000, "USD"), NOON, NOON, "UTC")
    ranked = tuple(replace(one, rank=n) for n, one in enumerate(quotes, start=1))
    return QuoteSet("qst_1", "mer_1", request, "ful_1", "loc_1", ranked, (), 1500, 200, True)


def lined_up(*quotes: Quote) -> Line:
    return line_up(answers(*quotes), Errand(DispatchRules(DispatchStrategy.CHEAPEST)))


def waits(*quotes: Quote, window: Window | None = None, rules: ModeRules = RULES) -> float:
    """For how many minutes."""
    until = wait_until(open_turns(lined_up(*quotes)), answers(*quotes), rules, window, NOON, HORIZON)
    return (until - NOON).total_seconds() / 60


TWO = (offer("dart", 800), offer("lark", 900))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # The cheaper takes 40 minutes and 10 are spare: 90 - 50 are more than the half hour of the rules.
        (0, 90, 30),
        (0, 60, 10),
        (0, 50, 0),
        (0, 30, 0),
        # Planning begins an hour before the window does.
        (180, 300, 120),
        (180, 200, 120),
        (100, 105, 40),
    ],
)
def test_an_order_waits_while_its_promise_can_be_kept(start: float, end: float, expected: float) -> None:
    assert waits(*TWO, window=Window(at(start), at(end))) == expected


def test_who_was_promised_nothing_waits_as_long_as_the_rules_say() -> None:
    assert waits(*TWO) == 30
    assert waits(*TWO, rules=replace(RULES, longest_wait_s=0)) == 0


def test_a_parcel_goes_with_the_pickup_that_it_was_offered_for() -> None:
    assert waits(offer("dart", 800), offer("post", 500, 60 * 48, pickup_min=25)) == 15
    assert waits(offer("dart", 800), offer("post", 500, 60 * 48, pickup_min=5)) == 0


def test_nobody_waits_where_there_is_nothing_to_choose() -> None:
    assert waits(offer("dart", 800)) == 0
    assert waits() == 0


def test_what_a_rule_prefers_is_not_open() -> None:
    dart, lark = offer("dart", 800), offer("lark", 900, is_preferred=True)
    assert [turn.quote.id for turn in open_turns(lined_up(dart, lark))] == [lark.id]
    assert waits(dart, lark) == 0
