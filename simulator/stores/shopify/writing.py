"""Which body belongs to which webhook topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulator.stores.shopify import letters
from simulator.stores.shopify.letters import Payload, Writing
from simulator.stores.shopify.records import OrderRecord, Place
from simulator.stores.shopify.unit_letters import unit_payload
from simulator.stores.shopify.units import UnitRecord


class Scribe:
    """Writes for one shop.

    Attributes
    ----------
    shows_personal_data
        Whether the app was approved for protected customer data.
    presentment
        Currency that shoppers see, and its minor units per minor unit of the shop's.
    """

    def __init__(self, time_zone: str, presentment: tuple[str, int]) -> None:
        self.shows_personal_data = True
        self.presentment = presentment
        self._zone = ZoneInfo(time_zone)

    def write(self, topic: str, subject: Any, now: datetime) -> tuple[Payload, str]:
        """The body, and the gid of what it is about."""
        write = Writing(self._zone, self.shows_personal_data, self.presentment)
        if isinstance(subject, dict):
            return subject, str(subject.get("admin_graphql_api_id", ""))
        if isinstance(subject, Place):
            return letters.place_payload(write, subject, now), subject.gid
        family = next((start for start in _WRITERS if topic.startswith(start)), None)
        return _WRITERS[family](write, topic, subject) if family else _of_order(write, topic, subject)


def _of_order(write: Writing, topic: str, subject: Any) -> tuple[Payload, str]:
    if topic == "ORDERS_EDITED":
        edited, additions, removals = subject
        edit: Payload = {
            "id": edited.number + 2,
            "order_id": edited.number,
            "created_at": write.stamp(edited.updated_at),
            "line_items": {
                "additions": [{"id": line.number, "delta": pieces} for line, pieces in additions],
                "removals": [{"id": line.number, "delta": pieces} for line, pieces in removals],
            },
        }
        return {"order_edit": edit}, edited.gid
    order: OrderRecord = subject
    if topic == "ORDERS_DELETE":
        return {"id": order.number}, order.gid
    return letters.order_payload(write, order), order.gid


def _unit_of(subject: Any) -> UnitRecord:
    if isinstance(subject, UnitRecord):
        return subject
    if isinstance(subject, tuple):
        return _unit_of(subject[0])
    unit = getattr(subject, "moved", None) or subject.unit
    assert isinstance(unit, UnitRecord)  # noqa: S101 - Moved, Split and Merged are all that is left
    return unit


def _of_unit(write: Writing, topic: str, subject: Any) -> tuple[Payload, str]:
    return unit_payload(write, topic, subject), _unit_of(subject).gid


def _of_event(write: Writing, _topic: str, subject: Any) -> tuple[Payload, str]:
    shipment, event = subject
    return letters.event_payload(write, shipment, event), shipment.order.gid


_WRITERS: Mapping[str, Callable[[Writing, str, Any], tuple[Payload, str]]] = {
    "FULFILLMENT_ORDERS_": _of_unit,
    "FULFILLMENT_HOLDS_": _of_unit,
    "FULFILLMENT_EVENTS_": _of_event,
    "FULFILLMENTS_": lambda write, _, subject: (letters.fulfillment_payload(write, subject), subject.gid),
    "REFUNDS_": lambda write, _, subject: (letters.refund_payload(write, subject), subject.order.gid),
    "RETURNS_": lambda write, _, subject: (letters.return_payload(write, subject), subject.order.gid),
}
