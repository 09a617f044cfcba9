"""The benchmark itself."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.eta.csv_file import read_csv
from doorstep.errors import DoorstepError, InvalidInput
from optimizer.eta.history import History, history_of, known_after, unit_by_ends
from optimizer.eta.leaks import telling_columns
from optimizer.eta.reading import (
    Target,
    cleaned,
    column_name,
    read_columns,
    read_target,
    read_time,
    time_name,
)
from optimizer.eta.trial import Trial, try_out
from optimizer.eta.words import UNITS_S

SHOWN_SLICES = 8
NO_SLICE = "none has enough rows"


def main(arguments: list[str]) -> dict[str, Any]:
    """Read, learn, foretell, and say how well."""
    options = _options(arguments)
    try:
        return _run(options)
    except DoorstepError as error:
        raise SystemExit(f"bench eta: {error}") from error


def _run(options: argparse.Namespace) -> dict[str, Any]:
    started = time.monotonic()
    read = read_csv(Path(options.data), [options.target, *options.time.split("+")])
    frame = cleaned(read.frame)
    _name(frame, options)
    history, left_out, target, reckoned = _history(frame, options)
    learned = int(history.rows * (1 - options.test_share))
    trial = try_out(history, learned, road=options.road, seed=options.seed)
    result = _figures(trial, history, history.rows - learned)
    result |= {
        "excluded": left_out,
        "labels_known": reckoned,
        "rows_left_out": len(frame) - history.rows + read.skipped,
        "seconds": round(time.monotonic() - started, 1),
    }
    _print(result, trial, target, options)
    return result


def _name(frame: Any, options: argparse.Namespace) -> None:
    """Columns as the file spells them."""
    options.target = column_name(frame, options.target)
    options.time = time_name(frame, options.time)
    options.keep, options.drop = (
        [column_name(frame, name) for name in names] for names in (options.keep, options.drop)
    )
    options.road = column_name(frame, options.road) if options.road else ""
    if options.target == options.time:
        raise InvalidInput(f"--target and --time both name {options.time!r}; they must be two columns")


def _history(frame: Any, options: argparse.Namespace) -> tuple[History, dict[str, str], Target, str]:
    moment = read_time(frame, options.time)
    target = read_target(frame, options.target, moment)
    used = {options.target, options.time, *options.time.split("+")}
    if options.time in frame.columns:
        used = {options.target, options.time}
    names = [name for name in frame.columns if name not in used]
    table, left_out = read_columns(frame, [name for name in names if name not in options.drop])
    left_out |= dict.fromkeys(options.drop, "--drop")
    in_time = np.where(np.isfinite(moment.values), target.values, np.nan)
    left_out |= telling_columns(table, in_time, moment, keep=options.keep)
    unit_s = UNITS_S[options.unit] if options.unit else target.unit_s
    unit_s = unit_s or unit_by_ends(table, target.values, moment)
    known_at, reckoned = known_after(target.values, moment, unit_s)
    usable = table.without(left_out)
    rows = int((np.isfinite(target.values) & np.isfinite(moment.values)).sum())
    history = history_of(
        usable, target.values, moment, known_at, learned=int(rows * (1 - options.test_share))
    )
    return history, left_out, target, reckoned


def _figures(trial: Trial, history: History, foretold: int) -> dict[str, Any]:
    worst = trial.slices[0] if trial.slices else None
    return {
        "mae": _short(trial.mae),
        "rmse": _short(trial.rmse),
        "coverage": round(trial.coverage, 4),
        "coverage_goal": 0.9,
        "raw_coverage": round(trial.raw_coverage, 4),
        "coverage_without_feedback": round(trial.still_coverage, 4),
        "mean_width": _short(trial.mean_width),
        "worst_slice_coverage": round(worst.coverage if worst else trial.coverage, 4),
        "worst_slice": {"slice": worst.title, "rows": worst.rows}
        if worst
        else {"slice": NO_SLICE, "rows": 0},
        "slices": len(trial.slices),
        "baselines": {
            name: {key: _short(value) for key, value in figures.items()}
            for name, figures in trial.baselines.items()
        },
        "rows_learned": trial.learned,
        "rows_foretold": foretold,
        "columns": len(history.table.names),
        "train_s": round(trial.train_s, 1),
        "one_prediction_us": round(trial.one_us),
        "corrects": trial.model.base or "nothing: trees alone",
        "blend_mean_middle_line": list(trial.model.blend),
        "level_of_late": trial.model.level_span,
    }


def _print(result: dict[str, Any], trial: Trial, target: Target, options: argparse.Namespace) -> None:
    print(f"{options.data}: {options.target} by {options.time}")
    if target.note:
        print(f"the target is {target.note}")
    print(f"{result['rows_learned']} rows learned from, the {result['rows_foretold']} after them foretold")
    for name, reason in result["excluded"].items():
        print(f"  left out {name}: {reason} (--keep {name!r} keeps it)")
    print(f"an end counts as known {result['labels_known']}\n")
    print(f"{'':18}{'MAE':>12}{'RMSE':>12}{'coverage':>12}{'worst slice':>13}")
    rows = {"doorstep": result, **result["baselines"]}
    for name, figures in rows.items():
        shares = "".join(
            f"{figures[key]:>{width}.3f}" if key in figures else f"{'':>{width}}"
            for key, width in (("coverage", 12), ("worst_slice_coverage", 13))
        )
        print(f"{name:18}{figures['mae']:>12.4g}{figures['rmse']:>12.4g}{shares}")
    print(f"\nthe interval of 90 % holds {trial.raw_coverage:.3f} without correction")
    for one in trial.slices[:SHOWN_SLICES]:
        print(f"  {one.coverage:.3f} of {one.rows:6} rows, MAE {one.mae:9.4g}: {one.title}")
    print()


def _short(value: float) -> float:
    """To six digits that count."""
    return float(f"{value:.6g}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench eta")
    parser.add_argument("--data", required=True, help="a CSV file")
    parser.add_argument("--target", required=True, help="column with what is to be foretold")
    parser.add_argument("--time", required=True, help="column that orders the rows; DATE+CLOCK for two")
    parser.add_argument("--test-share", type=float, default=0.2, help="of the rows, the last by time")
    parser.add_argument("--keep", action="append", default=[], help="a column that is known beforehand")
    parser.add_argument("--drop", action="append", default=[], help="a column that is not")
    parser.add_argument("--road", default="", help="column with the drive by road, in the unit of the target")
    parser.add_argument("--unit", choices=sorted(UNITS_S), help="of the target, where its name says none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if not 0.02 <= options.test_share <= 0.8:
        parser.error("--test-share must be from 0.02 to 0.8")
    return options
