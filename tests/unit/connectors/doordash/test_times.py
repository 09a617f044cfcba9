"""When DoorDash is asked to fetch and bring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.doordash.times import HORIZON, Times, moved_to, plan_times
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_goods_that_are_ready_go_as_soon_as_possible() -> None:
    assert plan_times(NOON, NOON, None) == Times()
    assert plan_times(NOON, after(2), None) == Times()


def test_goods_that_are_ready_later_are_fetched_then() -> None:
    assert plan_times(NOON, after(3), None) == Times(pickup_at=after(3))


def test_a_wanted_window_is_sent_as_it_is_with_a_pickup_before_it() -> None:
    wanted = Window(after(120), after(180))

    # Half an hour for the way there, ten minutes of it at least after the last pickup.
    assert plan_times(NOON, NOON, wanted) == Times(pickup=Window(after(90), after(170)), dropoff=wanted)


def test_nothing_is_fetched_before_it_is_ready() -> None:
    planned = plan_times(NOON, after(150), Window(after(120), after(180)))

    assert isinstance(planned, Times)
    assert planned.pickup == Window(after(150), after(170))


@pytest.mark.parametrize("end", [21, 5, -60])
def test_a_window_that_ends_too_soon_is_declined(end: float) -> None:
    planned = plan_times(NOON, NOON, Window(after(end - 30), after(end)))

    assert isinstance(planned, Decline)
    assert planned.reason is DeclineReason.PAST_CUTOFF


@pytest.mark.parametrize(
    "wanted", [None, Window(NOON + HORIZON * 2, NOON + HORIZON * 2 + timedelta(hours=1))]
)
def test_what_lies_too_far_ahead_is_declined(wanted: Window | None) -> None:
    planned = plan_times(NOON, NOON + HORIZON, wanted)

    assert isinstance(planned, Decline)
    assert planned.reason is DeclineReason.RULE


@given(
    ready_min=st.integers(-60, 60 * 24 * 40),
    start_min=st.integers(-60, 60 * 24 * 40),
    lasts_min=st.integers(0, 600),
)
def test_planned_windows_always_follow_each_other(ready_min: int, start_min: int, lasts_min: int) -> None:
    wanted = Window(after(start_min), after(start_min + lasts_min))

    planned = plan_times(NOON, after(ready_min), wanted)

    if isinstance(planned, Times):
        assert planned.pickup is not None
        assert planned.dropoff == wanted
        assert max(NOON, after(ready_min)) <= planned.pickup.start < planned.pickup.end < wanted.end


def test_a_delivery_that_is_moved_gets_both_windows() -> None:
    wanted = Window(after(120), after(180))

    assert moved_to(wanted) == Times(pickup=Window(after(90), after(170)), dropoff=wanted)
