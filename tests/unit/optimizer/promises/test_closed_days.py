"""Public holidays as days on which nobody works."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest

from doorstep.calendar import WEEKDAYS, DayCalendar, PromiseTerms
from doorstep.errors import InvalidInput
from doorstep.window import Window
from optimizer.promises import CalendarPromiseMaker
from optimizer.promises.closed_days import public_holidays


def test_the_holidays_of_a_country_and_the_days_they_are_moved_to_are_closed() -> None:
    closed = public_holidays("US", [2026])
    assert date(2026, 11, 26) in closed, "Thanksgiving, the fourth Thursday of November"
    assert {date(2026, 7, 3), date(2026, 7, 4)} <= closed, "the Fourth of July is a Saturday in 2026"
    assert {day.year for day in closed} == {2026}


def test_several_years_are_closed_at_once() -> None:
    closed = public_holidays("FR", [2027, 2026])
    assert {date(2026, 12, 25), date(2027, 1, 1)} <= closed
    assert closed == public_holidays("FR", [2026]) | public_holidays("FR", [2027])


def test_a_subdivision_is_closed_on_days_of_its_own() -> None:
    saint_john = date(2026, 6, 24)
    assert saint_john in public_holidays("CA", [2026], subdivision="QC")
    assert saint_john not in public_holidays("CA", [2026])


def test_a_holiday_moves_a_promise(terms: Callable[..., PromiseTerms], june: Callable[..., datetime]) -> None:
    # Juneteenth is Friday, 19 June 2026. Ordered on Thursday after the cut-off it is Monday's, the 22nd:
    # Tue, Wed, Thu; or packed on Tue, then Wed, Thu, Fri, Sat, Mon.
    calendar = DayCalendar(WEEKDAYS, public_holidays("US", [2026, 2027]))
    promise = CalendarPromiseMaker().promise(june(18, 16), terms(handling_days=calendar))
    assert promise.window == Window(june(25, 8), june(29, 20))


@pytest.mark.parametrize("country", ["XX", "us", "USA", "", "date"])
def test_an_unknown_country_is_refused_and_named(country: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(f"got {country!r}")) as refused:
        public_holidays(country, [2026])
    assert refused.value.path == ("country",)


def test_an_unknown_subdivision_is_refused_and_those_that_are_known_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"one of CA's \(AB, BC, .*QC.*\), got 'TX'") as refused:
        public_holidays("CA", [2026], subdivision="TX")
    assert refused.value.path == ("subdivision",)
