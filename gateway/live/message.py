"""What goes from whoever changed something to whoever watches it: ids, and positions, never state.

A watcher reads the state anew, so a message that comes twice does no harm and none can be stale.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from doorstep.position import Position

_IDS = re.compile(r"[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*")


class LiveKind(StrEnum):
    """What a message says."""

    CHANGED = "CHANGED"
    """Read the entity anew. Never lost without a RESET."""

    MOVED = "MOVED"
    """A position; only the latest of each entity is delivered."""

    RESET = "RESET"
    """Some messages were missed: forget what you hold and take a snapshot."""


class LiveMessage(msgspec.Struct, frozen=True):
    """One message.

    Attributes
    ----------
    cursor
        Opaque; resumes after this message. "" until it is published.
    topic
        What one subscribes to, made by a function of this module; "" on RESET.
    entity_id
        The delivery, exception, driver, plan or route; "" on RESET.
    position
        Where it is, on MOVED. Personal data.
    """

    cursor: str
    topic: str
    entity_id: str
    kind: LiveKind
    position: Position | None = None


def delivery(merchant_id: str, delivery_id: str) -> str:
    """Topic of one delivery: the shopper's page."""
    return _topic(merchant_id, "delivery", delivery_id)


def deliveries(merchant_id: str) -> str:
    """Topic of all deliveries of a merchant: the dispatcher's list."""
    return _topic(merchant_id, "deliveries")


def exceptions(merchant_id: str) -> str:
    """Topic of all delivery exceptions of a merchant."""
    return _topic(merchant_id, "exceptions")


def drivers(merchant_id: str) -> str:
    """Topic of where a merchant's drivers are; what moves there is kept as their last position."""
    return _topic(merchant_id, "drivers")


def plan(merchant_id: str, plan_id: str) -> str:
    """Topic of the progress of one route plan."""
    return _topic(merchant_id, "plan", plan_id)


def route(merchant_id: str, route_id: str) -> str:
    """Topic of one tour: its driver's phone."""
    return _topic(merchant_id, "route", route_id)


def tours(merchant_id: str, driver_id: str) -> str:
    """Topic of the tours that a driver has, gets or loses: the phone of a driver who waits for one."""
    return _topic(merchant_id, "tours", driver_id)


def merchant_of(topic: str) -> str:
    """Whose topic it is."""
    return topic.partition(":")[0]


def is_drivers(topic: str) -> bool:
    """Whether `drivers` made it."""
    return topic.endswith(":drivers")


def changed(topic: str, entity_id: str) -> LiveMessage:
    """Say that something changed."""
    return LiveMessage("", topic, entity_id, LiveKind.CHANGED)


def moved(topic: str, entity_id: str, position: Position) -> LiveMessage:
    """Say where something is: a driver on `drivers`, a delivery's courier on `delivery`."""
    return LiveMessage("", topic, entity_id, LiveKind.MOVED, position)


def delivery_changed(merchant_id: str, delivery_id: str) -> tuple[LiveMessage, LiveMessage]:
    """Say that a delivery changed, to its shopper and to the merchant's list."""
    return (
        changed(delivery(merchant_id, delivery_id), delivery_id),
        changed(deliveries(merchant_id), delivery_id),
    )


def _topic(*parts: str) -> str:
    # A part with a separator in it could spell another merchant's topic.
    topic = ":".join(parts)
    if topic.count(":") != len(parts) - 1 or not _IDS.fullmatch(topic):
        raise ValueError("a topic is made of ids: letters, digits, '_' and '-'")
    return topic
