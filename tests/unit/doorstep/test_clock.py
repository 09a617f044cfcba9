"""Time as a thing that is handed in."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.clock import ScaledClock, SystemClock

DAWN = datetime(2026, 3, 2, 6, tzinfo=UTC)


def test_the_systems_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    shown = SystemClock().now()
    assert shown.tzinfo is UTC
    assert before <= shown <= datetime.now(UTC)


def test_a_clock_of_rate_zero_stands_still() -> None:
    clock = ScaledClock(DAWN, time.time() - 3600, 0)
    assert clock.now() == clock.now() == DAWN


@given(rate=st.floats(0.1, 1000), ago_s=st.floats(0, 10_000))
def test_a_clock_has_gone_as_far_as_its_rate_says(rate: float, ago_s: float) -> None:
    started = time.time() - ago_s
    clock = ScaledClock(DAWN, started, rate)
    least = DAWN + timedelta(seconds=(time.time() - started) * rate)
    shown = clock.now()
    most = DAWN + timedelta(seconds=(time.time() - started) * rate)
    slack = timedelta(microseconds=2)
    assert least - slack <= shown <= most + slack


def test_a_change_of_rate_keeps_the_time_of_day() -> None:
    fast = ScaledClock(DAWN, time.time() - 60, 60)
    stopped = fast.at_rate(0)
    assert stopped.now() <= fast.now()
    assert stopped.now() - DAWN >= timedelta(hours=1)
    again = stopped.at_rate(1)
    assert again.now() >= stopped.now()


@pytest.mark.parametrize("rate", [1, 60])
def test_a_scaled_clock_never_runs_backwards(rate: float) -> None:
    clock = ScaledClock(DAWN, time.time(), rate)
    shown = [clock.now() for _ in range(100)]
    assert shown == sorted(shown)
