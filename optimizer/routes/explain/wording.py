"""Amounts as a dispatcher reads them."""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.money import Money


def span(seconds: int) -> str:
    """Rounded up to minutes: "1 min", "2 h 05 min"."""
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def distance(metres: int) -> str:
    """Rounded up to a tenth of a kilometre: "3.2 km"."""
    return f"{-(-metres // 100) / 10:.1f} km"


def load(dimension: str, amount: int) -> str:
    """ "10.5 kg", "31 l", or the merchant's own: "4 crates"."""
    match dimension:
        case "weight_g":
            return f"{amount / 1000:.10g} kg"
        case "volume_ml":
            return f"{amount / 1000:.10g} l"
        case _:
            return f"{amount} {dimension}"


def taken(dimension: str, amount: int) -> str:
    """What a visit does to a load: "weighs 6 kg", "fills 31 l", "takes 4 crates"."""
    verb = {"weight_g": "weighs", "volume_ml": "fills"}.get(dimension, "takes")
    return f"{verb} {load(dimension, amount)}"


def money(minor: int, currency: str) -> str:
    """ "12.40 EUR"."""
    return str(Money(minor, currency))


def listed(names: Iterable[str], joint: str) -> str:
    """The names in quotes: ``"a", "b" or "c"``."""
    quoted = [f'"{name}"' for name in sorted(names)]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"
