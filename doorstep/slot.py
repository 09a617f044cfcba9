"""Windows with room for so many deliveries, and the places that shoppers hold in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from doorstep.money import Money
from doorstep.window import Window


class SlotAvailability(StrEnum):
    """Whether a slot can be had."""

    AVAILABLE = "AVAILABLE"
    FEW_LEFT = "FEW_LEFT"
    FULL = "FULL"
    CLOSED = "CLOSED"
    OTHER = "OTHER"


class SlotHoldStatus(StrEnum):
    """What became of a place in a slot."""

    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class SlotTemplate:
    """A window that repeats, with room for so many.

    Attributes
    ----------
    location_id
        Where its deliveries leave from.
    zone_ids
        Zones of the fleet's settings that it serves; () for all.
    weekdays
        ISO, 1 is Monday.
    starts_at, ends_at
        Wall clock of `time_zone`; one that ends no later than it starts ends on the day after.
    cut_off_s
        How long before its start the last order is taken, seconds.
    hold_s
        How long a shopper may think, seconds.
    closed_on
        Days without it.
    """

    id: str
    merchant_id: str
    name: str
    location_id: str
    starts_at: time
    ends_at: time
    time_zone: str
    capacity: int
    price: Money
    updated_at: datetime
    zone_ids: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    cut_off_s: int = 2 * 3600
    hold_s: int = 900
    closed_on: frozenset[date] = frozenset()
    enabled: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """One window on one day.

    Attributes
    ----------
    id
        `<template id>.<ISO day>`.
    taken
        Held and confirmed places.
    """

    id: str
    template_id: str
    window: Window
    time_zone: str
    price: Money
    capacity: int
    taken: int
    cut_off_at: datetime
    is_closed: bool = False

    @property
    def remaining(self) -> int:
        """Places that are left, never negative."""
        return max(0, self.capacity - self.taken)

    def availability(self, now: datetime) -> SlotAvailability:
        """Whether it can be had; few are left when it is four fifths full or one place is left."""
        if self.is_closed or now >= self.cut_off_at:
            return SlotAvailability.CLOSED
        if self.remaining == 0:
            return SlotAvailability.FULL
        is_scarce = self.remaining == 1 or self.remaining * 5 <= self.capacity
        return SlotAvailability.FEW_LEFT if is_scarce else SlotAvailability.AVAILABLE


@dataclass(frozen=True, slots=True)
class SlotHold:
    """A place kept for one shopper until it expires, is confirmed or released.

    Attributes
    ----------
    window, price
        Of the slot when it was held: what was shown holds, though the template changes.
    key
        Digest of the idempotency key that it was asked for with; keys of strangers may hold anything.
    owner
        The choice or fulfillment order that it is for.
    place
        Which of the slot's places it has, 1 to the capacity; no two that live have the same.
    replaces
        The hold that was released for it; "" for none.
    held_by, options_id
        The storefront's key that asked for it, and the delivery options that it was shown with; "" where a
        back end asked.
    """

    id: str
    merchant_id: str
    slot_id: str
    status: SlotHoldStatus
    window: Window
    price: Money
    held_at: datetime
    expires_at: datetime
    key: str
    owner: str = ""
    place: int = 1
    replaces: str = ""
    held_by: str = ""
    options_id: str = ""

    def status_at(self, now: datetime) -> SlotHoldStatus:
        """What it is worth: one that ran out is EXPIRED, whether or not anybody has written that down."""
        if self.status is SlotHoldStatus.HELD and now >= self.expires_at:
            return SlotHoldStatus.EXPIRED
        return self.status
