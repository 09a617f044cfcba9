"""Raise: a carrier's couriers are offered more beside the price, so that one of them takes the job."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery import Delivery, Leg
from doorstep.money import Money
from doorstep.ports import RaisesOffers
from gateway.flow.ports import Means


async def offer_more(
    means: Means, connector: RaisesOffers, delivery: Delivery, leg: Leg, wanted: Money
) -> Money:
    """Offer so much in all and keep what stands; a repeat changes nothing.

    Raises
    ------
    RemoteRefused
        If somebody has taken the job, or the carrier takes no such amount.
    RemoteError
        If it could not be asked.
    """
    stands = await connector.raise_offer(leg.external_id, wanted, means.booking_budget_s)
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        kept = next((one for one in current.legs if one.id == leg.id), None) if current else None
        if current is not None and kept is not None and kept.extra != stands:
            await work.deliveries.put(current.with_leg(replace(kept, extra=stands)))
    return stands


def said_of_offer(name: str, leg: Leg, stands: Money) -> str:
    """What was offered, for dispatchers; people call the account `name`."""
    return f"Nobody is assigned: offered the couriers of {name} {stands} beside the price of {leg.price}."
