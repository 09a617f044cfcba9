"""How rules, records and promises move offers, and how a past decision is ranked anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import (
    CarrierQuote,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    RankFactor,
    RankingWeights,
    VehicleKind,
)
from doorstep.rule import Rule
from doorstep.scorecard import Scorecard
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.quoting.ranking import Candidate, rank, rerank
from gateway.flow.rules import Facts, Option, RuleOutcome, compile_rules
from tests.unit.flow.test_rules import does, rule, when

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRICE_ALONE = RankingWeights(price=1, speed=0, reliability=0, emissions=0)
SPEED_ALONE = RankingWeights(price=0, speed=1, reliability=0, emissions=0)
RELIABILITY_ALONE = RankingWeights(price=0, speed=0, reliability=1, emissions=0)


def candidate(
    carrier: str,
    price: int,
    minutes: int = 60,
    reliability: float | None = None,
    confidence: float | None = None,
) -> Candidate:
    """An offer of one carrier, in cents."""
    window = Window(NOW, NOW + timedelta(minutes=minutes))
    offer = CarrierQuote(
        carrier=carrier,
        service="std",
        title=carrier,
        mode=DeliveryMode.COURIER,
        vehicle=VehicleKind.CAR,
        price=Money(price, "USD"),
        price_basis=PriceBasis.LIVE,
        promise=Promise(window, "UTC", PromiseBasis.PREDICTED, confidence),
        expires_at=NOW + timedelta(minutes=15),
        co2e_g=100,
    )
    return Candidate(f"acc_{carrier}", offer, reliability, 10)


def ruled(candidates: Sequence[Candidate], *rules: Rule) -> RuleOutcome:
    facts = Facts(Money(5000, "USD"), NOW, "UTC")
    options = [Option(one.offer, one.account_id) for one in candidates]
    return compile_rules(rules, "USD").apply(facts, options)


def ranked(candidates: Sequence[Candidate], weights: RankingWeights, *rules: Rule) -> tuple[Quote, ...]:
    return rank(candidates, weights, NOW, outcome=ruled(candidates, *rules))


def kept(quotes: tuple[Quote, ...]) -> QuoteSet:
    address = Address(country="US", postal_code="10001")
    request = QuoteRequest(
        "1001-ABCD", address, address, (Parcel(1000),), Money(5000, "USD"), NOW, NOW, "America/New_York"
    )
    return QuoteSet("qst_1", "mer_1", request, None, "loc_1", quotes, (), 1500, 200, True)


def names(quotes: Sequence[Quote]) -> list[str]:
    return [quote.offer.carrier for quote in quotes]


THREE = [candidate("cheap", 500, 300), candidate("middle", 800, 120), candidate("dear", 1500, 30)]


def test_what_fell_out_is_not_ranked() -> None:
    assert names(ranked(THREE, PRICE_ALONE, rule("x", does("EXCLUDE", "cheap")))) == ["middle", "dear"]


def test_what_it_costs_the_merchant_is_ranked_not_what_the_shopper_pays() -> None:
    dear_is_free = rule("f", when("CARRIER", "EQUALS", "dear"), does("MAKE_FREE"))
    quotes = ranked(THREE, PRICE_ALONE, dear_is_free)
    assert names(quotes) == ["cheap", "middle", "dear"]
    assert [quote.price.minor for quote in quotes] == [500, 800, 0]


def test_where_rules_set_charges_no_reason_names_a_cost() -> None:
    quotes = ranked(THREE, PRICE_ALONE, rule("f", does("MAKE_FREE")))
    assert [quote.reasons[0].text for quote in quotes] == [
        "Costs the store least of 3",
        "Costs the store neither least nor most",
        "Costs the store most of 3",
    ]


def test_charges_requirements_and_reasons_of_rules_come_with_the_quote() -> None:
    quotes = ranked(THREE[:1], PRICE_ALONE, rule("r", does("REQUIRE_HANDOVER", "PIN"), does("MARK_UP", "10")))
    (quote,) = quotes
    assert (quote.charge, quote.requirements) == (Money(550, "USD"), (HandoverRequirement.PIN,))
    assert [(r.factor, r.rule_id) for r in quote.reasons if r.rule_id] == [(RankFactor.RULE, "r")] * 2


def test_weights_of_a_rule_replace_the_merchants_own() -> None:
    assert names(ranked(THREE, PRICE_ALONE, rule("w", does("SET_WEIGHTS", "speed=1"))))[0] == "dear"


def test_preferred_options_stand_first_in_their_order_and_the_rest_by_score() -> None:
    four = [*THREE, candidate("bargain", 100)]
    quotes = ranked(four, PRICE_ALONE, rule("p", does("PREFER", "dear,middle")))
    assert names(quotes) == ["dear", "middle", "bargain", "cheap"]
    # Three floors: 2/3 + 0/3, 1/3 + (1/2)/3, 0 + 1/3, 0 + (5/7)/3.
    assert [quote.score for quote in quotes] == pytest.approx([0.6667, 0.5, 0.3333, 0.2381], abs=1e-3)
    preferred = [r for quote in quotes for r in quote.reasons if r.factor is RankFactor.PREFERENCE]
    assert [(r.contribution, r.rule_id) for r in preferred] == [(0.6667, "p"), (0.3333, "p")]


def test_the_worst_of_the_preferred_stands_before_the_best_of_the_others() -> None:
    two = [candidate("a", 100), candidate("b", 900)]
    first, second = ranked(two, PRICE_ALONE, rule("p", does("PREFER", "b")))
    assert (first.offer.carrier, first.score, second.score) == ("b", 0.5, 0.5)


def test_where_all_have_the_same_place_scores_are_as_without_one() -> None:
    all_alike = ranked(THREE, PRICE_ALONE, rule("p", does("PREFER", "CAR")))
    assert [quote.score for quote in all_alike] == [quote.score for quote in rank(THREE, PRICE_ALONE, NOW)]


def test_of_one_place_the_score_decides() -> None:
    same = rule("p", when("CARRIER", "IN", "middle", "dear"), does("PREFER", "1"))
    assert names(ranked(THREE, PRICE_ALONE, same)) == ["middle", "dear", "cheap"]


def test_a_scorecard_counts_before_what_was_noted_with_the_account() -> None:
    two = [candidate("a", 500, reliability=0.99), candidate("b", 500, reliability=0.5)]
    scorecards = {
        "acc_a": Scorecard("acc_a", days=90, deliveries=180, on_time=81),
        "acc_b": Scorecard("acc_b", days=90),
    }
    quotes = rank(two, RELIABILITY_ALONE, NOW, scorecards=scorecards)
    # (81 + 19) / (180 + 20), and the prior alone.
    assert [(q.offer.carrier, q.reliability) for q in quotes] == [("b", 0.95), ("a", 0.5)]


@pytest.mark.parametrize(
    ("reliability", "confidence", "found", "text"),
    [
        (None, None, None, "No record yet, taken for 95%"),
        (0.9, None, 0.9, "90% of its deliveries went well"),
        (0.9, 0.7, 0.7, "70% sure to arrive as promised"),
        (0.6, 0.99, 0.6, "60% of its deliveries went well"),
        (None, 0.5, 0.5, "50% sure to arrive as promised"),
        (None, 0.99, None, "No record yet, taken for 95%"),
        (0.0, None, 0.0, "0% of its deliveries went well"),
    ],
)
def test_a_promise_is_kept_as_likely_as_the_weaker_of_record_and_confidence(
    reliability: float | None, confidence: float | None, found: float | None, text: str
) -> None:
    (quote,) = rank([candidate("a", 1, 1, reliability, confidence)], RELIABILITY_ALONE, NOW)
    assert quote.reliability == found
    assert [reason.text for reason in quote.reasons] == [text]


def test_a_past_decision_is_ranked_by_other_weights_from_what_was_kept() -> None:
    before = kept(rank(THREE, PRICE_ALONE, NOW))
    after = rerank(before, SPEED_ALONE)
    assert names(after.quotes) == ["dear", "middle", "cheap"]
    assert [quote.rank for quote in after.quotes] == [1, 2, 3]
    assert {quote.id for quote in after.quotes} == {quote.id for quote in before.quotes}
    assert after.quotes[0].reasons[0].text == "Fastest of 3"
    assert (after.id, after.request, after.declined) == (before.id, before.request, before.declined)


def test_an_empty_decision_stays_empty() -> None:
    assert rerank(kept(()), SPEED_ALONE).quotes == ()


def test_a_decision_ranked_anew_keeps_preferences_charges_and_reasons_of_rules() -> None:
    rules = [rule("p", does("PREFER", "middle")), rule("f", does("MAKE_FREE"))]
    after = rerank(kept(ranked(THREE, PRICE_ALONE, *rules)), SPEED_ALONE)
    assert names(after.quotes) == ["middle", "dear", "cheap"]
    assert {quote.price.minor for quote in after.quotes} == {0}
    assert all("f" in {reason.rule_id for reason in quote.reasons} for quote in after.quotes)


CANDIDATES = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(1, 600),
        st.sampled_from([None, 0.0, 0.5, 1.0]),
        st.sampled_from([None, 0.3, 0.9]),
    ),
    min_size=1,
    max_size=6,
).map(lambda rows: [candidate(f"c{number}", *row) for number, row in enumerate(rows)])
WEIGHTS = st.tuples(*[st.sampled_from([0.0, 0.25, 1.0])] * 4).filter(any).map(lambda w: RankingWeights(*w))
ORDERS = st.lists(st.sampled_from(["c0", "c1", "c2", "c3", "CAR"]), unique=True, max_size=4)


@given(candidates=CANDIDATES, first=WEIGHTS, other=WEIGHTS, preferred=ORDERS)
def test_ranking_anew_gives_what_those_weights_would_have_given(
    candidates: list[Candidate], first: RankingWeights, other: RankingWeights, preferred: list[str]
) -> None:
    rules = [rule("p", does("PREFER", ",".join(preferred)))] if preferred else []
    result = ruled(candidates, *rules)
    then = rerank(kept(rank(candidates, first, NOW, outcome=result)), other).quotes
    at_once = rank(candidates, other, NOW, outcome=result)
    assert [replace(quote, id="") for quote in then] == [replace(quote, id="") for quote in at_once]


@given(candidates=CANDIDATES, weights=WEIGHTS, preferred=ORDERS)
def test_scores_fall_stay_between_0_and_1_and_are_the_sum_of_their_reasons(
    candidates: list[Candidate], weights: RankingWeights, preferred: list[str]
) -> None:
    rules = [rule("p", does("PREFER", ",".join(preferred)))] if preferred else []
    proven = [replace(one, reliability=one.reliability or 0.5) for one in candidates]
    quotes = ranked(proven, weights, *rules)
    scores = [quote.score for quote in quotes]
    assert scores == sorted(scores, reverse=True)
    for quote in quotes:
        assert 0 <= quote.score <= 1
        # Each of at most five contributions is rounded to four digits.
        assert sum(reason.contribution for reason in quote.reasons) == pytest.approx(quote.score, abs=4e-4)
