"""Plans that somebody asks for, and the tours that come of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from doorstep.driver import Driver
from doorstep.events import PlanRequested
from doorstep.planning_rules import PlanningRules
from doorstep.route import Route, RoutePlan
from gateway.bootstrap.route_desk import PlannersDesk
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.ports import Means
from optimizer.routes.planner import PyvrpPlanner
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, own_fleet

TODAY = date(2026, 11, 23)


def at_the_desk(stage: Stage) -> Means:
    """What the flow has where tours can be worked on stop by stop."""
    return replace(stage.means, desk=PlannersDesk(PyvrpPlanner(max_iterations=50)))


async def shop_with_vans(stage: Stage, *names: str, opens_in_minutes: int = 120) -> list[Driver]:
    """Vans whose tours leave late enough to be changed."""
    await own_fleet(stage, opens_in_minutes)
    return [await add_van(stage, name) for name in names or ("Ann",)]


async def planned(stage: Stage, *, means: Means | None = None, **wish: Any) -> RoutePlan:
    """Ask for a plan, at once unless it is said otherwise, and solve it."""
    asked = PlanWish(**{"day": TODAY, "time_limit_s": 0.1, "is_published_at_once": True, **wish})
    plan = await request_plan(stage.means, MERCHANT_ID, asked)
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), means or stage.means)
    return await kept_plan(stage, plan.id)


async def kept_plan(stage: Stage, plan_id: str) -> RoutePlan:
    """A plan as it stands now."""
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.routes.plan(plan_id)
    assert found is not None
    return found


async def tours(stage: Stage) -> list[Route]:
    """Those that drivers know of."""
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.routes.unfinished())


async def tour_for(stage: Stage, delivery_id: str) -> Route:
    """The tour with this delivery."""
    return next(route for route in await tours(stage) if delivery_id in on(route))


def on(route: Route) -> list[str]:
    """Deliveries of the stops that are not over, in their order."""
    return [stop.delivery_id for stop in route.ahead]


async def rule(stage: Stage, **rules: Any) -> None:
    """The merchant plans by other rules."""
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        await work.accounts.put_merchant(replace(merchant, planning=PlanningRules(**rules)))


async def put_driver(stage: Stage, driver: Driver, **changes: Any) -> Driver:
    """A driver who can do something else."""
    changed = replace(driver, **changes)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(changed)
    return changed
