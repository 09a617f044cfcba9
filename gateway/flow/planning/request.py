"""Asking for a plan: by a person for a day, or because deliveries come due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from doorstep.errors import InvalidInput, Issue, NotFound
from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.route import PlanProgress, PlanScope, RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.planning.problem import MOST_VISITS, due_at
from gateway.flow.ports import Means, UnitOfWork


@dataclass(frozen=True, slots=True)
class PlanWish:
    """What kind of a plan somebody wants.

    Attributes
    ----------
    delivery_ids, driver_ids
        () plans all deliveries that wait, with all drivers on duty.
    stability
        None for the merchant's own.
    based_on_id
        Another plan to start from; "" for the tours that drivers were told.
    is_published_at_once
        Else a person publishes it.
    """

    day: date
    time_limit_s: float
    delivery_ids: tuple[str, ...] = ()
    driver_ids: tuple[str, ...] = ()
    stability: float | None = None
    based_on_id: str = ""
    scope: PlanScope = PlanScope.WAITING
    is_published_at_once: bool = False


async def request_plan(means: Means, merchant_id: str, wish: PlanWish) -> RoutePlan:
    """Queue a plan.

    Raises
    ------
    NotFound
        If a delivery, a driver or the plan to start from is none of the merchant's.
    InvalidInput
        If the day is over, or the plan to start from is of another day.
    """
    async with means.begin(merchant_id) as work:
        today = means.clock.now().astimezone(ZoneInfo((await work.accounts.merchant()).time_zone)).date()
        # A shift past midnight is still planned by the day on which it began.
        if wish.day < today - timedelta(days=1):
            text = f"{wish.day} is over; plan {today} or a later day."
            raise InvalidInput(text, path=("input", "date"))
        await _require_known(work, wish)
        return await queue_plan(work, means, wish)


async def queue_plan(work: UnitOfWork, means: Means, wish: PlanWish) -> RoutePlan:
    """The same within a transaction, for who knows what they ask for."""
    merchant = await work.accounts.merchant()
    stability = merchant.planning.stability if wish.stability is None else wish.stability
    plan = RoutePlan(
        id=new_id("pla"),
        merchant_id=merchant.id,
        date=wish.day.isoformat(),
        status=RoutePlanStatus.QUEUED,
        created_at=means.clock.now(),
        time_limit_s=wish.time_limit_s,
        progress=PlanProgress(0.0, 0.0, 0, 0),
        currency=merchant.currency,
        delivery_ids=wish.delivery_ids,
        driver_ids=wish.driver_ids,
        is_published_at_once=wish.is_published_at_once,
        stability=stability,
        based_on_id=wish.based_on_id,
        scope=wish.scope,
    )
    await work.routes.put_plan(plan)
    work.announce("plan", plan.id)
    await work.emit(PlanRequested(merchant.id, plan.id))
    return plan


async def plan_due(means: Means, merchant_id: str) -> RoutePlan | None:
    """Request a plan if own-fleet deliveries come due within the merchant's horizon and a van is free."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if merchant.auto_plan_horizon_s <= 0:
            return None
        horizon = now + timedelta(seconds=merchant.auto_plan_horizon_s)
        waiting = await work.deliveries.unrouted(MOST_VISITS)
        due = [one for one in waiting if due_at(one) <= horizon and one.driver_id is None]
        started = [one for one in await work.routes.unfinished() if one.status is RouteStatus.STARTED]
        busy = {route.driver_id for route in started}
        free = [driver for driver in await work.fleet.drivers() if driver.enabled and driver.id not in busy]
        if not due or not free:
            return None
        day = now.astimezone(ZoneInfo(merchant.time_zone)).date()
        wish = PlanWish(day, search_time_s(len(due)), is_published_at_once=True)
        return await queue_plan(work, means, wish)


def search_time_s(visits: int) -> float:
    """How long a search may take: small problems are solved at once, large ones gain for a while."""
    return min(10.0, 0.3 + 0.02 * visits)


async def _require_known(work: UnitOfWork, wish: PlanWish) -> None:
    drivers = {driver.id for driver in await work.fleet.drivers()}
    for place, driver_id in enumerate(wish.driver_ids):
        if driver_id not in drivers:
            raise NotFound(driver_id, path=("input", "driverIds", str(place)))
    await _require_waiting(work, wish)
    if wish.based_on_id:
        path = ("input", "basedOnPlanId")
        basis = await work.routes.plan(wish.based_on_id)
        if basis is None:
            raise NotFound(wish.based_on_id, path=path)
        if basis.date != wish.day.isoformat():
            raise InvalidInput(f"basedOnPlanId is a plan of {basis.date}, not of {wish.day}.", path=path)


async def _require_waiting(work: UnitOfWork, wish: PlanWish) -> None:
    """See that every delivery waits for a van, or lies on a tour that has not left."""
    waiting = {one.id for one in await work.deliveries.unrouted(MOST_VISITS)} if wish.delivery_ids else set()
    wrong = []
    for place, delivery_id in enumerate(wish.delivery_ids):
        if delivery_id in waiting:
            continue
        path = ("input", "deliveryIds", str(place))
        found = await work.deliveries.get(delivery_id)
        if found is None:
            raise NotFound(delivery_id, path=path)
        wrong.append(Issue(path, f"{found.reference} is {found.status}: no own van is to be sent for it."))
    if wrong:
        raise InvalidInput(wrong[0].message, path=wrong[0].path, issues=wrong[:50])
