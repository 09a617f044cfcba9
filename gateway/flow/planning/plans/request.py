"""Asking for a plan: by a person for a day, or because deliveries come due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput
from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.route import PlanProgress, PlanScope, RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.planning.days.looked_at import held_back_by
from gateway.flow.planning.days.waiting import MOST_VISITS, due_at
from gateway.flow.planning.plans.asked import require_fitting
from gateway.flow.planning.plans.publish import PASSED_OVER
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.waves import ask_for_wave

AGAIN_AFTER = timedelta(minutes=15)
"""What no van can take is tried again so much later: things change, though nobody has said so."""


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
    chooses_modes
        First own vans, couriers and parcel carriers are compared for all that waits, and booked; tours are
        planned of what the vans have then.
    """

    day: date
    time_limit_s: float
    delivery_ids: tuple[str, ...] = ()
    driver_ids: tuple[str, ...] = ()
    stability: float | None = None
    based_on_id: str = ""
    scope: PlanScope = PlanScope.WAITING
    is_published_at_once: bool = False
    chooses_modes: bool = False


async def request_plan(means: Means, merchant_id: str, wish: PlanWish) -> RoutePlan:
    """Queue a plan.

    Raises
    ------
    NotFound
        If a delivery, a driver or the plan to start from is none of the merchant's.
    InvalidInput
        If the day is over, the plan to start from is of another day, modes cannot be chosen, or a delivery or
        a driver that is named cannot be planned that day.
    """
    async with means.begin(merchant_id) as work:
        today = means.clock.now().astimezone(ZoneInfo((await work.accounts.merchant()).time_zone)).date()
        # A shift past midnight is still planned by the day on which it began.
        if wish.day < today - timedelta(days=1):
            text = f"{wish.day} is over; plan {today} or a later day."
            raise InvalidInput(text, path=("input", "date"))
        if wish.chooses_modes and (wish.day != today or means.modes is None):
            text = f"Own vans and carriers can be compared for today, {today}, alone."
            raise InvalidInput(text, path=("input", "chooseModes"))
        await require_fitting(work, wish, means.clock.now())
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
    if wish.chooses_modes:
        await ask_for_wave(work, plan.created_at, plan.id)
    else:
        await work.emit(PlanRequested(merchant.id, plan.id))
    return plan


async def plan_due(means: Means, merchant_id: str) -> RoutePlan | None:
    """Request a plan if one is due: see `due_wish`."""
    async with means.begin(merchant_id) as work:
        wish = await due_wish(work, means.clock.now())
        return None if wish is None else await queue_plan(work, means, wish)


async def due_wish(work: UnitOfWork, now: datetime) -> PlanWish | None:
    """The plan that is due; None unless deliveries come due within the horizon and a van is free.

    Not while another plan of the day is under way, or a person looks at one; nor again and again for what
    no van can take.
    """
    merchant = await work.accounts.merchant()
    if merchant.auto_plan_horizon_s <= 0:
        return None
    day = now.astimezone(ZoneInfo(merchant.time_zone)).date()
    if any(one.date == day.isoformat() for one in await held_back_by(work, now)):
        return None
    due = await _due(work, now + timedelta(seconds=merchant.auto_plan_horizon_s), now)
    started = [one for one in await work.routes.unfinished() if one.status is RouteStatus.STARTED]
    busy = {route.driver_id for route in started}
    free = [driver for driver in await work.fleet.drivers() if driver.enabled and driver.id not in busy]
    if not due or not free:
        return None
    return PlanWish(day, search_time_s(len(due)), is_published_at_once=True)


async def _due(work: UnitOfWork, horizon: datetime, now: datetime) -> list[Delivery]:
    """What a van should be found for; () where the last plan has found none for any of it."""
    waiting = await work.deliveries.unrouted(MOST_VISITS, without_driver=True)
    due = [one for one in waiting if due_at(one) <= horizon]
    last = await work.routes.latest_plan(PlanScope.WAITING)
    if last is None or last.created_at + AGAIN_AFTER <= now:
        return due
    hopeless = {one.visit_id for one in last.unassigned if PASSED_OVER not in one.reasons}
    return due if any(one.id not in hopeless for one in due) else []


def search_time_s(visits: int) -> float:
    """How long a search may take: small problems are solved at once, large ones gain for a while."""
    return min(10.0, 0.3 + 0.02 * visits)
