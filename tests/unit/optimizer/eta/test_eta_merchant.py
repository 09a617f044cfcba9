"""A merchant's model is judged as it is asked: by what it knew, on trips that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from doorstep.eta import EtaBasis
from doorstep.eta_learning import EtaTrip, Spans
from optimizer.eta.merchant import FEWEST_JUDGED, MerchantModels

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)
KNOWN, LATER = 360, 40


def _trips(count: int) -> list[EtaTrip]:
    luck = np.random.default_rng(3)
    trips = []
    for number in range(count):
        asked_at, reckoned_s = AT + timedelta(minutes=40 * number), float(luck.uniform(600, 3000))
        took_s = 1.3 * reckoned_s + float(luck.normal(0, 200))
        trips.append(
            EtaTrip(
                f"del_{number}", 1, asked_at, "cheap", "", "", "", EtaBasis.CARRIER, reckoned_s, 0, 1, 0,
                Spans(0, 0, 0), 1, asked_at + timedelta(seconds=max(60.0, took_s)),
            )
        )  # fmt: skip
    return trips


def _error_s(models: MerchantModels, key: str, trips: list[EtaTrip]) -> float:
    told = models.spans(key, trips)
    return float(np.mean([abs(each.middle_s - trip.took_s) for each, trip in zip(told, trips, strict=True)]))


def test_the_model_that_answers_is_judged_by_trips_that_it_had_not_seen() -> None:
    models, trips = MerchantModels(), _trips(KNOWN + LATER)
    before = models.learn(trips[:KNOWN], None).body
    assert before is not None
    models.take("before", before)
    found = models.learn(trips, before, trips[KNOWN].asked_at)
    unseen = trips[KNOWN:]
    assert found.before_error_s == pytest.approx(_error_s(models, "before", unseen), abs=1e-6)
    reckoned_s = float(np.mean([abs(trip.reckoned_s - trip.took_s) for trip in unseen]))
    assert found.reckoned_error_s == pytest.approx(reckoned_s)
    # With next to nothing new some of what it had seen has to do.
    few = models.learn(trips, before, trips[-1].asked_at)
    assert few.before_error_s == pytest.approx(_error_s(models, "before", trips[-FEWEST_JUDGED:]), abs=1e-6)
