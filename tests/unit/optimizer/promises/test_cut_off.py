"""Until when to order for the same days. June 2026 begins on a Monday; the 10th is a Wednesday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.calendar import EVERY_DAY, DayCalendar, DaySpan, PromiseTerms, first_moment
from optimizer.promises import CalendarPromiseMaker

MAKER = CalendarPromiseMaker()
Terms = Callable[..., PromiseTerms]
June = Callable[..., datetime]
DAILY = DayCalendar(EVERY_DAY)
ALWAYS = {"handling_days": DAILY, "pickup_days": DAILY, "transit_days": DAILY}


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ((10, 9), (10, 15)),
        ((10, 15), (11, 15)),  # at the cut-off itself the next one counts
        ((11, 14), (11, 15)),
        ((12, 18), (15, 15)),  # all of a weekend is Monday's
        ((14, 3), (15, 15)),
    ],
)
def test_it_is_the_next_cut_off_on_a_working_day(
    ordered: tuple[int, int], expected: tuple[int, int], terms: Terms, june: June
) -> None:
    found = MAKER.cut_off_at(june(*ordered), terms())
    assert found == june(*expected)
    assert found.tzinfo is UTC


def test_a_cut_off_that_changes_nothing_is_passed_over(terms: Terms, june: June) -> None:
    # Packed on the same day and fetched on Fridays alone: until the cut-off of the 12th nothing changes.
    fridays = terms(handling=DaySpan(0, 0), pickup_days=DayCalendar(frozenset({5})))
    assert MAKER.cut_off_at(june(8, 9), fridays) == june(12, 15)


def test_after_the_hours_of_delivery_today_is_no_longer_promised(terms: Terms, june: June) -> None:
    late = terms(handling=DaySpan(0, 0), transit=DaySpan(0, 0), cut_off=time(22), **ALWAYS)
    assert MAKER.cut_off_at(june(10, 9), late) == june(10, 20)
    assert MAKER.cut_off_at(june(10, 20), late) == june(11, 20)


def test_a_cut_off_at_midnight_is_the_beginning_of_the_day(terms: Terms, june: June) -> None:
    assert MAKER.cut_off_at(june(10, 9), terms(cut_off=time(0))) == june(11)
    assert MAKER.cut_off_at(june(11), terms(cut_off=time(0))) == june(12)


def test_it_is_by_the_clocks_of_the_origin(terms: Terms, june: June) -> None:
    origin = "Asia/Tokyo"
    assert MAKER.cut_off_at(june(10, 9, zone=origin), terms(origin_zone=origin)) == june(10, 15, zone=origin)


ANY_TERMS = st.builds(
    PromiseTerms,
    cut_off=st.sampled_from([time(0), time(2, 30), time(15), time.max]),
    handling=st.sampled_from([DaySpan(0, 0), DaySpan(0, 2)]),
    transit=st.sampled_from([DaySpan(0, 0), DaySpan(1, 3)]),
    origin_zone=st.sampled_from(["America/New_York", "Pacific/Honolulu"]),
    destination_zone=st.sampled_from(["America/New_York", "Pacific/Auckland"]),
    handling_days=st.builds(DayCalendar, st.frozensets(st.integers(1, 7), min_size=1)),
    pickup_days=st.builds(DayCalendar, st.frozensets(st.integers(1, 7), min_size=1)),
)
MOMENTS = st.datetimes(datetime(2026, 3, 5), datetime(2026, 3, 12), timezones=st.just(UTC))  # noqa: DTZ001


@given(terms=ANY_TERMS, ordered_at=MOMENTS)
def test_before_it_the_days_are_the_same_and_from_it_on_they_are_not(
    terms: PromiseTerms, ordered_at: datetime
) -> None:
    zone = ZoneInfo(terms.destination_zone)

    def days(moment: datetime) -> tuple[date, date]:
        window = MAKER.promise(moment, terms).window
        return window.start.astimezone(zone).date(), window.end.astimezone(zone).date()

    until = MAKER.cut_off_at(ordered_at, terms)
    assert until > ordered_at
    assert days(until - timedelta(microseconds=1)) == days(ordered_at)
    assert days(until) != days(ordered_at)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 6, 10), time(15), "America/New_York", datetime(2026, 6, 10, 19, tzinfo=UTC)),
        # Skipped on 8 March: the moment of the jump, at 07:00 UTC.
        (date(2026, 3, 8), time(2, 30), "America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        # Shown twice on 1 November: the first, at 05:30 UTC.
        (date(2026, 11, 1), time(1, 30), "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        # Chile skips midnight itself on 6 September 2026, at 04:00 UTC.
        (date(2026, 9, 6), time(0), "America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
        # Samoa skipped all of 30 December 2011, which would have begun at 10:00 UTC.
        (date(2011, 12, 30), time(15), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_time_of_the_day_comes_once_whatever_clocks_do(
    day: date, at: time, zone: str, expected: datetime
) -> None:
    assert first_moment(day, at, ZoneInfo(zone)) == expected
