"""Hand on: what no van can take in time goes to the next carrier in rank, with the planner's reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import LegLost
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from doorstep.route_solution import UnassignedReason, UnassignedVisit
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import Alarm, raise_incident

LAST_CALL = timedelta(minutes=30)
"""A delivery whose window begins later may still find its place in a later plan."""

_NOT_LOADED = (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)


async def hand_on_unassigned(
    work: UnitOfWork, unassigned: Sequence[UnassignedVisit], deliveries: Mapping[str, Delivery], now: datetime
) -> int:
    """Give up the own fleet's booking of what stayed unassigned and is due; others are asked for it.

    Returns
    -------
    int
        How many were handed on.
    """
    count = 0
    for visit in unassigned:
        delivery = deliveries.get(visit.visit_id)
        is_due = delivery is not None and delivery.promise is not None
        if delivery is None or not is_due or _begins(delivery) > now + LAST_CALL:
            continue
        count += await _give_up(work, delivery, visit.reasons[0] if visit.reasons else None, now)
    return count


def _begins(delivery: Delivery) -> datetime:
    return delivery.promise.window.start if delivery.promise else delivery.created_at


async def _give_up(
    work: UnitOfWork, delivery: Delivery, reason: UnassignedReason | None, now: datetime
) -> bool:
    leg = delivery.active_leg
    if leg is None or leg.mode is not DeliveryMode.OWN_FLEET or leg.status not in _NOT_LOADED:
        return False  # a courier has it since the plan was made, or a van does
    why = reason.text if reason else "No van can take it."
    lost = replace(leg, status=DeliveryStatus.FAILED, raw_status=reason.code if reason else "", ended_at=now)
    changed = replace(
        delivery.with_leg(lost),
        status=DeliveryStatus.SEARCHING,
        driver_id=None,
        eta=None,
        late_risk=None,
        updated_at=now,
        version=delivery.version + 1,
    )
    await work.deliveries.put(changed)
    await work.deliveries.add_event(
        leg_event(delivery, leg, DeliveryStatus.SEARCHING, EventSource.RULE, why, key="unassigned", at=now)
    )
    alarm = Alarm(
        IncidentKind.NO_COURIER,
        title=f"{delivery.reference}: no van can take it",
        evidence=why,
        delivery_id=delivery.id,
        leg_id=leg.id,
    )
    await raise_incident(work, alarm, now)
    work.announce("delivery", delivery.id)
    await work.emit(LegLost(delivery.merchant_id, delivery.id, leg.id))
    return True
