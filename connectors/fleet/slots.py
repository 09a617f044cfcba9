"""The next window in which a van can come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.fleet.declined import Declined
from connectors.fleet.settings import FleetSettings
from connectors.fleet.wall_clock import instant, span
from doorstep.driver import Driver
from doorstep.quote import DeclineReason
from doorstep.window import Window

DAYS_AHEAD = 28
"""How far into the calendar a window is looked for."""

Load = Callable[[str, Window], Awaitable[int]]
"""(location id of the depot, window) -> stops that are promised in it already."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a window must allow for.

    Attributes
    ----------
    able
        Who can carry the goods, if they drive.
    wanted
        Only windows that meet this one will do; None for any.
    """

    depot_id: str
    asked_at: datetime
    ready_at: datetime
    drive_s: int
    able: tuple[Driver, ...]
    wanted: Window | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A window with room: who could come in it, and how many stops the depot has promised in it."""

    window: Window
    is_same_day: bool
    drivers: tuple[Driver, ...]
    promised: int


async def next_slot(settings: FleetSettings, need: Need, load: Load) -> Slot:
    """The first window that a van can keep and that is not full.

    Nobody knows yet which van makes a promised stop, so all of them count against the vans that can carry
    these goods: what one van alone can carry is never promised twice.

    Raises
    ------
    Declined
        If there is none within `DAYS_AHEAD` days.
    """
    zone = ZoneInfo(settings.depots[need.depot_id].time_zone)
    today = need.asked_at.astimezone(zone).date()
    is_past_cut_off = need.asked_at >= instant(today, settings.cut_off_on(today), zone)
    is_full = False
    for offset in range(1 if is_past_cut_off else 0, DAYS_AHEAD):
        day = today + timedelta(days=offset)
        for window, drivers in _open_windows(settings, need, day, zone):
            promised = await load(need.depot_id, window)
            if promised < len(drivers) * settings.stops_per_van:
                return Slot(window, offset == 0, drivers, promised)
            is_full = True
    raise _nothing(is_full=is_full, is_past_cut_off=is_past_cut_off, need=need, today=today, zone=zone)


def _open_windows(
    settings: FleetSettings, need: Need, day: date, zone: ZoneInfo
) -> Iterator[tuple[Window, tuple[Driver, ...]]]:
    """Windows of a day that at least one van can keep, and whose vans can."""
    if day.isoformat() in settings.closed_dates:
        return
    shifts = [
        (driver, shift)
        for driver in need.able
        if day.isoweekday() in driver.weekdays
        and (shift := span(day, driver.shift_start, driver.shift_end, zone)) is not None
    ]
    windows = (span(day, window.start, window.end, zone) for window in settings.windows)
    for window in sorted(window for window in windows if window is not None):
        if need.wanted is not None and window.overlap(need.wanted) is None:
            continue
        drivers = tuple(driver for driver, shift in shifts if _keeps(settings, need, shift, window))
        if drivers:
            yield window, drivers


def _keeps(settings: FleetSettings, need: Need, shift: Window, window: Window) -> bool:
    """Whether a van is at the door in the first half of the window and home by the end of its shift.

    The second half belongs to the other stops of its tour.
    """
    drive = timedelta(seconds=need.drive_s)
    loaded = max(need.asked_at, need.ready_at) + timedelta(seconds=settings.lead_s)
    arrives = max(max(loaded, shift.start) + drive, window.start)
    middle = window.start + (window.end - window.start) / 2
    return arrives <= min(middle, shift.end - drive)


def _nothing(*, is_full: bool, is_past_cut_off: bool, need: Need, today: date, zone: ZoneInfo) -> Declined:
    if is_full:
        return Declined(DeclineReason.NO_CAPACITY, "Every window that would do is full.")
    if is_past_cut_off and need.wanted is not None and need.wanted.start.astimezone(zone).date() == today:
        return Declined(DeclineReason.PAST_CUTOFF, "The cut-off for today has passed.")
    if need.wanted is not None:
        return Declined(DeclineReason.CLOSED, "No van drives in the window that was asked for.")
    return Declined(DeclineReason.CLOSED, f"No van drives in the next {DAYS_AHEAD} days.")
