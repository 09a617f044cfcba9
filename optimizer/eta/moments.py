"""Dates and times of day out of text, in whatever order somebody wrote day and month."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from optimizer.eta.table import Floats

NUMERIC_DATE = re.compile(r"^(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})(.*)$")
CLOCK_SHAPE = re.compile(r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?$")
TIME_OF_DAY = r"(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)"
OFFSET = TIME_OF_DAY + r"\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
"""What follows a time of day; a date such as 2017-10-02 ends alike."""

PARTED = r"\d\s*[-/.:,\sT]\s*\w"
"""Something in the way of a date."""

COMPACT = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?"
"""20240531, 202405311405 and 20240531140530."""

ZONE = r"(\d)\s+([A-Z]{3,4})$"
ZONES = {
    "UTC": "Z", "GMT": "Z", "WET": "+00:00", "WEST": "+01:00", "BST": "+01:00", "CET": "+01:00",
    "CEST": "+02:00", "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00", "JST": "+09:00", "EST": "-05:00",
    "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00",
    "PDT": "-07:00",
}  # fmt: skip
"""What is usually meant by the letters behind a time of day."""

DOTTED = r"\b(\d{1,2})\.(\d{2})\.(\d{2})(?:\.\d+)?(?= ?[AP]M)"
"""12.00.07.000000 AM, as one database writes it."""

READABLE = 0.9
"""Share of what is there that must be readable for a column to be of a kind."""

_SECOND = np.timedelta64(1, "s")


def read_moments(texts: Any) -> tuple[Floats, Floats] | None:
    """Instants and wall clocks of a pandas Series of text, `(n,) float64` seconds each.

    Text without an offset counts as UTC. Where day and month could be either way round, that way is taken in
    which more of them can be read, then the one in which they lie closer together, then month first with
    slashes and day first with anything else.

    Returns
    -------
    None
        If fewer than `READABLE` of what is there are dates.
    """
    import pandas as pd

    there = texts.notna()
    if not there.any():
        return None
    sample = texts[there].head(200)
    if sample.str.fullmatch(COMPACT).mean() >= READABLE:
        wall = pd.to_datetime(
            texts.str.slice(0, 14).str.pad(14, "right", "0"), errors="coerce", format="%Y%m%d%H%M%S"
        )
        return (seconds(wall), seconds(wall)) if wall.notna().sum() >= READABLE * there.sum() else None
    if sample.str.fullmatch(r"[-+]?\d+(\.\d+)?|" + CLOCK_SHAPE.pattern[1:-1]).mean() > 1 - READABLE:
        return None
    if sample.str.count(PARTED).astype(bool).mean() < READABLE:
        return None
    texts = _with_offsets(texts, sample)
    wall_texts = texts.str.replace(OFFSET, r"\1", regex=True)
    if sample.str.match(NUMERIC_DATE).mean() >= READABLE:
        wall = _numeric_dates(wall_texts)
    else:
        wall = pd.to_datetime(wall_texts, errors="coerce", format="ISO8601")
        if wall.notna().sum() < READABLE * there.sum():
            wall = _loosely(wall_texts, there)
    if wall is None or wall.notna().sum() < READABLE * there.sum():
        return None
    walls = seconds(wall)
    return walls - _offsets(texts), walls


def read_clocks(texts: Any) -> Floats | None:
    """Seconds since midnight of a pandas Series of text such as 17:05 or 5:05 PM; None if they are none."""
    import pandas as pd

    there = texts.notna()
    if not there.any() or texts[there].head(200).str.match(CLOCK_SHAPE).mean() < READABLE:
        return None
    halves = texts.str.extract(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?[\d.]* ?([AaPp][Mm])?$")
    hours, minutes, secs = (pd.to_numeric(halves[part], errors="coerce") for part in (0, 1, 2))
    half = halves[3].str.lower()
    hours = hours.where(half.isna(), hours % 12 + 12 * (half == "pm"))
    found: Floats = (hours * 3600 + minutes * 60 + secs.fillna(0)).to_numpy(dtype=np.float64)
    found = np.where((found >= 0) & (found < 86400), found, np.nan)
    return found if np.isfinite(found).sum() >= READABLE * there.sum() else None


def seconds(moments: Any) -> Floats:
    """Seconds since 1970 of a pandas Series of datetimes; NaN where there is none."""
    raw = moments.to_numpy(dtype="datetime64[ms]")
    found = (raw - np.datetime64(0, "ms")) / _SECOND
    return np.where(np.isnat(raw), np.nan, found).astype(np.float64)


def _with_offsets(texts: Any, sample: Any) -> Any:
    """Names of zones as offsets, and no names behind offsets; dots between hours and minutes as colons."""
    if sample.str.contains("[", regex=False).any():
        texts = texts.str.replace(r"\[[A-Za-z/_+-]+\]$", "", regex=True)
    if sample.str.count(ZONE).any():
        texts = texts.str.replace(ZONE, lambda found: found[1] + ZONES.get(found[2], ""), regex=True)
    if sample.str.count(DOTTED).any():
        texts = texts.str.replace(DOTTED, r"\1:\2:\3", regex=True)
    return texts


def _numeric_dates(texts: Any) -> Any:
    import pandas as pd

    mark = NUMERIC_DATE.match(texts.dropna().iloc[0])
    with_slash = mark is not None and mark.group(2) == "/"
    plain = texts.str.replace(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})[ T]*", r"\1/\2/\3 ", regex=True)
    plain = plain.str.strip()
    orders = (True, False) if with_slash else (False, True)
    if _is_even(plain):
        readings = [_by_format(plain, month_first) for month_first in orders]
    else:
        readings = [
            pd.to_datetime(plain, errors="coerce", format="mixed", dayfirst=not first) for first in orders
        ]
    return max(readings, key=_likelihood)


def _is_even(texts: Any) -> bool:
    """Whether all have as many parts, so that one format reads them."""
    return bool(texts.dropna().head(500).str.count(r"[: ]").nunique() == 1)


def _by_format(texts: Any, month_first: bool) -> Any:
    import pandas as pd

    sample = texts.dropna().iloc[0]
    date, _, rest = sample.partition(" ")
    year = "%Y" if len(date.rsplit("/", 1)[-1]) == 4 else "%y"
    half = " %p" if rest.lower().endswith((" am", " pm")) else ""
    hour = "%I" if half else "%H"
    clock = ["", f" {hour}:%M", f" {hour}:%M:%S"][min(2, rest.count(":"))] if rest else ""
    if "." in rest:
        clock += ".%f"
    day = "%m/%d/" if month_first else "%d/%m/"
    return pd.to_datetime(texts, errors="coerce", format=f"{day}{year}{clock}{half}")


def _likelihood(moments: Any) -> tuple[int, float]:
    found = moments.dropna()
    if found.empty:
        return 0, 0.0
    # By quantiles: one date that somebody mistyped says nothing of the others.
    span = found.quantile(0.99) - found.quantile(0.01)
    return len(found), -span.total_seconds()


def _loosely(texts: Any, there: Any) -> Any | None:
    """Dates with names of months, and the like; guessed from a sample first, since it is slow."""
    import pandas as pd

    sample = texts[there].head(100)
    if not sample.str.contains(r"\d").all() or not sample.str.contains(r"[A-Za-z]{3}|\d[/:-]\d").all():
        return None
    try:
        if pd.to_datetime(sample, errors="coerce", format="mixed").notna().mean() < READABLE:
            return None
        return pd.to_datetime(texts, errors="coerce", format="mixed")
    except (ValueError, TypeError, OverflowError):
        return None


def _offsets(texts: Any) -> Floats:
    """Seconds that each text's clock is ahead of UTC."""
    import pandas as pd

    parts = texts.str.extract(TIME_OF_DAY + r"\s*([+-])(\d{2})(?::?(\d{2}))?$")
    hours, minutes = (pd.to_numeric(parts[part], errors="coerce") for part in (2, 3))
    ahead = hours * 3600 + minutes.fillna(0) * 60
    signed = ahead.where(parts[1] == "+", -ahead).fillna(0)
    found: Floats = signed.to_numpy(dtype=np.float64)
    return found
