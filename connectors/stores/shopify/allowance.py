"""What we believe of the bucket of points that one shop keeps for this app. Pure: the time is handed in.

Shopify's rule (its documentation, November 2026): a call's requested cost is taken out before it runs, what
it did not use is put back when it ends, and `restoreRate` points flow in each second up to
`maximumAvailable`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from connectors.stores.shopify.cost import LARGEST_QUERY, Cost

# An answer's figure is rounded, and so is ours.
_ROUNDING = 1.0
# A shorter wait may end at the very moment at which it began.
_SHORTEST_S = 0.001
# Others' thirst is averaged over about this long, and forgotten as fast.
_MEMORY_S = 30.0
# Whoever took much at once will do so again: two processes that read one shop's history take turns.
_GULP_MEMORY_S = 120.0
_LEFT_FRACTION = 0.1
# However thirsty others are, half of what flows in is ours to try for.
_OTHERS_AT_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Tally:
    """What the calls that have ended cost together, and what they were given back, in points."""

    spent: float = 0.0
    returned: float = 0.0

    def __sub__(self, earlier: Tally) -> Tally:
        return Tally(self.spent - earlier.spent, self.returned - earlier.returned)


class Allowance:
    """A ledger of points: what is there, what calls in flight hold, what others take.

    Until the first answer nothing is known, and no more is in flight than the dearest query costs.
    """

    def __init__(self) -> None:
        self._is_known = False
        # The most that others lately took at once.
        self._gulp = 0.0
        self._level = 0.0
        self._maximum = 0.0
        self._restore_per_s = 0.0
        self._others_per_s = 0.0
        self._in_flight = 0.0
        self._ended = Tally()
        self._at_s = 0.0
        self._told_at_s = 0.0

    @property
    def in_flight(self) -> float:
        """Points that calls hold whose answers have not come."""
        return self._in_flight

    def wait_s(self, points: float, now_s: float, *, is_generous: bool) -> float:
        """Seconds until a call may be sent; infinite where only an answer can tell.

        Parameters
        ----------
        points
            What the call will be taken to cost.
        is_generous
            It leaves a part of the bucket, for more urgent calls and for what others may take at once.
        """
        if not self._is_known:
            is_little = self._in_flight <= 0 or self._in_flight + points <= LARGEST_QUERY
            return 0.0 if is_little else math.inf
        self._advance(now_s)
        left = _LEFT_FRACTION * self._maximum + self._gulp if is_generous else 0.0
        wanted = min(points + _ROUNDING + left, self._maximum)
        lacking = wanted - self._level
        if not points or lacking <= 0:
            return 0.0
        return max(lacking / (self._restore_per_s - self._others_per_s), _SHORTEST_S)

    def spend(self, points: float, now_s: float) -> Tally:
        """A call is sent; what has ended before it is for `settle`."""
        self._advance(now_s)
        self._in_flight += points
        self._level -= points
        return self._ended

    def settle(self, points: float, cost: Cost | None, now_s: float, before: Tally) -> None:
        """A call has ended; without a word on its cost the points count as spent."""
        self._advance(now_s)
        self._in_flight = max(0.0, self._in_flight - points)
        meanwhile = self._ended - before
        spent = points if cost is None else cost.actual or 0.0
        self._ended = Tally(self._ended.spent + spent, self._ended.returned + points - spent)
        if cost is None:
            return
        self._maximum, self._restore_per_s = cost.maximum, cost.restore_per_s
        if not self._is_known:
            self._is_known = True
            self._level = cost.available - self._in_flight - meanwhile.spent
        else:
            self._level += points - spent
            self._correct(cost.available, meanwhile, now_s)
        self._told_at_s = now_s

    def _correct(self, available: float, meanwhile: Tally, now_s: float) -> None:
        """Believe Shopify, which may or may not have seen the calls that were in flight when it said so.

        Answers overtake each other: of calls that ended while this one was on its way, an old answer may
        know nothing.
        """
        least, most = available - self._in_flight - meanwhile.spent, available + meanwhile.returned
        surprise = self._level - min(max(self._level, least), most)
        elapsed_s = max(now_s - self._told_at_s, 1e-3)
        weight = 1.0 - math.exp(-elapsed_s / _MEMORY_S)
        others = self._others_per_s + weight * surprise / elapsed_s
        self._others_per_s = min(max(others, 0.0), _OTHERS_AT_MOST * self._restore_per_s)
        self._gulp = max(self._gulp * math.exp(-elapsed_s / _GULP_MEMORY_S), surprise)
        self._level -= surprise

    def _advance(self, now_s: float) -> None:
        elapsed_s = max(0.0, now_s - self._at_s)
        self._at_s = now_s
        flow = (self._restore_per_s - self._others_per_s) * elapsed_s
        # What is in flight may not have reached Shopify, whose bucket overflows until it does.
        most = self._maximum - self._in_flight
        self._level = min(most, self._level + flow) if self._is_known else 0.0
        self._others_per_s *= math.exp(-elapsed_s / _MEMORY_S)
