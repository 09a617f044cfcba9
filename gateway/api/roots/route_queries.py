"""Reads about plans, tours, drivers and vans; part of the root of reads."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.filters import read_driver_filter, read_plan_filter, read_route_filter
from gateway.api.marks import BY_DRIVER, shape
from gateway.api.own_tours import may_see
from gateway.api.paging import Connection, connection, page_request
from gateway.api.reading import read_id
from gateway.api.roots.routes import read_move
from gateway.api.told_tours import require_told
from gateway.api.types.drivers import Driver, DriverFilter
from gateway.api.types.plans import PlanComparison, PlanSummary, RoutePlan, RoutePlanFilter
from gateway.api.types.route_changes import StopMovePreview, StopPlacementInput
from gateway.api.types.routes import Route, RouteFilter
from gateway.api.types.vehicles import Vehicle
from gateway.flow.planning.plans.compare import difference_of, in_words

Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
FILTER = strawberry.argument(name="filter")


@shape()
class RouteQueries:
    """Reads about plans and tours, who drives them and with what."""

    @root(points=10)
    async def preview_stop_move(self, info: Info, placement: StopPlacementInput) -> StopMovePreview:
        """What moving a stop would cost and break, and whose times it would change."""
        move = read_move(placement, ("placement",))
        await require_told(info.context, move.route_id)
        return StopMovePreview.of(await info.context.commands.preview_stop_move(move=move))

    @root(points=5)
    async def compare_route_plans(
        self, info: Info, before_id: strawberry.ID, after_id: strawberry.ID
    ) -> PlanComparison | None:
        """Two plans side by side; null where one is unknown or was not solved."""
        plans, routes = info.context.loaders.route_plan, info.context.loaders.routes_of_plan
        ids = [read_id(before_id, "pla", ("beforeId",)), read_id(after_id, "pla", ("afterId",))]
        before, after = await plans.load_many(ids)
        if before is None or after is None:
            return None
        old, new = PlanSummary.maybe(before), PlanSummary.maybe(after)
        if old is None or new is None:
            return None
        tours = await routes.load_many(ids)
        difference = difference_of(before, after, dict(zip(ids, tours, strict=True)))
        return PlanComparison(
            before=old,
            after=new,
            moved_deliveries=difference.moved,
            added_deliveries=difference.added,
            dropped_deliveries=difference.dropped,
            text=in_words(before, after, difference),
        )

    @root()
    async def route_plans(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[RoutePlanFilter | None, FILTER] = None,
    ) -> Connection[RoutePlan]:
        """Plans, the one that was asked for last first."""
        reads, page = info.context.reads, page_request(first, after, "routePlans")
        which = read_plan_filter(wanted)
        found = await reads.find_route_plans(which, page)
        return connection(found, page, "routePlans", RoutePlan.of, partial(reads.count_route_plans, which))

    @root()
    async def route_plan(self, info: Info, id_: Id) -> RoutePlan | None:
        """One run of the planner."""
        found = await info.context.loaders.route_plan.load(read_id(id_, "pla", ("id",)))
        return None if found is None else RoutePlan.of(found)

    @root(to=BY_DRIVER)
    async def route(self, info: Info, id_: Id) -> Route | None:
        """One driver's tour; drivers see their own, once they are told and until half a day after its end."""
        context = info.context
        found = await context.loaders.route.load(read_id(id_, "rte", ("id",)))
        is_seen = found is not None and may_see(context.caller, found, context.clock.now())
        return Route.of(found) if found is not None and is_seen else None

    @root()
    async def routes(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[RouteFilter | None, FILTER] = None,
    ) -> Connection[Route]:
        """Tours, newest day first."""
        reads, page, which = (
            info.context.reads,
            page_request(first, after, "routes"),
            read_route_filter(wanted),
        )
        found = await reads.find_routes(which, page)
        return connection(found, page, "routes", Route.of, partial(reads.count_routes, which))

    @root()
    async def driver(self, info: Info, id_: Id) -> Driver | None:
        """One driver."""
        found = await info.context.loaders.driver.load(read_id(id_, "drv", ("id",)))
        return None if found is None else Driver.of(found)

    @root()
    async def drivers(
        self,
        info: Info,
        first: int = 100,
        after: str | None = None,
        wanted: Annotated[DriverFilter | None, FILTER] = None,
    ) -> Connection[Driver]:
        """Drivers by name."""
        reads, page = info.context.reads, page_request(first, after, "drivers")
        which = read_driver_filter(wanted)
        found = await reads.find_drivers(which, page)
        return connection(found, page, "drivers", Driver.of, partial(reads.count_drivers, which))

    @root()
    async def vehicles(
        self,
        info: Info,
        first: int = 100,
        after: str | None = None,
        wanted: Annotated[DriverFilter | None, FILTER] = None,
    ) -> Connection[Vehicle]:
        """Vans by the name of who drives each; the filter is about drivers, too."""
        reads, page = info.context.reads, page_request(first, after, "vehicles")
        which = read_driver_filter(wanted)
        found = await reads.find_drivers(which, page)
        return connection(found, page, "vehicles", Vehicle.of, partial(reads.count_drivers, which))
