"""When something is predicted to arrive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.window import Window


class EtaBasis(StrEnum):
    """What an ETA rests on."""

    MODEL = "MODEL"
    ROAD = "ROAD"
    CARRIER = "CARRIER"
    APPROXIMATE = "APPROXIMATE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Eta:
    """Predicted arrival; `interval` holds with probability `confidence`."""

    at: datetime
    interval: Window
    confidence: float
    basis: EtaBasis
    computed_at: datetime
    stops_before: int | None = None


def late_risk(eta: Eta, promised: datetime, now: datetime | None = None) -> float:
    """Probability, 0 to 1, of an arrival after `promised`.

    The arrival is taken to lie as in a logistic distribution around `at` whose early and late halves have
    widths of their own, so that the interval holds with its confidence. Its tail is that of delays: who is
    overdue already is not there the next moment.

    Parameters
    ----------
    now
        It has not arrived yet at this moment, and nobody has said anything newer; None where that tells
        nothing, as when the ETA was just computed.
    """
    if now is not None and now >= promised:
        return 1.0
    after = _not_there_by(eta, promised)
    return after if now is None else after / max(_not_there_by(eta, now), after, _LEAST)


_LEAST = 1e-300
"""Nothing is divided by less."""


def _not_there_by(eta: Eta, moment: datetime) -> float:
    """Probability of an arrival after a moment."""
    is_later = moment > eta.at
    width_s = (eta.interval.end - eta.at if is_later else eta.at - eta.interval.start).total_seconds()
    if width_s <= 0:
        return 0.0 if moment >= eta.at else 1.0
    ends = math.log((1 + eta.confidence) / (1 - eta.confidence))
    return 1 / (1 + math.exp(min(600.0, ends * (moment - eta.at).total_seconds() / width_s)))
