"""Live messages."""

from __future__ import annotations

from datetime import datetime

import strawberry

from gateway.api.marks import ANYONE, BY_DRIVER, SHOPPER, interface, part, shape
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import DriverPosition
from gateway.api.types.enums import UpdateKind
from gateway.api.types.exceptions import DeliveryException
from gateway.api.types.plans import RoutePlan
from gateway.api.types.routes import MOST_STOPS, Route
from gateway.api.types.tracking import Tracking

MOST_MOVED = 2000


@interface(to=ANYONE)
class LiveUpdate:
    """A live message. First the state now (SNAPSHOT), closed by one CHECKPOINT; then CHANGEs. Keep the last
    cursor and pass it as `after` when the socket comes back: what was missed follows, or, if that is too long
    ago, RESET and a new snapshot. Apply each as put-by-id: a message may come twice.
    """

    cursor: str
    kind: UpdateKind
    sent_at: datetime


@shape(to=SHOPPER)
class TrackingUpdate(LiveUpdate):
    """For the shopper's page."""

    tracking: Tracking | None = part("Null on CHECKPOINT and RESET.")


@shape()
class DeliveryUpdate(LiveUpdate):
    """For boards and back ends."""

    delivery: Delivery | None = part("Null on CHECKPOINT and RESET.")
    left_filter: bool = part("It no longer matches the filter.")


@shape()
class ExceptionUpdate(LiveUpdate):
    """For the queue."""

    exception: DeliveryException | None = part("Null on CHECKPOINT and RESET.")
    left_filter: bool = part("It no longer matches the filter.")


@shape()
class DriverPositionsUpdate(LiveUpdate):
    """Positions are gathered for a while and only the newest of each driver is sent; nothing is repeated."""

    moved: list[DriverPosition] = part(most=MOST_MOVED, usual=50)


@shape(to=BY_DRIVER)
class RouteUpdate(LiveUpdate):
    """For the driver's phone and the dispatcher's board."""

    route_id: strawberry.ID | None = part("Null on CHECKPOINT and RESET.")
    route: Route | None = part("Null on CHECKPOINT and RESET, and for a driver whose tour it is no more.")
    changed_stop_ids: list[strawberry.ID] = part(
        "Put otherwise, at another time or in another state than in the message before; empty in the first.",
        most=MOST_STOPS,
        usual=10,
    )
    left_filter: bool = part("It went to another driver.")


@shape()
class RoutePlanUpdate(LiveUpdate):
    """For the planner."""

    plan: RoutePlan | None = part("Null on CHECKPOINT and RESET.")
