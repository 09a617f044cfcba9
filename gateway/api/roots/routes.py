"""Writes about plans and tours; part of the root of writes."""

from __future__ import annotations

import math
from typing import Annotated

from doorstep.route import PlanScope
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_id, read_ids, read_key, read_span, wrong
from gateway.api.roots.given import INPUT
from gateway.api.told_tours import require_told
from gateway.api.types.plans import (
    CancelRoutePlanInput,
    CancelRoutePlanResult,
    CancelRoutePlanSuccess,
    PlanRoutesInput,
    PlanRoutesResult,
    PlanRoutesSuccess,
    PublishRoutePlanInput,
    PublishRoutePlanResult,
    PublishRoutePlanSuccess,
    ReoptimizeRoutesInput,
    ReoptimizeRoutesResult,
    ReoptimizeRoutesSuccess,
    RoutePlan,
)
from gateway.api.types.route_changes import (
    AssignRouteInput,
    AssignRouteResult,
    AssignRouteSuccess,
    MoveStopInput,
    MoveStopResult,
    MoveStopSuccess,
    StopPlacementInput,
)
from gateway.api.types.routes import Route
from gateway.flow.planning.changes.move import StopMove
from gateway.flow.planning.plans.request import PlanWish

_AT = ("input",)
TIME_LIMIT_S = (1, 600)


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
        move = read_move(given.placement, (*_AT, "placement"))
        await require_told(info.context, move.route_id)
        routes = await info.context.commands.move_stop(
            move=move,
            expected_version=given.expected_route_version,
            accepts_soft=given.accept_violations,
            locks=given.lock,
        )
        return MoveStopSuccess(routes=[Route.of(route) for route in routes[:10]])

    @root(scope=Scope.OPERATE, points=10)
    async def assign_route(self, info: Info, given: Annotated[AssignRouteInput, INPUT]) -> AssignRouteResult:
        """Gives a tour that has not left to another driver."""
        route_id = read_id(given.route_id, "rte", (*_AT, "routeId"))
        await require_told(info.context, route_id)
        route = await info.context.commands.assign_route(
            route_id=route_id,
            driver_id=read_id(given.driver_id, "drv", (*_AT, "driverId")),
            expected_version=given.expected_version,
            accepts_soft=given.accept_violations,
        )
        return AssignRouteSuccess(route=Route.of(route))


def read_move(given: StopPlacementInput, path: Path) -> StopMove:
    """Which stop is to go where."""
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
