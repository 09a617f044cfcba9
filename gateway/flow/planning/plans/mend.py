"""Mend: when a stop or a driver falls out, or a van gets late, tours are planned again, with few changes."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.events import IncidentRaised, TourDisturbed
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from doorstep.route import PlanScope, RoutePlan, RoutePlanStatus
from gateway.flow.planning.days.looked_at import is_looked_at
from gateway.flow.planning.days.waiting import MOST_VISITS
from gateway.flow.planning.parts.machines import is_mended
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.plans.request import PlanWish, queue_plan, search_time_s
from gateway.flow.ports import Means, UnitOfWork

LATE_AGAIN = timedelta(minutes=10)
"""What is late is planned again no sooner: drivers are not to be told something else every minute."""

_LATE = (IncidentKind.ETA_PAST_PROMISE, IncidentKind.LATE_RISK)


async def mend_disturbed(event: TourDisturbed, means: Means) -> None:
    """A stop fell out of a tour, or its driver did."""
    async with means.begin(event.merchant_id) as work:
        await _queue(work, means)


async def mend_late(event: IncidentRaised, means: Means) -> None:
    """An own van comes too late for something: others may be able to help."""
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        if incident is None or incident.kind not in _LATE or incident.delivery_id is None:
            return
        delivery = await work.deliveries.get(incident.delivery_id)
        if delivery is None or not _is_by_van(delivery):
            return
        last = await work.routes.latest_plan(PlanScope.RUNNING)
        if last is None or last.created_at + LATE_AGAIN <= now:
            await _queue(work, means)


def _is_by_van(delivery: Delivery) -> bool:
    leg = delivery.active_leg
    return leg is not None and leg.mode is DeliveryMode.OWN_FLEET and delivery.driver_id is not None


async def _queue(work: UnitOfWork, means: Means) -> RoutePlan | None:
    """Ask for a plan of all tours of the day, unless one waits that will see the same."""
    merchant, now = await work.accounts.merchant(), means.clock.now()
    if not is_mended(merchant):
        return None
    routes = await work.routes.unfinished()
    last = await work.routes.latest_plan(PlanScope.RUNNING)
    is_asked_for = last is not None and last.status is RoutePlanStatus.QUEUED
    doors = {stop.delivery_id for route in routes for stop in doors_ahead(route)}
    loose = {one.id for one in await work.deliveries.unrouted(MOST_VISITS, without_driver=True)}
    looked_at = [one for one in await work.routes.open_plans() if is_looked_at(one, now)]
    # What a person has before them in another plan is left to that one.
    meant = doors | loose.difference(*(one.delivery_ids for one in looked_at))
    if is_asked_for or not meant:
        return None
    wish = PlanWish(
        now.astimezone(ZoneInfo(merchant.time_zone)).date(),
        search_time_s(len(doors)),
        delivery_ids=tuple(sorted(meant)) if looked_at else (),
        stability=merchant.planning.keeps,
        scope=PlanScope.RUNNING,
        is_published_at_once=True,
    )
    return await queue_plan(work, means, wish)
