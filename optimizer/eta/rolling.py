"""Intervals that hold: rolling conformal correction of quantiles, slice by slice, with labels that come late.

The raw quantiles of a model hold too seldom: it knows its own rows better than the next. For each end of the
interval the score of a past delivery says by how much it stuck out, in widths of its own raw interval. The
correction of the next one is the quantile of the last `WINDOW` scores (split conformal prediction, rolling),
so that the interval holds overall whatever the model is worth, and follows when the world drifts.

That leaves slices in which it holds too seldom, balanced by others. Each slice therefore has an offset of its
own, which goes up by a step whenever a delivery of the slice sticks out and down by the fitting part of one
when it does not: where steps balance, it sticks out as often as it should. This is online gradient descent on
the quantile loss over the slices' memberships; scores enter the window without what the slices account for.

One more offset is shared by all rows and learns alike (adaptive conformal inference), since the window takes
long to forget. A label counts only from the moment at which it was known, and while many are not known yet
steps are smaller: otherwise a slice that comes once a week, or labels that come late, make it overshoot.
"""

from __future__ import annotations

import bisect
import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.eta.table import Floats, Ints

WINDOW = 2_000
NEWER = 300
"""Of fewer scores than twice this, more than the newer half are taken: a quantile of few is a guess."""

STEP, LATER_STEP = 0.02, 0.01
"""Of a slice's offset, in typical sizes of a score: while learning from the past, and from then on."""

OVERALL = 2.0
"""Steps of the offset that all rows share, in those of a slice: it follows where the window is too slow."""

OPEN = 50
"""With so many labels still to come, steps are half as long: as many err alike before the first is known."""

PASSES = 3
"""How often the past is gone through before the offsets are used."""


@dataclass(slots=True)
class End:
    """One end of the interval.

    Attributes
    ----------
    beyond
        How often a delivery may stick out at this end, such as 0.05.
    offsets
        By slice, in widths of the raw interval; the last one is for no slice and stays 0.
    overall
        The offset that all rows share.
    recent
        Scores of the last `WINDOW` labels, without the offsets that they had, in their order.
    """

    beyond: float
    offsets: Floats
    step: float
    recent: deque[float] = field(default_factory=deque)
    overall: float = 0.0
    _sorted: list[float] = field(default_factory=list)

    def margin(self, slices: Ints) -> float:
        """What to widen the interval by at this end, in widths; less than 0 to narrow it."""
        return self.overall + self._quantile() + float(self.offsets[slices].sum())

    def learn(self, score: float, slices: Ints, margin: float, still_open: int = 0) -> None:
        """A label is known, whose interval had this margin, while others are not known yet."""
        rest = score - float(self.offsets[slices].sum())
        self.recent.append(rest)
        bisect.insort(self._sorted, rest)
        if len(self.recent) > WINDOW:
            del self._sorted[bisect.bisect_left(self._sorted, self.recent.popleft())]
        sticks_out = 1.0 if score > margin else 0.0
        self.offsets[slices] += self.step * OPEN / (OPEN + still_open) * (sticks_out - self.beyond)
        self.offsets[-1] = 0.0
        self.overall += OVERALL * self.step * OPEN / (OPEN + still_open) * (sticks_out - self.beyond)

    def look_back(self, rests: Floats) -> None:
        """The window anew, of scores without what the slices account for, the oldest first.

        It begins with the newer half of them, since doubt grows and shrinks with time, and says all that is
        known of these: what the passes left in the shared offset is let go of.
        """
        newer = rests[-min(WINDOW, max(NEWER, len(rests) // 2)) :]
        self.recent, self.overall = deque(newer.tolist()), 0.0
        self.restore()

    def restore(self) -> None:
        """After `recent` was put in from what was kept."""
        self._sorted = sorted(self.recent)

    def _quantile(self) -> float:
        if not self._sorted:
            return 0.0
        # One more than there are: the next delivery is one of them.
        rank = int(np.ceil((len(self._sorted) + 1) * (1 - self.beyond)))
        return self._sorted[min(rank, len(self._sorted)) - 1]


@dataclass(slots=True)
class Rolling:
    """The correction of both ends of an interval."""

    low: End
    high: End

    @staticmethod
    def new(slices: int, beyond: float) -> Rolling:
        """With nothing learned of so many slices."""
        return Rolling(*(End(beyond, np.zeros(slices + 1), 0.0) for _ in range(2)))

    def begin(self, target: Floats, low: Floats, high: Floats, slices: Ints) -> None:
        """Learn from rows that the model has not seen, in order of time; their labels are all known."""
        width = widths(low, high)
        scores = ((low - target) / width, (target - high) / width)
        for end, score in zip((self.low, self.high), scores, strict=True):
            unit = float(np.quantile(score, 0.95) - np.quantile(score, 0.5)) or 1.0
            for turn in range(PASSES):
                end.step = STEP * unit / (turn + 1)
                for value, own in zip(score.tolist(), slices, strict=True):
                    end.learn(value, own, end.margin(own))
            # Each row counts once, by the offsets that were found in the end: passes are only to find them.
            end.look_back(score - end.offsets[slices].sum(axis=1))
            end.step = LATER_STEP * unit

    def corrected(self, low: float, high: float, slices: Ints) -> tuple[float, float]:
        """One interval, with what is known now."""
        width = max(high - low, SMALLEST)
        first, last = low - self.low.margin(slices) * width, high + self.high.margin(slices) * width
        return (first, last) if first <= last else ((first + last) / 2, (first + last) / 2)

    def learn(
        self,
        target: float,
        low: float,
        high: float,
        slices: Ints,
        margins: Sequence[float],
        still_open: int = 0,
    ) -> None:
        """A label is known, of a raw interval that was given these margins."""
        width = max(high - low, SMALLEST)
        self.low.learn((low - target) / width, slices, margins[0], still_open)
        self.high.learn((target - high) / width, slices, margins[1], still_open)


SMALLEST = 1e-9
"""No raw interval counts as narrower."""


def widths(low: Floats, high: Floats) -> Floats:
    """Of raw intervals, `(n,)`."""
    return np.maximum(high - low, SMALLEST)


def replay(
    rolling: Rolling,
    target: Floats,
    low: Floats,
    high: Floats,
    slices: Ints,
    at: Floats,
    known_at: Floats,
) -> tuple[Floats, Floats]:
    """Corrected intervals of rows in order of time, each with only the labels that were known by then.

    Parameters
    ----------
    target, low, high, at, known_at
        `(n,)`: labels (NaN: never known), raw intervals, times in rising order, and when labels were known.
    slices
        `(n, families) int`, -1 for none.
    """
    first, last = np.empty(len(at)), np.empty(len(at))
    waiting: list[tuple[float, int, float, float]] = []
    for row in range(len(at)):
        while waiting and waiting[0][0] < at[row]:
            _, past, *margins = heapq.heappop(waiting)
            rolling.learn(target[past], low[past], high[past], slices[past], margins, len(waiting))
        own = slices[row]
        first[row], last[row] = rolling.corrected(low[row], high[row], own)
        if np.isfinite(target[row]):
            kept = (known_at[row], row, rolling.low.margin(own), rolling.high.margin(own))
            heapq.heappush(waiting, kept)
    return first, last
