"""Bookings that their carrier goes on with under another id."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery, Leg
from doorstep.events import BookingInDoubt
from gateway.flow.ports import UnitOfWork
from gateway.flow.records import Remembered

_LEFT = "booking id left"


async def is_followed(work: UnitOfWork, carrier: str, update: CarrierUpdate) -> bool:
    """Whether the id that a booking goes on under is known here already, so that nothing is left to do."""
    if not update.replaced_by:
        return False
    return await work.deliveries.id_by_booking(carrier, update.replaced_by) is not None


async def follow(work: UnitOfWork, delivery: Delivery, before: Leg, leg: Leg, now: datetime) -> None:
    """Remember the id that a leg had before, whose last messages are still to come.

    Where the leg is over already, because those overtook this one, the other booking is given back: somebody
    else is being asked.
    """
    key = f"{leg.carrier}:{before.external_id}"
    await work.memory.remember(Remembered(_LEFT, key, "", leg.external_id, now))
    if not leg.is_live:
        await work.deliveries.put(delivery.with_leg(replace(leg, doubted_at=now)))
        await work.emit(BookingInDoubt(delivery.merchant_id, delivery.id, leg.id))


async def was_left(work: UnitOfWork, carrier: str, external_id: str) -> bool:
    """Whether a booking of ours had this id and goes on under another."""
    return await work.memory.recall(_LEFT, f"{carrier}:{external_id}") is not None
