"""Waiting: the deliveries that a plan is about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.merchant import Merchant
from doorstep.route import RoutePlan
from gateway.flow.planning.parts.visits import waits_for_van
from gateway.flow.ports import UnitOfWork

MOST_VISITS = 2000
"""In one plan."""

_DAY_S = 86_400


def due_at(delivery: Delivery) -> datetime:
    """When it may first be handed over."""
    return delivery.promise.window.start if delivery.promise else delivery.created_at


async def read_waiting(
    work: UnitOfWork, plan: RoutePlan, merchant: Merchant, taken: Collection[str], loose: Collection[str]
) -> list[Delivery]:
    """What may be put on a route: booked with the own fleet, on no tour that stays, due soon enough.

    What lies on a tour that this plan replaces is planned again, asked for or not: it was told a driver. What
    was on a tour that nobody saw to its end has a driver and no tour: only who names it says that it is here.
    """
    told = (await work.deliveries.several(sorted(loose))).values()
    # Those on tours that stay are among the first of them, and none of what is asked for.
    waiting = await work.deliveries.unrouted(MOST_VISITS + len(taken) + len(loose))
    if plan.delivery_ids:
        named = set(plan.delivery_ids)
        more = await work.deliveries.several(sorted(named - {one.id for one in waiting}))
        asked = [one for one in (*waiting, *more.values()) if one.id in named]
    else:
        asked = [one for one in waiting if one.driver_id is None and _is_for(plan, merchant, one)]
    chosen = {one.id: one for one in (*told, *asked) if _may_be_planned(one) and one.id not in taken}
    return list(chosen.values())[:MOST_VISITS]


def _may_be_planned(delivery: Delivery) -> bool:
    """Whether an own van is to be sent for it, to a place that is known."""
    return waits_for_van(delivery) and delivery.destination.location is not None


def _is_for(plan: RoutePlan, merchant: Merchant, delivery: Delivery) -> bool:
    """Whether a delivery that nobody named belongs into a plan: due soon, or promised for a later day."""
    midnight = datetime.combine(date.fromisoformat(plan.date), time(), ZoneInfo(merchant.time_zone))
    if midnight <= plan.created_at:
        return due_at(delivery) <= plan.created_at + timedelta(seconds=merchant.auto_plan_horizon_s or _DAY_S)
    promise = delivery.promise
    return promise is not None and promise.window.end > midnight > promise.window.start - timedelta(days=1)
