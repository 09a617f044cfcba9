"""Improve: once orders have gone into tours and nobody asks for anything, the tours are made better.

An order goes where it costs least among tours as they are, within milliseconds; what would go better
otherwise by then takes a search of seconds. Drivers are told only what pays, and as few of them as it takes:
each change of some tours is told by itself, and not at all where one of them has gone on meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from doorstep.errors import DoorstepError, StateConflict
from doorstep.ports import RouteDesk
from doorstep.problem_checks import InvalidProblem
from doorstep.route import Route
from doorstep.route_change import ToldRoutes
from gateway.flow.planning.days.looked_at import held_back_by
from gateway.flow.planning.days.waiting import MOST_VISITS
from gateway.flow.planning.parts.busy import loaded_ids, may_take_more
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.vans import Seat
from gateway.flow.planning.standing.running import Running, read_running
from gateway.flow.planning.standing.tell import changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import Remembered

QUIET = timedelta(seconds=60)
"""So long no order has gone into a tour: while one comes after the other, each search would be in vain."""

AGAIN_AFTER = timedelta(minutes=10)
"""Drivers are not to be told other doors every minute; where orders never cease to come, it is time then."""

MOST_S, S_PER_DOOR = 10.0, 0.1
"""How long is searched, by the doors ahead, and at most: other jobs of the worker want the processor too."""

_OPERATION = "improve tours"


async def improve_due(means: Means, merchant_id: str) -> None:
    """Make tours better that were changed order by order, if it is time for that.

    Not while a plan is made or a person has one before them: what it will say nobody knows yet. Tours that
    a person has arranged stay as they are, and so do those whose goods are being picked.
    """
    if means.desk is None:
        return
    now = means.clock.now()
    try:
        async with means.begin(merchant_id) as work:
            running = await _due(work, now)
        if running is not None:
            await _improve(means, means.desk, running)
    except (DoorstepError, InvalidProblem):
        return  # nobody knows the roads at the moment, or a driver has fallen out; the tours are good as told


async def _due(work: UnitOfWork, now: datetime) -> Running | None:
    """The tours that are to be made better, by nobody else; None where it is not time for any."""
    merchant = await work.accounts.merchant()
    if not merchant.planning.improves or merchant.auto_plan_horizon_s <= 0:
        return None
    unfinished = await work.routes.unfinished()
    moments = [(one.changed_at, one.date) for one in unfinished if one.changed_at and not one.is_by_hand]
    if not moments or await held_back_by(work, now):
        return None
    newest, day = max(moments)
    is_long = any(at + AGAIN_AFTER <= now for at, _ in moments)
    if not (is_long or newest + QUIET <= now):
        return None
    routes = await _open(work, unfinished, day, now)
    if not routes or not await _take_turn(work, newest, now):
        return None
    return await read_running(work, routes, now)


async def _take_turn(work: UnitOfWork, newest: datetime, now: datetime) -> bool:
    """Whether this state of the tours was never looked at, nor any other of late, by whatever process."""
    state, span = newest.isoformat(), int(now.timestamp() // AGAIN_AFTER.total_seconds())
    seen = await work.memory.seen(_OPERATION, [state, str(span), str(span - 1)])
    if state in seen or any(now < at + AGAIN_AFTER for at in seen.values()):
        return False
    await work.memory.remember(Remembered(_OPERATION, state, "", "", now))
    return await work.memory.remember(Remembered(_OPERATION, str(span), "", "", now))


async def _open(work: UnitOfWork, unfinished: Sequence[Route], day: str, now: datetime) -> list[Route]:
    """Tours of a day that may be changed: nobody has arranged them, and nobody picks their goods just now."""
    rules = (await work.accounts.merchant()).planning
    drivers = {driver.id: driver for driver in await work.fleet.drivers()}
    places = {place.id: place for place in await work.accounts.locations()}
    loaded, doors, found = loaded_ids(unfinished, now), 0, []
    for route in unfinished:
        driver = drivers.get(route.driver_id)
        is_there = driver is not None and Seat.of(driver, places, date.fromisoformat(route.date)) is not None
        is_settled = route.id in loaded or may_take_more(route, loaded, rules, now)
        if route.date != day or not is_there or not is_settled or route.is_by_hand:
            continue
        doors += len(doors_ahead(route))
        if doors <= MOST_VISITS:
            found.append(route)
    return sorted(found, key=lambda route: route.id)


async def _improve(means: Means, desk: RouteDesk, running: Running) -> None:
    problem = running.problem()
    budget_s = min(MOST_S, S_PER_DOOR * len(problem.visits))
    for told in await desk.improve(problem, roads_for(means, problem), budget_s=budget_s):
        try:
            await _tell(means, running, told)
        except StateConflict:
            continue  # one of its vans has gone on meanwhile; what was found for others may still be told


async def _tell(means: Means, running: Running, told: ToldRoutes) -> None:
    """Tell the drivers of some tours, unless a plan has begun meanwhile.

    Raises
    ------
    StateConflict
        If one of the tours is no longer as it was read.
    """
    now = means.clock.now()
    visits = [visit for tour in running.tours.values() for visit in tour.visits]
    changes = changed(running, told, [*(route.van_id for route in told.routes), *told.emptied], visits)
    async with means.begin(running.merchant.id) as work:
        if not await held_back_by(work, now):
            await tell_changes(work, changes, now)
