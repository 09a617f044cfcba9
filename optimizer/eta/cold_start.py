"""Answers for a merchant of whom little is known: how far each carrier's arrivals lie from what was reckoned.

For each carrier the quantiles of arrival over reckoned time (by road, or the carrier's own), held towards
those of all its peers while it has few deliveries, and these towards the usual while there are few at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from doorstep.eta_learning import SHORTEST_S, CarrierRatios, EtaTrip

LEVELS = (0.05, 0.5, 0.95)

USUAL = CarrierRatios("", 0.78, 1.06, 1.75, 0)
"""Where nothing is known: drives are late more than early."""

DOUBT = 25.0
"""Deliveries after which a carrier's own past counts for half."""


def cold_start(trips: Iterable[EtaTrip]) -> tuple[CarrierRatios, ...]:
    """A row for each carrier, by name, and one for any other at the end; trips have all arrived."""
    ratios: dict[str, list[float]] = {}
    for trip in trips:
        off = (trip.took_s - trip.reckoned_s) / max(trip.reckoned_s, SHORTEST_S)
        ratios.setdefault(trip.carrier, []).append(1 + off)
    others = _pooled("", [each for own in ratios.values() for each in own], USUAL)
    return (*(_pooled(carrier, own, others) for carrier, own in sorted(ratios.items())), others)


def _pooled(carrier: str, own: Sequence[float], prior: CarrierRatios) -> CarrierRatios:
    if not own:
        return prior
    share = len(own) / (len(own) + DOUBT)
    found = np.quantile(own, LEVELS)
    low, middle, high = (
        share * float(each) + (1 - share) * usual
        for each, usual in zip(found, (prior.low, prior.middle, prior.high), strict=True)
    )
    return CarrierRatios(carrier, low, middle, high, len(own))
