"""Deliveries of a town that never was, with a truth that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.eta.history import History, history_of
from optimizer.eta.table import Column, Kind, Table, category, moment, number

START_S = 1_700_000_000.0
"""A Tuesday."""


@dataclass(frozen=True, slots=True)
class Town:
    """Columns as they are read, and what came of each delivery, seconds."""

    table: Table
    time: Column
    took_s: np.ndarray[tuple[int], np.dtype[np.float64]]

    def history(self, learned: int | None = None) -> History:
        """All of it, each end known when it was there."""
        return history_of(self.table, self.took_s, self.time, self.time.values + self.took_s, learned=learned)


def town(rows: int, *, seed: int = 1, noise: float = 0.2) -> Town:
    """Drives of about 20 minutes: slower at rush hours, and by carrier; "slow" is also less sure."""
    luck = np.random.default_rng(seed)
    at = np.sort(luck.uniform(0, 20 * 86400, rows)) + START_S
    road_s = luck.uniform(300, 2400, rows)
    carriers = luck.choice(["quick", "middling", "slow"], rows, p=[0.5, 0.3, 0.2])
    hour = at % 86400 / 3600
    factor = np.where(carriers == "slow", 1.4, 1.0) * (1 + 0.5 * np.exp(-(((hour - 17) / 2) ** 2)))
    doubt = noise * np.where(carriers == "slow", 2.5, 1.0)
    took_s = road_s * factor * np.exp(luck.normal(0, doubt)) + 120
    table = Table(
        [
            number("road_s", road_s),
            category("carrier", carriers.tolist()),
            number("parcels", luck.integers(1, 4, rows).astype(float)),
        ]
    )
    return Town(table, moment("at", at.tolist()), took_s)


def codes(column: Column) -> list[str]:
    """The labels of a category, row by row."""
    assert column.kind is Kind.CATEGORY
    return ["" if np.isnan(code) else column.labels[int(code)] for code in column.values]
