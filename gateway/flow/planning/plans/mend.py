"""Mend: when a stop or a driver falls out, or a van gets late, tours are planned again, with few changes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.errors import StateConflict
from doorstep.events import TourDisturbed
from doorstep.quote import DeliveryMode
from doorstep.route import PlanScope, RoutePlanStatus
from gateway.flow.planning.days.looked_at import is_looked_at
from gateway.flow.planning.days.waiting import MOST_VISITS
from gateway.flow.planning.parts.machines import is_mended
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.plans.request import PlanWish, queue_plan, search_time_s
from gateway.flow.ports import Means, UnitOfWork

LATE_AGAIN = timedelta(minutes=10)
"""What is late is planned again no sooner: drivers are not to be told something else every minute."""


async def mend_disturbed(event: TourDisturbed, means: Means) -> None:
    """A stop fell out of a tour, or its driver did."""
    async with means.begin(event.merchant_id) as work:
        if is_mended(await work.accounts.merchant()):
            with suppress(StateConflict):
                await queue_plan(work, means, await wish_to_mend(work, means.clock.now()))


async def planned_lately(work: UnitOfWork, now: datetime) -> datetime | None:
    """When a machine last planned the tours again, if that is so short ago that it does not again."""
    last = await work.routes.latest_plan(PlanScope.RUNNING)
    return last.created_at if last is not None and now < last.created_at + LATE_AGAIN else None


def is_by_van(delivery: Delivery) -> bool:
    """Whether one of the merchant's own vans was told to bring it."""
    leg = delivery.active_leg
    return leg is not None and leg.mode is DeliveryMode.OWN_FLEET and delivery.driver_id is not None


async def wish_to_mend(work: UnitOfWork, now: datetime) -> PlanWish:
    """A plan of all tours of the day, with few changes.

    Raises
    ------
    StateConflict
        If one waits that will see the same, or there is nothing that could be planned.
    """
    merchant = await work.accounts.merchant()
    routes = await work.routes.unfinished()
    last = await work.routes.latest_plan(PlanScope.RUNNING)
    if last is not None and last.status is RoutePlanStatus.QUEUED:
        raise StateConflict("The tours are being planned again already.", current_id=last.id)
    doors = {stop.delivery_id for route in routes for stop in doors_ahead(route)}
    loose = {one.id for one in await work.deliveries.unrouted(MOST_VISITS, without_driver=True)}
    looked_at = [one for one in await work.routes.open_plans() if is_looked_at(one, now)]
    # What a person has before them in another plan is left to that one.
    meant = doors | loose.difference(*(one.delivery_ids for one in looked_at))
    if not meant:
        raise StateConflict("No tour has a door ahead that could be planned again.")
    return PlanWish(
        now.astimezone(ZoneInfo(merchant.time_zone)).date(),
        search_time_s(len(doors)),
        delivery_ids=tuple(sorted(meant)) if looked_at else (),
        stability=merchant.planning.keeps,
        scope=PlanScope.RUNNING,
        is_published_at_once=True,
    )
