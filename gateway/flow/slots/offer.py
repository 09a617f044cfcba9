"""Offer: the slots of a place, full and closed ones too, and others near one that cannot be had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.errors import NotFound, SlotUnavailable
from doorstep.slot import Slot, SlotAvailability, SlotTemplate
from doorstep.window import Window
from gateway.flow.ports import UnitOfWork
from gateway.flow.slots.days import FURTHEST, read_slot_id, slot_on, slots_within, with_taken

MOST_ALTERNATIVES = 5
_SEARCHED_BEFORE, _SEARCHED_AFTER = timedelta(days=3), timedelta(days=7)

TO_BE_HAD = (SlotAvailability.AVAILABLE, SlotAvailability.FEW_LEFT)


async def slots(
    work: UnitOfWork, location_id: str, zones: Collection[str], within: Window, now: datetime
) -> Sequence[Slot]:
    """What a place offers in a window, by start: what is sold out or closed is there and says so.

    Parameters
    ----------
    zones
        Those of the fleet's settings that the door lies in.
    within
        Of it only what lies between now and `FURTHEST` ahead is looked at.
    """
    templates = await work.slots.templates(location_id)
    return await _slots_of(work, [one for one in templates if serves(one, zones)], within, now)


def serves(template: SlotTemplate, zones: Collection[str]) -> bool:
    """Whether a template is for a door that lies in these zones."""
    return not template.zone_ids or not frozenset(template.zone_ids).isdisjoint(zones)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot that somebody wants, with the template that it comes from.

    Attributes
    ----------
    zones
        That the door lies in; None where nobody knows them any more.
    """

    slot: Slot
    template: SlotTemplate
    zones: frozenset[str] | None = None


async def find_slot(work: UnitOfWork, slot_id: str, now: datetime, path: Sequence[str] = ()) -> Wanted:
    """A slot as it stands, and what it is made of.

    Raises
    ------
    NotFound
        If there is no such slot, or it lies too far ahead.
    """
    read = read_slot_id(slot_id)
    template = await work.slots.template(read[0]) if read else None
    slot = slot_on(template, read[1]) if template and read else None
    if template is None or slot is None or slot.window.start > now + FURTHEST:
        raise NotFound(slot_id, path=path)
    return Wanted(with_taken(slot, await work.slots.taken([slot_id], now)), template)


async def unavailable(
    work: UnitOfWork, wanted: Wanted, why: str, now: datetime, path: Sequence[str] = ()
) -> SlotUnavailable:
    """The error to raise of a slot that cannot be had, with the nearest that can."""
    near = await alternatives(work, wanted, now)
    return SlotUnavailable(why, alternatives=near, path=path)


async def alternatives(work: UnitOfWork, wanted: Wanted, now: datetime) -> Sequence[Slot]:
    """Slots of the same place that can be had, the nearest first."""
    start = wanted.slot.window.start
    within = Window(min(start, max(now, start - _SEARCHED_BEFORE)), max(now, start) + _SEARCHED_AFTER)
    templates = await work.slots.templates(wanted.template.location_id)
    found = await _slots_of(work, [one for one in templates if _serves_as_well(one, wanted)], within, now)
    others = [slot for slot in found if slot.id != wanted.slot.id and slot.availability(now) in TO_BE_HAD]
    others.sort(key=lambda slot: (abs(slot.window.start - start), slot.window, slot.id))
    return others[:MOST_ALTERNATIVES]


async def _slots_of(
    work: UnitOfWork, templates: Iterable[SlotTemplate], within: Window, now: datetime
) -> Sequence[Slot]:
    ahead = within.overlap(Window(now, now + FURTHEST))
    if ahead is None:
        return ()
    found = [slot for template in templates if template.enabled for slot in slots_within(template, ahead)]
    taken = await work.slots.taken([slot.id for slot in found], now)
    counted = [with_taken(slot, taken) for slot in found]
    return sorted(counted, key=lambda slot: (slot.window, slot.id))


def _serves_as_well(other: SlotTemplate, wanted: Wanted) -> bool:
    """Whether a template serves the door, wherever in the zones of the wanted one it lies."""
    if wanted.zones is not None:
        return serves(other, wanted.zones)
    theirs, mine = frozenset(other.zone_ids), frozenset(wanted.template.zone_ids)
    return not theirs or (bool(mine) and mine <= theirs)
