"""Publish: a plan that a person has looked at is told to drivers, or called off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.errors import NotFound, StateConflict
from doorstep.events import RoutePlanned
from doorstep.route import RoutePlan, RoutePlanStatus, RouteStatus
from doorstep.route_solution import RouteSolution
from gateway.flow.dispatching.hand_on import hand_on_unassigned
from gateway.flow.planning.in_place import Standing, lock_standing, put_in_place, require_unchanged
from gateway.flow.ports import Means, UnitOfWork


async def publish_plan(means: Means, merchant_id: str, plan_id: str, expected_version: int) -> RoutePlan:
    """Tell drivers a plan that is ready.

    Raises
    ------
    NotFound
        If there is no such plan.
    StateConflict
        If it is of another version or not ready, or what it was made from is no longer so.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        plans = {one.id: one for one in await work.routes.lock_plans(plan_id)}
        plan = plans.get(plan_id)
        if plan is None:
            raise NotFound(plan_id, path=("input", "planId"))
        if plan.version != expected_version:
            raise _conflict("This plan was changed by someone else since you read it.", plan)
        if plan.status is not RoutePlanStatus.READY:
            raise _conflict(f"This plan is {plan.status} and cannot be published.", plan)
        tours = [one for one in await work.routes.of_plan(plan_id) if one.status is RouteStatus.PLANNED]
        standing = await lock_standing(work, plan)
        require_unchanged(plan, standing, tours, now)
        waiting = await put_in_place(work, plan, standing, tours, now)
        others = [one for one in plans.values() if one.id != plan_id]
        return await tell_plan(work, replace(plan, version=plan.version + 1), waiting, others, standing, now)


async def tell_plan(
    work: UnitOfWork,
    plan: RoutePlan,
    waiting: Mapping[str, Delivery],
    others: Iterable[RoutePlan],
    standing: Standing,
    now: datetime,
) -> RoutePlan:
    """What follows once its tours are in place: what nobody takes is handed on, older plans are over."""
    asked = RouteSolution((), plan.unassigned, plan.method, plan.cost_minor or 0)
    if not plan.driver_ids:
        # Whom this plan was not about may still take what is left.
        await hand_on_unassigned(work, asked, waiting, now)
    published = replace(plan, status=RoutePlanStatus.PUBLISHED, published_at=now)
    await work.routes.put_plan(published)
    work.announce("plan", plan.id)
    for other in others:
        if await _is_superseded(work, other, plan, standing):
            await _put_away(work, other, RoutePlanStatus.SUPERSEDED)
    await work.emit(RoutePlanned(plan.merchant_id, plan.id))
    return published


async def cancel_plan(means: Means, merchant_id: str, plan_id: str) -> RoutePlan:
    """Call off a plan that nobody was told; a search that goes on ends within a second.

    Raises
    ------
    NotFound
        If there is no such plan.
    StateConflict
        If drivers know of it, or it is over.
    """
    async with means.begin(merchant_id) as work:
        plan = await work.routes.plan(plan_id, lock=True)
        if plan is None:
            raise NotFound(plan_id, path=("input", "planId"))
        if plan.status is RoutePlanStatus.CANCELLED:
            return plan
        if not plan.is_under_way and plan.status is not RoutePlanStatus.READY:
            raise _conflict(f"This plan is {plan.status} and cannot be called off.", plan)
        return await _put_away(work, plan, RoutePlanStatus.CANCELLED)


async def _put_away(work: UnitOfWork, plan: RoutePlan, status: RoutePlanStatus) -> RoutePlan:
    for route in await work.routes.of_plan(plan.id):
        if route.status is RouteStatus.PLANNED:
            gone = replace(route, status=RouteStatus.CANCELLED, version=route.version + 1)
            await work.routes.put_route(gone)
    changed = replace(plan, status=status, version=plan.version + 1)
    await work.routes.put_plan(changed)
    work.announce("plan", plan.id)
    return changed


async def _is_superseded(work: UnitOfWork, other: RoutePlan, plan: RoutePlan, standing: Standing) -> bool:
    """Whether nothing is left of an older plan, or it can no longer be published."""
    replaced = standing.changing.values()
    if other.status is RoutePlanStatus.READY:
        shares = set(other.delivery_ids) & set(plan.delivery_ids)
        return bool(shares) or bool({one.route_id for one in other.changes} & set(standing.changing))
    was_theirs = any(route.plan_id == other.id for route in replaced)
    return was_theirs and not await work.routes.of_plan(other.id)


def _conflict(text: str, plan: RoutePlan) -> StateConflict:
    return StateConflict(text, current_id=plan.id, current_version=plan.version)
