"""Reading a stranger's JSON without trusting it: what is absent or of another type reads as empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

type Json = Mapping[str, object]

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def text(data: Json, name: str) -> str:
    """A string, "" where there is none."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def child(data: Json, name: str) -> Json:
    """An object, {} where there is none."""
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def children(data: Json, name: str) -> tuple[Json, ...]:
    """The objects of a list, () where there is none."""
    value = data.get(name)
    return tuple(entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, list) else ()


def integer(data: Json, name: str) -> int | None:
    """A whole number, None where there is none."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(data: Json, name: str) -> float | None:
    """A number, None where there is none."""
    value = data.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def instant(data: Json, name: str) -> datetime | None:
    """An RFC 3339 or ISO 8601 instant in UTC, None where there is none.

    The year 1, with which some systems write that there is none, is none, as is all before 1970.
    """
    try:
        parsed = datetime.fromisoformat(text(data, name))
        parsed = parsed.astimezone(UTC) if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return parsed if _FIRST_YEAR <= parsed.year <= _LAST_YEAR else None
