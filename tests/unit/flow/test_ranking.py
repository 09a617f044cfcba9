"""Which offer stands first, and what is said of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doorstep.money import Money
from doorstep.quote import (
    CarrierQuote,
    DeliveryMode,
    PriceBasis,
    Quote,
    RankFactor,
    RankingWeights,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.quoting.ranking import Candidate, rank

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRICE_ALONE = RankingWeights(price=1, speed=0, reliability=0, emissions=0)


def offer(
    carrier: str, price: int, minutes: int = 60, reliability: float = 0.95, co2e_g: int | None = 100
) -> Candidate:
    """An offer of one carrier."""
    quote = CarrierQuote(
        carrier=carrier,
        service="std",
        title=carrier,
        mode=DeliveryMode.COURIER,
        vehicle=VehicleKind.CAR,
        price=Money(price, "USD"),
        price_basis=PriceBasis.LIVE,
        promise=Promise(Window(NOW, NOW + timedelta(minutes=minutes)), "UTC", PromiseBasis.PREDICTED),
        expires_at=NOW + timedelta(minutes=15),
        co2e_g=co2e_g,
    )
    return Candidate(f"acc_{carrier}", quote, reliability, 10)


def names(quotes: tuple[Quote, ...]) -> list[str]:
    return [quote.offer.carrier for quote in quotes]


def words(quote: Quote) -> dict[RankFactor, str]:
    return {reason.factor: reason.text for reason in quote.reasons}


def test_nobody_offering_is_an_empty_list() -> None:
    assert rank([], RankingWeights(), NOW) == ()


def test_with_price_alone_the_cheapest_wins_however_slow() -> None:
    slow, fast = offer("slow", 400, minutes=6000, reliability=0.1), offer("fast", 401, minutes=5)
    assert names(rank([fast, slow], PRICE_ALONE, NOW)) == ["slow", "fast"]


def test_with_speed_alone_the_earliest_wins_however_dear() -> None:
    weights = RankingWeights(price=0, speed=2, reliability=0, emissions=0)
    assert names(rank([offer("slow", 1, 60), offer("fast", 9999, 59)], weights, NOW)) == ["fast", "slow"]


def test_a_score_is_the_weighted_mean_of_the_factors() -> None:
    weights = RankingWeights(price=2, speed=1, reliability=1, emissions=0)
    cheap, mid, dear = rank(
        [offer("cheap", 100, 90, 0.5), offer("mid", 150, 60, 1.0), offer("dear", 200, 30, 1.0)], weights, NOW
    )
    # Shares 1/2, 1/4, 1/4. Cheap: 1/2 + 0 + 1/8; mid: 1/4 + 1/8 + 1/4; dear: 0 + 1/4 + 1/4.
    assert [(q.offer.carrier, q.score) for q in (cheap, mid, dear)] == [
        ("cheap", 0.625),
        ("mid", 0.625),
        ("dear", 0.5),
    ]
    assert [q.rank for q in (cheap, mid, dear)] == [1, 2, 3]


def test_a_tie_goes_to_the_cheaper_and_then_to_the_name() -> None:
    weights = RankingWeights(price=0, speed=1, reliability=0, emissions=0)
    tied = [offer("bee", 500), offer("ant", 500), offer("cat", 400)]
    assert names(rank(tied, weights, NOW)) == ["cat", "ant", "bee"]


def test_every_place_is_explained() -> None:
    best, middle, worst = rank(
        [offer("a", 100, 10, 0.99, 50), offer("b", 200, 20, 0.9, 100), offer("c", 300, 30, 0.8, 150)],
        RankingWeights(),
        NOW,
    )
    assert words(best) == {
        RankFactor.PRICE: "Cheapest of 3",
        RankFactor.SPEED: "Fastest of 3",
        RankFactor.RELIABILITY: "99% of its deliveries went well",
        RankFactor.EMISSIONS: "Least CO₂ of 3",
    }
    assert words(middle)[RankFactor.PRICE] == "Costs 2.00 USD"
    assert words(middle)[RankFactor.SPEED] == "Neither fastest nor slowest"
    assert words(middle)[RankFactor.EMISSIONS] == "About 100 g of CO₂"
    assert words(worst)[RankFactor.PRICE] == "Dearest of 3"


def test_what_moved_it_most_is_said_first_and_adds_up_to_the_score() -> None:
    for quote in rank([offer("a", 100, 30), offer("b", 200, 10)], RankingWeights(), NOW):
        shares = [reason.contribution for reason in quote.reasons]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(quote.score, abs=1e-3)


def test_a_factor_without_weight_is_not_mentioned() -> None:
    (quote,) = rank([offer("a", 100)], PRICE_ALONE, NOW)
    assert list(words(quote)) == [RankFactor.PRICE]


def test_a_single_offer_is_compared_with_nobody() -> None:
    (quote,) = rank([offer("only", 700)], RankingWeights(), NOW)
    assert words(quote)[RankFactor.PRICE] == "Costs 7.00 USD"
    assert (quote.rank, quote.account_id) == (1, "acc_only")


def test_equal_prices_are_neither_cheapest_nor_dearest() -> None:
    for quote in rank([offer("a", 100, 10), offer("b", 100, 20)], RankingWeights(), NOW):
        assert words(quote)[RankFactor.PRICE] == "Costs 1.00 USD"


def test_who_tells_no_emissions_counts_as_the_worst_who_does() -> None:
    weights = RankingWeights(price=0, speed=0, reliability=0, emissions=1)
    clean, silent, dirty = rank(
        [offer("silent", 1, co2e_g=None), offer("dirty", 2, co2e_g=900), offer("clean", 3, co2e_g=10)],
        weights,
        NOW,
    )
    assert (clean.offer.carrier, silent.score, dirty.score) == ("clean", 0, 0)
    assert words(silent)[RankFactor.EMISSIONS] == "Emissions unknown"


def test_where_nobody_tells_emissions_nobody_wins_by_them() -> None:
    weights = RankingWeights(price=0, speed=0, reliability=0, emissions=1)
    quotes = rank([offer("a", 2, co2e_g=None), offer("b", 1, co2e_g=None)], weights, NOW)
    assert names(quotes) == ["b", "a"]


@pytest.mark.parametrize(
    "wrong", [{"price": -0.1}, {"price": 0, "speed": 0, "reliability": 0, "emissions": 0}]
)
def test_weights_that_weigh_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="ranking weights"):
        replace(RankingWeights(), **wrong)


SHARES = st.sampled_from([0.0, 0.05, 0.15, 0.25, 0.55, 1.0, 7.0])
WEIGHTS = (
    st.tuples(SHARES, SHARES, SHARES, SHARES)
    .filter(lambda parts: sum(parts) > 0)
    .map(lambda parts: RankingWeights(*parts))
)
OFFERS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(1, 600),
        st.sampled_from([0.0, 0.5, 0.95, 1.0]),
        st.one_of(st.none(), st.integers(0, 5000)),
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: [offer(f"c{n}", *row) for n, row in enumerate(rows)])


@given(offers=OFFERS, weights=WEIGHTS, seed=st.integers(0, 99))
def test_the_order_of_the_answers_does_not_matter(
    offers: list[Candidate], weights: RankingWeights, seed: int
) -> None:
    shuffled = random.Random(seed).sample(offers, len(offers))
    assert names(rank(offers, weights, NOW)) == names(rank(shuffled, weights, NOW))


@given(offers=OFFERS, weights=WEIGHTS)
def test_everybody_has_one_place_and_scores_fall(offers: list[Candidate], weights: RankingWeights) -> None:
    quotes = rank(offers, weights, NOW)
    assert sorted(names(quotes)) == sorted(candidate.offer.carrier for candidate in offers)
    assert [quote.rank for quote in quotes] == list(range(1, len(offers) + 1))
    scores = [quote.score for quote in quotes]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


# A score of 0.99375 in one proportion must not be 0.99374999… in another.
@example(offers=[offer("c", 0, 1)], weights=RankingWeights(0.0, 0.05, 0.15, 1.0), factor=3)
@given(offers=OFFERS, weights=WEIGHTS, factor=st.integers(2, 50))
def test_only_the_proportion_of_the_weights_counts(
    offers: list[Candidate], weights: RankingWeights, factor: int
) -> None:
    scaled = RankingWeights(
        weights.price * factor,
        weights.speed * factor,
        weights.reliability * factor,
        weights.emissions * factor,
    )
    assert [q.score for q in rank(offers, weights, NOW)] == [q.score for q in rank(offers, scaled, NOW)]
