"""Ranks offers and says why. Pure.

Every factor becomes a number from 0 to 1, and the score is their weighted mean. Price, speed and emissions
are measured between the worst (0) and the best (1) of this set. Reliability is the chance itself: a carrier
that keeps 90 % of its promises is 0.05 below one that keeps 95 %, whoever else is in the list. So what a
weight is worth in money follows from how far apart the prices of the set are. A merchant who knows what a
miss costs says that instead (`doorstep.merchant.DispatchRules.miss_cost`). A reason is worded for the factors
that set an offer apart.

What an offer *costs the merchant* is ranked, not what the shopper pays: where delivery is free all charges
are the same, and the dearest carrier would win by being a minute faster. Reasons may be shown to shoppers, so
they name no cost that is not also the charge.

Where rules prefer some options, those stand first, by their place, and the score is stretched: with the
places 1 and 2 and the rest there are three floors, and an option's score is (its floor from below, counted
from 0, plus its weighted mean) / 3. So a higher score stays better, and what a preference contributed is kept
with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from doorstep.ids import new_id
from doorstep.quote import CarrierQuote, Quote, QuoteSet, RankFactor, RankingWeights, RankReason
from doorstep.scorecard import PRIOR_ALL, PRIOR_GOOD, Scorecard
from gateway.flow.rules import RuleOutcome

UNPROVEN = PRIOR_GOOD / PRIOR_ALL
"""What a carrier without a record is ranked with: well enough to be tried, not better than a good one."""

_KEPT = frozenset({RankFactor.RULE, RankFactor.PREFERENCE})
"""Reasons that do not come from comparing numbers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer with what is known of who made it."""

    account_id: str
    offer: CarrierQuote
    reliability: float | None
    response_ms: int


def rank(
    candidates: Sequence[Candidate],
    weights: RankingWeights,
    asked_at: datetime,
    *,
    outcome: RuleOutcome | None = None,
    scorecards: Mapping[str, Scorecard] = MappingProxyType({}),
) -> tuple[Quote, ...]:
    """Best first. Prices must be of one currency; the caller declines the others.

    Parameters
    ----------
    outcome
        Of the rules about these candidates in this order: who fell out is left out, and weights, preferences,
        charges, requirements and reasons are taken from it.
    scorecards
        By account; they count before a candidate's own `reliability`.
    """
    quotes = [
        Quote(
            id=new_id("quo"),
            account_id=candidate.account_id,
            offer=candidate.offer,
            rank=0,
            score=0.0,
            reasons=(),
            response_ms=candidate.response_ms,
            reliability=_reliability(candidate, scorecards.get(candidate.account_id)),
        )
        for candidate in candidates
    ]
    if outcome is None:
        return _ranked([_Entry(quote, ()) for quote in quotes], weights, asked_at)
    entries = [
        _Entry(
            replace(quote, charge=option.charge, requirements=option.requirements),
            option.reasons,
            None if option.preference is None else -option.preference,
        )
        for quote, option in zip(quotes, outcome.options, strict=True)
        if option.decline is None
    ]
    return _ranked(entries, outcome.weights or weights, asked_at)


def rerank(quote_set: QuoteSet, weights: RankingWeights) -> QuoteSet:
    """A past decision as other weights would have made it, from what was kept with it alone.

    Offers, charges, reliabilities, preferences and what rules did stay as they were; nobody is asked.
    """
    entries = []
    for quote in quote_set.quotes:
        kept = tuple(reason for reason in quote.reasons if reason.factor in _KEPT)
        # What a preference contributed grows with its floor.
        lift = max((r.contribution for r in kept if r.factor is RankFactor.PREFERENCE), default=None)
        entries.append(_Entry(quote, kept, lift))
    return replace(quote_set, quotes=_ranked(entries, weights, quote_set.request.asked_at))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is ranked.

    Attributes
    ----------
    kept
        Reasons that rules gave.
    lift
        A higher one stands before all that are lower; None stands last.
    """

    quote: Quote
    kept: tuple[RankReason, ...]
    lift: float | None = None


def _ranked(entries: Sequence[_Entry], weights: RankingWeights, asked_at: datetime) -> tuple[Quote, ...]:
    if not entries:
        return ()
    quotes = [entry.quote for entry in entries]
    factors = _factors(quotes, asked_at)
    floors = _floors([entry.lift for entry in entries])
    height = max(floors) + 1
    share = {factor: part / height for factor, part in _shares(weights).items()}
    # Nine digits, so that weights of the same proportion end in the same score.
    scores = [
        round(floor / height + sum(share[factor] * values[i] for factor, values in factors.items()), 9)
        for i, floor in enumerate(floors)
    ]
    # The best of a floor may score like the worst of the next. Ties go to the cheaper, then to the name, so
    # that the same answers always rank alike.
    order = sorted(range(len(entries)), key=lambda i: (-floors[i], -scores[i], *_tie(quotes[i])))
    # Where all are equal nobody is the cheapest or the fastest.
    among = {factor: len(entries) if min(v) < max(v) else 1 for factor, v in factors.items()}
    wording = _Wording(among, any(quote.charge is not None for quote in quotes))
    return tuple(
        replace(
            quotes[i],
            rank=place,
            score=round(scores[i], 4),
            reasons=_reasons(
                entries[i], {f: v[i] for f, v in factors.items()}, share, wording, floors[i] / height
            ),
        )
        for place, i in enumerate(order, start=1)
    )


def _shares(weights: RankingWeights) -> Mapping[RankFactor, float]:
    total = weights.price + weights.speed + weights.reliability + weights.emissions
    return {
        RankFactor.PRICE: weights.price / total,
        RankFactor.SPEED: weights.speed / total,
        RankFactor.RELIABILITY: weights.reliability / total,
        RankFactor.EMISSIONS: weights.emissions / total,
    }


def _floors(lifts: Sequence[float | None]) -> list[int]:
    """0 for the lowest of these, one more for each that is higher; who has none is below all that have."""
    known = sorted({lift for lift in lifts if lift is not None})
    lowest = 1 if None in lifts else 0
    return [0 if lift is None else lowest + known.index(lift) for lift in lifts]


def _factors(quotes: Sequence[Quote], asked_at: datetime) -> Mapping[RankFactor, Sequence[float]]:
    offers = [quote.offer for quote in quotes]
    prices = [float(offer.price.minor) for offer in offers]
    waits = [(offer.promise.window.end - asked_at).total_seconds() for offer in offers]
    known = [float(offer.co2e_g) for offer in offers if offer.co2e_g is not None]
    # Who does not tell its emissions counts as the worst who does.
    grams = [float(offer.co2e_g) if offer.co2e_g is not None else max(known, default=0.0) for offer in offers]
    return {
        RankFactor.PRICE: _lower_is_better(prices),
        RankFactor.SPEED: _lower_is_better(waits),
        RankFactor.RELIABILITY: [
            UNPROVEN if quote.reliability is None else quote.reliability for quote in quotes
        ],
        RankFactor.EMISSIONS: _lower_is_better(grams),
    }


def _lower_is_better(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [1.0 if high == low else (high - value) / (high - low) for value in values]


def _reliability(candidate: Candidate, scorecard: Scorecard | None) -> float | None:
    """Chance that the promise is kept; None where it is `UNPROVEN`, as nobody has counted anything.

    The smaller of what the record says of the carrier and what is known of this very promise: a good record
    does not save a shaky promise, and nobody is believed beyond their record.
    """
    record = candidate.reliability if scorecard is None else scorecard.reliability
    confidence = candidate.offer.promise.confidence
    if record is None:
        return None if confidence is None or confidence >= UNPROVEN else confidence
    return record if confidence is None else min(record, confidence)


def _tie(quote: Quote) -> tuple[int, str, str, str]:
    return quote.offer.price.minor, quote.offer.carrier, quote.offer.service, quote.account_id


@dataclass(frozen=True, slots=True)
class _Wording:
    """What must be known of the whole list to word a reason.

    Attributes
    ----------
    among
        How many were compared by a factor; 1 where it told nobody apart.
    has_charges
        Whether rules said what shoppers pay, so that costs are the merchant's own affair.
    """

    among: Mapping[RankFactor, int]
    has_charges: bool


def _reasons(
    entry: _Entry,
    values: Mapping[RankFactor, float],
    share: Mapping[RankFactor, float],
    wording: _Wording,
    lift: float,
) -> tuple[RankReason, ...]:
    """What moved it most first; what contributed nothing last."""
    reasons = [
        RankReason(factor, _words(factor, value, entry.quote, wording), round(share[factor] * value, 4))
        for factor, value in values.items()
        if share[factor] > 0
    ]
    reasons += [
        replace(reason, contribution=round(lift, 4)) if reason.factor is RankFactor.PREFERENCE else reason
        for reason in entry.kept
    ]
    return tuple(sorted(reasons, key=lambda reason: -reason.contribution))


def _words(factor: RankFactor, value: float, quote: Quote, wording: _Wording) -> str:
    offer, among = quote.offer, wording.among[factor]
    match factor:
        case RankFactor.PRICE if wording.has_charges:
            best, worst = "Costs the store least", "Costs the store most"
            return _placed(best, worst, "Costs the store neither least nor most", value, among)
        case RankFactor.PRICE:
            return _placed("Cheapest", "Dearest", f"Costs {offer.price}", value, among)
        case RankFactor.SPEED:
            return _placed("Fastest", "Slowest", "Neither fastest nor slowest", value, among)
        case RankFactor.RELIABILITY:
            return _on_record(quote)
        case _ if offer.co2e_g is None:
            return "Emissions unknown"
        case _:
            return _placed("Least CO₂", "Most CO₂", f"About {offer.co2e_g} g of CO₂", value, among)


def _on_record(quote: Quote) -> str:
    if quote.reliability is None:
        return f"No record yet, taken for {UNPROVEN:.0%}"
    confidence = quote.offer.promise.confidence
    is_of_promise = confidence is not None and quote.reliability >= confidence
    what = "sure to arrive as promised" if is_of_promise else "of its deliveries went well"
    return f"{quote.reliability:.0%} {what}"


def _placed(best: str, worst: str, between: str, value: float, among: int) -> str:
    if among > 1 and value == 1.0:
        return f"{best} of {among}"
    if among > 1 and value == 0.0:
        return f"{worst} of {among}"
    return between
