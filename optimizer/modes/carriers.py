"""Which carrier takes which order: greedy, then discounts by branch and bound, then CP-SAT where it helps."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from doorstep.route_solution import EngineStep
from optimizer.modes.book import Book, Pick
from optimizer.modes.levels import LevelSearch

_CP_SAT_ORDERS = 1000
_CP_SAT_OFFERS = 20_000
"""Beyond, CP-SAT betters nothing within seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class CarrierChoice:
    """Who takes what among carriers.

    Attributes
    ----------
    cost, bound
        In minor units, with fines for what nobody takes; no choice costs less than `bound`.
    prices
        By row, what room is worth: with it an order's cheapest offer costs what its leaving would save.
    """

    pick: Pick
    cost: float
    bound: float
    prices: NDArray[np.float64]
    method: str
    steps: tuple[EngineStep, ...]


def choose_carriers(book: Book, deadline_s: float, seed: int) -> CarrierChoice:
    """The best choice until `deadline_s` on the monotonic clock. Blocks; lets other threads run meanwhile."""
    began = monotonic()
    found = LevelSearch(book, lambda: deadline_s - monotonic()).run()
    searched = monotonic()
    why = f"{found.nodes} discounts branched on, {found.closings} settled ones closed by the simplex"
    steps = [EngineStep("prices", why, searched - began, round(found.cost))]
    pick, cost, bound = found.pick, found.cost, found.bound
    if not found.is_proven and len(pick) <= _CP_SAT_ORDERS and np.isfinite(book.cost).sum() <= _CP_SAT_OFFERS:
        # Loads pandas as well, which most processes never need.
        from optimizer.modes.cp_sat import prove

        proven = prove(book, pick, deadline_s - searched, seed)
        if proven is not None:
            bound = max(bound, min(proven[1], cost))
            if book.cost_of(proven[0]) < cost:
                pick, cost = proven[0], book.cost_of(proven[0])
            why = "small enough to be proven"
            steps.append(EngineStep("CP-SAT", why, monotonic() - searched, round(cost)))
    bound = min(bound, cost)
    method = f"{' and '.join(step.engine for step in steps)}: {_how_good(cost, bound)}"
    return CarrierChoice(pick, cost, bound, found.prices, method, tuple(steps))


def _how_good(cost: float, bound: float) -> str:
    above = (cost - bound) / max(1.0, abs(cost))
    return "proven best" if cost - bound < 1 else f"at most {above:.2%} above the best"
