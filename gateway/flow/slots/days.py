"""Templates become slots: wall clock and weekdays on one side, instants on the other. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.slot import Slot, SlotTemplate
from doorstep.window import Window

FURTHEST = timedelta(days=62)
"""Slots are offered this far ahead: a shop that knows its vans for longer is rare, a typing error is not."""

_DAY = timedelta(days=1)


def slot_id(template_id: str, day: date) -> str:
    """`<template id>.<ISO day>`."""
    return f"{template_id}.{day.isoformat()}"


def read_slot_id(text: str) -> tuple[str, date] | None:
    """Template and day of a slot's id; None where it is none.

    A day has one spelling: Python reads "20261123" and "2026-W48-1" as well, and each would be a slot with
    places of its own.
    """
    template_id, dot, written = text.rpartition(".")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return (template_id, day) if dot and template_id and day.isoformat() == written else None


def slot_on(template: SlotTemplate, day: date) -> Slot | None:
    """The slot of one day, as if nobody had a place; None where the template has none on it."""
    if day.isoweekday() not in template.weekdays:
        return None
    zone = ZoneInfo(template.time_zone)
    is_overnight = template.ends_at <= template.starts_at
    start = instant(day, template.starts_at, zone)
    end = instant(day + _DAY if is_overnight else day, template.ends_at, zone)
    if start >= end:
        return None
    return Slot(
        id=slot_id(template.id, day),
        template_id=template.id,
        window=Window(start, end),
        time_zone=template.time_zone,
        price=template.price,
        capacity=template.capacity,
        taken=0,
        cut_off_at=start - timedelta(seconds=template.cut_off_s),
        is_closed=day in template.closed_on or not template.enabled,
    )


def slots_within(template: SlotTemplate, within: Window) -> Iterator[Slot]:
    """Slots that meet a window, in the order of their days."""
    zone = ZoneInfo(template.time_zone)
    # One that began the evening before may reach into the window.
    day = within.start.astimezone(zone).date() - _DAY
    last = within.end.astimezone(zone).date()
    while day <= last:
        slot = slot_on(template, day)
        if slot is not None and slot.window.overlap(within) is not None:
            yield slot
        day += _DAY


def with_taken(slot: Slot, taken: Mapping[str, int]) -> Slot:
    """The slot with as many places taken as are counted for its id."""
    return replace(slot, taken=taken.get(slot.id, 0))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment at which the clocks of a zone show a time of a day, or a later one, in UTC.

    Where they are put back they show it twice: the first counts. Where they are put forward over it, it is
    the moment of the jump.
    """
    wanted = datetime.combine(day, at)
    # PEP 495: of a time that is skipped, fold 0 lies behind the jump and fold 1 before it.
    behind = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown(behind, zone) == wanted:
        return behind
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((behind - before).total_seconds()))
    ahead = bisect_left(seconds, True, key=lambda s: _shown(before + timedelta(seconds=s), zone) >= wanted)
    return before + timedelta(seconds=ahead)


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
