"""Learning a model: by time, with the last part of the history held back to judge by.

1. Part: the last rows by time are held back, and what was not yet known when they begin is left out.
2. Choose by the rows held back: what trees correct, how large they grow, and when they stop.
3. Weigh: how mean, middle and line make the point forecast, and whether a level follows the errors of late.
4. Correct: the intervals, by the errors on the rows held back.
5. Learn again from everything, with what was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from optimizer.eta.boosting import Rows, Shape, Trees, grow, shapes, with_rounds
from optimizer.eta.encode import Encoder
from optimizer.eta.history import History
from optimizer.eta.level import SPAN, levels, worth_it
from optimizer.eta.lines import Line, fit_line
from optimizer.eta.model import BEYOND, QUANTILES, EtaModel, beneath, raw, shifted
from optimizer.eta.rolling import Rolling
from optimizer.eta.slices import families, titles
from optimizer.eta.table import Floats, Table

HELD_BACK, HELD_BACK_OF_MANY, MANY = 0.2, 0.15, 20_000
CHOSEN_BY = 25_000
"""The last rows, of which to choose among shapes; more would only take longer."""

WORTH_IT = 1.004
"""The simpler of two is taken unless its squared error is larger by more than this factor."""

FEW, PARTS = 6_000, 4
"""With fewer rows all of them are judged by, each by trees that learned from the other parts."""

CORRECTED_BY = 10_000
"""The last rows by which intervals are corrected."""

RIDGE = 5.0
CUT = 0.9
"""Share of errors that a level takes in full; larger ones count for no more."""

ALIKE = 1.01
"""Blends whose errors are no larger than the least by this factor count as equally good."""

WEIGHTS = [(a / 10, b / 10, (10 - a - b) / 10) for a, b in product(range(11), repeat=2) if a + b <= 10]


@dataclass(frozen=True, slots=True)
class _Choice:
    base: str
    shape: Shape


def fit(history: History, *, road: str = "", seed: int = 0) -> EtaModel:
    """A model of these deliveries; the same history and seed give the same model.

    Parameters
    ----------
    road
        The column with the time of the drive by road, in the unit of the target; "" where there is none.
    """
    count = history.rows
    share = HELD_BACK if count < MANY else HELD_BACK_OF_MANY
    border = int(count * (1 - share))
    back = history.take(slice(border, None))
    early = history.take((np.arange(count) < border) & (history.known_at < history.at[border]))
    if early.rows < count // 3:
        early = history.take(slice(0, border))

    lowest, highest = _bounds(history.target)
    choice = _choose(early, back, road, (lowest, highest), seed)
    learned = _Learned.of(early, choice, road, (lowest, highest), seed, back)
    rounds = {name: trees.rounds for name, trees in learned.trees.items()}
    parts, judged = learned.say(back.table), back
    if count < FEW:
        parts, judged = _crossed(history, border, parts, choice, road, (lowest, highest), seed, rounds)
    blend = _blend(parts, np.clip(judged.target, lowest, highest))
    model = _model(history, learned, blend, (lowest, highest), parts, judged)
    _correct(model, parts, judged)

    full = _Learned.of(history, choice, road, (lowest, highest), seed, rounds=rounds)
    model.encoder, model.trees, model.line = full.encoder, full.trees, full.line
    return model


@dataclass(frozen=True, slots=True)
class _Learned:
    """A line and its trees, before anything is corrected."""

    encoder: Encoder
    line: Line
    trees: dict[str, Trees]
    choice: _Choice
    road: str

    @staticmethod
    def of(
        history: History,
        choice: _Choice,
        road: str,
        bounds: tuple[float, float],
        seed: int,
        back: History | None = None,
        rounds: dict[str, int] | None = None,
    ) -> _Learned:
        encoder, line, rows = _groundwork(history, choice.base, road, bounds)
        held = None if back is None else _rest_of(back, encoder, line, rows, choice.base, road, bounds)
        trees = {
            name: grow(
                rows,
                shape=with_rounds(choice.shape, rounds[name]) if rounds else choice.shape,
                quantile=quantile,
                held_back=held,
                seed=seed,
            )
            for name, quantile in QUANTILES.items()
        }
        return _Learned(encoder, line, trees, choice, road)

    def say(self, table: Table) -> dict[str, Floats]:
        return raw(self.encoder, self.trees, self.line, self.choice.base, self.road, table)


def _crossed(
    history: History,
    border: int,
    last: dict[str, Floats],
    choice: _Choice,
    road: str,
    bounds: tuple[float, float],
    seed: int,
    rounds: dict[str, int],
) -> tuple[dict[str, Floats], History]:
    """What is said of every row by trees that have not seen its part of the history."""
    numbers = np.arange(history.rows)
    edges = np.linspace(0, border, PARTS + 1).astype(int)
    said = []
    for first, end in pairwise(edges.tolist()):
        others = history.take((numbers < first) | (numbers >= end))
        learned = _Learned.of(others, choice, road, bounds, seed, rounds=rounds)
        said.append(learned.say(history.table.take(slice(first, end))))
    said.append(last)
    return {name: np.concatenate([each[name] for each in said]) for name in last}, history


def _choose(early: History, back: History, road: str, bounds: tuple[float, float], seed: int) -> _Choice:
    """What trees correct, by middling ones; then how large they grow."""
    some = early.take(slice(max(0, early.rows - CHOSEN_BY), None))
    later = back.take(slice(0, CHOSEN_BY))
    tried = shapes(early.rows)
    middling = tried[min(1, len(tried) - 1)]
    errors: dict[_Choice, float] = {}

    def error(choice: _Choice) -> float:
        if choice not in errors:
            encoder, line, rows = _groundwork(some, choice.base, road, bounds)
            held = _rest_of(later, encoder, line, rows, choice.base, road, bounds)
            trees = grow(rows, shape=choice.shape, held_back=held, seed=seed)
            errors[choice] = float(np.mean((held.target - trees.predict(held.matrix)) ** 2))
        return errors[choice]

    bases = ["", "line", *(["road"] if road else [])]
    of_bases = [error(_Choice(base, middling)) for base in bases]
    base = next(b for b, found in zip(bases, of_bases, strict=True) if found <= WORTH_IT * min(of_bases))
    of_shapes = [error(_Choice(base, shape)) for shape in tried]
    good = [
        shape for shape, found in zip(tried, of_shapes, strict=True) if found <= WORTH_IT * min(of_shapes)
    ]
    return _Choice(base, good[0])


def _groundwork(
    history: History, base: str, road: str, bounds: tuple[float, float]
) -> tuple[Encoder, Line, Rows]:
    """A line, and rows from which to learn what it, or the road, leaves over."""
    encoder = Encoder.of(history.table)
    target = np.clip(history.target, *bounds)
    columns = encoder.for_lines(history.table)
    line = fit_line(columns, target, ridge=RIDGE)
    rest = target - beneath(base, line.predict(columns), history.table, road)
    return encoder, line, Rows(encoder.for_trees(history.table), rest, encoder.category_places)


def _rest_of(
    back: History,
    encoder: Encoder,
    line: Line,
    rows: Rows,
    base: str,
    road: str,
    bounds: tuple[float, float],
) -> Rows:
    straight = line.predict(encoder.for_lines(back.table))
    rest = np.clip(back.target, *bounds) - beneath(base, straight, back.table, road)
    return Rows(encoder.for_trees(back.table), rest, like=rows)


def _blend(parts: dict[str, Floats], target: Floats) -> tuple[float, float, float]:
    """The mean of all weights that are nearly as good as the best by both errors.

    The best alone is mostly luck: rows held back are few, and next month's are others.
    """
    columns = np.column_stack((parts["mean"], parts["middle"], parts["line"]))
    rest = [target - columns @ np.array(weights) for weights in WEIGHTS]
    straight = np.array([float(np.mean(np.abs(each))) for each in rest])
    squared = np.array([float(np.sqrt(np.mean(each**2))) for each in rest])
    if straight.min() == 0 or squared.min() == 0:
        return WEIGHTS[int(np.argmin(straight))]
    both = straight / straight.min() + squared / squared.min()
    mean, middle, line = np.array(WEIGHTS)[both <= ALIKE * both.min()].mean(axis=0).tolist()
    return mean, middle, line


def _model(
    history: History,
    learned: _Learned,
    blend: tuple[float, float, float],
    bounds: tuple[float, float],
    parts: dict[str, Floats],
    back: History,
) -> EtaModel:
    point = np.column_stack((parts["mean"], parts["middle"], parts["line"])) @ np.array(blend)
    cuts = families(history.table, point, fewest=max(40, history.rows // 200))
    cut = float(np.quantile(np.abs(back.target - point), CUT))
    span = SPAN if worth_it(back.target, point, back.at, back.known_at, cut) else 0
    # In the order of the rows: where they share their times, that of the ends would sort them by length.
    errors = np.clip(back.target - point, -cut, cut)[-SPAN:]
    lowest = 0.0 if np.all(history.target >= 0) else -np.inf
    return EtaModel(
        encoder=learned.encoder,
        trees=learned.trees,
        line=learned.line,
        base=learned.choice.base,
        road=learned.road,
        blend=blend,
        cuts=cuts,
        rolling=Rolling.new(len(titles(cuts)), BEYOND),
        standings=history.standings(),
        level_span=span,
        level=float(levels(np.empty(0), np.array([np.inf]), np.empty(0), span, errors)[0]),
        lowest=lowest,
        highest=bounds[1] + (bounds[1] - bounds[0]),
        errors=errors,
        cut=cut,
    )


def _correct(model: EtaModel, parts: dict[str, Floats], back: History) -> None:
    """Begin the correction of the intervals with rows that the trees had not seen."""
    found = model.of_parts(parts, back.table)
    rest = np.clip(back.target - found.point, -model.cut, model.cut)
    moved = shifted(found, levels(rest, back.at, back.known_at, model.level_span))
    last = slice(max(0, back.rows - CORRECTED_BY), None)
    model.rolling.begin(back.target[last], moved.low[last], moved.high[last], moved.slices[last])


def _bounds(target: Floats) -> tuple[float, float]:
    """Beyond these a target is taken for a mistake of whoever wrote it down."""
    low, first, last, high = np.quantile(target, (0.001, 0.05, 0.95, 0.999))
    reach = 3 * (last - first)
    return float(max(target.min(), min(low, first) - reach)), float(
        min(target.max(), last + reach, high + reach)
    )
