"""In which order carriers are asked, and what is said of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.money import Money
from doorstep.quote import (
    CarrierQuote,
    Choice,
    DeclineReason,
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
from gateway.flow.dispatching.strategy import Errand, line_up

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Address("US", postal_code="00412")
Strategy = DispatchStrategy


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def promised(minutes: float) -> Promise:
    return Promise(Window(NOW, NOW + timedelta(minutes=minutes)), "UTC", PromiseBasis.PREDICTED)


def by(minutes: float) -> datetime:
    return promised(minutes).window.end


def quote(
    carrier: str,
    price: int,
    minutes: float = 60,
    reliability: float | None = 0.95,
    mode: DeliveryMode = DeliveryMode.COURIER,
    preference: float | None = None,
) -> Quote:
    """An offer; `preference` is what a rule's preference contributed."""
    offer = CarrierQuote(
        carrier=carrier,
        service="std",
        title=carrier,
        mode=mode,
        vehicle=VehicleKind.CAR,
        price=usd(price),
        price_basis=PriceBasis.LIVE,
        promise=promised(minutes),
        expires_at=NOW + timedelta(minutes=15),
    )
    reasons = () if preference is None else (RankReason(RankFactor.PREFERENCE, "Preferred", preference),)
    return Quote(f"quo_{carrier}", f"acc_{carrier}", offer, 0, 0.0, reasons, 10, reliability=reliability)


def answers(*quotes: Quote) -> QuoteSet:
    """A set that ranks them in this order."""
    request = QuoteRequest("q", HERE, HERE, (), usd(5000), NOW, NOW, "UTC")
    ranked = tuple(replace(one, rank=n, score=1 / n) for n, one in enumerate(quotes, start=1))
    return QuoteSet("qst_1", "mer_1", request, "ful_1", "loc_1", ranked, (), 1500, 200, True)


def chosen(carrier: str, price: int = 900, minutes: float = 60) -> Choice:
    return Choice(
        "cho_1", "mer_1", "qst_0", "quo_0", carrier, "std", f"acc_{carrier}", usd(price), promised(minutes),
        NOW, NOW + timedelta(minutes=30),
    )  # fmt: skip


def order(quotes: QuoteSet, strategy: Strategy = Strategy.BEST_VALUE, **rules: Any) -> list[str]:
    """Who is asked by a strategy where nothing else counts."""
    return names(quotes, Errand(DispatchRules(strategy, **rules)))


def names(quotes: QuoteSet, errand: Errand) -> list[str]:
    return [turn.quote.offer.carrier for turn in line_up(quotes, errand).turns]


VANS = quote("vans", 1100, 240, 0.99, DeliveryMode.OWN_FLEET)
RUSH = quote("rush", 1500, 30, 0.93)
THRIFT = quote("thrift", 700, 90, 0.80)
FRESH = quote("fresh", 900, 60, None)
ALL = answers(FRESH, THRIFT, VANS, RUSH)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("BEST_VALUE", "fresh thrift vans rush"),
        ("CHEAPEST", "thrift fresh vans rush"),
        ("FASTEST", "rush fresh thrift vans"),
        # Who has no record counts as 95 %.
        ("MOST_RELIABLE", "vans fresh rush thrift"),
        ("OWN_FLEET_FIRST", "vans fresh thrift rush"),
        ("PREFERRED_ORDER", "rush vans fresh thrift"),
        ("SEQUENTIAL", "rush vans"),
        # Where people book, and for what a later version may know, the list counts.
        ("MANUAL", "fresh thrift vans rush"),
        ("OTHER", "fresh thrift vans rush"),
    ],
)
def test_each_strategy_asks_in_its_own_order(strategy: str, expected: str) -> None:
    preferred = ("rush", "acc_vans") if strategy in ("PREFERRED_ORDER", "SEQUENTIAL") else ()
    assert order(ALL, Strategy(strategy), preferred=preferred) == expected.split()


def test_every_strategy_asks_everybody_once_but_the_sequential_one() -> None:
    for strategy in set(Strategy) - {Strategy.SEQUENTIAL}:
        assert sorted(order(ALL, strategy)) == ["fresh", "rush", "thrift", "vans"]


@pytest.mark.parametrize(
    ("miss_cost", "first"),
    [
        (0, "thrift"),
        # thrift 7.00 + 20 % of 13.00 = 9.60, fresh 9.00 + 5 % of 13.00 = 9.65.
        (1300, "thrift"),
        # 7.00 + 2.80 = 9.80, 9.00 + 0.70 = 9.70.
        (1400, "fresh"),
        # fresh 9.00 + 3.00 = 12.00, vans 11.00 + 0.60 = 11.60.
        (6000, "vans"),
    ],
)
def test_the_dearer_a_miss_the_more_reliable_is_the_best_value(miss_cost: int, first: str) -> None:
    assert order(ALL, miss_cost=usd(miss_cost))[0] == first


def test_a_miss_in_another_currency_leaves_it_to_the_score() -> None:
    assert order(ALL, miss_cost=Money(99_000, "EUR"))[0] == "fresh"


def test_carriers_are_preferred_by_account_service_or_carrier() -> None:
    preferred = ("thrift:std", "acc_rush", "nobody", "vans")
    assert order(ALL, Strategy.SEQUENTIAL, preferred=preferred) == ["thrift", "rush", "vans"]


@pytest.mark.parametrize("strategy", [one for one in Strategy if one is not Strategy.SEQUENTIAL])
def test_the_shoppers_choice_goes_first_whatever_the_strategy(strategy: Strategy) -> None:
    for carrier in ("fresh", "thrift", "vans", "rush"):
        errand = Errand(DispatchRules(strategy), choice=chosen(carrier), promised_by=by(10))
        assert names(ALL, errand)[0] == carrier


def test_another_service_or_account_of_the_chosen_carrier_is_not_the_choice() -> None:
    express = replace(THRIFT, id="quo_x", offer=replace(THRIFT.offer, service="express"))
    second = replace(THRIFT, id="quo_y", account_id="acc_thrift_2")
    quotes = answers(express, second, THRIFT)
    line = line_up(quotes, Errand(choice=chosen("thrift")))
    assert [turn.quote.id for turn in line.turns] == ["quo_thrift", "quo_x", "quo_y"]


def test_who_keeps_the_shoppers_promise_is_asked_before_who_breaks_it() -> None:
    errand = Errand(DispatchRules(Strategy.CHEAPEST), choice=chosen("rush"), promised_by=by(60))
    # thrift breaks it by half an hour, vans by three hours; fresh keeps it to the minute.
    assert names(ALL, errand) == ["rush", "fresh", "thrift", "vans"]


def test_where_nobody_keeps_the_promise_the_least_late_is_asked() -> None:
    assert names(ALL, Errand(DispatchRules(Strategy.CHEAPEST), promised_by=by(20))) == [
        "rush",
        "fresh",
        "thrift",
        "vans",
    ]


def test_a_merchants_grace_keeps_a_promise() -> None:
    errand = Errand(DispatchRules(Strategy.CHEAPEST), promised_by=by(60), grace_s=1800)
    assert names(ALL, errand) == ["thrift", "fresh", "rush", "vans"]


def test_what_a_rule_prefers_goes_before_what_a_strategy_does() -> None:
    quotes = answers(quote("a", 900, preference=0.6667), quote("b", 700, preference=0.3333), quote("c", 100))
    for strategy in (Strategy.CHEAPEST, Strategy.BEST_VALUE, Strategy.FASTEST):
        assert order(quotes, strategy) == ["a", "b", "c"]


def test_a_named_offer_goes_first_and_who_dropped_it_last_and_the_unfaithful_not_at_all() -> None:
    errand = Errand(
        DispatchRules(Strategy.CHEAPEST),
        choice=chosen("thrift"),
        named_quote_id="quo_rush",
        dropped_account_id="acc_thrift",
        without_account_ids=frozenset({"acc_fresh"}),
    )
    assert names(ALL, errand) == ["rush", "vans", "thrift"]


@pytest.mark.parametrize(
    ("rules", "paid", "left", "text"),
    [
        ({"latest_promise_s": 3600}, None, "thrift vans", "ends 30 min after the latest"),
        ({"min_reliability": 0.94}, None, "thrift rush", "is 80.0%, and 94.0% is the least"),
        ({"max_premium": usd(200)}, usd(700), "vans rush", "4.00 USD more than the shopper paid"),
        # Without a word of what was paid, or with all of it kept to, nothing is left out.
        ({"max_premium": usd(0)}, None, "", ""),
        ({"max_premium": usd(800)}, usd(700), "", ""),
        ({"max_premium": Money(9, "EUR")}, usd(700), "fresh thrift vans rush", "not in one currency"),
    ],
)
def test_a_limit_leaves_out_with_a_reason(
    rules: dict[str, Any], paid: Money | None, left: str, text: str
) -> None:
    line = line_up(ALL, Errand(DispatchRules(**rules), paid=paid))
    assert [no.carrier for no in line.left_out] == left.split()
    assert len(line.turns) + len(line.left_out) == 4
    assert {no.reason for no in line.left_out} <= {DeclineReason.RULE}
    assert text in "".join(no.text for no in line.left_out)
    assert all(no.account_id == f"acc_{no.carrier}" for no in line.left_out)


def test_limits_hold_neither_for_the_choice_nor_for_a_named_offer() -> None:
    rules = DispatchRules(min_reliability=1.0, latest_promise_s=60, max_premium=usd(0))
    errand = Errand(rules, choice=chosen("thrift", price=0), paid=usd(0), named_quote_id="quo_vans")
    assert names(ALL, errand) == ["vans", "thrift"]


def why(errand: Errand, quotes: QuoteSet = ALL) -> list[str]:
    return [turn.why for turn in line_up(quotes, errand).turns]


@pytest.mark.parametrize(
    ("errand", "expected"),
    [
        (
            Errand(DispatchRules(Strategy.CHEAPEST)),
            "Cheapest: thrift:std costs 7.00 USD; the next, fresh:std, costs 9.00 USD.",
        ),
        (
            Errand(),
            "Best value: fresh:std scores 1.00; the next, thrift:std, scores 0.50.",
        ),
        (
            Errand(DispatchRules(miss_cost=usd(1400))),
            "Best value: fresh:std costs 9.00 USD, with misses 9.70 USD at 95.0% that go well; "
            "the next, thrift:std, costs 7.00 USD, with misses 9.80 USD at 80.0% that go well.",
        ),
        (
            Errand(DispatchRules(Strategy.FASTEST)),
            "Fastest: rush:std promises by 2026-03-02 12:30 UTC; "
            "the next, fresh:std, promises by 2026-03-02 13:00 UTC.",
        ),
        (
            Errand(DispatchRules(Strategy.MOST_RELIABLE)),
            "Most reliable: vans:std goes well 99.0% of times; the next, fresh:std, has no record yet.",
        ),
        (
            Errand(DispatchRules(Strategy.OWN_FLEET_FIRST)),
            "Own fleet first: vans:std is the own fleet; "
            "the next, fresh:std, is no own fleet and scores 1.00.",
        ),
        (
            Errand(DispatchRules(Strategy.PREFERRED_ORDER, ("rush",))),
            "Preferred order: rush:std is preferred at place 1; "
            "the next, fresh:std, is not preferred and scores 1.00.",
        ),
        (
            Errand(DispatchRules(Strategy.CHEAPEST), choice=chosen("vans")),
            "Cheapest did not decide: the shopper chose this service.",
        ),
        (
            Errand(DispatchRules(Strategy.CHEAPEST), named_quote_id="quo_vans"),
            "Cheapest did not decide: this offer was asked for by name.",
        ),
        (
            Errand(DispatchRules(Strategy.MOST_RELIABLE), promised_by=by(45)),
            "Most reliable: rush:std goes well 93.0% of times; "
            "the next, fresh:std, would break the shopper's promise by 15 min.",
        ),
        (
            Errand(DispatchRules(Strategy.CHEAPEST), promised_by=by(20)),
            "Cheapest: rush:std costs 15.00 USD; the next, fresh:std, would break the shopper's promise "
            "by 40 min; it breaks the shopper's promise by 10 min.",
        ),
    ],
)
def test_the_first_says_what_put_it_before_the_next(errand: Errand, expected: str) -> None:
    assert why(errand)[0] == expected


def test_the_last_has_nobody_after_it_and_who_dropped_it_is_named() -> None:
    rules = DispatchRules(Strategy.CHEAPEST)
    *_, before, last = why(Errand(rules, dropped_account_id="acc_thrift"))
    assert (
        before == "Cheapest: rush:std costs 15.00 USD; the next, thrift:std, has just dropped this delivery."
    )
    assert last == "Cheapest: thrift:std costs 7.00 USD; nobody is left after it."


def test_a_rules_preference_and_a_tie_are_said() -> None:
    preferred = answers(quote("a", 900, preference=0.5), quote("b", 700))
    rules = DispatchRules(Strategy.CHEAPEST)
    assert why(Errand(rules), preferred)[0].endswith("the next, b:std, is less preferred by a rule.")
    alike = answers(quote("a", 900), quote("b", 900))
    assert why(Errand(rules), alike)[0].endswith("the next, b:std, does as well and ranks lower.")


def test_nobody_offering_is_an_empty_line() -> None:
    line = line_up(answers(), Errand())
    assert (line.turns, line.left_out) == ((), ())


@pytest.mark.parametrize(
    ("errand", "peers"),
    [
        # Nothing but the strategy, or with nothing to say for it the list, put them in their order.
        ({}, "fresh thrift vans rush"),
        ({"rules": DispatchRules(Strategy.CHEAPEST)}, "thrift fresh vans rush"),
        ({"named_quote_id": "quo_rush"}, "rush"),
        ({"choice": chosen("thrift")}, "thrift"),
        ({"dropped_account_id": "acc_thrift"}, "fresh vans rush"),
        ({"promised_by": by(60)}, "fresh rush"),
        # Nobody keeps it: who is later by a minute is no peer.
        ({"promised_by": by(20)}, "rush"),
        ({"without_account_ids": frozenset({"acc_fresh"})}, "thrift vans rush"),
    ],
)
def test_peers_are_those_whom_only_the_strategy_put_behind_the_first(
    errand: dict[str, Any], peers: str
) -> None:
    line = line_up(ALL, Errand(**errand))
    assert [turn.quote.offer.carrier for turn in line.peers] == peers.split()
    assert line.peers == line.turns[: len(line.peers)]


def test_peers_are_those_of_whoever_is_first_in_what_is_left_of_a_line() -> None:
    line = line_up(ALL, Errand(named_quote_id="quo_rush"))
    rest = replace(line, turns=line.turns[1:])
    assert [turn.quote.offer.carrier for turn in rest.peers] == ["fresh", "thrift", "vans"]
    assert line_up(answers(), Errand()).peers == ()


def test_what_a_rule_prefers_has_no_peers_but_what_it_prefers_as_much() -> None:
    quotes = answers(quote("a", 900, preference=0.5), quote("b", 700), quote("c", 800, preference=0.5))
    line = line_up(quotes, Errand(DispatchRules(Strategy.CHEAPEST)))
    assert [turn.quote.offer.carrier for turn in line.peers] == ["c", "a"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # Who has no record counts as 95 %.
        ({"miss_cost": usd(1000)}, {"fresh": 950, "thrift": 900, "vans": 1110, "rush": 1570}),
        ({}, {"fresh": 900, "thrift": 700, "vans": 1100, "rush": 1500}),
        ({"miss_cost": Money(1000, "EUR")}, {"fresh": 900, "thrift": 700, "vans": 1100, "rush": 1500}),
        (
            {"miss_cost": usd(1000), "strategy": Strategy.CHEAPEST},
            {"fresh": 900, "thrift": 700, "vans": 1100, "rush": 1500},
        ),
    ],
)
def test_only_the_best_value_expects_misses(rules: dict[str, Any], expected: dict[str, int]) -> None:
    line = line_up(ALL, Errand(DispatchRules(**rules)))
    assert {turn.quote.offer.carrier: turn.expected for turn in line.turns} == {
        carrier: usd(minor) for carrier, minor in expected.items()
    }


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"strategy": Strategy.SEQUENTIAL}, "SEQUENTIAL needs somebody"),
        ({"preferred": ("a", "a")}, "twice"),
        ({"miss_cost": usd(-1)}, "miss_cost must not be negative"),
        ({"max_premium": usd(-1)}, "max_premium must not be negative"),
        ({"latest_promise_s": 0}, "latest_promise_s must be positive"),
        ({"min_reliability": 1.01}, "min_reliability must be 0 to 1"),
    ],
)
def test_rules_that_make_no_sense_are_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        DispatchRules(**changes)


OFFERS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(5, 300),
        st.none() | st.floats(0.0, 1.0),
        st.sampled_from([DeliveryMode.COURIER, DeliveryMode.OWN_FLEET]),
    ),
    max_size=7,
)


@given(OFFERS, st.sampled_from(list(Strategy)), st.integers(10, 200), st.integers(0, 5000))
def test_no_keeper_of_the_promise_ever_stands_after_a_breaker(
    made: Sequence[tuple[int, int, float | None, DeliveryMode]], strategy: Strategy, told: int, miss: int
) -> None:
    rows = enumerate(made)
    quotes = answers(
        *(quote(f"c{n}", price, minutes, sure, mode) for n, (price, minutes, sure, mode) in rows)
    )
    rules = DispatchRules(strategy, tuple(f"c{n}" for n in range(7)), miss_cost=usd(miss))
    line = line_up(quotes, Errand(rules, promised_by=by(told)))
    lateness = [max(timedelta(0), turn.quote.offer.promise.window.end - by(told)) for turn in line.turns]
    assert lateness == sorted(lateness)
    assert sorted(turn.quote.id for turn in line.turns) == sorted(one.id for one in quotes.quotes)
    if strategy is Strategy.CHEAPEST:
        kept = [t.quote.offer.price.minor for t, late in zip(line.turns, lateness, strict=True) if not late]
        assert all(one <= other for one, other in itertools.pairwise(kept))
