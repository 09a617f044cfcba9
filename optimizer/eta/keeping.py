"""A model as bytes and back: JSON and the trees' own text, packed. Nothing in it can be run."""

from __future__ import annotations

import json
import zlib
from collections import deque
from typing import Any

import numpy as np

from optimizer.eta.boosting import Trees
from optimizer.eta.encode import Encoder
from optimizer.eta.lines import Line
from optimizer.eta.model import EtaModel
from optimizer.eta.past import Standing
from optimizer.eta.rolling import End, Rolling
from optimizer.eta.slices import Family

FORM = 1
"""Of the bytes; another one is not read."""


def packed(model: EtaModel) -> bytes:
    """To keep it."""
    encoder = model.encoder
    held: dict[str, Any] = {
        "form": FORM,
        "encoder": [encoder.numbers, encoder.middles, encoder.spreads, encoder.categories],
        "trees": {name: trees.text() for name, trees in model.trees.items()},
        "line": model.line.weights.tolist(),
        "base": model.base,
        "road": model.road,
        "blend": model.blend,
        "cuts": [[cut.name, cut.labels, cut.edges] for cut in model.cuts],
        "rolling": [_end_out(model.rolling.low), _end_out(model.rolling.high)],
        "standings": [_standing_out(each) for each in model.standings],
        "level": [model.level_span, model.level, model.cut, model.errors.tolist()],
        "bounds": [_finite(model.lowest), _finite(model.highest)],
    }
    return zlib.compress(json.dumps(held).encode(), 6)


def unpacked(data: bytes) -> EtaModel:
    """What `packed` gave.

    Raises
    ------
    ValueError
        If these are no such bytes, or of another form.
    """
    try:
        held = json.loads(zlib.decompress(data))
    except (zlib.error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError("these bytes are no model") from error
    if not isinstance(held, dict) or held.get("form") != FORM:
        raise ValueError(f"the model must be of form {FORM}")
    numbers, middles, spreads, categories = held["encoder"]
    span, level, cut, errors = held["level"]
    low, high = held["bounds"]
    mean, middle, line = held["blend"]
    return EtaModel(
        encoder=Encoder(tuple(numbers), tuple(middles), tuple(spreads), categories),
        trees={name: Trees.of_text(text) for name, text in held["trees"].items()},
        line=Line(np.array(held["line"])),
        base=held["base"],
        road=held["road"],
        blend=(mean, middle, line),
        cuts=tuple(Family(name, tuple(labels), tuple(edges)) for name, labels, edges in held["cuts"]),
        rolling=Rolling(*(_end_in(each) for each in held["rolling"])),
        standings=tuple(_standing_in(each) for each in held["standings"]),
        level_span=span,
        level=level,
        lowest=-np.inf if low is None else low,
        highest=np.inf if high is None else high,
        errors=np.array(errors),
        cut=cut,
    )


def _end_out(end: End) -> list[Any]:
    return [end.beyond, end.offsets.tolist(), end.step, list(end.recent), end.overall]


def _end_in(held: list[Any]) -> End:
    beyond, offsets, step, recent, overall = held
    end = End(beyond, np.array(offsets), step, deque(recent), overall)
    end.restore()
    return end


def _standing_out(standing: Standing) -> list[Any]:
    figures = [each.tolist() for each in (standing.means, standing.lately, standing.sizes)]
    return [standing.names, list(standing.known), standing.overall, *figures]


def _standing_in(held: list[Any]) -> Standing:
    names, labels, overall, *figures = held
    known = {label: code for code, label in enumerate(labels)}
    return Standing(tuple(names), known, overall, *(np.array(each) for each in figures))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
