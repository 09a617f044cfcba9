"""Models of one merchant's own deliveries: learned, judged on the newest, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from doorstep.eta_learning import CarrierRatios, EtaTrip, Spans
from optimizer.eta.cold_start import cold_start
from optimizer.eta.fit import fit
from optimizer.eta.history import History, history_of
from optimizer.eta.keeping import packed, unpacked
from optimizer.eta.model import EtaModel
from optimizer.eta.scores import held, mae, of_slices
from optimizer.eta.table import Column, Floats, Kind, Table, category, number
from optimizer.eta.trial import as_read, fewest_in_slice, parted

ENOUGH = 300
"""Trips with which a model is tried; until then the table of carriers answers."""

NEWEST = 0.2
"""Share of the trips that a model is judged by."""

FEWEST_JUDGED = 30
"""By so many at least, though the model that answers now had seen some of them."""

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

    def learn(
        self, trips: Sequence[EtaTrip], before: bytes | None, before_at: datetime | None = None
    ) -> Learned:
        """Learn from trips that arrived; takes seconds for thousands of them.

        A model is judged as it is asked: by what it knew when it was made, on trips that came later.

        Parameters
        ----------
        before, before_at
            The model that answers now, to be judged on the same newest trips, and when it learned: what was
            asked earlier it may have seen. None where none does.
        """
        carriers = cold_start(trips)
        if len(trips) < ENOUGH:
            return Learned(carriers)
        history = _history(trips)
        past, newest = parted(history, _border(history, before_at))
        model, asked = fit(past, road=ROAD), as_read(newest)
        found = model.foretold(asked)
        errors, is_held = np.abs(newest.target - found.middle), held(newest.target, found.low, found.high)
        slices = of_slices(model.cuts, found.slices, is_held, errors, fewest_in_slice(newest.rows))
        worst = slices[0] if slices else None
        return Learned(
            carriers,
            body=packed(fit(history, road=ROAD)),
            error_s=float(errors.mean()),
            coverage=float(is_held.mean()),
            worst_coverage=worst.coverage if worst else None,
            worst_slice=worst.title if worst else "",
            reckoned_error_s=mae(newest.target, newest.table[ROAD].values),
            before_error_s=None
            if before is None
            else mae(newest.target, unpacked(before).foretold(asked).middle),
        )


def _border(history: History, before_at: datetime | None) -> int:
    """Where the newest trips begin, which neither model has seen."""
    border = int(history.rows * (1 - NEWEST))
    if before_at is None:
        return border
    unseen = int(np.searchsorted(history.at, before_at.timestamp()))
    return min(max(border, unseen), history.rows - FEWEST_JUDGED)


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
