"""Columns of text, as any CSV file has them, to columns with a meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from doorstep.errors import InvalidInput
from optimizer.eta.moments import read_clocks, read_moments
from optimizer.eta.numbers import read_numbers, read_spans_s, unit_in_text
from optimizer.eta.table import Column, Floats, Kind, Table
from optimizer.eta.words import is_identity, unit_s, words

MISSING = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "nil", "nat", "-", "--", "?", "#n/a", "undefined")
)
"""What stands for nothing, in lower case and without spaces around it."""

SPELLINGS = MISSING | {each.upper() for each in MISSING} | {each.title() for each in MISSING} | {"NaN", "NaT"}

DISTINCT = 0.95
"""Share of different values from which on text or whole numbers only name their row."""

EPOCHS = ((1e9, 2.5e9, 1.0), (1e12, 2.5e12, 1e3), (1e15, 2.5e15, 1e6), (1e18, 2.5e18, 1e9))
"""From, to, and how many of them are a second: seconds, milli-, micro- and nanoseconds since 1970."""


SERIALS = (36_526, 73_050)
"""Days of this century as spreadsheets count them, since `SERIAL_START_DAYS` before 1970."""

SERIAL_START_DAYS = 25_569

YES, NO = frozenset(("true", "yes")), frozenset(("false", "no"))


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be foretold.

    Attributes
    ----------
    values
        `(n,) float64`, NaN where it is not known.
    unit_s
        Seconds in one of it; None where nobody can tell.
    note
        How it was read; "" where it was simply a number.
    """

    values: Floats
    unit_s: float | None
    note: str = ""


def cleaned(frame: Any) -> Any:
    """A pandas DataFrame of text without what stands for nothing; of one name the second is numbered."""
    frame = frame.set_axis(_told_apart([str(name).strip() for name in frame.columns]), axis=1)
    for name in frame.columns:
        texts = frame[name].astype("str").str.strip()
        frame[name] = texts.mask(texts.isin(SPELLINGS) | frame[name].isna())
    return frame


def column_name(frame: Any, name: str) -> str:
    """The column as the table spells it: without regard to case and spaces around it where only one fits.

    Raises
    ------
    InvalidInput
        If there is no such column.
    """
    if name in frame.columns:
        return name
    alike = [each for each in frame.columns if each.casefold() == name.strip().casefold()]
    if len(alike) == 1:
        return str(alike[0])
    there = ", ".join(frame.columns)
    hint = ""
    if sum(any(sign.isdigit() for sign in each) for each in frame.columns) > len(frame.columns) / 2:
        hint = "; the first line must hold the names of the columns"
    raise InvalidInput(f"there is no column {name!r}; there are: {there}{hint}", path=(name,))


def time_name(frame: Any, name: str) -> str:
    """The same of a time, which may be two columns, `date+clock`."""
    first, mark, second = name.partition("+")
    if not mark or name in frame.columns:
        return column_name(frame, name)
    return f"{column_name(frame, first)}+{column_name(frame, second)}"


def read_time(frame: Any, name: str) -> Column:
    """The column that orders the rows, as a MOMENT; `date+clock` names two that belong together.

    Raises
    ------
    InvalidInput
        If there is no such column, or it cannot be read as a time.
    """
    first, _, second = name.partition("+") if name not in frame.columns else (name, "", "")
    texts = _texts(frame, first.strip())
    if second:
        clock = _texts(frame, second.strip())
        texts = (texts + " " + clock).where(texts.notna() & clock.notna())
    found = read_moments(texts)
    if found is not None:
        return Column(name, Kind.MOMENT, found[0], (), found[1])
    numbers = read_numbers(texts)
    if numbers is not None:
        return Column(name, Kind.MOMENT, _serial_s(_epoch_s(numbers)))
    hint = "write it as 2024-05-31T14:05:00Z, as seconds since 1970, or as a rising number"
    if read_clocks(texts) is not None:
        hint = f"it holds times of day without a day; name one with a date, or two: --time DATE+{first}"
    example = "" if texts.dropna().empty else f", such as {texts.dropna().iloc[0]!r}"
    raise InvalidInput(f"column {name!r} is not a time{example}: {hint}", path=(name,))


def read_target(frame: Any, name: str, time: Column) -> Target:
    """What is to be foretold: a number, a span of time as text, or the moment of an end.

    Raises
    ------
    InvalidInput
        If there is no such column, or it can be read as none of these.
    """
    texts = _texts(frame, name)
    numbers = read_numbers(texts)
    if numbers is not None:
        return Target(numbers, unit_in_text(texts) or unit_s(name))
    ends = read_moments(texts)
    if ends is not None:
        return Target((ends[0] - time.values) / 60, 60.0, f"minutes from {time.name} to {name}")
    spans = read_spans_s(texts)
    if spans is not None:
        return Target(spans / 60, 60.0, f"minutes that {name} writes out")
    answers = _answers(texts)
    if answers is not None:
        return Target(answers, None, f"1 where {name} says yes, else 0")
    example = "" if texts.dropna().empty else f", such as {texts.dropna().iloc[0]!r}"
    message = (
        f"column {name!r} is not a number{example}: it must be a number, a span such as 1h 20m or 00:24:10, "
        "or the moment of the end"
    )
    raise InvalidInput(message, path=(name,))


def read_columns(frame: Any, names: Iterable[str]) -> tuple[Table, dict[str, str]]:
    """The named columns, and for those that tell nothing why they are left out."""
    columns: list[Column] = []
    left_out: dict[str, str] = {}
    for name in names:
        column = _column(frame[name], name)
        if isinstance(column, str):
            left_out[name] = column
        else:
            columns.append(column)
    return Table(columns), left_out


def _column(texts: Any, name: str) -> Column | str:
    """The column, or why it tells nothing."""
    there, different = int(texts.notna().sum()), int(texts.nunique())
    if there == 0 or (different == 1 and there == len(texts)):
        return "the same in every row" if there else "empty"
    column = _timed(texts, name)
    if column is not None:
        return column
    numbers = read_numbers(texts)
    if numbers is not None:
        return _of_numbers(texts, name, numbers)
    if there >= 50 and different > DISTINCT * there:
        return "names its row: nearly every value is different"
    return _category(texts, name)


def _timed(texts: Any, name: str) -> Column | None:
    """Moments, clocks and spans of time; None where they are none of these."""
    moments = read_moments(texts)
    if moments is not None:
        return Column(name, Kind.MOMENT, moments[0], (), moments[1])
    clocks = read_clocks(texts)
    if clocks is not None:
        return Column(name, Kind.CLOCK, clocks)
    spans = None if read_numbers(texts) is not None else read_spans_s(texts)
    return None if spans is None else Column(name, Kind.NUMBER, spans)


def _of_numbers(texts: Any, name: str, numbers: Floats) -> Column | str:
    known = numbers[np.isfinite(numbers)]
    if len(known) >= 50 and _is_epoch(known):
        return Column(name, Kind.MOMENT, _epoch_s(numbers))
    is_whole = bool(np.all(known == np.floor(known)))
    if not is_whole:
        return Column(name, Kind.NUMBER, numbers)
    different = np.unique(known)
    names_row = len(known) >= 50 and len(different) > DISTINCT * len(known)
    told = words(name)
    if names_row and (
        is_identity(name) or not told or told[0] in ("unnamed", "index", "row", "number", "no")
    ):
        return "names its row: nearly every value is different"
    if names_row and len(different) == len(known) == different[-1] - different[0] + 1:
        return "counts the rows"
    if is_identity(name) and len(different) > 2:
        return _category(texts, name)
    return Column(name, Kind.NUMBER, numbers)


def _category(texts: Any, name: str) -> Column:
    codes, labels = texts.factorize()
    values = np.where(codes < 0, np.nan, codes).astype(np.float64)
    return Column(name, Kind.CATEGORY, values, tuple(str(label) for label in labels))


def _texts(frame: Any, name: str) -> Any:
    return frame[column_name(frame, name)]


def _told_apart(names: list[str]) -> list[str]:
    taken: set[str] = set()
    for place, name in enumerate(names):
        number = 0
        while names[place] in taken:
            number += 1
            names[place] = f"{name}.{number}"
        taken.add(names[place])
    return names


def _answers(texts: Any) -> Floats | None:
    lower = texts.str.lower()
    is_yes, is_no = lower.isin(YES), lower.isin(NO)
    if not (is_yes | is_no | texts.isna()).all() or texts.isna().all():
        return None
    return np.where(is_yes, 1.0, np.where(is_no, 0.0, np.nan))


def _is_epoch(known: Floats) -> bool:
    low, high = np.quantile(known, (0.01, 0.99))
    return any(start <= low and high <= end for start, end, _ in EPOCHS)


def _epoch_s(numbers: Floats) -> Floats:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return numbers
    low, high = np.quantile(known, (0.01, 0.99))
    for start, end, in_second in EPOCHS:
        if start <= low and high <= end:
            return numbers / in_second
    return numbers


def _serial_s(numbers: Floats) -> Floats:
    """Days of a spreadsheet, which have a time of day behind the point, as seconds since 1970."""
    known = numbers[np.isfinite(numbers)]
    if not len(known) or known.min() < SERIALS[0] or known.max() > SERIALS[1]:
        return numbers
    if np.mean(known != np.floor(known)) < 0.5:
        return numbers
    return np.round((numbers - SERIAL_START_DAYS) * 86400.0, 3)
