"""Promises of days, counted by hand. June 2026 begins on a Monday; the 10th is a Wednesday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.calendar import (
    EVERY_DAY,
    MONDAY_TO_SATURDAY,
    WEEKDAYS,
    DayCalendar,
    DaySpan,
    PromiseTerms,
)
from doorstep.errors import InvalidInput
from doorstep.ports.planning import PromiseMaker
from doorstep.window import PromiseBasis, Window
from optimizer.promises import CalendarPromiseMaker

MAKER: PromiseMaker = CalendarPromiseMaker()
Terms = Callable[..., PromiseTerms]
June = Callable[..., datetime]
DAILY = DayCalendar(EVERY_DAY)
AT_ONCE = {"handling": DaySpan(0, 0), "transit": DaySpan(0, 0)}
ALWAYS = {"handling_days": DAILY, "pickup_days": DAILY, "transit_days": DAILY}


def days_of(ordered_at: datetime, terms: PromiseTerms) -> tuple[int, int]:
    """The days of the month on which it arrives at the earliest and at the latest."""
    window = MAKER.promise(ordered_at, terms).window
    zone = ZoneInfo(terms.destination_zone)
    last = window.end - timedelta(microseconds=1)
    return window.start.astimezone(zone).day, last.astimezone(zone).day


def test_the_worked_example_of_google_merchant(terms: Terms, june: June) -> None:
    """Ordered on a Wednesday after 15:00; handling 0-1 from Monday to Friday, transit 3-5 to Saturday.

    From "Set up estimated delivery time" of Google Merchant Center's help, 2026. The calendar days are
    numbered from that of the order, the 10th, which is the first; day zero of the handling is the day after,
    because the cut-off has passed.

    ====== === ======== ========================= =========================
    Day    No. Weekday  At the earliest           At the latest
    ====== === ======== ========================= =========================
    10th   1   Wed      ordered after the cut-off ordered after the cut-off
    11th   2   Thu      handled (0 days), fetched handling begins (day 0)
    12th   3   Fri      transit 1                 handled (day 1), fetched
    13th   4   Sat      transit 2                 transit 1
    14th   5   Sun      nothing                   nothing
    15th   6   Mon      transit 3, handed over    transit 2
    16th   7   Tue                                transit 3
    17th   8   Wed                                transit 4
    18th   9   Thu                                transit 5, handed over
    ====== === ======== ========================= =========================
    """
    promise = MAKER.promise(june(10, 15, 30), terms())
    assert promise.window == Window(june(15, 8), june(18, 20))
    first, last = (date(2026, 6, day) - date(2026, 6, 10) for day in (15, 18))
    assert (first.days + 1, last.days + 1) == (6, 9)
    assert (promise.basis, promise.time_zone) == (PromiseBasis.CALENDAR, "America/New_York")
    assert promise.confidence is None


@pytest.mark.parametrize(
    ("day", "hour", "minute", "expected"),
    [
        # Day zero is Wednesday the 10th: Thu, Fri, Sat; or packed on Thu, then Fri, Sat, Mon, Tue, Wed.
        (10, 14, 59, (13, 17)),
        # At the cut-off it is Thursday's, as in the worked example.
        (10, 15, 0, (15, 18)),
        # Friday evening, Saturday, Sunday and Monday before the cut-off are all Monday's, the 15th.
        (12, 15, 0, (18, 22)),
        (13, 9, 0, (18, 22)),
        (14, 23, 59, (18, 22)),
        (15, 14, 59, (18, 22)),
        (15, 15, 0, (19, 23)),
    ],
)
def test_an_order_counts_from_the_next_working_day_after_the_cut_off(
    day: int, hour: int, minute: int, expected: tuple[int, int], terms: Terms, june: June
) -> None:
    assert days_of(june(day, hour, minute), terms()) == expected


def test_the_cut_off_is_by_the_clocks_of_the_origin(terms: Terms) -> None:
    ordered_at = datetime(2026, 6, 10, 20, tzinfo=UTC)  # 16:00 in New York, 13:00 in Los Angeles
    one_day = {"handling": DaySpan(0, 0), "transit": DaySpan(1, 1)}
    assert days_of(ordered_at, terms(**one_day)) == (12, 12)
    assert days_of(ordered_at, terms(**one_day, origin_zone="America/Los_Angeles")) == (11, 11)
    # In Auckland it is eight in the morning of Thursday already.
    assert days_of(ordered_at, terms(**one_day, origin_zone="Pacific/Auckland")) == (12, 12)


def test_the_window_is_by_the_clocks_of_the_destination(terms: Terms, june: June) -> None:
    far = "America/Los_Angeles"
    promise = MAKER.promise(june(10, 15, 30), terms(destination_zone=far))
    assert promise.window == Window(june(15, 8, zone=far), june(18, 20, zone=far))
    assert promise.time_zone == far


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        # Packed on Friday instead of Thursday: Sat, Mon, Tue; or on Monday, then Tue, Wed, Thu, Fri, Sat.
        ({"handling_days": DayCalendar(WEEKDAYS, frozenset({date(2026, 6, 11)}))}, (16, 20)),
        # Fetched on Friday either way: Sat, Mon, Tue; the latest is as it was.
        ({"pickup_days": DayCalendar(WEEKDAYS, frozenset({date(2026, 6, 11)}))}, (16, 18)),
        # The carrier rests on Saturday the 13th: Fri, Mon, Tue; or Mon, Tue, Wed, Thu, Fri.
        ({"transit_days": DayCalendar(MONDAY_TO_SATURDAY, frozenset({date(2026, 6, 13)}))}, (16, 19)),
        # Nobody is at home on Monday the 15th and Thursday the 18th: the day after each.
        (
            {"delivery_days": DayCalendar(WEEKDAYS, frozenset({date(2026, 6, 15), date(2026, 6, 18)}))},
            (16, 19),
        ),
    ],
    ids=["handling", "pickup", "transit", "delivery"],
)
def test_a_holiday_moves_what_it_falls_on(
    calendar: dict[str, object], expected: tuple[int, int], terms: Terms, june: June
) -> None:
    assert days_of(june(10, 15, 30), terms(**calendar)) == expected


def test_what_is_packed_waits_for_a_carrier_that_comes_on_mondays_alone(terms: Terms, june: June) -> None:
    # Packed on the 11th or 12th, fetched on Monday the 15th: Tue, Wed, Thu; or also Fri, Sat.
    mondays = terms(pickup_days=DayCalendar(frozenset({1})))
    assert days_of(june(10, 15, 30), mondays) == (18, 20)


def test_without_days_of_delivery_it_is_handed_over_on_the_days_on_which_the_carrier_moves(
    terms: Terms, june: June
) -> None:
    # A pickup on Sunday the 14th with no transit: the carrier neither moves nor delivers before Monday.
    sunday = terms(**{**AT_ONCE, "handling_days": DAILY, "pickup_days": DAILY})
    assert days_of(june(14, 9), sunday) == (15, 15)


def test_what_is_delivered_on_the_day_of_the_order_cannot_come_before_it(terms: Terms, june: June) -> None:
    today = terms(**AT_ONCE, **ALWAYS, cut_off=time(18))
    assert MAKER.promise(june(10, 6), today).window == Window(june(10, 8), june(10, 20))
    assert MAKER.promise(june(10, 11, 20), today).window == Window(june(10, 11, 20), june(10, 20))
    assert MAKER.promise(june(10, 18), today).window == Window(june(11, 8), june(11, 20))


def test_hours_that_are_over_when_it_is_ordered_are_not_promised(terms: Terms, june: June) -> None:
    late = terms(**AT_ONCE, **ALWAYS, cut_off=time(22))
    assert days_of(june(10, 19, 59), late) == (10, 10)
    assert days_of(june(10, 20), late) == (11, 11)


def test_beyond_the_date_line_it_is_not_promised_for_a_day_that_was_over_before_the_pickup(
    terms: Terms, june: June
) -> None:
    # When Wednesday begins in Honolulu it is ten in the evening of Wednesday in Auckland.
    westwards = terms(
        **AT_ONCE, **ALWAYS, origin_zone="Pacific/Honolulu", destination_zone="Pacific/Auckland"
    )
    ordered_at = june(9, 16, zone="Pacific/Honolulu")
    assert MAKER.promise(ordered_at, westwards).window == Window(
        june(11, 8, zone="Pacific/Auckland"), june(11, 20, zone="Pacific/Auckland")
    )


@pytest.mark.parametrize(
    ("cut_off", "expected"),
    # From 00:00 on nothing counts on its own day; until the last microsecond everything does.
    [(time(0), 11), (time.max, 10)],
)
def test_a_cut_off_at_midnight_is_that_at_which_the_day_begins(
    cut_off: time, expected: int, terms: Terms, june: June
) -> None:
    at_once = terms(**AT_ONCE, **ALWAYS, cut_off=cut_off, delivery_to=time(0))
    for hour in (0, 12, 23):
        assert days_of(june(10, hour), at_once) == (expected, expected)


def test_hours_until_midnight_end_with_the_day(terms: Terms, june: June) -> None:
    promise = MAKER.promise(june(10, 15, 30), terms(delivery_to=time(0)))
    assert promise.window == Window(june(15, 8), june(19))


def test_hours_of_delivery_are_those_of_the_clock_on_both_sides_of_a_change(terms: Terms) -> None:
    # In Madrid clocks go forward on Sunday, 29 March 2026: 08:00 is 07:00 UTC before and 06:00 UTC after.
    madrid = terms(
        origin_zone="Europe/Madrid",
        destination_zone="Europe/Madrid",
        handling=DaySpan(0, 0),
        transit=DaySpan(1, 2),
        **ALWAYS,
    )
    ordered_at = datetime(2026, 3, 27, 10, tzinfo=UTC)
    assert MAKER.promise(ordered_at, madrid).window == Window(
        datetime(2026, 3, 28, 7, tzinfo=UTC), datetime(2026, 3, 29, 18, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("ordered_at", "cut_off", "expected"),
    [
        # New York skips 02:00 to 03:00 on 8 March, at 07:00 UTC: a cut-off at 02:30 is at the jump.
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), time(2, 30), 8),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), time(2, 30), 9),
        # It shows 01:00 to 02:00 twice on 1 November, from 05:00 UTC: a cut-off at 01:30 is the first.
        (datetime(2026, 11, 1, 5, 29, tzinfo=UTC), time(1, 30), 1),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), time(1, 30), 2),
        (datetime(2026, 11, 1, 6, 15, tzinfo=UTC), time(1, 30), 2),
    ],
)
def test_a_cut_off_in_the_hour_of_a_change_passes_once(
    ordered_at: datetime, cut_off: time, expected: int, terms: Terms
) -> None:
    at_once = terms(**AT_ONCE, **ALWAYS, cut_off=cut_off)
    assert days_of(ordered_at, at_once) == (expected, expected)


def test_a_calendar_without_a_working_day_is_refused(terms: Terms, june: June) -> None:
    every_monday = frozenset(date(2026, 6, 1) + timedelta(weeks=week) for week in range(120))
    with pytest.raises(ValueError, match="no working day within two years of 2026-06-11"):
        MAKER.promise(june(10, 16), terms(pickup_days=DayCalendar(frozenset({1}), every_monday)))


def test_an_order_without_a_time_zone_is_refused(terms: Terms) -> None:
    naive = datetime(2026, 6, 10, 16)  # noqa: DTZ001  # the naive one is what is refused
    with pytest.raises(ValueError, match="ordered_at must carry a time zone"):
        MAKER.promise(naive, terms())


@pytest.mark.parametrize("field", ["origin_zone", "destination_zone"])
@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc", "Europe"])
def test_an_unknown_time_zone_is_refused_and_named(field: str, name: str, terms: Terms, june: June) -> None:
    with pytest.raises(InvalidInput, match=f"{field} must be a time zone such as Europe/Madrid") as refused:
        MAKER.promise(june(10), terms(**{field: name}))
    assert refused.value.path == (field,)


def test_hours_of_delivery_that_end_before_they_begin_are_refused(terms: Terms, june: June) -> None:
    reversed_ = terms(delivery_from=time(20), delivery_to=time(8))
    with pytest.raises(
        InvalidInput, match="delivery_to must lie after delivery_from, got 20:00 to 08:00"
    ) as no:
        MAKER.promise(june(10), reversed_)
    assert no.value.path == ("delivery_to",)


ZONES = st.sampled_from(["America/New_York", "Europe/Madrid", "Pacific/Auckland", "Pacific/Honolulu"])
CALENDARS = st.builds(
    DayCalendar,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.frozensets(st.dates(date(2026, 3, 1), date(2026, 4, 15)), max_size=4),
)
SPANS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda pair: DaySpan(min(pair), max(pair)))
ANY_TERMS = st.builds(
    PromiseTerms,
    cut_off=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    handling=SPANS,
    transit=SPANS,
    origin_zone=ZONES,
    destination_zone=ZONES,
    handling_days=CALENDARS,
    pickup_days=CALENDARS,
    transit_days=CALENDARS,
    delivery_days=st.none() | CALENDARS,
)
MOMENTS = st.datetimes(datetime(2026, 3, 5), datetime(2026, 4, 8), timezones=st.just(UTC))  # noqa: DTZ001


@given(terms=ANY_TERMS, moments=st.tuples(MOMENTS, MOMENTS))
def test_who_orders_later_is_never_promised_it_earlier(
    terms: PromiseTerms, moments: tuple[datetime, datetime]
) -> None:
    earlier, later = (MAKER.promise(moment, terms).window for moment in sorted(moments))
    assert earlier.start <= later.start
    assert earlier.end <= later.end
    assert min(moments) <= earlier.start < earlier.end
