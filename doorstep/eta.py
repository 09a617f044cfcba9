"""When something is predicted to arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist

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


def late_risk(eta: Eta, promised: datetime) -> float:
    """Probability, 0 to 1, of an arrival after `promised`.

    The arrival is taken to lie as in a normal distribution around `at` whose early and late halves have
    widths of their own, so that the interval holds with its confidence.
    """
    ends = NormalDist().inv_cdf((1 + eta.confidence) / 2)
    is_later = promised > eta.at
    width_s = (eta.interval.end - eta.at if is_later else eta.at - eta.interval.start).total_seconds()
    if width_s <= 0:
        return 0.0 if promised >= eta.at else 1.0
    return 1 - NormalDist().cdf((promised - eta.at).total_seconds() / (width_s / ends))
