"""Pickup and delivery windows for Uber Direct."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.uber_direct.windows import Windows, plan_windows
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minutes(count: float) -> datetime:
    return NOON + count * MINUTE


def test_goods_that_are_ready_go_as_soon_as_possible() -> None:
    assert plan_windows(NOON, NOON - MINUTE, None) == Windows()


def test_goods_that_will_be_ready_later_are_fetched_from_then_on() -> None:
    planned = plan_windows(NOON, minutes(60), None)

    assert planned == Windows(minutes(60), minutes(80))


def test_a_wanted_window_is_kept_and_its_end_never_moves() -> None:
    planned = plan_windows(NOON, NOON, Window(minutes(120), minutes(180)))

    # The courier fetches the goods half an hour before the window opens.
    assert planned == Windows(minutes(90), minutes(120), minutes(120), minutes(180))


def test_a_window_shorter_than_uber_allows_starts_earlier() -> None:
    planned = plan_windows(NOON, NOON, Window(minutes(120), minutes(125)))

    assert isinstance(planned, Windows)
    assert (planned.dropoff_ready, planned.dropoff_deadline) == (minutes(105), minutes(125))


def test_a_window_that_ends_too_soon_is_declined_in_words() -> None:
    declined = plan_windows(NOON, NOON, Window(NOON, minutes(15)))

    assert isinstance(declined, Decline)
    assert declined.reason is DeclineReason.PAST_CUTOFF
    assert "ends before" in declined.text


def test_nothing_is_ordered_more_than_thirty_days_ahead() -> None:
    declined = plan_windows(NOON, NOON + timedelta(days=31), None)

    assert isinstance(declined, Decline)
    assert (declined.reason, declined.raw_code) == (DeclineReason.RULE, "pickup_ready_too_late")


@given(
    ready=st.integers(-600, 50_000),
    start=st.integers(-120, 50_000),
    length=st.integers(0, 1_000),
    wants=st.booleans(),
)
def test_every_planned_window_keeps_every_rule_of_ubers(
    ready: int, start: int, length: int, wants: bool
) -> None:
    wanted = Window(minutes(start), minutes(start + length)) if wants else None

    planned = plan_windows(NOON, minutes(ready), wanted)

    if isinstance(planned, Decline) or planned == Windows():
        return
    assert planned.pickup_ready is not None
    assert planned.pickup_deadline is not None
    assert NOON <= planned.pickup_ready < NOON + timedelta(days=30)
    assert planned.pickup_ready >= minutes(ready)
    assert planned.pickup_deadline >= max(planned.pickup_ready + 10 * MINUTE, minutes(20))
    if wanted is not None:
        assert planned.dropoff_ready is not None
        assert planned.dropoff_deadline == wanted.end
        assert planned.dropoff_ready <= planned.pickup_deadline <= planned.dropoff_deadline
        assert planned.dropoff_deadline >= planned.dropoff_ready + 20 * MINUTE
