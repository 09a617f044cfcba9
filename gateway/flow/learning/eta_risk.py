"""How good what was said of being late was: Brier score, ranking, and whether 30 % means three in ten."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from doorstep.eta_learning import EtaTrip

EDGES = (0.0, 0.05, 0.2, 0.5, 0.8, 1.0)
"""Risks are looked at between each two of these; the last span holds its end."""


@dataclass(frozen=True, slots=True)
class RiskSpan:
    """Deliveries of which a risk between two shares was told.

    Attributes
    ----------
    told, late
        Mean of what was told, and the share that was late; equal where risks mean what they say.
    """

    begins: float
    ends: float
    trips: int
    told: float
    late: float


@dataclass(frozen=True, slots=True)
class Risk:
    """How good the risks of being late were, of some arrivals with a promise.

    Attributes
    ----------
    late
        The share that arrived after the promise's window.
    brier
        Mean squared difference of risk and what came of it (1 late, 0 not); 0 is best.
    share_brier
        The same of always telling `late`: what a risk has to beat.
    ranked
        How often of a late and a punctual one the late one was told the higher risk (area under the curve);
        None where all were late, or none.
    """

    trips: int
    late: float
    brier: float
    share_brier: float
    ranked: float | None
    spans: tuple[RiskSpan, ...]


def risk_of(trips: Sequence[EtaTrip]) -> Risk | None:
    """Of trips that arrived; None where a promise was kept of none of them."""
    told = [
        (trip.late_risk, trip.took_s > trip.promised_s)
        for trip in trips
        if trip.late_risk is not None and trip.promised_s is not None
    ]
    if not told:
        return None
    share = sum(is_late for _, is_late in told) / len(told)
    return Risk(
        trips=len(told),
        late=share,
        brier=sum((risk - is_late) ** 2 for risk, is_late in told) / len(told),
        share_brier=share * (1 - share),
        ranked=_ranked(told),
        spans=_spans(told),
    )


def _ranked(told: Sequence[tuple[float, bool]]) -> float | None:
    punctual = sorted(risk for risk, is_late in told if not is_late)
    late = [risk for risk, is_late in told if is_late]
    if not punctual or not late:
        return None
    # Of two equal risks either may be the higher.
    wins = sum(bisect_left(punctual, risk) + bisect_right(punctual, risk) for risk in late) / 2
    return wins / (len(punctual) * len(late))


def _spans(told: Sequence[tuple[float, bool]]) -> tuple[RiskSpan, ...]:
    own: list[list[tuple[float, bool]]] = [[] for _ in EDGES[1:]]
    for risk, is_late in told:
        own[min(bisect_right(EDGES, risk), len(own)) - 1].append((risk, is_late))
    return tuple(
        RiskSpan(
            begins,
            ends,
            len(found),
            told=sum(risk for risk, _ in found) / len(found),
            late=sum(is_late for _, is_late in found) / len(found),
        )
        for (begins, ends), found in zip(pairwise(EDGES), own, strict=True)
        if found
    )
