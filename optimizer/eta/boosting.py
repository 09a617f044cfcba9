"""LightGBM, and the only file that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.eta.table import Floats

MANY_ROWS = 20_000
"""From here on trees learn faster, and small ones are not tried: there are enough rows to find out."""

ROWS_OF_A_TREE, LEAST_SHARE, MOST_SHARE = 40_000, 0.25, 0.8
"""Each tree sees as many of the rows as this, within these shares: more would only take longer."""

BINS = 127

MOST_ROUNDS, PATIENCE = 800, 40

THREADS = 1
"""Threads wait for each other after every level of a tree, and keep their processors busy while they do: two
of them took five times the processor time where others work on the machine (measured, 160,000 rows).
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large trees grow.

    Attributes
    ----------
    leaves
        Of one tree, at most.
    fewest
        Rows in a leaf, at least.
    rounds
        Trees; None to learn it from rows that are held back.
    """

    leaves: int
    fewest: int
    rate: float
    rounds: int | None = None


def shapes(rows: int) -> tuple[Shape, ...]:
    """Worth a try with so many rows, the simplest first."""
    rate = 0.1 if rows >= MANY_ROWS else 0.05
    if rows < 2_000:
        return Shape(4, max(10, rows // 40), rate), Shape(8, max(10, rows // 50), rate)
    if rows >= MANY_ROWS:
        return Shape(24, 40, rate), Shape(63, 60, rate)
    return Shape(8, 40, rate), Shape(24, 40, rate), Shape(63, 60, rate)


class Trees:
    """What was learned."""

    def __init__(self, booster: Any, rounds: int) -> None:
        self._booster = booster
        self.rounds = rounds

    def predict(self, matrix: Floats) -> Floats:
        """`(n,) float64` of `(n, columns)`."""
        found = self._booster.predict(matrix, num_iteration=self.rounds, num_threads=THREADS)
        return np.asarray(found, dtype=np.float64)

    def text(self) -> str:
        """To keep it; `Trees.of_text` reads it."""
        return str(self._booster.model_to_string(num_iteration=self.rounds))

    @staticmethod
    def of_text(text: str) -> Trees:
        """What `text` gave."""
        import lightgbm

        booster = lightgbm.Booster(model_str=text)
        return Trees(booster, booster.num_trees())


class Rows:
    """Rows sorted into bins once, for all trees that learn from them.

    Parameters
    ----------
    matrix, target
        `(n, columns)` and `(n,)`.
    categories
        Columns that are codes.
    like
        Rows whose bins these share, to judge trees by.
    """

    def __init__(
        self, matrix: Floats, target: Floats, categories: Sequence[int] = (), like: Rows | None = None
    ) -> None:
        import lightgbm

        self.matrix, self.target = matrix, target
        self.categories: list[int] = list(categories) if like is None else like.categories
        # How few rows a leaf may have is not known yet: no column is left out beforehand.
        settings = {"max_bin": BINS, "feature_pre_filter": False, "verbosity": -1, "force_row_wise": True}
        reference = None if like is None else like.binned
        self.binned: Any = lightgbm.Dataset(
            matrix,
            target,
            reference=reference,
            categorical_feature=self.categories,
            params=settings,
            free_raw_data=False,
        )


def grow(
    rows: Rows, *, shape: Shape, quantile: float | None = None, held_back: Rows | None = None, seed: int = 0
) -> Trees:
    """Trees for the mean, or for a quantile (0 to 1), deterministic by seed.

    Parameters
    ----------
    held_back
        Rows, binned like the others, by which to find out after how many trees to stop; without them
        `shape.rounds` says it.
    """
    import lightgbm

    callbacks: list[Callable[..., Any]] = []
    if held_back is not None:
        callbacks = [lightgbm.early_stopping(PATIENCE, verbose=False)]
    count = len(rows.target)
    booster = lightgbm.train(
        {**_settings(shape, quantile, seed, count), "num_threads": THREADS},
        rows.binned,
        num_boost_round=shape.rounds or MOST_ROUNDS,
        valid_sets=[] if held_back is None else [held_back.binned],
        callbacks=callbacks,
    )
    return Trees(booster, booster.num_trees() if held_back is None else max(1, booster.best_iteration))


def plain(matrix: Floats, target: Floats, categories: Sequence[int], quantile: float | None = None) -> Trees:
    """A hundred trees as LightGBM grows them unless told otherwise."""
    import lightgbm

    goal: Mapping[str, Any] = {"objective": "regression"}
    if quantile is not None:
        goal = {"objective": "quantile", "alpha": quantile}
    booster = lightgbm.train(
        {**goal, "verbosity": -1, "deterministic": True, "num_threads": THREADS},
        lightgbm.Dataset(matrix, target, categorical_feature=list(categories)),
        num_boost_round=100,
    )
    return Trees(booster, booster.num_trees())


def with_rounds(shape: Shape, rounds: int) -> Shape:
    """The same, of so many trees."""
    return replace(shape, rounds=rounds)


def _settings(shape: Shape, quantile: float | None, seed: int, rows: int) -> dict[str, Any]:
    goal: dict[str, Any] = {"objective": "regression"}
    if quantile is not None:
        goal = {"objective": "quantile", "alpha": quantile}
    return {
        **goal,
        "learning_rate": shape.rate,
        "num_leaves": shape.leaves,
        "min_data_in_leaf": shape.fewest,
        "feature_fraction": 0.7,
        "bagging_fraction": min(MOST_SHARE, max(LEAST_SHARE, ROWS_OF_A_TREE / rows)),
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "cat_smooth": 20.0,
        "max_bin": BINS,
        "feature_pre_filter": False,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
