"""How much of a search is over, by time or by steps."""

from __future__ import annotations

from time import monotonic

from optimizer.routes.engine import Limits

_HOTTEST, _COLDEST = 0.5, 0.05
"""Legs that a walk may become worse by, at the beginning and at the end."""


class Budget:
    """Steps and time of one search, shared by its walks.

    Parameters
    ----------
    limits
        Where they count iterations, those alone tell how far the search is, so that it does not depend on
        the machine.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._began_s = monotonic()
        self._taken = 0

    def is_over(self) -> bool:
        """Whether time is up or nobody waits any more."""
        return self._limits.is_over

    @property
    def is_spent(self) -> bool:
        """Whether no round should begin."""
        return self._limits.is_over or self.steps(1) < 1

    @property
    def heat(self) -> float:
        """Legs that a walk may become worse by."""
        return float(_HOTTEST * (_COLDEST / _HOTTEST) ** self.progress)

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        most = self._limits.max_iterations
        if most is not None:
            return min(1.0, self._taken / max(1, most))
        whole_s = max(1e-9, self._limits.deadline_s - self._began_s)
        return min(1.0, (monotonic() - self._began_s) / whole_s)

    def steps(self, wanted: int) -> int:
        """As many of the steps wanted as are left."""
        most = self._limits.max_iterations
        return wanted if most is None else min(wanted, most - self._taken)

    def take(self, steps: int) -> None:
        """Count steps as taken."""
        self._taken += steps
