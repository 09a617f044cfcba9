"""Plans, routes and stops."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import route as ground
from doorstep.money import Money as GroundMoney
from doorstep.route import RoutePlanStatus, RouteStatus, StopStatus, UnassignedCode
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.problems import IdempotencyConflict, InvalidInput, NotFound
from gateway.api.scalars import Polyline
from gateway.api.types.deliveries import Delivery
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.places import LatLng

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
RouteRef = Annotated["Route", strawberry.lazy("gateway.api.types.routes")]
PlanRef = Annotated["RoutePlan", strawberry.lazy("gateway.api.types.routes")]


@shape()
class Stop:
    """One visit."""

    id: strawberry.ID
    sequence: int = part("1 is first.")
    status: StopStatus
    location: LatLng
    planned_arrival: datetime
    arrived_at: datetime | None
    departed_at: datetime | None
    service_seconds: int
    delivery_id: strawberry.Private[str]
    kept_route: strawberry.Private[ground.Route]

    @staticmethod
    def of(stop: ground.Stop, route: ground.Route) -> Stop:
        return Stop(
            id=strawberry.ID(stop.id),
            sequence=stop.sequence,
            status=stop.status,
            location=LatLng.of(stop.location),
            planned_arrival=stop.planned_arrival,
            arrived_at=stop.arrived_at,
            departed_at=stop.departed_at,
            service_seconds=stop.service_s,
            delivery_id=stop.delivery_id,
            kept_route=route,
        )

    @resolved(most=10, usual=1)
    async def deliveries(self, info: Info) -> list[Delivery]:
        """What is handed over there."""
        found = await info.context.loaders.delivery.load(self.delivery_id)
        return [] if found is None else [Delivery.of(found)]

    @resolved()
    def route(self) -> RouteRef:
        """The tour it is on."""
        return Route.of(self.kept_route)


@shape()
class Route(Node):
    """One driver's tour."""

    version: int
    date: dt.date
    status: RouteStatus
    starts_at: datetime
    ends_at: datetime
    origin: LatLng
    path: Polyline | None
    distance_meters: int
    driving_seconds: int
    is_approximate: bool = part("Without a road map; distances are estimates.")
    kept: strawberry.Private[ground.Route]

    @staticmethod
    def of(kept: ground.Route) -> Route:
        return Route(
            id=strawberry.ID(kept.id),
            version=kept.version,
            date=dt.date.fromisoformat(kept.date),
            status=kept.status,
            starts_at=kept.starts_at,
            ends_at=kept.ends_at,
            origin=LatLng.of(kept.origin),
            path=Polyline(kept.polyline) if kept.polyline else None,
            distance_meters=kept.distance_m,
            driving_seconds=kept.driving_s,
            is_approximate=kept.is_approximate,
            kept=kept,
        )

    @resolved(most=300, usual=40)
    def stops(self) -> list[Stop]:
        """In the order of driving."""
        return [Stop.of(stop, self.kept) for stop in self.kept.stops[:300]]

    @resolved()
    async def driver(self, info: Info) -> DriverRef | None:
        """Who drives it."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.kept.driver_id)
        return None if found is None else Driver.of(found)

    @resolved()
    async def plan(self, info: Info) -> PlanRef | None:
        """The run that it came of."""
        found = await info.context.loaders.route_plan.load(self.kept.plan_id)
        return None if found is None else RoutePlan.of(found)


@shape()
class PlanProgress:
    """How far the planner is; the best plan so far counts."""

    fraction: float = part("0 to 1.")
    elapsed_seconds: float
    assigned: int
    unassigned: int
    best_cost: Money | None


@shape()
class UnassignedReason:
    """One reason why nothing can take it."""

    code: UnassignedCode
    text: str = part("A sentence for a dispatcher.")
    short_by_seconds: int | None

    @staticmethod
    def of(reason: ground.UnassignedReason) -> UnassignedReason:
        return UnassignedReason(code=reason.code, text=reason.text, short_by_seconds=reason.short_by_s)


@shape()
class UnassignedDelivery:
    """A delivery without a place, and why."""

    delivery_id: strawberry.ID
    reasons: list[UnassignedReason] = part(most=5, usual=2)

    @staticmethod
    def of(visit: ground.UnassignedVisit) -> UnassignedDelivery:
        return UnassignedDelivery(
            delivery_id=strawberry.ID(visit.visit_id),
            reasons=[UnassignedReason.of(reason) for reason in visit.reasons[:5]],
        )

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """What has no place."""
        found = await info.context.loaders.delivery.load(str(self.delivery_id))
        return None if found is None else Delivery.of(found)


@shape()
class RoutePlan(Node):
    """One run of the planner over a day or a wave."""

    date: dt.date
    status: RoutePlanStatus
    version: int
    progress: PlanProgress
    time_limit_seconds: float
    cost: Money | None = part("Driving, time and fixed costs.")
    method: str | None = part("How it was solved and why so.")
    problem: str | None = part("Why it failed.")
    created_at: datetime
    published_at: datetime | None
    kept: strawberry.Private[ground.RoutePlan]

    @staticmethod
    def of(kept: ground.RoutePlan) -> RoutePlan:
        return RoutePlan(
            id=strawberry.ID(kept.id),
            date=dt.date.fromisoformat(kept.date),
            status=kept.status,
            version=kept.version,
            progress=PlanProgress(
                fraction=kept.progress.fraction,
                elapsed_seconds=kept.progress.elapsed_s,
                assigned=kept.progress.assigned,
                unassigned=kept.progress.unassigned,
                best_cost=_cost(kept.progress.best_cost_minor, kept.currency),
            ),
            time_limit_seconds=kept.time_limit_s,
            cost=_cost(kept.cost_minor, kept.currency),
            method=kept.method or None,
            problem=kept.problem or None,
            created_at=kept.created_at,
            published_at=kept.published_at,
            kept=kept,
        )

    @resolved()
    async def routes(self, info: Info, first: int = 50, after: str | None = None) -> Connection[RouteRef]:
        """The tours it made."""
        found = await info.context.loaders.routes_of_plan.load(self.kept.id)
        return slice_of(found, first, after, "routesOfPlan", Route.of)

    @resolved()
    def unassigned(self, first: int = 50, after: str | None = None) -> Connection[UnassignedDelivery]:
        """What found no place."""
        return slice_of(self.kept.unassigned, first, after, "unassigned", UnassignedDelivery.of)


@entry
class RouteFilter:
    """Values of one field are OR, fields are AND."""

    date: dt.date | None = None
    status: list[RouteStatus] | None = part(most=6, default=None)
    driver_ids: list[strawberry.ID] | None = part(most=100, default=None)
    plan_id: strawberry.ID | None = None


@entry
class PlanRoutesInput:
    """Plan a day: all deliveries that are due and all drivers on duty, or only these."""

    idempotency_key: str
    date: dt.date
    delivery_ids: list[strawberry.ID] | None = part(most=2000, default=None)
    driver_ids: list[strawberry.ID] | None = part(most=500, default=None)
    time_limit_seconds: int = 30


@shape()
class PlanRoutesSuccess:
    """The planner was asked; follow routePlanProgress."""

    plan: RoutePlan


PlanRoutesResult = Annotated[
    PlanRoutesSuccess | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("PlanRoutesResult", description="What asking for routes led to."),
]


def _cost(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money.of(GroundMoney(minor, currency))
