"""Publish: a plan that a person has looked at is told to drivers, or called off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from doorstep.errors import NotFound, StateConflict
from doorstep.events import RoutePlanned
from doorstep.route import RoutePlan, RoutePlanStatus, RouteStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from gateway.flow.dispatching.hand_on import hand_on_unassigned
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.plans.still_fits import require_drivable
from gateway.flow.planning.plans.unmended import show_unmended
from gateway.flow.planning.telling.fitting import Standing
from gateway.flow.planning.telling.in_place import (
    NOTHING_LEFT,
    InPlace,
    lock_standing,
    put_in_place,
    require_unchanged,
)
from gateway.flow.planning.telling.without_place import show_left_out
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.waves import open_choices, refuse_wave

PASSED_OVER = UnassignedReason(
    UnassignedCode.OTHER,
    "Its van left or was told something else before this plan was published; the next plan takes it.",
)


async def publish_plan(means: Means, merchant_id: str, plan_id: str, expected_version: int) -> RoutePlan:
    """Tell drivers a plan that is ready.

    Raises
    ------
    NotFound
        If there is no such plan.
    StateConflict
        If it is of another version or not ready, or what it was made from is no longer so.
    PlanInfeasible
        If drivers or vans cannot drive it any more, with the rules that they would break.
    RemoteError
        If the roads cannot be asked.
    """
    await require_drivable(means, merchant_id, plan_id)
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
        standing = await lock_standing(work, plan, now)
        require_unchanged(plan, standing, tours, now)
        in_place = await put_in_place(work, plan, standing, tours, now)
        others = [one for one in plans.values() if one.id != plan_id]
        published = await tell_plan(
            work, replace(plan, version=plan.version + 1), in_place, others, standing, now
        )
        if published is None:
            raise _conflict(NOTHING_LEFT, plan)
        return published


async def tell_plan(
    work: UnitOfWork,
    plan: RoutePlan,
    in_place: InPlace,
    others: Iterable[RoutePlan],
    standing: Standing,
    now: datetime,
) -> RoutePlan | None:
    """What follows once its tours are in place: what nobody takes is handed on, older plans are over.

    None where nothing follows: no driver was told anything, nothing was handed on, and no carrier is to be
    booked.
    """
    handed_on = 0
    if not plan.driver_ids:
        # Whom this plan was not about may still take what is left.
        handed_on = await hand_on_unassigned(work, plan.unassigned, in_place.left, now)
    await show_left_out(work, plan.unassigned, in_place.left, now)
    is_for_carriers = bool(await open_choices(work, plan))
    if not (in_place.told or in_place.withdrawn or handed_on or is_for_carriers):
        return None
    missed = tuple(UnassignedVisit(id_, (PASSED_OVER,)) for id_ in sorted(in_place.passed_over))
    published = replace(
        plan,
        status=RoutePlanStatus.PUBLISHED,
        published_at=now,
        unassigned=(*plan.unassigned, *missed),
    )
    await work.routes.put_plan(published)
    work.announce("plan", plan.id)
    for other in others:
        if await _is_superseded(work, other, standing, in_place):
            await put_away(work, other, RoutePlanStatus.SUPERSEDED, now)
    await work.emit(RoutePlanned(plan.merchant_id, plan.id))
    return published


async def cancel_plan(means: Means, merchant_id: str, plan_id: str) -> RoutePlan:
    """Call off a plan that nobody was told; a search that goes on ends within a second.

    What a plan that mends tours was to help is shown to people.

    Raises
    ------
    NotFound
        If there is no such plan.
    StateConflict
        If drivers know of it, or it is over.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        plan = await work.routes.plan(plan_id, lock=True)
        if plan is None:
            raise NotFound(plan_id, path=("input", "planId"))
        if plan.status is RoutePlanStatus.CANCELLED:
            return plan
        if not plan.is_under_way and plan.status is not RoutePlanStatus.READY:
            raise _conflict(f"This plan is {plan.status} and cannot be called off.", plan)
        gone = await put_away(work, plan, RoutePlanStatus.CANCELLED, now)
        await show_unmended(work, plan, "A person called off the plan that was to mend the tours.", now)
        return gone


async def put_away(work: UnitOfWork, plan: RoutePlan, status: RoutePlanStatus, now: datetime) -> RoutePlan:
    """A plan that drivers do not know of is over, with its tours; nobody is booked for it."""
    await refuse_wave(work, plan, now)
    for route in await work.routes.of_plan(plan.id):
        if route.status is RouteStatus.PLANNED:
            gone = replace(route, status=RouteStatus.CANCELLED, version=route.version + 1)
            await work.routes.put_route(gone)
    changed = replace(plan, status=status, version=plan.version + 1)
    await work.routes.put_plan(changed)
    work.announce("plan", plan.id)
    return changed


async def _is_superseded(work: UnitOfWork, other: RoutePlan, standing: Standing, in_place: InPlace) -> bool:
    """Whether nothing is left of an older plan, or it can no longer be published."""
    if other.status is RoutePlanStatus.READY:
        its_own = {one.route_id: one.version for one in other.changes}
        taken = {
            stop.delivery_id for one in in_place.told if one.id not in its_own for stop in doors_ahead(one)
        }
        is_as_seen = all(in_place.versions.get(id_) == version for id_, version in its_own.items())
        return not is_as_seen or bool(taken & set(other.delivery_ids))
    was_theirs = any(route.plan_id == other.id for route in standing.changing.values())
    return was_theirs and not await work.routes.of_plan(other.id)


def _conflict(text: str, plan: RoutePlan) -> StateConflict:
    return StateConflict(text, current_id=plan.id, current_version=plan.version)
