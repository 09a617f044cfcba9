"""What a store should show of a fulfillment order: composed anew from what we know. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from doorstep.delivery import Delivery, DeliveryEvent, Leg, as_it_was
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import Incident, IncidentKind
from doorstep.order import FulfillmentLine, FulfillmentOrder, Order, ShippedWhen, Store
from doorstep.quote import DeliveryMode
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone, OtherPart

TEXTS = {
    DeliveryStatus.BOOKED: "Booked with {carrier}.",
    DeliveryStatus.LABEL_READY: "The label is ready.",
    DeliveryStatus.PICKED_UP: "Picked up by {carrier}.",
    DeliveryStatus.IN_TRANSIT: "On its way.",
    DeliveryStatus.OUT_FOR_DELIVERY: "Out for delivery.",
    DeliveryStatus.READY_FOR_COLLECTION: "Ready for collection.",
    DeliveryStatus.ATTEMPT_FAILED: "Delivery was attempted.",
    DeliveryStatus.DELIVERED: "Delivered.",
    DeliveryStatus.RETURNING: "On its way back.",
    DeliveryStatus.RETURNED: "Returned.",
    DeliveryStatus.FAILED: "The delivery failed.",
}
"""The steps that a store is told of. Words of our own: what carriers and drivers write may name people."""

_HOLDS = {
    IncidentKind.ADDRESS_PROBLEM: Hold(
        HoldReason.ADDRESS, "The map does not know the address. Please correct it."
    ),
    IncidentKind.NO_COURIER: Hold(
        HoldReason.NO_CARRIER, "No carrier can take it. Please choose another way."
    ),
}
_FAILED = Hold(HoldReason.FAILED_DELIVERY, "The delivery failed. Please decide what happens with the goods.")
_LOST = frozenset({DeliveryStatus.FAILED, DeliveryStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is known of one fulfillment order.

    Attributes
    ----------
    delivery
        The newest, if any.
    carrier
        What people call the account that it is booked with.
    shows_places
        Whether the store may know where the steps happened.
    carried
        What it carried when the store first heard of it; () before.
    beside
        The other parts of what the store shows as one.
    """

    store: Store
    order: Order
    unit: FulfillmentOrder
    delivery: Delivery | None
    events: Sequence[DeliveryEvent] = ()
    incidents: Sequence[Incident] = ()
    carrier: str = ""
    tracking_url: str = ""
    shows_places: bool = True
    carried: tuple[FulfillmentLine, ...] = ()
    beside: tuple[OtherPart, ...] = ()


def compose(standing: Standing) -> DeliveryReport:
    """The report of how it stands."""
    delivery, leg = standing.delivery, standing.delivery.active_leg if standing.delivery else None
    milestones = _milestones(standing)
    shipped = delivery is not None and is_shipped(delivery, leg, standing.store.shipped_when)
    return DeliveryReport(
        order_external_id=standing.order.external_id,
        unit_external_id=standing.unit.part_of or standing.unit.external_id,
        location_external_id=standing.unit.location_external_id,
        delivery_id=delivery.id if delivery else "",
        reference=delivery.reference if delivery else "",
        status=_status(delivery, milestones),
        is_shipped=shipped,
        lines=standing.carried or standing.unit.lines if delivery is not None else (),
        carrier=standing.carrier,
        service=leg.service if leg else "",
        tracking_number=leg.tracking_number if leg else "",
        tracking_url=standing.tracking_url,
        expected_at=delivery.eta.at if delivery and delivery.eta else None,
        milestones=milestones,
        hold=_hold(delivery, standing.incidents),
        notify_shopper=standing.store.notifies_shoppers,
        beside=standing.beside,
    )


def says_anything(report: DeliveryReport) -> bool:
    """Whether there is something to tell a store that has heard nothing yet."""
    return report.hold is not None or bool(report.delivery_id)


def digest_of(report: DeliveryReport) -> str:
    """The same for reports that ask for the same; when it is expected changes by the minute and asks for
    nothing by itself.
    """
    return hashlib.sha256(repr(replace(report, expected_at=None)).encode()).hexdigest()


def is_shipped(delivery: Delivery, leg: Leg | None, when: ShippedWhen) -> bool:
    """Whether the store should count the goods as sent.

    A parcel is from its label on, as with Shopify's own labels: the carrier's first scan may be hours away.
    """
    if delivery.status in {DeliveryStatus.CANCELLED, DeliveryStatus.FAILED} or leg is None:
        return any(one.picked_up_at is not None for one in delivery.legs)
    if delivery.status is DeliveryStatus.UNKNOWN:
        return False
    first = DeliveryStatus.PICKED_UP
    if when is ShippedWhen.BOOKED:
        first = DeliveryStatus.BOOKED
    elif leg.mode is DeliveryMode.PARCEL:
        first = DeliveryStatus.LABEL_READY
    return RANK[delivery.status] >= RANK[first] and bool(leg.external_id)


def _status(delivery: Delivery | None, milestones: Sequence[Milestone]) -> DeliveryStatus:
    """The step that it stands at; those between are nothing that a store shows."""
    if delivery is None:
        return DeliveryStatus.DRAFT
    if delivery.status in {DeliveryStatus.CANCELLED, DeliveryStatus.FAILED}:
        return delivery.status
    return milestones[-1].status if milestones else DeliveryStatus.BOOKED


def _milestones(standing: Standing) -> tuple[Milestone, ...]:
    steps: list[Milestone] = []
    for event in _in_time(as_it_was(standing.events)):
        text = TEXTS.get(event.status)
        is_repeat = bool(steps) and steps[-1].status is event.status
        if text is None or is_repeat or not event.tells_a_step:
            continue
        where = event.position.location if event.position and standing.shows_places else None
        carrier = standing.carrier or "the carrier"
        steps.append(
            Milestone(event.id, event.status, event.occurred_at, text.format(carrier=carrier), where)
        )
    return tuple(steps)


def _in_time(events: Iterable[DeliveryEvent]) -> Sequence[DeliveryEvent]:
    return sorted(events, key=lambda event: (event.occurred_at, event.id))


def _hold(delivery: Delivery | None, incidents: Iterable[Incident]) -> Hold | None:
    """What a person must mend before anybody can carry it; while somebody does, nothing is held."""
    if delivery is not None and delivery.status in _LOST:
        return _FAILED if any(True for _ in incidents) else None
    if delivery is not None and not delivery.is_over:
        return None
    return next((_HOLDS[one.kind] for one in incidents if one.kind in _HOLDS), None)
