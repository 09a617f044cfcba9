"""How much of a search is over, by time or by steps."""

from __future__ import annotations

import math
from time import monotonic

from optimizer.routes.engine import Limits

_COLDEST = 0.05
"""Legs that a walk may become worse by at the end."""


class Budget:
    """Steps and time of one search, shared by its walks.

    Parameters
    ----------
    limits
        Where they count iterations, those alone tell how far the search is, so that it does not depend on
        the machine.
    patience
        Steps without anything better after which nothing better is looked for.
    """

    def __init__(self, limits: Limits, patience: float = math.inf) -> None:
        self._limits = limits
        self._patience = patience
        self._began_s = monotonic()
        self._taken = 0
        self._better_after = 0

    def is_over(self) -> bool:
        """Whether time is up or nobody waits any more."""
        return self._limits.is_over

    @property
    def is_spent(self) -> bool:
        """Whether no round should begin."""
        return self._limits.is_over or self.steps(1) < 1 or self._staleness >= 1

    def heat(self, hottest: float) -> float:
        """Legs that a walk may become worse by now, where it is `hottest` at the beginning."""
        return float(hottest * (_COLDEST / hottest) ** self.progress)

    @property
    def progress(self) -> float:
        """From 0 to 1; it goes back where something better was found before patience was at its end."""
        return min(1.0, max(self._spent, self._staleness))

    def steps(self, wanted: int) -> int:
        """As many of the steps wanted as are left."""
        most = self._limits.max_iterations
        return wanted if most is None else min(wanted, most - self._taken)

    def take(self, steps: int) -> None:
        """Count steps as taken."""
        self._taken += steps

    def found_better(self) -> None:
        """Be patient again."""
        self._better_after = self._taken

    @property
    def _spent(self) -> float:
        most = self._limits.max_iterations
        if most is not None:
            return self._taken / max(1, most)
        whole_s = max(1e-9, self._limits.deadline_s - self._began_s)
        return (monotonic() - self._began_s) / whole_s

    @property
    def _staleness(self) -> float:
        return (self._taken - self._better_after) / self._patience
