"""A model tried on what came after it: the last part of a table by time, as if it were lived through."""

from __future__ import annotations

import time as machine
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.eta.baselines import line_through, mean_of, plain_trees
from optimizer.eta.fit import fit
from optimizer.eta.history import History
from optimizer.eta.level import levels
from optimizer.eta.model import EtaModel, Forecast, shifted
from optimizer.eta.rolling import replay
from optimizer.eta.scores import SliceCoverage, held, mae, of_slices, rmse
from optimizer.eta.table import Floats, Table

PAST = ("past mean of", "late mean of", "past count of")
ASKED_ONE_BY_ONE = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    Attributes
    ----------
    learned
        Rows that were learned from.
    coverage
        How often the corrected interval held; `raw_coverage` is without any correction, `still_coverage` with
        what was known when the trial began and nothing learned since.
    slices
        Of those with enough rows, the worst first.
    baselines
        Name -> its figures.
    one_us
        Microseconds that one forecast alone takes.
    """

    learned: int
    mae: float
    rmse: float
    coverage: float
    raw_coverage: float
    still_coverage: float
    mean_width: float
    slices: list[SliceCoverage]
    baselines: Mapping[str, Mapping[str, float]]
    train_s: float
    one_us: float
    model: EtaModel


def try_out(history: History, learned: int, *, road: str = "", seed: int = 0) -> Trial:
    """Learn from the first rows, foretell the others in order of time.

    Forecasts are made by a model that is not changed any more; the level and the correction of the intervals
    go on learning from ends as they become known.

    Parameters
    ----------
    learned
        How many rows, the first by time, may be learned from; see `parted`.
    """
    past, after = parted(history, learned)
    started = machine.monotonic()
    model = fit(past, road=road, seed=seed)
    train_s = machine.monotonic() - started

    found = model.forecast(after.table)
    moved = _lived_through(model, found, after)
    # Before the replay, which goes on learning.
    still = [
        model.rolling.corrected(first, last, own)
        for first, last, own in zip(
            found.low + model.level, found.high + model.level, found.slices, strict=True
        )
    ]
    low, high = replay(
        model.rolling, after.target, moved.low, moved.high, found.slices, after.at, after.known_at
    )
    low, high = np.maximum(low, model.lowest), np.maximum(high, model.lowest)
    point = np.clip(moved.point, model.lowest, model.highest)
    is_held = held(after.target, low, high)
    fewest = fewest_in_slice(after.rows)
    return Trial(
        learned=past.rows,
        mae=mae(after.target, point),
        rmse=rmse(after.target, point),
        coverage=float(is_held.mean()),
        raw_coverage=float(held(after.target, found.low, found.high).mean()),
        still_coverage=float(
            held(after.target, *(np.array(each) for each in zip(*still, strict=True))).mean()
        ),
        mean_width=float(np.mean(high - low)),
        slices=of_slices(model.cuts, found.slices, is_held, np.abs(after.target - point), fewest),
        baselines=baselines(past, after, model, found),
        train_s=train_s,
        one_us=_one_us(model, after),
        model=model,
    )


def parted(history: History, learned: int) -> tuple[History, History]:
    """What is learned from, and what comes after it.

    Of the first `learned` rows those count whose ends were known when the others begin; all of them where
    that would leave less than half.
    """
    is_first = np.arange(history.rows) < learned
    is_known = is_first & (history.known_at < history.at[min(learned, history.rows - 1)])
    enough = is_known.sum() >= learned / 2
    return history.take(is_known if enough else is_first), history.take(~is_first)


def as_read(history: History) -> Table:
    """Its `derived` rows without the past by category."""
    return history.table.without(column.name for column in history.table if column.name.startswith(PAST))


def fewest_in_slice(rows: int) -> int:
    """A slice with fewer rows is not judged: of 100 a true 90 % looks like 84 % one time in twenty."""
    return max(100, rows // 100) if rows >= 1_000 else max(30, rows // 10)


def baselines(past: History, after: History, model: EtaModel, found: Forecast) -> dict[str, dict[str, float]]:
    """The mean, a line and plain LightGBM, on the same rows and columns, but without the past by category."""
    table, later = as_read(past), as_read(after)
    centre, low, high = plain_trees(table, past.target)
    scored = {
        name: {"mae": mae(after.target, forecast), "rmse": rmse(after.target, forecast)}
        for name, forecast in (
            ("mean", mean_of(past.target)(later)),
            ("linear", line_through(table, past.target)(later)),
            ("plain_lightgbm", centre(later)),
        )
    }
    is_held = held(after.target, low(later), high(later))
    slices = of_slices(model.cuts, found.slices, is_held, np.zeros(after.rows), fewest_in_slice(after.rows))
    scored["plain_lightgbm"]["coverage"] = float(is_held.mean())
    if slices:
        scored["plain_lightgbm"]["worst_slice_coverage"] = slices[0].coverage
    return scored


def _lived_through(model: EtaModel, found: Forecast, after: History) -> Forecast:
    rest = np.clip(after.target - found.point, -model.cut, model.cut)
    return shifted(found, levels(rest, after.at, after.known_at, model.level_span, model.errors))


def _one_us(model: EtaModel, after: History) -> float:
    count = min(ASKED_ONE_BY_ONE, after.rows)
    rows = [after.table.take(slice(row, row + 1)) for row in range(count)]
    spans: list[Floats] = []
    for row in rows:
        started = machine.perf_counter()
        model.forecast(row)
        spans.append(np.array(machine.perf_counter() - started))
    return float(np.median(spans)) * 1e6
