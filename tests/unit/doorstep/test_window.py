"""Spans of time: half-open, aware, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.window import Window, require_utc

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENTS = st.integers(-100, 100).map(lambda minutes: NOON + timedelta(minutes=minutes))
WINDOWS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Window(min(pair), max(pair)))


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(NOON, NOON + timedelta(hours=1))
    assert window.contains(window.start)
    assert not window.contains(window.end)
    assert window.contains(window.end - timedelta(microseconds=1))
    assert window.seconds == 3600


def test_a_window_without_length_holds_nothing() -> None:
    assert not Window(NOON, NOON).contains(NOON)


def test_an_instant_without_a_time_zone_is_refused_and_named() -> None:
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - the naive one is what is refused
    with pytest.raises(ValueError, match="start must carry a time zone"):
        Window(naive, NOON)
    with pytest.raises(ValueError, match="end must carry a time zone"):
        Window(NOON, naive)
    with pytest.raises(ValueError, match="placed_at must carry a time zone"):
        require_utc("placed_at", naive)


def test_instants_of_other_zones_are_kept_in_utc() -> None:
    madrid = datetime(2026, 3, 2, 13, tzinfo=ZoneInfo("Europe/Madrid"))
    nepal = datetime(2026, 3, 2, 18, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    window = Window(madrid, nepal)
    assert (window.start, window.end) == (NOON, NOON + timedelta(hours=1))
    assert (window.start.tzinfo, window.end.tzinfo) == (UTC, UTC)


def test_a_window_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Window(NOON, NOON - timedelta(seconds=1))


def test_a_window_around_an_instant_reaches_to_both_sides() -> None:
    window = Window.around(NOON, before_s=60, after_s=120)
    assert (window.start, window.end) == (NOON - timedelta(minutes=1), NOON + timedelta(minutes=2))


@given(a=WINDOWS, b=WINDOWS, moment=MOMENTS)
def test_the_overlap_holds_what_both_hold(a: Window, b: Window, moment: datetime) -> None:
    shared = a.overlap(b)
    assert shared == b.overlap(a)
    both = a.contains(moment) and b.contains(moment)
    assert both == (shared is not None and shared.contains(moment))
