"""Columns of text: what they mean, and which of them tell of the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from doorstep.errors import InvalidInput
from optimizer.eta.leaks import telling_columns
from optimizer.eta.moments import read_clocks, read_moments
from optimizer.eta.numbers import read_numbers, read_spans_s
from optimizer.eta.reading import cleaned, column_name, read_columns, read_target, read_time, time_name
from optimizer.eta.table import Column, Kind, Table, moment, number
from optimizer.eta.words import is_identity, is_outcome, unit_s, words


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> float:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "instant", "wall"),
    [
        ("2015-02-06 22:24:17", _at(2015, 2, 6, 22, 24, 17), _at(2015, 2, 6, 22, 24, 17)),
        ("2015-02-06T22:24:17Z", _at(2015, 2, 6, 22, 24, 17), _at(2015, 2, 6, 22, 24, 17)),
        ("2015-02-06T22:24:17+05:30", _at(2015, 2, 6, 16, 54, 17), _at(2015, 2, 6, 22, 24, 17)),
        ("2015-02-06 22:24:17-03", _at(2015, 2, 7, 1, 24, 17), _at(2015, 2, 6, 22, 24, 17)),
        ("2015-02-06", _at(2015, 2, 6), _at(2015, 2, 6)),
        ("19-03-2022", _at(2022, 3, 19), _at(2022, 3, 19)),
        ("3/19/2022 14:05", _at(2022, 3, 19, 14, 5), _at(2022, 3, 19, 14, 5)),
        ("19.03.2022 14:05:30", _at(2022, 3, 19, 14, 5, 30), _at(2022, 3, 19, 14, 5, 30)),
        ("3/19/22 2:05 PM", _at(2022, 3, 19, 14, 5), _at(2022, 3, 19, 14, 5)),
        ("19 March 2022 14:05", _at(2022, 3, 19, 14, 5), _at(2022, 3, 19, 14, 5)),
        ("20220319", _at(2022, 3, 19), _at(2022, 3, 19)),
        ("202203191405", _at(2022, 3, 19, 14, 5), _at(2022, 3, 19, 14, 5)),
        ("20220319140530", _at(2022, 3, 19, 14, 5, 30), _at(2022, 3, 19, 14, 5, 30)),
        ("2022-03-19 14:05:30 EST", _at(2022, 3, 19, 19, 5, 30), _at(2022, 3, 19, 14, 5, 30)),
        ("2022-03-19T14:05:30+01:00[Europe/Paris]", _at(2022, 3, 19, 13, 5, 30), _at(2022, 3, 19, 14, 5, 30)),
        ("19-MAR-22 02.05.30.000000 PM", _at(2022, 3, 19, 14, 5, 30), _at(2022, 3, 19, 14, 5, 30)),
    ],
)
def test_moments_are_read_as_people_write_them(text: str, instant: float, wall: float) -> None:
    found = read_moments(pd.Series([text, None, text], dtype="str"))
    assert found is not None
    assert (found[0][0], found[1][0]) == (instant, wall)
    assert np.isnan(found[0][1])


def test_day_and_month_are_taken_as_all_rows_together_say() -> None:
    # 5-4 could be either; 25-4 says that days come first.
    found = read_moments(pd.Series(["5/4/2022", "25/4/2022"], dtype="str"))
    assert found is not None
    assert found[0].tolist() == [_at(2022, 4, 5), _at(2022, 4, 25)]


def test_dates_that_could_be_either_lie_closer_together() -> None:
    # As days of March three days, as months of the third five months.
    found = read_moments(pd.Series(["3-03-2022", "4-03-2022", "5-03-2022", "6-03-2022"], dtype="str"))
    assert found is not None
    assert found[0].tolist() == [_at(2022, 3, day) for day in (3, 4, 5, 6)]


@pytest.mark.parametrize("texts", [["12", "13"], ["A12", "B7"], ["red", "blue"], ["12.5", "3"]])
def test_what_is_no_moment_is_not_read_as_one(texts: list[str]) -> None:
    assert read_moments(pd.Series(texts, dtype="str")) is None


def test_clocks_are_seconds_of_the_day() -> None:
    found = read_clocks(pd.Series(["17:05", "5:05 PM", "00:10:30", "12:00 am"], dtype="str"))
    assert found is not None
    assert found.tolist() == [61500.0, 61500.0, 630.0, 0.0]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["24", "3.5"], [24.0, 3.5]),
        (["(min) 24", "(min) 33"], [24.0, 33.0]),
        (["24 min", "33 min"], [24.0, 33.0]),
        (["$3.50", "$12"], [3.5, 12.0]),
        (["12,5", "3,25"], [12.5, 3.25]),
        (["1,234.5", "2,000"], [1234.5, 2000.0]),
        (["1.234,5", "2,5"], [1234.5, 2.5]),
        (["1 234,5", "2,5"], [1234.5, 2.5]),
        (["1\u00a0234,5", "2,5"], [1234.5, 2.5]),
        (["1'234.5", "2.5"], [1234.5, 2.5]),
        (["\u22123.5", "3.5"], [-3.5, 3.5]),
        (["(3.50)", "12"], [-3.5, 12.0]),
    ],
)
def test_numbers_are_read_with_their_units(texts: list[str], numbers: list[float]) -> None:
    found = read_numbers(pd.Series(texts, dtype="str"))
    assert found is not None
    assert found.tolist() == numbers


def test_a_name_with_a_figure_in_it_is_no_number() -> None:
    assert read_numbers(pd.Series(["A24", "Zone 7"], dtype="str")) is None


def test_figures_that_no_delivery_has_are_missing() -> None:
    found = read_numbers(pd.Series([*["3"] * 19, "1e300"], dtype="str"))
    assert found is not None
    assert np.isnan(found[-1])


def test_spans_of_time_are_seconds() -> None:
    texts = ["1h 20m", "45 min", "1.5 h", "00:24:10", "2 days 01:00:00", "0:24", "PT1H20M", "PT90S"]
    found = read_spans_s(pd.Series(texts, dtype="str"))
    assert found is not None
    assert found.tolist() == [4800.0, 2700.0, 5400.0, 1450.0, 176400.0, 1440.0, 4800.0, 90.0]


def test_minutes_and_hours_in_one_column_are_spans_and_no_numbers() -> None:
    texts = pd.Series(["24 min", "1.5 h"], dtype="str")
    assert read_numbers(texts) is None
    frame = _frame(at=["2024-01-01 10:00", "2024-01-01 11:00"], took=["24 min", "1.5 h"])
    assert read_target(frame, "took", read_time(frame, "at")).values.tolist() == [24.0, 90.0]


def test_yes_and_no_can_be_foretold() -> None:
    frame = _frame(at=["2024-01-01", "2024-01-02", "2024-01-03"], late=["True", "no", ""])
    found = read_target(frame, "late", read_time(frame, "at")).values
    assert found[:2].tolist() == [1.0, 0.0]
    assert np.isnan(found[2])


def test_days_of_a_spreadsheet_are_a_time() -> None:
    # 45,292 days after the end of 1899 is New Year's Day 2024.
    frame = _frame(at=["45292.25", "45293.5"])
    assert read_time(frame, "at").values.tolist() == [_at(2024, 1, 1, 6), _at(2024, 1, 2, 12)]


def test_a_column_is_found_whatever_the_case_and_two_of_one_name_are_told_apart() -> None:
    frame = cleaned(pd.DataFrame([["1", "2", "3"]], columns=["At", " items", "items "], dtype="str"))
    assert list(frame.columns) == ["At", "items", "items.1"]
    assert column_name(frame, "at") == "At"
    assert time_name(frame, "AT+Items") == "At+items"


def test_a_table_without_names_says_that_it_needs_them() -> None:
    frame = _frame(**{"2024-01-01": ["2024-01-02"], "3.5": ["4.5"]})
    with pytest.raises(InvalidInput, match="the first line must hold the names of the columns"):
        column_name(frame, "at")


def test_names_are_words() -> None:
    assert words("PULocationID") == ("pu", "location", "id")
    assert is_identity("Delivery_person_ID")
    assert is_identity("customer_zip_code_prefix")
    assert not is_identity("estimated_store_to_consumer_driving_duration")
    assert unit_s("Time_taken(min)") == 60.0
    assert is_outcome("actual_delivery_minutes")
    assert not is_outcome("estimated_arrival")


def test_a_target_may_be_the_moment_of_the_end() -> None:
    frame = _frame(at=["2024-01-01 10:00", "2024-01-01 11:00"], done=["2024-01-01 10:30", "2024-01-01 12:00"])
    target = read_target(frame, "done", read_time(frame, "at"))
    assert target.values.tolist() == [30.0, 60.0]
    assert target.unit_s == 60.0


def test_a_date_and_a_clock_make_a_time() -> None:
    frame = _frame(day=["19-03-2022", "20-03-2022"], clock=["11:30:00", "23:10:00"])
    assert read_time(frame, "day+clock").values.tolist() == [
        _at(2022, 3, 19, 11, 30),
        _at(2022, 3, 20, 23, 10),
    ]


@pytest.mark.parametrize(
    ("name", "words_of_it"),
    [
        ("clock", "times of day without a day"),
        ("carrier", "is not a time, such as 'quick'"),
        ("nowhere", "there is no column 'nowhere'; there are: carrier, clock"),
    ],
)
def test_a_column_that_is_no_time_is_named_with_a_way_out(name: str, words_of_it: str) -> None:
    frame = _frame(carrier=["quick", "slow"], clock=["11:30", "12:30"])
    with pytest.raises(InvalidInput, match=words_of_it):
        read_time(frame, name)


def test_a_target_that_is_no_number_is_named_with_a_way_out() -> None:
    frame = _frame(at=["2024-01-01", "2024-01-02"], mood=["good", "bad"])
    with pytest.raises(InvalidInput, match="'mood' is not a number, such as 'good'"):
        read_target(frame, "mood", read_time(frame, "at"))


def test_what_stands_for_nothing_is_missing_and_names_of_rows_are_left_out() -> None:
    frame = _frame(
        order_id=[f"o{row}" for row in range(100)],
        row=[str(row) for row in range(100)],
        weather=["NaN ", "Sunny"] * 50,
        same=["x"] * 100,
        nothing=["-"] * 100,
        store_id=["3", "4", "7", "9"] * 25,
    )
    table, left_out = read_columns(frame, frame.columns)
    assert sorted(left_out) == ["nothing", "order_id", "row", "same"]
    assert table["weather"].labels == ("Sunny",)
    assert table["store_id"].kind is Kind.CATEGORY


ROWS = 400
LUCK = np.random.default_rng(5)
AT = 1_700_000_000 + np.arange(ROWS) * 600.0
TOOK = LUCK.uniform(10, 60, ROWS)
"""Minutes."""
KM = LUCK.uniform(1, 9, ROWS)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (moment("delivered_at", (AT + TOOK * 60).tolist()), "known only later"),
        (moment("picked", (AT + 300).tolist()), "known only later"),
        (moment("placed", (AT - TOOK * 60).tolist()), "distance from at is the target"),
        (number("seconds", (TOOK * 60).tolist()), "in another unit"),
        (number("delay", (TOOK - 30 + LUCK.normal(0, 5, ROWS)).tolist()), "its name tells of the end"),
        (Column("clock", Kind.CLOCK, (AT + TOOK * 60) % 86400), "distance from the time of day"),
        (
            Column("bucket", Kind.CATEGORY, np.floor(TOOK), tuple("x" * n for n in range(1, 99))),
            "values tell",
        ),
    ],
)
def test_columns_that_tell_of_the_end_are_named(column: Column, reason: str) -> None:
    told = telling_columns(Table([column]), TOOK, moment("at", AT.tolist()))
    assert reason in told[column.name]
    assert telling_columns(Table([column]), TOOK, moment("at", AT.tolist()), keep=[column.name]) == {}


@pytest.mark.parametrize(
    "column",
    [
        moment("promised_until", (AT + 3600).tolist()),
        moment("estimated_delivery", (AT + TOOK * 60 + LUCK.normal(0, 300, ROWS)).tolist()),
        moment("ordered", (AT - 900).tolist()),
        number("road_minutes", (TOOK * 0.8 + LUCK.normal(0, 2, ROWS)).tolist()),
        number("Delivery_person_Ratings", LUCK.uniform(1, 5, ROWS).tolist()),
        number("dropoff_latitude", LUCK.uniform(40, 41, ROWS).tolist()),
    ],
)
def test_what_was_known_beforehand_is_kept(column: Column) -> None:
    assert telling_columns(Table([column]), TOOK, moment("at", AT.tolist())) == {}


def test_a_mean_speed_gives_the_end_away_and_the_distance_does_not() -> None:
    table = Table([number("distance_km", KM.tolist()), number("pace", (KM / TOOK).tolist())])
    told = telling_columns(table, TOOK, moment("at", AT.tolist()))
    assert told == {"pace": "with distance_km it makes the target: their ratio"}


def _frame(**columns: Sequence[str]) -> pd.DataFrame:
    frame: pd.DataFrame = cleaned(
        pd.DataFrame({name: list(texts) for name, texts in columns.items()}, dtype="str")
    )
    return frame
