"""Move: the store means goods to leave from another place than the one a carrier was sent to."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import RemoteRefused, StateConflict
from doorstep.events import UnitMoved
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident

WHY = "the store ships it from another place"


async def fetch_from_new_place(event: UnitMoved, means: Means) -> None:
    """Call off what goes to the old place and ask all carriers for the new one; too late is for a person."""
    unit_id = event.fulfillment_order_id
    async with means.begin(event.merchant_id) as work:
        unit = await work.orders.fulfillment_order(unit_id)
        delivery = await work.deliveries.live_of(unit_id)
    if unit is None or delivery is None or delivery.is_over or delivery.origin_id == unit.location_id:
        return
    if RANK.get(delivery.status, 0) >= RANK[DeliveryStatus.PICKED_UP]:
        return  # the goods have left, so that they were there after all
    try:
        await cancel_delivery(means, event.merchant_id, delivery.id, WHY)
    except StateConflict:
        return  # it ended by itself meanwhile
    except RemoteRefused as refusal:
        await _too_late(means, event.merchant_id, delivery.id, refusal)
        return
    async with means.begin(event.merchant_id) as work:
        unit = await work.orders.fulfillment_order(unit_id, lock=True)
        if unit is None or unit.status is not FulfillmentOrderStatus.DISPATCHED:
            return
        await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.OPEN))
    await dispatch_unit(means, event.merchant_id, unit_id, None, Wish())


async def _too_late(means: Means, merchant_id: str, delivery_id: str, refusal: RemoteRefused) -> None:
    async with means.begin(merchant_id) as work:
        alarm = Alarm(
            IncidentKind.MISSED_PICKUP,
            title="The goods lie somewhere else",
            evidence=f"The store moved them after the booking, and the carrier says: {refusal.message}",
            delivery_id=delivery_id,
            raw_code=refusal.raw_code,
        )
        await raise_incident(work, alarm, means.clock.now())
