"""How good what was said of arrivals was: overall, day by day, and in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.eta_learning import HORIZONS_S, EtaTrip
from gateway.flow.learning.eta_risk import Risk, risk_of
from gateway.flow.ports.eta import Figures

FEWEST_IN_PART = 20
"""Of a smaller part nothing is said: a single late van would make it look bad."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Figures of some arrivals.

    Attributes
    ----------
    overall
        None without any.
    days
        By the day at the door on which it was said, in order.
    parts
        By carrier, mode, hour at the door, and how far ahead; those with at least `FEWEST_IN_PART`.
    risk
        How good the risks of being late were; None where nothing was promised.
    """

    overall: Figures | None
    days: tuple[Figures, ...]
    parts: tuple[Figures, ...]
    risk: Risk | None = None


def accuracy(trips: Sequence[EtaTrip]) -> Accuracy:
    """Of trips that arrived."""
    if not trips:
        return Accuracy(None, (), ())
    families: tuple[tuple[str, Callable[[EtaTrip], str]], ...] = (
        ("carrier", lambda trip: trip.carrier),
        ("mode", lambda trip: trip.mode),
        ("hour", lambda trip: f"{_at_the_door(trip).hour:02}"),
        ("ahead", lambda trip: _ahead(trip.horizon)),
    )
    parts = [
        figures(f"{family} {value}", own)
        for family, key in families
        for value, own in sorted(_grouped(trips, key).items())
        if value and len(own) >= FEWEST_IN_PART
    ]
    days = _grouped(trips, lambda trip: _at_the_door(trip).date().isoformat())
    return Accuracy(
        figures("all", trips),
        tuple(figures(day, own) for day, own in sorted(days.items())),
        tuple(parts),
        risk_of(trips),
    )


def figures(title: str, trips: Sequence[EtaTrip]) -> Figures:
    """Of at least one trip."""
    off = [trip.took_s - trip.said.middle_s for trip in trips]
    held = [trip.said.low_s <= trip.took_s <= trip.said.high_s for trip in trips]
    return Figures(
        title,
        len(trips),
        error_s=sum(abs(each) for each in off) / len(off),
        late_s=sum(off) / len(off),
        coverage=sum(held) / len(held),
    )


def _grouped(trips: Sequence[EtaTrip], key: Callable[[EtaTrip], str]) -> dict[str, list[EtaTrip]]:
    found: dict[str, list[EtaTrip]] = {}
    for trip in trips:
        found.setdefault(key(trip), []).append(trip)
    return found


def _at_the_door(trip: EtaTrip) -> datetime:
    return trip.asked_at + timedelta(seconds=trip.ahead_of_utc_s)


def _ahead(horizon: int) -> str:
    begins = HORIZONS_S[horizon] // 60
    if horizon + 1 == len(HORIZONS_S):
        return f"from {begins} min"
    return f"{begins} to {HORIZONS_S[horizon + 1] // 60} min"
