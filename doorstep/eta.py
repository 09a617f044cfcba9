"""When something is predicted to arrive."""

from __future__ import annotations

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
