"""What the planner asks of a search, whichever engine it is built on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from optimizer.routes.numbered.task import Task, Tours


@dataclass(slots=True)
class Limits:
    """When a search ends: at a moment, after a number of iterations, or when it is called off.

    Attributes
    ----------
    deadline_s
        On the monotonic clock.
    max_iterations
        Of each search; None where only time counts.
    """

    deadline_s: float
    max_iterations: int | None = None
    called_off: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Whether time is up or nobody waits any more."""
        return self.called_off.is_set() or monotonic() >= self.deadline_s

    @property
    def left_s(self) -> float:
        """Seconds until time is up; negative after that."""
        return self.deadline_s - monotonic()

    def until(self, deadline_s: float) -> Limits:
        """The same limits with an earlier end; calling one off calls off both."""
        return Limits(min(deadline_s, self.deadline_s), self.max_iterations, self.called_off)

    def share(self, fraction: float) -> Limits:
        """The same limits for a fraction of the time that is left."""
        return self.until(monotonic() + fraction * max(0.0, self.left_s))


class Watcher(Protocol):
    """Told of progress, on the searching thread."""

    def __call__(self, part: str, assigned: int, cost: int) -> None:
        """The best so far of an independent part: visits on routes, and cost in cost units."""
        ...


class Engine(Protocol):
    """Makes better tours of feasible ones."""

    def __call__(self, task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        """Tours that are better as far as the engine knows the rules; blocks until the limits are reached."""
        ...
