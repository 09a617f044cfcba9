"""When a Roadie driver is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.couriers.roadie.windows import Times, keep_times, kept_times, plan_times
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Window

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_without_a_wish_it_is_brought_within_four_hours() -> None:
    # Five minutes of leeway, because Roadie looks at its own clock.
    assert plan_times(NOON, NOON, None) == Times(after(5), Window(after(5), after(245)))


def test_goods_that_are_ready_later_move_both() -> None:
    assert plan_times(NOON, after(60), None) == Times(after(60), Window(after(60), after(300)))


def test_a_wanted_window_is_asked_for_as_it_is() -> None:
    wanted = Window(after(120), after(180))

    assert plan_times(NOON, NOON, wanted) == Times(after(5), wanted)


@pytest.mark.parametrize(("end", "is_possible"), [(50, True), (49, False)])
def test_a_window_that_nobody_can_keep_is_declined(end: int, is_possible: bool) -> None:
    times = plan_times(NOON, NOON, Window(NOON, after(end)))

    assert isinstance(times, Times) is is_possible
    if isinstance(times, Decline):
        assert times.reason is DeclineReason.PAST_CUTOFF


def test_what_was_offered_is_booked_and_a_little_later_still() -> None:
    times = Times(after(5), Window(after(5), after(245)))
    kept = keep_times(times, is_wanted=False)

    assert kept_times(kept, NOON, NOON) == times
    assert kept_times(kept, after(10), NOON) == Times(after(15), times.deliver_between)


def test_hours_later_a_new_window_is_asked_for_unless_the_shopper_wanted_the_old() -> None:
    times = Times(after(5), Window(after(5), after(245)))

    free = kept_times(keep_times(times, is_wanted=False), after(240), NOON)
    wanted = kept_times(keep_times(times, is_wanted=True), after(240), NOON)

    assert free == Times(after(245), Window(after(245), after(485)))
    assert wanted == Times(after(245), times.deliver_between)


def test_an_offer_from_elsewhere_is_booked_for_the_next_hours() -> None:
    assert kept_times({}, NOON, NOON) == Times(after(5), Window(after(5), after(245)))
