"""Ranks offers and says why. Pure.

Every factor becomes a number from 0 (worst of this set) to 1 (best of this set); the score is their
weighted mean. A reason is worded for the factors that set an offer apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.ids import new_id
from doorstep.quote import CarrierQuote, Quote, RankFactor, RankingWeights, RankReason

UNPROVEN = 0.95
"""What a carrier without a record is ranked with: well enough to be tried, not better than a good one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer with what is known of who made it."""

    account_id: str
    offer: CarrierQuote
    reliability: float | None
    response_ms: int


def rank(candidates: Sequence[Candidate], weights: RankingWeights, asked_at: datetime) -> tuple[Quote, ...]:
    """Best first. Prices must be of one currency; the caller declines the others."""
    if not candidates:
        return ()
    factors = _factors(candidates, asked_at)
    total = weights.price + weights.speed + weights.reliability + weights.emissions
    share = {
        RankFactor.PRICE: weights.price / total,
        RankFactor.SPEED: weights.speed / total,
        RankFactor.RELIABILITY: weights.reliability / total,
        RankFactor.EMISSIONS: weights.emissions / total,
    }
    scored = [
        (sum(share[factor] * values[i] for factor, values in factors.items()), i)
        for i in range(len(candidates))
    ]
    # Ties go to the cheaper, then to the name, so that the same answers always rank alike.
    scored.sort(
        key=lambda s: (-round(s[0], 9), candidates[s[1]].offer.price.minor, candidates[s[1]].offer.carrier)
    )
    # Where all are equal nobody is the cheapest or the fastest.
    among = {factor: len(candidates) if min(v) < max(v) else 1 for factor, v in factors.items()}
    return tuple(
        _quote(candidates[i], place, score, {f: v[i] for f, v in factors.items()}, share, among)
        for place, (score, i) in enumerate(scored, start=1)
    )


def _factors(candidates: Sequence[Candidate], asked_at: datetime) -> Mapping[RankFactor, Sequence[float]]:
    prices = [float(c.offer.price.minor) for c in candidates]
    waits = [(c.offer.promise.window.end - asked_at).total_seconds() for c in candidates]
    known = [float(c.offer.co2e_g) for c in candidates if c.offer.co2e_g is not None]
    # Who does not tell its emissions counts as the worst who does.
    grams = [
        float(c.offer.co2e_g) if c.offer.co2e_g is not None else max(known, default=0.0) for c in candidates
    ]
    return {
        RankFactor.PRICE: _lower_is_better(prices),
        RankFactor.SPEED: _lower_is_better(waits),
        RankFactor.RELIABILITY: [UNPROVEN if c.reliability is None else c.reliability for c in candidates],
        RankFactor.EMISSIONS: _lower_is_better(grams),
    }


def _lower_is_better(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [1.0 if high == low else (high - value) / (high - low) for value in values]


def _quote(
    candidate: Candidate,
    place: int,
    score: float,
    values: Mapping[RankFactor, float],
    share: Mapping[RankFactor, float],
    among: Mapping[RankFactor, int],
) -> Quote:
    reasons = tuple(
        RankReason(factor, _words(factor, value, candidate, among[factor]), round(share[factor] * value, 4))
        for factor, value in sorted(values.items(), key=lambda kv: -share[kv[0]] * kv[1])
        if share[factor] > 0 and not _is_unproven(factor, candidate)
    )
    return Quote(
        id=new_id("quo"),
        account_id=candidate.account_id,
        offer=candidate.offer,
        rank=place,
        score=round(score, 4),
        reasons=reasons,
        response_ms=candidate.response_ms,
    )


def _is_unproven(factor: RankFactor, candidate: Candidate) -> bool:
    """Nobody is told of a record that nobody has kept."""
    return factor is RankFactor.RELIABILITY and candidate.reliability is None


def _words(factor: RankFactor, value: float, candidate: Candidate, among: int) -> str:
    match factor:
        case RankFactor.PRICE:
            return _placed("Cheapest", "Dearest", f"Costs {candidate.offer.price}", value, among)
        case RankFactor.SPEED:
            return _placed("Fastest", "Slowest", "Neither fastest nor slowest", value, among)
        case RankFactor.RELIABILITY:
            return f"{candidate.reliability or UNPROVEN:.0%} of its deliveries went well"
        case _:
            grams = candidate.offer.co2e_g
            middle = "Emissions unknown" if grams is None else f"About {grams} g of CO₂"
            return middle if grams is None else _placed("Least CO₂", "Most CO₂", middle, value, among)


def _placed(best: str, worst: str, between: str, value: float, among: int) -> str:
    if among > 1 and value == 1.0:
        return f"{best} of {among}"
    if among > 1 and value == 0.0:
        return f"{worst} of {among}"
    return between
