"""Promised off: what was called off here and is not known to be so with its carrier is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.errors import RemoteError, StateConflict
from doorstep.events import BookingInDoubt
from doorstep.incident import IncidentKind
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident

DOUBTED_FOR = timedelta(minutes=90)
"""A doubt that is so old is taken up anew: longer than a job about it is tried again by itself."""

DOUBTS_AT_ONCE = 200

WHY = "it was called off before"


async def call_off_again(means: Means, delivery: Delivery) -> None:
    """Call a delivery off for which that was begun and not ended; what hinders it is shown to people."""
    try:
        await cancel_delivery(
            means, delivery.merchant_id, delivery.id, WHY, by_person=delivery.is_called_off_by_person
        )
    except StateConflict:
        return  # it ended by itself meanwhile
    except RemoteError as error:
        alarm = Alarm(
            IncidentKind.OTHER,
            title=f"{delivery.reference}: called off, but still booked",
            evidence=f"{error.message} Its courier may come all the same; look there.",
            delivery_id=delivery.id,
            raw_code=error.raw_code,
        )
        async with means.begin(delivery.merchant_id) as work:
            await raise_incident(work, alarm, means.clock.now())


async def look_into_doubts(means: Means, merchant_id: str, now: datetime) -> None:
    """Find out again what stands with a carrier of bookings that have ended here."""
    async with means.begin(merchant_id) as work:
        doubted = await work.deliveries.doubted(now - DOUBTED_FOR, DOUBTS_AT_ONCE)
    for delivery_id, leg_id in doubted:
        async with means.begin(merchant_id) as work:
            delivery = await work.deliveries.get(delivery_id, lock=True)
            leg = next((one for one in delivery.legs if one.id == leg_id), None) if delivery else None
            if delivery is None or leg is None or leg.doubted_at is None:
                continue
            await work.deliveries.put(delivery.with_leg(replace(leg, doubted_at=now)))
            await work.emit(BookingInDoubt(merchant_id, delivery_id, leg_id))
