"""Guesses: order numbers can be counted up and contacts guessed, so questions about orders are rationed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

HIT, MISS = 1.0, 10.0
"""What a question costs. Whoever knows an order may look at it often; whoever does not tries another."""

MOST_VISITORS = 20_000


@dataclass(slots=True)
class Ration:
    """What somebody may spend; it fills up again.

    Attributes
    ----------
    holds
        At most, and to begin with.
    per_s
        Comes back in a second.
    """

    holds: float
    per_s: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, name: str, cost: float, now_s: float) -> float:
        """Seconds until so much can be spent; 0 where it can be."""
        return max(0.0, (cost - self._now(name, now_s)) / self.per_s)

    def spend(self, name: str, cost: float, now_s: float) -> None:
        """Take it away; a negative cost is given back."""
        self._left[name] = (self._now(name, now_s) - cost, now_s)
        self._left.move_to_end(name)
        if len(self._left) > MOST_VISITORS:
            self._left.popitem(last=False)

    def _now(self, name: str, now_s: float) -> float:
        left, since_s = self._left.get(name, (self.holds, now_s))
        return min(self.holds, left + (now_s - since_s) * self.per_s)


class Guesses:
    """Counts questions by visitor, and by shop since an address is easily changed; one for each process.

    Twelve wrong ones in a row and then one in a minute for a visitor, ten a second for a shop; right ones ten
    times as often.

    Parameters
    ----------
    now_s
        Machine seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._visitors = Ration(12 * MISS, MISS / 60)
        self._shops = Ration(600 * MISS, 10 * MISS)

    def ask(self, shop: str, visitor: str) -> float:
        """Seconds to wait; 0 where the question may be asked, which counts as wrong until `was_right`."""
        now_s, one = self._now_s(), f"{shop} {visitor}"
        wait_s = max(self._visitors.wait_s(one, MISS, now_s), self._shops.wait_s(shop, MISS, now_s))
        if not wait_s:
            self._visitors.spend(one, MISS, now_s)
            self._shops.spend(shop, MISS, now_s)
        return wait_s

    def was_right(self, shop: str, visitor: str) -> None:
        """The last question of this visitor was about an order that they know."""
        now_s = self._now_s()
        self._visitors.spend(f"{shop} {visitor}", HIT - MISS, now_s)
        self._shops.spend(shop, HIT - MISS, now_s)
