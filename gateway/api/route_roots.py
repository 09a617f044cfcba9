"""Reads and writes about plans and tours; part of the roots."""

from __future__ import annotations

import math
from functools import partial
from typing import Annotated

import strawberry

from doorstep.route import PlanScope
from gateway.api.checks import root
from gateway.api.context import Info
from gateway.api.filters import read_plan_filter
from gateway.api.linking import INPUT
from gateway.api.marks import shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.reading import Path, read_id, read_ids, read_key, read_span, wrong
from gateway.api.records import Scope
from gateway.api.types.plans import (
    CancelRoutePlanInput,
    CancelRoutePlanResult,
    CancelRoutePlanSuccess,
    PlanComparison,
    PlanRoutesInput,
    PlanRoutesResult,
    PlanRoutesSuccess,
    PlanSummary,
    PublishRoutePlanInput,
    PublishRoutePlanResult,
    PublishRoutePlanSuccess,
    ReoptimizeRoutesInput,
    ReoptimizeRoutesResult,
    ReoptimizeRoutesSuccess,
    RoutePlan,
    RoutePlanFilter,
)
from gateway.api.types.route_changes import (
    AssignRouteInput,
    AssignRouteResult,
    AssignRouteSuccess,
    MoveStopInput,
    MoveStopResult,
    MoveStopSuccess,
    StopMovePreview,
    StopPlacementInput,
)
from gateway.api.types.routes import Route
from gateway.flow.planning.changes.move import StopMove
from gateway.flow.planning.plans.compare import difference_of, in_words
from gateway.flow.planning.plans.request import PlanWish

_AT = ("input",)
TIME_LIMIT_S = (1, 600)


@shape()
class RouteQueries:
    """Reads about what plans and moves would change."""

    @root(points=10)
    async def preview_stop_move(self, info: Info, placement: StopPlacementInput) -> StopMovePreview:
        """What moving a stop would cost and break, and whose times it would change."""
        move = _read_move(placement, ("placement",))
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
        wanted: Annotated[RoutePlanFilter | None, strawberry.argument(name="filter")] = None,
    ) -> Connection[RoutePlan]:
        """Plans, the one that was asked for last first."""
        reads, page = info.context.reads, page_request(first, after, "routePlans")
        which = read_plan_filter(wanted)
        found = await reads.find_route_plans(which, page)
        return connection(found, page, "routePlans", RoutePlan.of, partial(reads.count_route_plans, which))


@shape()
class RouteMutations:
    """Writes about plans and tours."""

    @root(scope=Scope.OPERATE, points=50)
    async def plan_routes(self, info: Info, given: Annotated[PlanRoutesInput, INPUT]) -> PlanRoutesResult:
        """Plans a day; follow it with routePlanProgress. Drivers hear of it once it is published."""
        basis = given.based_on_plan_id
        wish = PlanWish(
            day=given.date,
            time_limit_s=_read_limit(given.time_limit_seconds),
            delivery_ids=read_ids(given.delivery_ids, "del", (*_AT, "deliveryIds")),
            driver_ids=read_ids(given.driver_ids, "drv", (*_AT, "driverIds")),
            stability=_read_stability(given.stability),
            based_on_id="" if basis is None else read_id(basis, "pla", (*_AT, "basedOnPlanId")),
            is_published_at_once=given.publish,
            chooses_modes=given.choose_modes,
        )
        key = read_key(given.idempotency_key)
        plan = await info.context.commands.plan_routes(idempotency_key=key, wish=wish)
        return PlanRoutesSuccess(plan=RoutePlan.of(plan))

    @root(scope=Scope.OPERATE, points=50)
    async def reoptimize_routes(
        self, info: Info, given: Annotated[ReoptimizeRoutesInput, INPUT]
    ) -> ReoptimizeRoutesResult:
        """Plans the tours of a day again, those on the road as well; follow it with routePlanProgress."""
        merchant = await info.context.loaders.merchant.load("")
        stability = _read_stability(given.stability)
        wish = PlanWish(
            day=given.date,
            time_limit_s=_read_limit(given.time_limit_seconds),
            driver_ids=read_ids(given.driver_ids, "drv", (*_AT, "driverIds")),
            stability=merchant.planning.keeps if stability is None else stability,
            scope=PlanScope.RUNNING,
            is_published_at_once=given.publish,
        )
        key = read_key(given.idempotency_key)
        plan = await info.context.commands.plan_routes(idempotency_key=key, wish=wish)
        return ReoptimizeRoutesSuccess(plan=RoutePlan.of(plan))

    @root(scope=Scope.OPERATE)
    async def cancel_route_plan(
        self, info: Info, given: Annotated[CancelRoutePlanInput, INPUT]
    ) -> CancelRoutePlanResult:
        """Calls off a plan that drivers do not know of; a search that goes on ends."""
        plan_id = read_id(given.plan_id, "pla", (*_AT, "planId"))
        plan = await info.context.commands.cancel_route_plan(plan_id=plan_id)
        return CancelRoutePlanSuccess(plan=RoutePlan.of(plan))

    @root(scope=Scope.OPERATE, points=10)
    async def publish_route_plan(
        self, info: Info, given: Annotated[PublishRoutePlanInput, INPUT]
    ) -> PublishRoutePlanResult:
        """Tells drivers a plan that is READY, if they and their vans can still drive it as it is."""
        plan = await info.context.commands.publish_route_plan(
            plan_id=read_id(given.plan_id, "pla", (*_AT, "planId")), expected_version=given.expected_version
        )
        return PublishRoutePlanSuccess(plan=RoutePlan.of(plan))

    @root(scope=Scope.OPERATE, points=10)
    async def move_stop(self, info: Info, given: Annotated[MoveStopInput, INPUT]) -> MoveStopResult:
        """Moves a stop and tells the drivers; previewStopMove says before what that would do."""
        routes = await info.context.commands.move_stop(
            move=_read_move(given.placement, (*_AT, "placement")),
            expected_version=given.expected_route_version,
            accepts_soft=given.accept_violations,
            locks=given.lock,
        )
        return MoveStopSuccess(routes=[Route.of(route) for route in routes[:10]])

    @root(scope=Scope.OPERATE, points=10)
    async def assign_route(self, info: Info, given: Annotated[AssignRouteInput, INPUT]) -> AssignRouteResult:
        """Gives a tour that has not left to another driver."""
        route = await info.context.commands.assign_route(
            route_id=read_id(given.route_id, "rte", (*_AT, "routeId")),
            driver_id=read_id(given.driver_id, "drv", (*_AT, "driverId")),
            expected_version=given.expected_version,
            accepts_soft=given.accept_violations,
        )
        return AssignRouteSuccess(route=Route.of(route))


def _read_move(given: StopPlacementInput, path: Path) -> StopMove:
    sequence = given.sequence
    if sequence is not None and sequence < 1:
        raise wrong((*path, "sequence"), f"sequence counts from 1, got {sequence}")
    return StopMove(
        stop_id=read_id(given.stop_id, "stp", (*path, "stopId")),
        route_id=read_id(given.route_id, "rte", (*path, "routeId")),
        sequence=sequence,
    )


def _read_limit(given: int) -> float:
    return float(read_span(given, (*_AT, "timeLimitSeconds"), *TIME_LIMIT_S))


def _read_stability(given: float | None) -> float | None:
    if given is not None and not (math.isfinite(given) and 0 <= given <= 1):
        raise wrong((*_AT, "stability"), f"stability must be 0 (free) to 1 (frozen), got {given}")
    return given
