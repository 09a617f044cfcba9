"""What outgoing webhooks say: ids and a small state. Written down in docs/webhooks.md, with its version.

Whoever wants more asks the API for the id. No personal data, unless the endpoint asks for it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from doorstep.address import Address
from doorstep.delivery import Courier, Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta
from doorstep.incident import Incident
from doorstep.money import Money
from doorstep.order import Order
from doorstep.quote import VehicleKind
from doorstep.return_request import ReturnRequest
from doorstep.route import Route, Stop, StopStatus
from doorstep.webhook import WebhookEndpoint, WebhookTopic

BODY_VERSION = "1"
"""Grows when a field goes away or changes its meaning; new fields come without notice."""

ETA_STEP = timedelta(minutes=5)
"""An arrival time that moves by less is not worth a call."""


@dataclass(frozen=True, slots=True)
class Word:
    """What is to be told of one thing.

    Attributes
    ----------
    state
        As JSON; without personal data.
    personal
        What is added for endpoints that asked for it.
    leaves_out
        Keys of the state that by themselves are no news.
    """

    topic: WebhookTopic
    subject_id: str
    state: dict[str, object]
    personal: dict[str, object]
    leaves_out: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The same for what says the same."""
        said = {name: value for name, value in self.state.items() if name not in self.leaves_out}
        return hashlib.sha256(_written({**said, **self.personal}).encode()).hexdigest()

    def body(self, endpoint: WebhookEndpoint, at: datetime) -> str:
        """The JSON that is signed and sent."""
        data = {**self.state, **(self.personal if endpoint.with_personal_data else {})}
        envelope = {
            "type": self.topic.lower().replace("_", ".", 1),
            "version": BODY_VERSION,
            "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "data": data,
        }
        return _written(envelope)


def of_order(order: Order) -> Word:
    """An order that came in or changed."""
    state: dict[str, object] = {
        "order_id": order.id,
        "store_id": order.store_id,
        "external_id": order.external_id,
        "number": order.number,
        "status": order.status,
        "placed_at": _instant(order.placed_at),
        "fulfillment_order_ids": [unit.id for unit in order.fulfillment_orders],
    }
    return Word(WebhookTopic.ORDER_RECEIVED, order.id, state, {"destination": _place(order.destination)})


def of_delivery(delivery: Delivery, tracking_link: str, *, is_new: bool) -> Word:
    """A delivery that was booked, or went on.

    Parameters
    ----------
    delivery
        As webhooks may see it: `doorstep.visibility.as_seen`.
    """
    eta, promise = delivery.eta, delivery.promise
    state: dict[str, object] = {
        "delivery_id": delivery.id,
        "order_id": delivery.order_id,
        "fulfillment_order_id": delivery.fulfillment_order_id,
        "reference": delivery.reference,
        "status": delivery.status,
        "stage": delivery.stage,
        "promised": None if promise is None else _span(promise.window.start, promise.window.end),
        "eta": None if eta is None else {"at": _instant(eta.at), "stops_before": eta.stops_before},
        "eta_about": None if eta is None else _about(eta),
        "leg": None if delivery.active_leg is None else _leg(delivery.active_leg),
        "updated_at": _instant(delivery.updated_at),
    }
    personal: dict[str, object] = {
        "destination": _place(delivery.destination),
        "tracking_link": tracking_link,
        **_courier(delivery.active_leg),
    }
    return Word(_topic(delivery, is_new), delivery.id, state, personal, ("eta", "updated_at"))


def of_incident(incident: Incident) -> Word:
    """An incident that was raised or is over."""
    topic = WebhookTopic.EXCEPTION_RAISED if incident.is_live else WebhookTopic.EXCEPTION_RESOLVED
    state: dict[str, object] = {
        "exception_id": incident.id,
        "kind": incident.kind,
        "severity": incident.severity,
        "status": incident.status,
        "title": incident.title,
        "delivery_id": incident.delivery_id,
        "fulfillment_order_id": incident.fulfillment_order_id,
        "raised_at": _instant(incident.raised_at),
        "due_at": _instant(incident.due_at),
        "resolution": incident.resolution,
    }
    return Word(topic, incident.id, state, {})


def of_route(route: Route) -> Word:
    """A tour as its driver was told it; without what they leave out."""
    state: dict[str, object] = {
        "route_id": route.id,
        "route_plan_id": route.plan_id,
        "driver_id": route.driver_id,
        "date": route.date,
        "status": route.status,
        "starts_at": _instant(route.starts_at),
        "ends_at": _instant(route.ends_at),
        "distance_m": route.distance_m,
        "driving_s": route.driving_s,
        "stops": [_stop(stop) for stop in route.stops if stop.status is not StopStatus.SKIPPED],
        "version": route.version,
    }
    return Word(WebhookTopic.ROUTE_PUBLISHED, route.id, state, {}, ("version",))


def of_return(request: ReturnRequest) -> Word:
    """A return that was asked for, or went on."""
    cost, pickup = request.cost, request.pickup
    state: dict[str, object] = {
        "return_id": request.id,
        "order_id": request.order_id,
        "fulfillment_order_id": request.unit_id,
        "delivery_id": request.delivery_id,
        "status": request.status,
        "reason": request.reason,
        "method": request.method,
        "lines": [{"external_id": one.line_external_id, "quantity": one.quantity} for one in request.lines],
        "pickup": None if pickup is None else _span(pickup.start, pickup.end),
        "due_at": _instant(request.due_at),
        "received_at": None if request.received_at is None else _instant(request.received_at),
        "cost": None if cost is None else _money(cost),
        "version": request.version,
    }
    # A label shows who sends the parcel.
    personal: dict[str, object] = {"label_url": request.label_url or None}
    return Word(WebhookTopic.RETURN_UPDATED, request.id, state, personal, ("version",))


def of_test(endpoint: WebhookEndpoint) -> Word:
    """A call that somebody asked for to see whether it arrives."""
    return Word(WebhookTopic.TEST, endpoint.id, {"endpoint_id": endpoint.id, "name": endpoint.name}, {})


def _topic(delivery: Delivery, is_new: bool) -> WebhookTopic:
    if delivery.status is DeliveryStatus.CANCELLED:
        return WebhookTopic.DELIVERY_CANCELLED
    if delivery.is_over:
        return WebhookTopic.DELIVERY_COMPLETED
    return WebhookTopic.DELIVERY_BOOKED if is_new else WebhookTopic.DELIVERY_UPDATED


def _stop(stop: Stop) -> dict[str, object]:
    return {
        "stop_id": stop.id,
        "sequence": stop.sequence,
        "kind": stop.kind,
        "delivery_id": stop.delivery_id or None,
        "planned_arrival": _instant(stop.planned_arrival),
    }


def _leg(leg: Leg) -> dict[str, object]:
    return {
        "leg_id": leg.id,
        "carrier": leg.carrier,
        "service": leg.service,
        "mode": leg.mode,
        "direction": leg.direction,
        "tracking_number": leg.tracking_number,
    }


def _courier(leg: Leg | None) -> dict[str, object]:
    """Who brings it and from where; nothing of what webhooks may not see."""
    courier, position = (None, None) if leg is None else (leg.courier, leg.position)
    said: dict[str, object] = {}
    if courier is not None:
        said["courier"] = _known(courier)
    if position is not None:
        said["position"] = {
            "latitude": position.location.lat,
            "longitude": position.location.lng,
            "recorded_at": _instant(position.recorded_at),
        }
    return said


def _known(courier: Courier) -> dict[str, object]:
    found = {"name": courier.display_name, "vehicle": courier.vehicle, "phone": courier.proxy_phone}
    return {name: value for name, value in found.items() if value and value != VehicleKind.OTHER}


def _place(address: Address | None) -> dict[str, object] | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "company": address.company,
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        "province_code": address.province,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "phone": address.phone,
        "email": address.email,
    }


def _money(money: Money) -> dict[str, object]:
    return {"amount": money.amount, "currency_code": money.currency, "minor_units": money.minor}


def _about(eta: Eta) -> str:
    step_s = ETA_STEP.total_seconds()
    return _instant(datetime.fromtimestamp(eta.at.timestamp() // step_s * step_s, UTC))


def _span(start: datetime, end: datetime) -> dict[str, object]:
    return {"start": _instant(start), "end": _instant(end)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
