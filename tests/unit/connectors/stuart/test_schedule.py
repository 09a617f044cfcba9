"""When a Stuart courier is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.couriers.stuart.schedule import Schedule, plan_schedule
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_goods_that_are_ready_go_at_once() -> None:
    assert plan_schedule(NOON, after(4), None) == Schedule()


def test_goods_that_are_ready_later_have_an_appointment_for_the_pickup() -> None:
    assert plan_schedule(NOON, after(45), None) == Schedule(pickup_at=after(45))


@pytest.mark.parametrize(
    ("wanted", "aim"),
    [
        # An hour: a quarter of an hour behind its start.
        ((120, 180), 135),
        # Twenty minutes: its middle.
        ((120, 140), 130),
        # It has begun: goods ready now are at the door in half an hour at the soonest.
        ((0, 90), 45),
    ],
)
def test_a_wanted_window_is_aimed_into(wanted: tuple[int, int], aim: int) -> None:
    window = Window(after(wanted[0]), after(wanted[1]))

    assert plan_schedule(NOON, NOON, window) == Schedule(dropoff_at=after(aim), window=window)


def test_a_window_that_nobody_can_keep_is_declined() -> None:
    declined = plan_schedule(NOON, NOON, Window(after(-30), after(30)))

    assert isinstance(declined, Decline)
    assert declined.reason is DeclineReason.PAST_CUTOFF


@pytest.mark.parametrize("is_window", [True, False])
def test_more_than_four_days_ahead_is_declined(is_window: bool) -> None:
    late = NOON + timedelta(days=4, minutes=1)
    window = Window(late, late + timedelta(hours=1)) if is_window else None

    declined = plan_schedule(NOON, NOON if is_window else late, window)

    assert isinstance(declined, Decline)
    assert declined.reason is DeclineReason.RULE
