"""Check proof: what was handed over is looked at once, to see whether it was at its door."""

from __future__ import annotations

from doorstep.delivery import LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import DeliveryAdvanced
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import raise_if_new
from gateway.flow.watching.on_the_way import proof_mismatch


async def check_proof(event: DeliveryAdvanced, means: Means) -> None:
    """Show a person what was handed over elsewhere than at its door."""
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
        leg = delivery.active_leg if delivery is not None else None
        if delivery is None or leg is None or delivery.status is not DeliveryStatus.DELIVERED:
            return
        # A parcel carrier's places are its depots; what comes back is handed over in the shop.
        if leg.mode is DeliveryMode.PARCEL or leg.direction is LegDirection.RETURN:
            return
        rules = (await work.accounts.merchant()).watch
        for told in await work.deliveries.events(delivery.id):
            alarm = proof_mismatch(delivery, told, rules) if told.leg_id == leg.id else None
            if alarm is not None:
                await raise_if_new(work, alarm, rules, means.clock.now())
                return
