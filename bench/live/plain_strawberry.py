"""What is compared with: Strawberry as its documentation has it, which asks nobody who is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL

from bench.live import scene
from bench.live.raw import Topics
from doorstep.position import Position as Fix


@strawberry.enum
class Status(Enum):
    """As the gateway's."""

    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"


@strawberry.enum
class Stage(Enum):
    """As the gateway's."""

    ON_THE_WAY = "ON_THE_WAY"


@strawberry.enum
class Kind(Enum):
    """As the gateway's."""

    CHANGE = "CHANGE"


@strawberry.enum
class Hidden(Enum):
    """As the gateway's."""

    FINISHED = "FINISHED"


@strawberry.type
class LatLng:
    """As the gateway's."""

    latitude: float
    longitude: float


@strawberry.type
class Position:
    """As the gateway's."""

    location: LatLng
    recorded_at: datetime
    age_seconds: int
    heading_degrees: int | None
    speed_meters_per_second: float | None
    accuracy_meters: int | None


@strawberry.type
class Eta:
    """As the gateway's."""

    at: datetime


@strawberry.type
class Tracking:
    """As the gateway's."""

    id: strawberry.ID
    status: Status
    stage: Stage
    headline: str
    eta: Eta | None
    position: Position | None
    position_hidden: Hidden | None


@strawberry.type
class TrackingUpdate:
    """As the gateway's."""

    cursor: str
    kind: Kind
    sent_at: datetime
    tracking: Tracking | None


class Strawberry:
    """Plain Strawberry; see `bench.live.server`."""

    def __init__(self, topics: int) -> None:
        self._topics = told = Topics(topics)
        self.greetings = [str(number) for number in range(topics)]
        self._ids = [scene.delivery(number).id for number in range(topics)]
        ids = self._ids

        @strawberry.type
        class Query:
            """There must be one."""

            nothing: int = 0

        @strawberry.type
        class Subscription:
            """One field."""

            @strawberry.subscription
            async def tracking_updated(self, info: strawberry.Info) -> AsyncGenerator[TrackingUpdate]:
                """What is put on the topic that the connection named."""
                number = int(info.context["connection_params"]["authorization"].removeprefix("Bearer "))
                queue: asyncio.Queue[Fix] = asyncio.Queue()
                told.queues[number].add(queue)
                try:
                    yield _update(ids[number], scene.here())
                    while True:
                        yield _update(ids[number], await queue.get())
                finally:
                    told.queues[number].discard(queue)

        schema = strawberry.Schema(query=Query, subscription=Subscription)
        served: Any = GraphQL(schema)
        self.app = Starlette(routes=[WebSocketRoute("/graphql", served)])

    def publish(self, numbers: Sequence[int]) -> None:
        """Tell that the vans of these topics moved."""
        for number in numbers:
            self._topics.put(number, scene.here())


def _update(id_: str, fix: Fix) -> TrackingUpdate:
    now = datetime.now(UTC)
    place = LatLng(latitude=fix.location.lat, longitude=fix.location.lng)
    position = Position(
        location=place,
        recorded_at=fix.recorded_at,
        age_seconds=0,
        heading_degrees=90,
        speed_meters_per_second=fix.speed_mps,
        accuracy_meters=8,
    )
    tracking = Tracking(
        id=strawberry.ID(id_),
        status=Status.OUT_FOR_DELIVERY,
        stage=Stage.ON_THE_WAY,
        headline="Your order is on its way",
        eta=Eta(at=now),
        position=position,
        position_hidden=None,
    )
    return TrackingUpdate(cursor="0f0f0f0f-0-0-0-0", kind=Kind.CHANGE, sent_at=now, tracking=tracking)
