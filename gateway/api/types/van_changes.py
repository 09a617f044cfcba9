"""What a dispatcher says of vans on the road, and of stops that are to stay where they are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep.visit import PinnedPlace
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, PlanInfeasible, RemoteRefused, StateConflict
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver
from gateway.api.types.routes import Route


@entry
class DelayRouteInput:
    """A van goes on, or leaves, only later."""

    route_id: strawberry.ID
    expected_version: int = part("Of the tour.")
    delay_seconds: int = part("From now on, or from when it was to leave: 60 to 43200.")


@entry
class PinStopInput:
    """Keep a stop with the driver who has it."""

    stop_id: strawberry.ID
    expected_route_version: int = part("Of its tour.")
    place: PinnedPlace | None = part("Where on the tour it has to be; absent for anywhere.", default=None)


@entry
class UnpinStopInput:
    """Let plans put a stop elsewhere again."""

    stop_id: strawberry.ID
    expected_route_version: int = part("Of its tour.")


@entry
class DropDriverInput:
    """A driver cannot go on."""

    driver_id: strawberry.ID
    until: datetime | None = part(
        "When they can drive again, in the future; once this shift is over where absent.", default=None
    )


@entry
class TakeBackDeliveryInput:
    """Goods that were on board of a van that has stopped are at the depot again."""

    delivery_id: strawberry.ID


@shape()
class DropDriverSuccess:
    """Others bring what is not loaded; of what is on board an exception is raised for each delivery."""

    driver: Driver
    stopped_routes: list[Route] = part("Their tours, all over now.", most=20, usual=1)


@shape()
class TakeBackDeliverySuccess:
    """The delivery, which waits for another van."""

    delivery: Delivery


@shape()
class DelayRouteSuccess:
    """The tour with its new times; where it comes too late now, tours are planned again to help it."""

    route: Route


@shape()
class PinStopSuccess:
    """The tour with the pin."""

    route: Route


@shape()
class UnpinStopSuccess:
    """The tour without the pin."""

    route: Route


DelayRouteResult = Annotated[
    DelayRouteSuccess | InvalidInput | NotFound | StateConflict | RemoteRefused,
    strawberry.union("DelayRouteResult", description="What delaying a van led to."),
]
PinStopResult = Annotated[
    PinStopSuccess | InvalidInput | NotFound | StateConflict | PlanInfeasible | RemoteRefused,
    strawberry.union("PinStopResult", description="What pinning a stop led to."),
]
DropDriverResult = Annotated[
    DropDriverSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("DropDriverResult", description="What a driver's falling out led to."),
]
TakeBackDeliveryResult = Annotated[
    TakeBackDeliverySuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("TakeBackDeliveryResult", description="What taking goods back to the depot led to."),
]
UnpinStopResult = Annotated[
    UnpinStopSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("UnpinStopResult", description="What letting go of a stop led to."),
]
