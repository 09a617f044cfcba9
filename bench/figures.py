"""Figures from many measurements."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float, digits: int = 2) -> float | None:
    """The least value that a share (0 to 1) of all stay within; None where nothing was measured."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)], digits)
