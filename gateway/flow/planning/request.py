"""Asking for a plan: by a person for a day, or because deliveries come due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.route import PlanProgress, RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.planning.problem import due_at
from gateway.flow.ports import Means


async def request_plan(
    means: Means,
    merchant_id: str,
    day: date,
    *,
    delivery_ids: Sequence[str] = (),
    driver_ids: Sequence[str] = (),
    time_limit_s: float,
) -> RoutePlan:
    """Queue a plan for a day; () plans all deliveries that wait, with all drivers on duty."""
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        plan = RoutePlan(
            id=new_id("pla"),
            merchant_id=merchant_id,
            date=day.isoformat(),
            status=RoutePlanStatus.QUEUED,
            created_at=means.clock.now(),
            time_limit_s=time_limit_s,
            progress=PlanProgress(0.0, 0.0, 0, 0),
            currency=merchant.currency,
            delivery_ids=tuple(delivery_ids),
            driver_ids=tuple(driver_ids),
        )
        await work.routes.put_plan(plan)
        work.announce("plan", plan.id)
        await work.emit(PlanRequested(merchant_id, plan.id))
        return plan


async def plan_due(means: Means, merchant_id: str) -> RoutePlan | None:
    """Request a plan if own-fleet deliveries come due within the merchant's horizon and a van is free."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if merchant.auto_plan_horizon_s <= 0:
            return None
        horizon = now + timedelta(seconds=merchant.auto_plan_horizon_s)
        due = [
            d for d in await work.deliveries.unrouted(2000) if due_at(d) <= horizon and d.driver_id is None
        ]
        busy = {
            route.driver_id for route in await work.routes.unfinished() if route.status is RouteStatus.STARTED
        }
        free = [d for d in await work.fleet.drivers() if d.enabled and d.id not in busy]
        day = now.astimezone(ZoneInfo(merchant.time_zone)).date()
    if not due or not free:
        return None
    return await request_plan(means, merchant_id, day, time_limit_s=search_time_s(len(due)))


def search_time_s(visits: int) -> float:
    """How long a search may take: small problems are solved at once, large ones gain for a while."""
    return min(10.0, 0.3 + 0.02 * visits)
