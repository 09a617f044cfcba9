"""What happened to a booking, as an event of its delivery. Pure."""

from __future__ import annotations

from datetime import datetime

from doorstep.delivery import Delivery, DeliveryEvent, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.ids import new_id


def leg_event(
    delivery: Delivery,
    leg: Leg,
    status: DeliveryStatus,
    source: EventSource,
    text: str,
    *,
    key: str,
    at: datetime,
    received_at: datetime | None = None,
    raw_status: str = "",
) -> DeliveryEvent:
    """The event; `key` names it among those of the leg, so that a repeat is known as one.

    Parameters
    ----------
    received_at
        When we heard of it, if that was later than it happened.
    """
    return DeliveryEvent(
        id=new_id("evt"),
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        leg_id=leg.id,
        status=status,
        occurred_at=at,
        received_at=received_at or at,
        source=source,
        source_event_id=f"{leg.id}:{key}",
        text=text,
        raw_status=raw_status,
    )
