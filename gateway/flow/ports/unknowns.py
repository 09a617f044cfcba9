"""Codes of carriers that no table here knows, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class CodeKind(StrEnum):
    """What a carrier said with a code."""

    STATUS = "STATUS"
    REASON = "REASON"
    """Why something went wrong with a delivery."""
    ERROR = "ERROR"
    """Why it makes no offer, or does not book."""


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code, and how often it came.

    Attributes
    ----------
    code
        As the carrier wrote it; "(words)" where it was a text and no code.
    """

    carrier: str
    kind: CodeKind
    code: str
    seen: int
    first_at: datetime
    last_at: datetime


class Unknowns(Protocol):
    """Counts of them, for whoever keeps the tables."""

    async def note(self, carrier: str, codes: Iterable[tuple[CodeKind, str]], at: datetime) -> None:
        """Count each once more. Counts of one code share a row, which stays locked until the commit."""
        ...

    async def all(self) -> Sequence[UnknownCode]:
        """By carrier, kind and code."""
        ...
