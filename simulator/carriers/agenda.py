"""What a simulated carrier will do and when, so that a jump in time skips nothing and mixes nothing up."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Action = Callable[[datetime], None]


class Agenda:
    """Actions in the order of their instants; those of one instant in the order they were entered."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()

    def enter(self, at: datetime, action: Action) -> None:
        """Do `action` when the world has reached `at`; it is called with `at`, however late that is."""
        heapq.heappush(self._entries, (at, next(self._order), action))

    def run(self, now: datetime) -> None:
        """Do all that is due, and what follows from it, in order."""
        while self._entries and self._entries[0][0] <= now:
            at, _, action = heapq.heappop(self._entries)
            action(at)
