"""Numbers out of text: with units, with a decimal comma, or spans of time such as 1 h 20 min."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.eta.moments import READABLE
from optimizer.eta.table import Floats
from optimizer.eta.words import UNITS_S

WITH_UNIT = (
    r"^(?:\([^)]*\)\s*|[$€£]\s*)?([-+]?\d+(?:[.,]\d+)*)\s*"
    r"(%|€|\$|[ap]?\(?(?:[a-z]{1,3}|mins?|minutes?|seconds?|hours?|days?|miles?|metres?|meters?)\)?)?$"
)
FIGURE = r"(\d+(?:[.,]\d+)?)"
SPAN = (
    rf"^\s*(?:{FIGURE}\s*d(?:ays?)?,?\s*)?(?:{FIGURE}\s*h(?:ou)?r?s?,?\s*)?"
    rf"(?:{FIGURE}\s*m(?:in(?:ute)?s?)?,?\s*)?(?:{FIGURE}\s*s(?:ec(?:ond)?s?)?)?\s*$"
)
ISO_SPAN = rf"^p(?:{FIGURE}d)?t?(?:{FIGURE}h)?(?:{FIGURE}m)?(?:{FIGURE}s)?$"
CLOCK_SPAN = r"^(?:(\d+) days? )?(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$"

MINUS, GROUPED, BOOKED = (
    r"^[\u2212\u2013]",
    r"(?<=\d)[\u00a0\u202f'’ ](?=\d{3}(?!\d))",
    r"^\(\s*(\d[\d.,]*)\s*\)$",
)
"""A minus as typesetters write it, what parts thousands, and a figure below zero as accountants write it."""

TOO_LARGE = 1e60
"""No quantity of a delivery is so large: a mistake, and squares of it are no numbers any more."""

SAMPLE = 1_000
"""So many texts say whether it is worth reading the others."""

PARTS_S = np.array((86400.0, 3600.0, 60.0, 1.0))


def read_numbers(texts: Any) -> Floats | None:
    """Numbers of a pandas Series of text; None where fewer than nine in ten of what is there are numbers.

    `(min) 24`, `24 min`, `$3.50`, `1,234.5`, `1 234,5`, `(3.50)` and `12,5` are numbers; `A24` is not, nor
    are `24 min` and `2 h` in one column: these are spans of time.
    """
    import pandas as pd

    there = int(texts.notna().sum())
    if there == 0:
        return None
    found = pd.to_numeric(texts, errors="coerce")
    if found.notna().sum() < READABLE * there:
        if _with_units(texts.dropna().head(SAMPLE)).notna().mean() < READABLE / 2:
            return None
        found = _with_units(texts)
    values: Floats = found.to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        values = np.where(np.abs(values) < TOO_LARGE, values, np.nan)
    return values if np.isfinite(values).sum() >= READABLE * there else None


def _with_units(texts: Any) -> Any:
    """Numbers with signs and units around them; NaN everywhere where the units are of different size."""
    import pandas as pd

    plain = texts.str.lower().str.replace(MINUS, "-", regex=True).str.replace(BOOKED, r"-\1", regex=True)
    parts = plain.str.replace(GROUPED, "", regex=True).str.extract(WITH_UNIT)
    units = {UNITS_S[unit] for unit in parts[1].str.strip("()").dropna().unique() if unit in UNITS_S}
    if len(units) > 1:
        return pd.Series(np.nan, index=texts.index)
    return pd.to_numeric(_with_points(parts[0]), errors="coerce")


def read_spans_s(texts: Any) -> Floats | None:
    """Seconds of texts such as `1h 20m`, `1.5 h`, `PT45M` or `00:24:10`; None if they are none.

    Two parts such as `24:10` are hours and minutes.
    """
    there = int(texts.notna().sum())
    if there == 0:
        return None
    if np.isfinite(_spans_s(texts.dropna().head(SAMPLE))).mean() < READABLE / 2:
        return None
    found = _spans_s(texts)
    return found if np.isfinite(found).sum() >= READABLE * there else None


def _spans_s(texts: Any) -> Floats:
    lower = texts.str.lower()
    spans = _total_s(lower.str.extract(CLOCK_SPAN))
    for form in (SPAN, ISO_SPAN):
        spans = spans.fillna(_total_s(lower.str.extract(form)))
    found: Floats = spans.to_numpy(dtype=np.float64)
    return found


def _total_s(parts: Any) -> Any:
    """Of days, hours, minutes and seconds in four columns; NaN where there is none of them."""
    import pandas as pd

    numbers = parts.apply(lambda part: pd.to_numeric(part.str.replace(",", "."), errors="coerce"))
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
