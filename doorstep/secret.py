"""A string that does not print: keys, passwords, tokens."""

from __future__ import annotations

import hmac


class Secret:
    """Wraps a secret so that `repr`, `str`, logs and tracebacks show nothing of it.

    Compare with `matches` (constant time), read with `reveal` at the last moment.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The bare value, to be handed straight to whoever needs it."""
        return self._value

    def matches(self, other: str) -> bool:
        """Whether `other` is the same value; takes the same time for every wrong answer of one length."""
        return hmac.compare_digest(self._value.encode(), other.encode())

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__
