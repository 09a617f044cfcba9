"""Stacks: deliveries that go with one courier, and what waits for such company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.money import Money
from doorstep.order import Location
from doorstep.window import Promise


class WaitReason(StrEnum):
    """What a fulfillment order waits for before it is booked."""

    COMPANY = "COMPANY"
    """Others that go with the same courier."""
    WAVE = "WAVE"
    """Others with which own vans, couriers and parcel carriers are compared."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fulfillment order that is not booked yet, since others may go with it or be compared with it.

    Attributes
    ----------
    location_id
        Where it is fetched: only those of one place go together.
    until
        Then it goes, with others or alone.
    stack_id
        With which others it goes; "" as long as nobody knows.
    told_at
        When it was last told to go; None before its time is over.
    """

    merchant_id: str
    fulfillment_order_id: str
    location_id: str
    quote_set_id: str
    since: datetime
    until: datetime
    stack_id: str = ""
    told_at: datetime | None = None
    reason: WaitReason = WaitReason.COMPANY


@dataclass(frozen=True, slots=True)
class StackStop:
    """One door of a stack, with the leg that brings it there.

    Attributes
    ----------
    quote_set_id
        Of the offer that the leg was made from.
    alone
        What it would have cost by itself.
    arrives_at
        When it should be there, by our own reckoning.
    promise
        What the shopper is told once it is booked, unless somebody told another.
    """

    fulfillment_order_id: str
    delivery_id: str
    leg_id: str
    quote_set_id: str
    alone: Money
    arrives_at: datetime
    promise: Promise


@dataclass(frozen=True, slots=True)
class Stack:
    """Deliveries that one courier brings on one tour. Written down with their legs, and never changed.

    What became of it is seen from its legs.

    Attributes
    ----------
    stops
        In the order in which they are driven to.
    price
        That the carrier quoted for all together.
    origin
        Where all are fetched, as it was when the carrier was asked first.
    """

    id: str
    merchant_id: str
    account_id: str
    carrier: str
    service: str
    price: Money
    stops: tuple[StackStop, ...]
    created_at: datetime
    origin: Location

    @property
    def saving(self) -> Money:
        """How much less it costs than its stops one by one."""
        return Money(sum(stop.alone.minor for stop in self.stops), self.price.currency) - self.price

    def shares(self, price: Money) -> tuple[Money, ...]:
        """A price of the whole, divided by what each stop would have cost alone; they add up to it."""
        weights = [max(1, stop.alone.minor) for stop in self.stops]
        total, so_far, given = sum(weights), 0, 0
        shares = []
        for weight in weights:
            so_far += weight
            due = price.minor * so_far // total
            shares.append(Money(due - given, price.currency))
            given = due
        return tuple(shares)
