"""Shipments as Roadie's JSON. The form of webhooks is ours: Roadie publishes none."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.carriers.roadie.ledger import Ask, Event, ShipmentRecord

type Made = dict[str, object]

_CARRIED = ("reference_id", "description", "items", "pickup_location", "delivery_location", "options")


def rfc3339(at: datetime) -> str:
    """Milliseconds and Z, as Roadie writes instants."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def estimate_json(ask: Ask, price: float) -> Made:
    """The answer to an estimate."""
    size = "small" if ask.pounds <= 20 else "medium" if ask.pounds <= 50 else "large"
    return {"price": price, "size": size, "estimated_distance": ask.distance_miles}


def event_json(event: Event) -> Made:
    """One event."""
    place = None if event.at is None else {"latitude": event.at.lat, "longitude": event.at.lng}
    return {"name": event.name, "occurred_at": rfc3339(event.occurred_at), "location": place}


def shipment_json(shipment: ShipmentRecord) -> Made:
    """The shipment of answers and webhooks."""
    ask = shipment.ask
    made: Made = {
        "id": shipment.id,
        "state": shipment.state,
        "pickup_after": rfc3339(ask.pickup_after),
        "deliver_between": {"start": rfc3339(ask.deliver_from), "end": rfc3339(ask.deliver_until)},
        "tracking_number": shipment.tracking_number,
        "price": shipment.price,
        "tip": shipment.tip,
        "estimated_distance": ask.distance_miles,
        "signatory_name": shipment.signatory_name or None,
        "events": [event_json(event) for event in shipment.events],
        "created_at": rfc3339(shipment.created_at),
        "updated_at": rfc3339(shipment.updated_at),
    }
    if shipment.driver:
        made["driver"] = {"name": shipment.driver, "phone": "7705550100"}
    if shipment.cancellation_code:
        made |= {
            "cancellation_code": shipment.cancellation_code,
            "cancellation_comment": shipment.cancellation_comment,
        }
    return made | {name: ask.body[name] for name in _CARRIED if name in ask.body}
