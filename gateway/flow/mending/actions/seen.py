"""Seen: what an incident is about, as it stands at the moment of looking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, Leg
from doorstep.errors import StateConflict
from doorstep.incident import Incident
from doorstep.merchant import Merchant
from doorstep.route import Route
from gateway.flow.mending.action import Scene
from gateway.flow.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Seen:
    """The incident with its surroundings.

    Attributes
    ----------
    incident
        As it is kept now; a step may have been thought of a while ago.
    """

    merchant: Merchant
    incident: Incident
    delivery: Delivery | None
    now: datetime

    @property
    def leg(self) -> Leg | None:
        """The booking that counts."""
        return self.delivery.active_leg if self.delivery is not None else None

    @property
    def about(self) -> Delivery:
        """The delivery; raises `StateConflict` where it is about none."""
        if self.delivery is None:
            raise StateConflict("It is about no delivery.")
        return self.delivery

    @property
    def on_its_way(self) -> Delivery:
        """A delivery that can still be mended; raises `StateConflict` where there is none."""
        delivery = self.about
        if delivery.is_over:
            raise StateConflict(f"The delivery is over: {delivery.status.replace('_', ' ').lower()}.")
        if delivery.is_cancel_requested:
            raise StateConflict("It is being called off.")
        return delivery


async def look(work: UnitOfWork, scene: Scene, *, lock: bool = False) -> Seen:
    """Read what a step needs; `lock` takes the delivery, then the incident, as everybody does."""
    delivery_id, incident_id = scene.incident.delivery_id, scene.incident.id
    delivery = await work.deliveries.get(delivery_id, lock=lock) if delivery_id else None
    incident = await work.incidents.get(incident_id, lock=lock)
    merchant = await work.accounts.merchant()
    return Seen(merchant, incident or scene.incident, delivery, scene.now)


async def with_next_door(work: UnitOfWork, seen: Seen) -> Seen:
    """The same; what is about a driver alone is about the delivery that the driver goes to next."""
    driver_id = seen.incident.driver_id
    if seen.delivery is not None or driver_id is None:
        return seen
    route = await tour_of(work, driver_id)
    stop = route.next_stop if route is not None else None
    delivery = await work.deliveries.get(stop.delivery_id) if stop is not None else None
    return replace(seen, delivery=delivery)


async def tour_of(work: UnitOfWork, driver_id: str) -> Route | None:
    """The tour that a driver is on, or goes on next; None where there is none with a door ahead."""
    theirs = [one for one in await work.routes.unfinished() if one.driver_id == driver_id and one.next_stop]
    return min(theirs, key=lambda one: one.starts_at, default=None)
