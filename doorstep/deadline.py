"""The end of a time budget that several calls share."""

from __future__ import annotations

import time


class Deadline:
    """The end of a budget: made where somebody begins to wait, handed down to every call made for them.

    Parameters
    ----------
    budget_s
        From now, seconds of the machine.
    """

    __slots__ = ("_ends_at_s",)

    def __init__(self, budget_s: float) -> None:
        self._ends_at_s = time.monotonic() + budget_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self._ends_at_s - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more."""
        return self.left_s <= 0.0
