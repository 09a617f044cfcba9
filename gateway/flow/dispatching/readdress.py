"""Readdress: notice that a store changed an address after somebody was booked to go to the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.address import Address
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus, Order
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident


async def warn_of_new_address(work: UnitOfWork, before: Order, after: Order, now: datetime) -> None:
    """Open an incident for each delivery that is under way to where nobody waits any more."""
    known = {unit.id: unit.destination or before.destination for unit in before.fulfillment_orders}
    for unit in after.fulfillment_orders:
        old, new = known.get(unit.id), unit.destination or after.destination
        if unit.status is not FulfillmentOrderStatus.DISPATCHED or old is None or _same_door(old, new):
            continue
        delivery = await work.deliveries.live_of(unit.id)
        if delivery is None or delivery.is_over:
            continue
        alarm = Alarm(
            IncidentKind.ADDRESS_PROBLEM,
            title=f"{delivery.reference}: address changed after the booking",
            evidence="The store has another address now, the carrier still has the old one. "
            "Tell the carrier, or call the delivery off and dispatch the order again.",
            delivery_id=delivery.id,
        )
        await raise_incident(work, alarm, now)


def _same_door(old: Address, new: Address | None) -> bool:
    """Whether a courier would go to the same door and do the same there."""
    if new is None:
        return True  # the store holds it back for now; what we know is still the best
    return replace(old.at(None), email="") == replace(new.at(None), email="")
