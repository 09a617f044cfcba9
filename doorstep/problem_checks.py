"""What a route problem is checked for where it is made, and the error that says what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

NAMED_LOADS = frozenset({"weight_g", "volume_ml"})
"""Loads that have fields of their own; the merchant's own have other names."""

MOST = 10**12
"""Of any number: a million tonnes. Engines count in 64 bits, and multiply."""

_MOST_BY_UNIT = {
    "_per_km_minor": 10**8,
    "_per_hour_minor": 10**8,
    "_minor": 10**10,
    "_s": 10**9,
}
"""Less where fields end so: prices, which ways and times are multiplied with, sums of money, thirty years."""


class InvalidProblem(ValueError):
    """A problem that makes no sense; the message begins with the field, as "visits[a1].windows: …"."""


def not_negative(where: str, owner: object, *names: str) -> None:
    """Refuse fields of `owner` that are negative or more than engines count; None is no number."""
    for name in names:
        value = getattr(owner, name)
        if value is not None:
            _countable(f"{where}.{name}", value)
            if value < 0:
                raise InvalidProblem(f"{where}.{name}: must not be negative, got {value}")


def positive(where: str, owner: object, *names: str) -> None:
    """Refuse fields of `owner` that are not above 0, or more than engines count; None is no number."""
    for name in names:
        value = getattr(owner, name)
        if value is not None:
            _countable(f"{where}.{name}", value)
            if value <= 0:
                raise InvalidProblem(f"{where}.{name}: must be positive, got {value}")


def named_loads(where: str, loads: Mapping[str, int]) -> None:
    """Refuse loads of the merchant's own that have no name, another's name, or an amount that is none."""
    for name, amount in loads.items():
        if not name:
            raise InvalidProblem(f"{where}: a load needs a name")
        if name in NAMED_LOADS:
            raise InvalidProblem(f"{where}[{name}]: has a field of its own; choose another name")
        _countable(f"{where}[{name}]", amount)
        if amount < 0:
            raise InvalidProblem(f"{where}[{name}]: must not be negative, got {amount}")


def named(where: str, id_: str) -> None:
    """Refuse an id that is empty: "" stands for none wherever an id may be left out."""
    if not id_:
        raise InvalidProblem(f"{where}[].id: must not be empty")


def in_utc(field: str, instant: datetime) -> datetime:
    """An instant that carries a time zone, in UTC, where an hour later is always 3,600 seconds later."""
    if instant.tzinfo is None:
        raise InvalidProblem(f"{field}: must carry a time zone, got the naive {instant.isoformat()}")
    return instant.astimezone(UTC)


def _countable(field: str, value: float) -> None:
    most = next((most for unit, most in _MOST_BY_UNIT.items() if field.endswith(unit)), MOST)
    if not math.isfinite(value):
        raise InvalidProblem(f"{field}: must be a finite number, got {value}")
    if value > most:
        raise InvalidProblem(f"{field}: must be at most {most:,}, got {value:,}")
