"""Models of one merchant's own deliveries: learned, judged on the newest, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.eta_learning import CarrierRatios, EtaTrip, Spans
from optimizer.eta.cold_start import cold_start
from optimizer.eta.fit import fit
from optimizer.eta.history import History, history_of
from optimizer.eta.keeping import packed, unpacked
from optimizer.eta.model import EtaModel
from optimizer.eta.scores import mae
from optimizer.eta.table import Column, Floats, Kind, Table, category, number
from optimizer.eta.trial import try_out

ENOUGH = 300
"""Trips with which a model is tried; until then the table of carriers answers."""

NEWEST = 0.2
"""Share of the trips that a model is judged by."""

ROAD = "reckoned_s"
KEPT_MODELS = 64
"""Models that are held ready to answer."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A table of carriers, and a model where there is one, with how good it was; see `EtaVersion`."""

    carriers: tuple[CarrierRatios, ...]
    body: bytes | None = None
    error_s: float | None = None
    coverage: float | None = None
    worst_coverage: float | None = None
    worst_slice: str = ""
    reckoned_error_s: float | None = None
    before_error_s: float | None = None


class MerchantModels:
    """Learns from trips, and answers with the models that it was handed.

    Models are known by a key, of merchant and version; the last `KEPT_MODELS` are held.
    """

    def __init__(self) -> None:
        self._models: dict[str, EtaModel] = {}

    def has(self, key: str) -> bool:
        """Whether it can answer for this one."""
        return key in self._models

    def take(self, key: str, body: bytes) -> None:
        """Hold a model ready; raises ValueError where the bytes are none."""
        self._models[key] = unpacked(body)
        while len(self._models) > KEPT_MODELS:
            del self._models[next(iter(self._models))]

    def spans(self, key: str, trips: Sequence[EtaTrip]) -> Sequence[Spans]:
        """What the model says of each; `arrived_at` and `said` are not looked at."""
        table, time = _columns(trips)
        found = self._models[key].predict(table, time)
        return [
            Spans(max(0.0, float(low)), max(0.0, float(middle)), max(0.0, float(high)))
            for low, middle, high in np.sort(np.column_stack((found.low, found.middle, found.high)), axis=1)
        ]

    def learn(self, trips: Sequence[EtaTrip], before: bytes | None) -> Learned:
        """Learn from trips that arrived; takes seconds for thousands of them.

        Parameters
        ----------
        before
            The model that answers now, to be judged on the same newest trips; None where none does.
        """
        carriers = cold_start(trips)
        if len(trips) < ENOUGH:
            return Learned(carriers)
        history = _history(trips)
        border = int(history.rows * (1 - NEWEST))
        trial = try_out(history, border, road=ROAD)
        newest = history.take(slice(border, None))
        worst = trial.slices[0] if trial.slices else None
        return Learned(
            carriers,
            body=packed(fit(history, road=ROAD)),
            error_s=trial.mae,
            coverage=trial.coverage,
            worst_coverage=worst.coverage if worst else None,
            worst_slice=worst.title if worst else "",
            reckoned_error_s=mae(newest.target, newest.table[ROAD].values),
            before_error_s=None if before is None else _error_of(unpacked(before), newest),
        )


def _error_of(model: EtaModel, newest: History) -> float:
    found = model.forecast(newest.table)
    return mae(newest.target, found.point + model.level)


def _history(trips: Sequence[EtaTrip]) -> History:
    table, time = _columns(trips)
    took: Floats = np.array([trip.took_s for trip in trips])
    return history_of(table, took, time, time.values + took)


def _columns(trips: Sequence[EtaTrip]) -> tuple[Table, Column]:
    at = np.array([trip.asked_at.timestamp() for trip in trips])
    wall = at + np.array([float(trip.ahead_of_utc_s) for trip in trips])
    table = Table(
        [
            number(ROAD, [trip.reckoned_s for trip in trips]),
            number("stops_before", [float(trip.stops_before) for trip in trips]),
            number("parcels", [float(trip.parcels) for trip in trips]),
            category("carrier", [trip.carrier for trip in trips]),
            category("service", [trip.service for trip in trips]),
            category("mode", [trip.mode for trip in trips]),
            category("driver", [trip.driver_id for trip in trips]),
            category("basis", [trip.basis.value for trip in trips]),
        ]
    )
    return table, Column("asked_at", Kind.MOMENT, at, (), wall)
