"""Move a delivery to another slot of the own vans: its place goes with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput, NotFound
from doorstep.quote import Choice, DeliveryMode
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.question import choice_for
from gateway.flow.slots.hold import Wish, confirm_hold, hold_slot
from gateway.flow.slots.offer import find_slot

_SLOT = ("input", "slotId")


async def move_slot(
    work: UnitOfWork, delivery: Delivery, wish: tuple[str, str], zones: frozenset[str] | None, now: datetime
) -> Window:
    """Give the delivery's place up for one in another slot, for good.

    Parameters
    ----------
    wish
        Id of the slot, and the key that its place is asked for with.
    zones
        That the door lies in; None where they need not be looked at.

    Raises
    ------
    NotFound
        If there is no such slot, or it is of another place.
    InvalidInput
        If no own van brings it.
    SlotUnavailable
        If it is full, closed, or not for this door.
    """
    slot_id, key = wish
    leg = delivery.active_leg
    if leg is None or leg.mode is not DeliveryMode.OWN_FLEET:
        raise InvalidInput("Only what own vans bring has slots; give a window instead.", path=_SLOT)
    owner = await _owner(work, delivery)
    wanted = await find_slot(work, slot_id, now, _SLOT)
    if wanted.template.location_id != delivery.origin_id:
        raise NotFound(slot_id, path=_SLOT)
    asked = Wish(slot_id, f"again {delivery.id} {key}", owner=owner, zones=zones)
    held = await hold_slot(work, asked, now)
    current = await work.slots.confirmed_of(owner)
    await confirm_hold(work, held.id, owner, now, replaces=current.id if current else "")
    return wanted.slot.window


async def promise_again(work: UnitOfWork, delivery: Delivery, window: Window | None) -> Promise | None:
    """What is promised from here on; None leaves it to whoever is booked.

    The window that the shopper once chose is over: as long as the choice said "slot", every question to
    carriers would name it.
    """
    choice = await _choice(work, delivery)
    if choice is not None and choice.promise.basis is PromiseBasis.SLOT:
        basis = PromiseBasis.SLOT if window else PromiseBasis.OTHER
        moved = replace(choice.promise, window=window or choice.promise.window, basis=basis)
        await work.quotes.put_choice(replace(choice, promise=moved))
    if window is None:
        return None
    zone = delivery.promise.time_zone if delivery.promise else (await work.accounts.merchant()).time_zone
    return Promise(window, zone, PromiseBasis.OTHER)


async def _owner(work: UnitOfWork, delivery: Delivery) -> str:
    """Whom places are confirmed for: the shopper's choice, else the fulfillment order itself."""
    choice = await _choice(work, delivery)
    return choice.id if choice is not None else delivery.fulfillment_order_id


async def _choice(work: UnitOfWork, delivery: Delivery) -> Choice | None:
    order = await work.orders.get(delivery.order_id)
    parts = order.fulfillment_orders if order else ()
    part = next((one for one in parts if one.id == delivery.fulfillment_order_id), None)
    return await choice_for(work, order, part) if order and part else None
