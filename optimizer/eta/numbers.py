"""Numbers out of text: with units, with a decimal comma, or spans of time such as 1 h 20 min."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.eta.moments import READABLE
from optimizer.eta.table import Floats
from optimizer.eta.words import UNITS_S

WITH_UNIT = (
    r"^(?:\([^)]*\)\s*|[$€£]\s*)?([-+]?\d+(?:[.,]\d+)*)\s*"
    r"(?:%|€|\$|[ap]?\(?(?:[a-z]{1,3}|mins?|minutes?|seconds?|hours?|days?|miles?|metres?|meters?)\)?)?$"
)
SPAN = (
    r"^\s*(?:(\d+)\s*d(?:ays?)?,?\s*)?(?:(\d+)\s*h(?:ou)?r?s?)?\s*"
    r"(?:(\d+)\s*m(?:in(?:ute)?s?)?)?\s*(?:(\d+(?:\.\d+)?)\s*s(?:ec(?:ond)?s?)?)?\s*$"
)
CLOCK_SPAN = r"^(?:(\d+) days? )?(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$"

PARTS_S = np.array((86400.0, 3600.0, 60.0, 1.0))


def read_numbers(texts: Any) -> Floats | None:
    """Numbers of a pandas Series of text; None where fewer than nine in ten of what is there are numbers.

    `(min) 24`, `24 min`, `$3.50`, `1,234.5` and `12,5` are numbers; `A24` is not.
    """
    import pandas as pd

    there = int(texts.notna().sum())
    if there == 0:
        return None
    found = pd.to_numeric(texts, errors="coerce")
    if found.notna().sum() < READABLE * there:
        parts = texts.str.lower().str.extract(WITH_UNIT)[0]
        if parts.notna().sum() < READABLE * there:
            return None
        found = pd.to_numeric(_with_points(parts), errors="coerce")
    values: Floats = found.to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    return values if np.isfinite(values).sum() >= READABLE * there else None


def read_spans_s(texts: Any) -> Floats | None:
    """Seconds of a pandas Series of text such as `1h 20m`, `45 min` or `00:24:10`; None where they are none.

    Two parts such as `24:10` are hours and minutes.
    """
    there = int(texts.notna().sum())
    if there == 0:
        return None
    lower = texts.str.lower()
    spans = _total_s(lower.str.extract(CLOCK_SPAN)).fillna(_total_s(lower.str.extract(SPAN)))
    found: Floats = spans.to_numpy(dtype=np.float64)
    return found if np.isfinite(found).sum() >= READABLE * there else None


def _total_s(parts: Any) -> Any:
    """Of days, hours, minutes and seconds in four columns; NaN where there is none of them."""
    import pandas as pd

    numbers = parts.apply(pd.to_numeric, errors="coerce")
    total = pd.Series(numbers.fillna(0).to_numpy() @ PARTS_S, index=parts.index)
    return total.where(numbers.notna().any(axis=1))


def unit_in_text(texts: Any) -> float | None:
    """Seconds in the unit that nearly all texts carry, as `24 min` and `(min) 24` do."""
    found = texts.dropna().head(500).str.lower().str.extract(r"([a-z]+)")[0]
    if found.empty or found.isna().mean() > 1 - READABLE or found.nunique() > 2:
        return None
    return UNITS_S.get(str(found.mode().iloc[0]))


def _with_points(texts: Any) -> Any:
    """1.234,5 and 12,5 as 1234.5 and 12.5; a comma before three digits parts thousands."""
    if texts.str.contains(r"\.\d+,\d+$", regex=True, na=False).any():
        texts = texts.str.replace(".", "", regex=False)
    elif texts.str.contains(r",\d+\.", regex=True, na=False).any():
        return texts.str.replace(",", "", regex=False)
    has_comma = texts.str.contains(",", regex=False, na=False)
    if has_comma.any() and texts[has_comma].str.fullmatch(r"[-+]?\d{1,3}(,\d{3})+").all():
        return texts.str.replace(",", "", regex=False)
    return texts.str.replace(",", ".", regex=False)
