"""Unseen: tours that nobody saw end, because a phone was off, are ended when their day is past."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from doorstep.events import RouteTold
from doorstep.incident import IncidentKind
from doorstep.route import Route, RouteStatus
from gateway.flow.planning.changes.drop import show, stopped_tour
from gateway.flow.planning.parts.busy import MOST_LATE, read_ends
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.visits import is_for_van
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import settle


async def end_unseen_tours(means: Means, merchant_id: str) -> None:
    """End tours of past days of which nobody has seen the end: else their drivers are busy for ever.

    Those that a van is seen on are none of them, nor those that may only be late. Whether the goods were
    brought is not known. So no plan takes them, and each delivery is shown to people, until somebody says
    that it was brought, or is at the depot (`take_back`).
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        today = now.astimezone(ZoneInfo(merchant.time_zone)).date().isoformat()
        past = [one for one in await work.routes.unfinished() if one.date < today]
        locked = (await work.routes.lock([one.id for one in past])).values()
        ends = await read_ends(work, locked, now)
        is_told = (RouteStatus.PUBLISHED, RouteStatus.STARTED)
        unseen = [
            one
            for one in locked
            if one.status in is_told and one.ends_at + MOST_LATE <= now and ends[one.id] <= now
        ]
        for route in unseen:
            await work.routes.put_route(stopped_tour(route, now))
            work.announce("route", route.id)
            await work.emit(RouteTold(route.merchant_id, route.id))
        await _ask_people(work, unseen, now)


async def _ask_people(work: UnitOfWork, tours: list[Route], now: datetime) -> None:
    """What became of the deliveries of tours whose end nobody has seen."""
    days = {stop.delivery_id: route.date for route in tours for stop in doors_ahead(route)}
    for id_, delivery in (await work.deliveries.several(sorted(days), lock=True)).items():
        if is_for_van(delivery):
            why = f"Its tour of {days[id_]} was never seen to end. Ask the driver, and say where it is."
            await show(work, delivery, "nobody knows whether it was brought", why, now)
    alarms = {IncidentKind.OFF_ROUTE, IncidentKind.GPS_SILENT}
    for driver_id in sorted({route.driver_id for route in tours}):
        await settle(work, driver_id, alarms, "The day is over.", now)
