"""What breaking a rule costs while a search dwells on solutions that break it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyvrp

_EVERY = 50
"""Solutions seen between two changes."""

_TARGET, _TOLERANCE = 0.65, 0.05
"""Share of the solutions that should keep a rule, and how far off is near enough."""

_RAISE, _LOWER = 1.5, 0.9

_LEAST, _MOST = 0.1, 1e10
"""Of any penalty. The most, times a week in seconds or a tonne in grams, still fits into 63 bits."""


class Penalties:
    """Costs per unit of too much load, time and distance, so that most solutions seen keep to the rules.

    PyVRP's own manager adapts ten times more slowly, and takes a tenth of the time of a small search.

    Parameters
    ----------
    first
        One for each dimension of the load, then of time, then of distance.
    """

    def __init__(self, first: Sequence[float]) -> None:
        self.values = tuple(min(max(value, _LEAST), _MOST) for value in first)
        self.evaluator = self._evaluator()
        self._broken = [0] * len(self.values)
        self._seen = 0

    def see(self, solution: pyvrp.Solution) -> None:
        """Count the rules that a solution breaks."""
        self._seen += 1
        for rule, excess in enumerate(
            (*solution.excess_load(), solution.time_warp(), solution.excess_distance())
        ):
            if excess:
                self._broken[rule] += 1
        if self._seen == _EVERY:
            self._change()

    def _change(self) -> None:
        self.values = tuple(map(_changed, self.values, self._broken))
        self.evaluator = self._evaluator()
        self._broken = [0] * len(self.values)
        self._seen = 0

    def _evaluator(self) -> pyvrp.CostEvaluator:
        *loads, time, distance = self.values
        return pyvrp.CostEvaluator(loads, time, distance)


def mean_of(values: Sequence[Sequence[float]]) -> list[float]:
    """The geometric means of penalties from several searches, rule by rule."""
    return [math.exp(sum(map(math.log, rule)) / len(rule)) for rule in zip(*values, strict=True)]


def _changed(value: float, broken: int) -> float:
    short = _TARGET - (1 - broken / _EVERY)
    if abs(short) < _TOLERANCE:
        return value
    return min(max(value * (_RAISE if short > 0 else _LOWER), _LEAST), _MOST)
