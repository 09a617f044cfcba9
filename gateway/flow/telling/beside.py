"""Other parts of what a store shows as one: told with each of them, so that none makes way for another."""

from __future__ import annotations

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.report import OtherPart
from gateway.flow.ports import UnitOfWork
from gateway.flow.sourcing.parts import siblings

_LOST = frozenset({DeliveryStatus.FAILED, DeliveryStatus.RETURNED})
_HOLDS = frozenset({IncidentKind.ADDRESS_PROBLEM, IncidentKind.NO_COURIER})
"""What a store is told to hold for, see `report`."""


async def parts_beside(work: UnitOfWork, order: Order, unit: FulfillmentOrder) -> tuple[OtherPart, ...]:
    """How the other parts of a fulfillment order of the store stand; () where it was not cut."""
    return tuple([await _part(work, one) for one in siblings(unit, order.fulfillment_orders)])


async def _part(work: UnitOfWork, unit: FulfillmentOrder) -> OtherPart:
    delivery = await work.deliveries.latest_of(unit.id)
    is_carried = delivery is not None and not delivery.is_over
    waits = not is_carried and any(one.kind in _HOLDS for one in await work.incidents.live_of(unit.id))
    return OtherPart(
        delivery_id=delivery.id if delivery else "",
        lines=unit.lines,
        is_delivered=(
            unit.status is FulfillmentOrderStatus.DELIVERED
            or (delivery is not None and delivery.status is DeliveryStatus.DELIVERED)
        ),
        has_failed=delivery is not None and delivery.status in _LOST,
        waits=waits and unit.status is not FulfillmentOrderStatus.CANCELLED,
    )
