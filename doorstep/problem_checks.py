"""What a route problem is checked for where it is made, and the error that says what is wrong."""

from __future__ import annotations


class InvalidProblem(ValueError):
    """A problem that makes no sense; the message begins with the field, as "visits[a1].windows: …"."""


def not_negative(where: str, owner: object, *names: str) -> None:
    """Refuse fields of `owner` that are below 0; None is no number."""
    for name in names:
        value = getattr(owner, name)
        if value is not None and value < 0:
            raise InvalidProblem(f"{where}.{name}: must not be negative, got {value}")


def positive(where: str, owner: object, *names: str) -> None:
    """Refuse fields of `owner` that are not above 0; None is no number."""
    for name in names:
        value = getattr(owner, name)
        if value is not None and value <= 0:
            raise InvalidProblem(f"{where}.{name}: must be positive, got {value}")
