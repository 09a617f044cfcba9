"""Wall clock windows become instants, also on the days on which the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from doorstep.calendar import first_moment
from doorstep.money import Money
from doorstep.slot import SlotAvailability, SlotHold, SlotHoldStatus, SlotTemplate
from doorstep.window import Window
from gateway.flow.slots.days import read_slot_id, slot_id, slot_on, slots_within
from gateway.flow.slots.save import wrong_fields

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)
FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)
"""The Sundays of 2026 on which New York's clocks go from 02:00 to 03:00, and from 02:00 back to 01:00."""


def template(**changes: Any) -> SlotTemplate:
    """Weekdays, 09:00 to 11:00 in New York, 25 places, cut off two hours before."""
    values: dict[str, Any] = {
        "id": "slt_1",
        "merchant_id": "mer_a",
        "name": "Morning",
        "location_id": "loc_1",
        "starts_at": time(9),
        "ends_at": time(11),
        "time_zone": "America/New_York",
        "capacity": 25,
        "price": Money(500, "USD"),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return SlotTemplate(**{**values, **changes})


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_slot_is_the_templates_window_on_a_day() -> None:
    slot = slot_on(template(), MONDAY)
    assert slot is not None
    assert slot.id == "slt_1.2026-11-23"
    # 09:00 in New York is 14:00 UTC in winter; the last order is taken at 07:00, two hours before.
    assert slot.window == Window(utc(11, 23, 14), utc(11, 23, 16))
    assert slot.cut_off_at == utc(11, 23, 12)
    assert (slot.capacity, slot.taken, slot.price) == (25, 0, Money(500, "USD"))


def test_in_summer_the_same_wall_clock_is_another_instant() -> None:
    slot = slot_on(template(), date(2026, 7, 6))
    assert slot is not None
    assert slot.window == Window(utc(7, 6, 13), utc(7, 6, 15))


def test_other_weekdays_have_no_slot() -> None:
    assert slot_on(template(), date(2026, 11, 22)) is None
    assert slot_on(template(weekdays=(7,)), date(2026, 11, 22)) is not None


def test_a_slot_that_ends_no_later_than_it_starts_ends_on_the_day_after() -> None:
    evening = slot_on(template(starts_at=time(22), ends_at=time(0)), MONDAY)
    assert evening is not None
    assert evening.window == Window(utc(11, 24, 3), utc(11, 24, 5))


@pytest.mark.parametrize(
    ("day", "starts_at", "ends_at", "window"),
    [
        # 02:30 is skipped: it starts when the clocks jump, at 07:00 UTC, which then show 03:00.
        (FORWARD, time(2, 30), time(4), (utc(3, 8, 7), utc(3, 8, 8))),
        (FORWARD, time(1), time(2, 30), (utc(3, 8, 6), utc(3, 8, 7))),
        (FORWARD, time(1), time(4), (utc(3, 8, 6), utc(3, 8, 8))),
        # 01:30 comes twice: the first one counts. 02:00 comes once, after both.
        (BACK, time(1, 30), time(2), (utc(11, 1, 5, 30), utc(11, 1, 7))),
        (BACK, time(0, 30), time(1, 30), (utc(11, 1, 4, 30), utc(11, 1, 5, 30))),
    ],
    ids=["starts in the gap", "ends in the gap", "spans the gap", "starts in the fold", "ends in the fold"],
)
def test_when_the_clocks_change(
    day: date, starts_at: time, ends_at: time, window: tuple[datetime, datetime]
) -> None:
    slot = slot_on(template(starts_at=starts_at, ends_at=ends_at, weekdays=(7,)), day)
    assert slot is not None
    assert slot.window == Window(*window)


def test_a_slot_that_the_clocks_skip_wholly_is_not_there() -> None:
    skipped = template(starts_at=time(2, 15), ends_at=time(2, 45), weekdays=(7,))
    assert slot_on(skipped, FORWARD) is None
    assert slot_on(skipped, date(2026, 3, 15)) is not None


def test_a_day_that_a_zone_left_out_begins_with_the_next() -> None:
    # Samoa went to the other side of the date line: 2011-12-30 was not there.
    assert first_moment(date(2011, 12, 30), time(9), ZoneInfo("Pacific/Apia")) == datetime(
        2011, 12, 30, 10, tzinfo=UTC
    )


def test_every_minute_of_the_days_of_change_comes_in_order() -> None:
    for day in (FORWARD, BACK):
        moments = [first_moment(day, time(h, m), NEW_YORK) for h in range(24) for m in (0, 20, 40)]
        assert moments == sorted(moments)


def test_slots_within_a_window_meet_it() -> None:
    # From Friday 10:00 to Tuesday 09:00 in New York: Friday's has begun, Tuesday's has not.
    within = Window(utc(11, 20, 15), utc(11, 24, 14))
    found = [slot.id for slot in slots_within(template(), within)]
    assert found == ["slt_1.2026-11-20", "slt_1.2026-11-23"]


def test_a_slot_of_the_evening_before_reaches_into_the_morning() -> None:
    late = template(starts_at=time(23), ends_at=time(2))
    # Tuesday from 00:30 to 01:00 in New York.
    within = Window(utc(11, 24, 5, 30), utc(11, 24, 6))
    assert [slot.id for slot in slots_within(late, within)] == ["slt_1.2026-11-23"]


def test_a_slot_is_closed_on_a_closed_day_of_a_disabled_template_and_from_its_cut_off_on() -> None:
    morning = slot_on(template(), MONDAY)
    blackout = slot_on(template(closed_on=frozenset({MONDAY})), MONDAY)
    disabled = slot_on(template(enabled=False), MONDAY)
    assert morning is not None
    assert blackout is not None
    assert disabled is not None
    early = utc(11, 20, 12)
    assert morning.availability(early) is SlotAvailability.AVAILABLE
    assert morning.availability(utc(11, 23, 11, 59)) is SlotAvailability.AVAILABLE
    assert morning.availability(utc(11, 23, 12)) is SlotAvailability.CLOSED
    assert blackout.availability(early) is SlotAvailability.CLOSED
    assert disabled.availability(early) is SlotAvailability.CLOSED


def test_what_is_left_is_said() -> None:
    morning = slot_on(template(), MONDAY)
    assert morning is not None
    early = utc(11, 20, 12)
    # A fifth of 25 places is 5.
    said = {taken: replace(morning, taken=taken).availability(early) for taken in (0, 19, 20, 24, 25, 27)}
    assert said == {
        0: SlotAvailability.AVAILABLE,
        19: SlotAvailability.AVAILABLE,
        20: SlotAvailability.FEW_LEFT,
        24: SlotAvailability.FEW_LEFT,
        25: SlotAvailability.FULL,
        27: SlotAvailability.FULL,
    }
    assert replace(morning, taken=27).remaining == 0


def test_an_id_is_read_as_it_was_written() -> None:
    assert read_slot_id(slot_id("slt_1", MONDAY)) == ("slt_1", MONDAY)


@pytest.mark.parametrize(
    "text",
    [
        *("", "slt_1", ".2026-11-23", "slt_1.", "slt_1.20261123", "slt_1.2026-W48-1", "slt_1.2026-13-01"),
        *("slt_1.2026-11-23 ", "slt_1.2026-11-23T09:00", "2026-11-23"),
    ],
)
def test_nothing_else_passes_for_an_id(text: str) -> None:
    assert read_slot_id(text) is None


def test_a_template_that_makes_sense_has_no_wrong_field() -> None:
    assert list(wrong_fields(template(ends_at=time(0), cut_off_s=0, hold_s=60, capacity=1))) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (1, 8)}, "weekdays"),
        ({"weekdays": (1, 1)}, "weekdays"),
        ({"time_zone": "Mars/Olympus"}, "timeZone"),
        ({"time_zone": "Europe"}, "timeZone"),
        ({"time_zone": "../etc/passwd"}, "timeZone"),
        ({"ends_at": time(9)}, "endsAt"),
        ({"starts_at": time(9, tzinfo=UTC), "ends_at": time(11, tzinfo=UTC)}, "startsAt"),
        ({"capacity": 0}, "capacity"),
        ({"price": Money(-1, "USD")}, "price"),
        ({"cut_off_s": -1}, "cutoffSeconds"),
        ({"hold_s": 59}, "holdSeconds"),
        ({"zone_ids": ("z",) * 101}, "zoneIds"),
        ({"closed_on": frozenset(MONDAY + timedelta(days=n) for n in range(367))}, "closedOn"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    assert [issue.path for issue in wrong_fields(template(**changes))] == [("input", field)]


def test_a_hold_that_ran_out_is_expired_and_one_that_is_confirmed_is_not() -> None:
    hold = SlotHold(
        "hld_1",
        "mer_a",
        "slt_1.2026-11-23",
        SlotHoldStatus.HELD,
        Window(utc(11, 23, 14), utc(11, 23, 16)),
        Money(500, "USD"),
        held_at=utc(11, 20, 12),
        expires_at=utc(11, 20, 12, 15),
        key="k",
    )
    assert hold.status_at(utc(11, 20, 12, 14)) is SlotHoldStatus.HELD
    assert hold.status_at(utc(11, 20, 12, 15)) is SlotHoldStatus.EXPIRED
    confirmed = replace(hold, status=SlotHoldStatus.CONFIRMED)
    assert confirmed.status_at(utc(11, 21, 12)) is SlotHoldStatus.CONFIRMED
