"""Roadie's events and states in our words. Unknown ones stay unknown and are kept raw.

Events are those that karrio's mapper knows. Of the states, "scheduled", "assigned" and "delivered" stand in
recorded answers; the others were seen in public integrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, children, instant, text

EVENTS: dict[str, DeliveryStatus] = {
    "driver_assigned": DeliveryStatus.COURIER_ASSIGNED,
    "at_pickup": DeliveryStatus.AT_PICKUP,
    "pickup_confirmed": DeliveryStatus.PICKED_UP,
    "en_route_to_delivery": DeliveryStatus.OUT_FOR_DELIVERY,
    "driver_approaching_delivery": DeliveryStatus.AT_DROPOFF,
    "at_delivery": DeliveryStatus.AT_DROPOFF,
    "delivery_confirmed": DeliveryStatus.DELIVERED,
    "delivery_attempted": DeliveryStatus.ATTEMPT_FAILED,
    "returned": DeliveryStatus.RETURNED,
    "canceled": DeliveryStatus.CANCELLED,
}

STATES: dict[str, DeliveryStatus] = {
    "scheduled": DeliveryStatus.BOOKED,
    "assigned": DeliveryStatus.COURIER_ASSIGNED,
    "en_route_to_pickup": DeliveryStatus.TO_PICKUP,
    "at_pickup": DeliveryStatus.AT_PICKUP,
    "en_route_to_dropoff": DeliveryStatus.OUT_FOR_DELIVERY,
    "at_dropoff": DeliveryStatus.AT_DROPOFF,
    "attempted": DeliveryStatus.ATTEMPT_FAILED,
    "delivered": DeliveryStatus.DELIVERED,
    "returned": DeliveryStatus.RETURNED,
    "canceled": DeliveryStatus.CANCELLED,
    "expired": DeliveryStatus.FAILED,
}

_LAST_WORDS = frozenset({"delivered", "returned", "canceled", "expired"})
_UNTAKEN = frozenset({"", "scheduled"})
IMMINENT = frozenset({"driver_approaching_delivery", "at_delivery", "at_dropoff"})

CANCEL_CODES = frozenset({"item_not_ready", "other"})
"""What we give as `code` when we call off; the first is recorded, the second assumed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a shipment stands, in Roadie's word and in ours, and what went wrong if anything did.

    Attributes
    ----------
    at
        Since when; None where Roadie does not say.
    """

    raw: str
    status: DeliveryStatus
    at: datetime | None = None
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(shipment: Json, event: Json) -> Standing:
    """Read a shipment, and an event where a message is about one.

    A state that ends a shipment has the last word; before that an event says more than the state.
    """
    state = text(shipment, "state")
    newest = event or newest_event(shipment)
    name = text(newest, "name")
    if name and (event or state not in _LAST_WORDS):
        return _of_event(name, newest, shipment)
    status = STATES.get(state, DeliveryStatus.UNKNOWN)
    at = instant(shipment, "updated_at")
    if status is DeliveryStatus.CANCELLED:
        trouble, reason = _why_cancelled(shipment)
        return Standing(state, status, at, trouble, reason)
    if state == "expired":
        return Standing(state, status, at, IncidentKind.NO_COURIER, state)
    return Standing(state, status, at)


def newest_event(shipment: Json) -> Json:
    """The last thing that happened, {} before anything did."""
    dated = [(at, event) for event in children(shipment, "events") if (at := instant(event, "occurred_at"))]
    return max(dated, key=lambda pair: pair[0])[1] if dated else {}


def is_untaken(shipment: Json) -> bool:
    """Whether no driver has taken it yet."""
    return text(shipment, "state") in _UNTAKEN


def _of_event(name: str, event: Json, shipment: Json) -> Standing:
    status = EVENTS.get(name, DeliveryStatus.UNKNOWN)
    at = instant(event, "occurred_at")
    if status is DeliveryStatus.CANCELLED:
        trouble, reason = _why_cancelled(shipment)
        return Standing(name, status, at, trouble, reason)
    if status is DeliveryStatus.ATTEMPT_FAILED:
        # Roadie tells no reason that anybody has published.
        return Standing(name, status, at, IncidentKind.OTHER, name)
    return Standing(name, status, at)


def _why_cancelled(shipment: Json) -> tuple[IncidentKind | None, str]:
    code = text(shipment, "cancellation_code")
    return (None if code in CANCEL_CODES else IncidentKind.COURIER_CANCELLED), code
