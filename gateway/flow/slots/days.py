"""Templates become slots: wall clock and weekdays on one side, instants on the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from doorstep.calendar import first_moment
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
    start = first_moment(day, template.starts_at, zone)
    end = first_moment(day + _DAY if is_overnight else day, template.ends_at, zone)
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
