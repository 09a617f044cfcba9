"""Courier: a booking with a courier who has not fetched the goods yet, and with whom it is."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery import Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import StateConflict
from doorstep.quote import DeliveryMode
from gateway.flow.dispatching.remedies import Late, concerns_machines
from gateway.flow.mending.action import Scene
from gateway.flow.mending.actions.seen import look
from gateway.flow.ports import LinkedCarrier, Means


@dataclass(frozen=True, slots=True)
class AtCourier:
    """A booking that something can be done about, with its carrier."""

    late: Late
    carrier: LinkedCarrier

    @property
    def name(self) -> str:
        """What people call the account."""
        return self.carrier.account.name


async def at_courier(scene: Scene, means: Means) -> AtCourier:
    """The courier's booking.

    Raises
    ------
    StateConflict
        If there is none that something can be done about, with why not.
    """
    async with means.begin(scene.incident.merchant_id) as work:
        seen = await look(work, scene)
    delivery, leg = seen.on_its_way, seen.leg
    if leg is None or not leg.is_live or not leg.external_id:
        raise StateConflict("Nobody has it.")
    late = Late(seen.merchant, delivery, leg, seen.incident, scene.now)
    if not concerns_machines(late):
        raise StateConflict(_why_not(leg))
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None:
        raise StateConflict(f"Its account with {leg.carrier} is linked no longer.")
    return AtCourier(late, carrier)


def _why_not(leg: Leg) -> str:
    if leg.mode is DeliveryMode.OWN_FLEET:
        return "An own van brings it; its tour can be planned again."
    if RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]:
        return f"{leg.carrier} has the goods already."
    return f"{leg.carrier} brings it as a parcel; no courier comes for it."
