"""Pin: a shopper, or a person for them, shows on the map where the door is."""

from __future__ import annotations

from dataclasses import replace

from doorstep.booking import BookingChange
from doorstep.delivery import Delivery
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import InvalidInput, NotFound, RemoteError, StateConflict
from doorstep.geo import LatLng, distance_m
from doorstep.incident import IncidentKind
from doorstep.ports import ChangesBookings
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import settle

FARTHEST_M = 1_000
"""From where the map has the address: what lies farther away is another address, and another price."""

ON_TOUR_M = 250
"""A van whose tour is told goes to the same corner; farther away the tour would no longer be right."""


def may_correct(delivery: Delivery) -> bool:
    """Whether a shopper is asked for it: an own van has not left for the door yet."""
    leg = delivery.active_leg
    has_left = RANK.get(delivery.status, 0) >= RANK[DeliveryStatus.OUT_FOR_DELIVERY]
    return leg is not None and leg.mode is DeliveryMode.OWN_FLEET and not delivery.is_over and not has_left


async def correct_pin(means: Means, merchant_id: str, delivery_id: str, pin: LatLng) -> Delivery:
    """Put the door somewhere else on the map; the words of the address stay.

    Raises
    ------
    NotFound
        If there is no such delivery.
    InvalidInput
        If the pin is not near the address.
    StateConflict
        If the delivery is over, its tour is told and too far away, or its carrier takes no such change.
    """
    async with means.begin(merchant_id) as work:
        delivery = await _found(work, delivery_id)
        _require_near(delivery, pin)
    await _tell_carrier(means, delivery, pin)
    async with means.begin(merchant_id) as work:
        current = await _found(work, delivery_id, lock=True)
        _require_near(current, pin)
        now = means.clock.now()
        changed = replace(
            current,
            destination=current.destination.at(pin),
            updated_at=now,
            version=current.version + 1,
        )
        await work.deliveries.put(changed)
        work.announce("delivery", delivery_id)
        note = "The door was shown on the map."
        await settle(work, delivery_id, {IncidentKind.ADDRESS_PROBLEM}, note, now)
        return changed


def _require_near(delivery: Delivery, pin: LatLng) -> None:
    if delivery.is_over:
        raise StateConflict(f"It is {delivery.status} and takes no changes.", current_id=delivery.id)
    place = delivery.destination.location
    if place is None:
        return
    off_m = distance_m(place, pin)
    if off_m > FARTHEST_M:
        text = f"The pin is {round(off_m)} m from the address; a new address is for the shop to change."
        raise InvalidInput(text, path=("input", "pin"))
    if delivery.driver_id is not None and off_m > ON_TOUR_M:
        text = "A van is to bring it already, and the pin is too far from its way; write to the driver."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)


async def _tell_carrier(means: Means, delivery: Delivery, pin: LatLng) -> None:
    leg = delivery.active_leg
    if leg is None or leg.mode is DeliveryMode.OWN_FLEET or not leg.external_id:
        return
    linked = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if linked is None or not isinstance(linked.connector, ChangesBookings):
        raise StateConflict("Whoever brings it takes no changes.", current_id=delivery.id)
    change = BookingChange(dropoff=delivery.destination.at(pin))
    try:
        await linked.connector.change(leg.external_id, change, means.booking_budget_s)
    except RemoteError as refusal:
        text = "Whoever brings it does not go by another place on the map any more."
        raise StateConflict(text, current_id=delivery.id) from refusal


async def _found(work: UnitOfWork, delivery_id: str, *, lock: bool = False) -> Delivery:
    delivery = await work.deliveries.get(delivery_id, lock=lock)
    if delivery is None:
        raise NotFound(delivery_id, path=("input", "deliveryId"))
    return delivery
