"""What a merchant has seen of carriers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from doorstep.scorecard import CarrierCounts, summed


class Memory:
    """Counts of carriers as the database keeps them, and nothing else of a transaction."""

    def __init__(self) -> None:
        self._kept: list[CarrierCounts] = []

    @property
    def scores(self) -> Memory:
        """The part of a transaction that `standings` looks at."""
        return self

    async def counts(self, since: date) -> Sequence[CarrierCounts]:
        """One of each carrier and day."""
        self._kept = list(summed(self._kept))
        return [one for one in self._kept if one.day >= since]

    def add(self, counts: CarrierCounts) -> None:
        """Take note of something."""
        self._kept.append(counts)
