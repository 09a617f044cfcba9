"""Pressure: who asks more than can be answered in time is answered with what is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_AT_ONCE = 32
"""Questions of one process for which carriers are asked at the same time."""

PER_SECOND, BURST = 50.0, 200.0
"""Of one shop: so many calls Shopify makes before it waits for the shortest of its times (3,000 a minute,
Shopify documentation, November 2026). More than that takes the time of other shops.
"""

MOST_SHOPS = 10_000


class Pressure:
    """Counts what is being answered, and what each shop has asked lately.

    Parameters
    ----------
    now_s
        Machine seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._at_once = 0
        self._shops: dict[str, tuple[float, float]] = {}

    @contextmanager
    def question(self, store_id: str) -> Iterator[bool]:
        """Whether carriers may be asked for it; for as long as the block lasts it counts as one of many."""
        may_ask = self._has_turn(store_id) and self._at_once < MOST_AT_ONCE
        self._at_once += 1
        try:
            yield may_ask
        finally:
            self._at_once -= 1

    def _has_turn(self, store_id: str) -> bool:
        now_s = self._now_s()
        left, since = self._shops.get(store_id, (BURST, now_s))
        left = min(BURST, left + (now_s - since) * PER_SECOND)
        if store_id not in self._shops and len(self._shops) >= MOST_SHOPS:
            self._shops.clear()
        has_turn = left >= 1
        # Who is refused pays nothing: a shop that asks without a pause has its turns all the same.
        self._shops[store_id] = (left - has_turn, now_s)
        return has_turn
