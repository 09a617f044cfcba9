"""What calls cost in Shopify's points: read from answers, remembered, and guessed before the first. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.stores.shopify.documents import Document

LARGEST_QUERY = 1000.0
"""Points that a single query may cost; Shopify refuses dearer ones."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`extensions.cost` of an answer, in points.

    Attributes
    ----------
    actual
        What was kept in the end; None where the call was throttled and cost nothing.
    available, maximum
        What the shop's bucket holds for this app after the call, and what it can hold.
    restore_per_s
        What flows back into it.
    """

    requested: float
    actual: float | None
    available: float
    maximum: float
    restore_per_s: float


def read_cost(extensions: Mapping[str, Any]) -> Cost | None:
    """What an answer says of its cost; None where it says nothing usable."""
    cost = extensions.get("cost")
    status = cost.get("throttleStatus") if isinstance(cost, dict) else None
    if not isinstance(cost, dict) or not isinstance(status, dict):
        return None
    actual = cost.get("actualQueryCost")
    try:
        read = Cost(
            float(cost["requestedQueryCost"]),
            None if actual is None else float(actual),
            float(status["currentlyAvailable"]),
            float(status["maximumAvailable"]),
            float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    numbers = (read.requested, read.actual or 0.0, read.available, read.maximum, read.restore_per_s)
    is_usable = all(map(math.isfinite, numbers)) and read.maximum > 0 and read.restore_per_s > 0
    return read if is_usable else None


class CostBook:
    """What each question cost when it was last asked with variables of the same sizes."""

    def __init__(self) -> None:
        self._requested: dict[tuple[str, tuple[tuple[str, int], ...]], float] = {}

    def expect(self, document: Document, variables: Mapping[str, Any]) -> float:
        """Points that Shopify will reserve for a call."""
        known = self._requested.get((document.name, _sizes(variables)))
        if known is not None:
            return known
        # The language that documents are written in takes a while to load: only who calls a shop needs it.
        from connectors.stores.shopify.cost_guess import guess_cost

        return min(guess_cost(document, variables), LARGEST_QUERY)

    def learn(self, document: Document, variables: Mapping[str, Any], requested: float) -> None:
        """Remember what an answer said."""
        self._requested[document.name, _sizes(variables)] = requested


def _sizes(variables: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """What of the variables may change the cost: numbers, and how long lists are."""
    sizes = {
        name: value if isinstance(value, int) else len(value)
        for name, value in variables.items()
        if isinstance(value, int | list | tuple)
    }
    return tuple(sorted(sizes.items()))
