"""Drive: the fixes of a van's device start its tour, find its arrivals, and predict the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError
from doorstep.incident import IncidentKind
from doorstep.position import Position
from doorstep.route import Route, RouteStatus
from doorstep.visibility import Shown, TrackingAudience, TrackingField, VisibilityRules
from gateway.flow.learning.eta_asked import Asked, foretell
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState
from gateway.flow.tracking.eta import AHEAD, route_etas
from gateway.flow.tracking.halts import advance, as_locked, open_stops, visit
from gateway.flow.tracking.motion import WayEvent
from gateway.flow.tracking.passing import begins, fresh, keep_to_way, pass_quietly
from gateway.flow.watching.incidents import Alarm, raise_if_new, settle

ETA_EVERY = timedelta(seconds=60)

MOST_WATCHED = 20
"""Shoppers ahead who are told that the van moved; whether they see where is decided where they look."""

AT_ONCE = 3
"""Vans whose arrivals are worked out beside each other: few, so that fixes are kept in between."""


async def follow_up(means: Means, merchant_id: str, driver_ids: Sequence[str]) -> None:
    """Work out what the fixes of some drivers mean that are kept and that nobody has looked at yet.

    What was looked at is noted in the same transaction as what followed from it: whoever dies in between
    leaves it to the next one.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def follow(driver_id: str) -> None:
        async with places:
            await _follow_one(means, merchant_id, driver_id)

    eventful = await _pass_quiet(means, merchant_id, sorted(set(driver_ids)))
    await asyncio.gather(*(follow(driver_id) for driver_id in eventful))


async def _pass_quiet(means: Means, merchant_id: str, driver_ids: Sequence[str]) -> Sequence[str]:
    """Note the fixes that mean nothing for a tour, all together; gives the drivers with others."""
    now = means.clock.now()
    watched: dict[str, Sequence[str]] = {}
    eventful: list[str] = []
    async with means.begin(merchant_id) as work:
        states = await work.fleet.lock_states(driver_ids)
        unread = await work.positions.unread({id_: _read_to(states.get(id_)) for id_ in driver_ids})
        routes = await work.routes.of_drivers(list(unread))
        merchant = await work.accounts.merchant()
        rules, silent = merchant.watch, timedelta(seconds=merchant.watch.gps_silent_s)
        after: list[DriverState] = []
        for driver_id, fixes in unread.items():
            state, route = states.get(driver_id), routes.get(driver_id)
            passed = None
            if state is not None and not _is_due(state, route, now) and state.seen_at + silent > now:
                passed = pass_quietly(state, route, fixes, rules)
            if passed is None:
                eventful.append(driver_id)
            else:
                after.append(replace(passed, seen_at=now))
                watched[driver_id] = watched_by(route, merchant.visibility)
        await work.fleet.put_states(after)
    await means.positions.seen(merchant_id, {one.driver_id: one.position for one in after}, watched)
    return eventful


async def _follow_one(means: Means, merchant_id: str, driver_id: str) -> None:
    """Everything that a driver's unread fixes mean, one after the other."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        known = (await work.fleet.lock_states([driver_id])).get(driver_id)
        unread = await work.positions.unread({driver_id: _read_to(known)})
        fixes = unread.get(driver_id, ())
        if not fixes:
            return
        last = known.position if known else None
        state = known or DriverState(driver_id, merchant_id, fixes[0], now)
        await settle(work, driver_id, {IncidentKind.GPS_SILENT}, "The van is heard again.", now)
        route = await work.routes.of_driver(driver_id, lock=True)
        for fix in fixes:
            state = replace(state, position=fix, read_to=fix.recorded_at, seen_at=now)
            if route is not None:
                state, route = await follow_fix(work, means, last, state, route)
            last = fix
        predict = route is not None and _is_due(state, route, now)
        await work.fleet.put_state(replace(state, eta_at=now) if predict else state)
        seen_by = watched_by(route, (await work.accounts.merchant()).visibility)
    await means.positions.seen(merchant_id, {driver_id: fixes[-1]}, {driver_id: seen_by})
    if predict and route is not None:
        await _predict(means, route, fixes[-1])


def _read_to(state: DriverState | None) -> datetime | None:
    """Up to when a driver's fixes were looked at."""
    return (state.read_to or state.position.recorded_at) if state is not None else None


def _is_due(state: DriverState, route: Route | None, now: datetime) -> bool:
    """Whether the ETAs of a tour under way are to be worked out anew."""
    if route is None or route.status is not RouteStatus.STARTED:
        return False
    return state.eta_at is None or state.eta_at + ETA_EVERY <= now


def watched_by(route: Route | None, rules: VisibilityRules) -> Sequence[str]:
    """The deliveries whose shoppers may see the van now or at the next door."""
    rule = rules.of(TrackingAudience.SHOPPER, TrackingField.LIVE_PLACE)
    if route is None or rule is None or rule.shown is Shown.NEVER:
        return ()
    most = MOST_WATCHED if rule.stops_before is None else rule.stops_before + 1
    stops = open_stops(route)[:most]
    return [stop.delivery_id for stop in stops if stop.delivery_id]


async def follow_fix(
    work: UnitOfWork, means: Means, last: Position | None, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    """What a believed fix means for the driver's tour."""
    before, at = route, state.position.recorded_at
    if begins(route, last, state.position):
        route = replace(route, status=RouteStatus.STARTED)
        state = replace(fresh(state), stop_id="")
        for stop in as_locked(open_stops(route)):
            await advance(work, means, stop, DeliveryStatus.PICKED_UP, "Loaded on the van.", at)
            await advance(work, means, stop, DeliveryStatus.OUT_FOR_DELIVERY, "The van has left.", at)
    if route.status is RouteStatus.STARTED:
        state, route = await visit(work, means, state, route)
        state = await _notice(work, means, state, route)
    if route != before:
        route = replace(route, version=before.version + 1)
        await work.routes.put_route(route)
        work.announce("route", route.id)
    return state, route


async def _notice(work: UnitOfWork, means: Means, state: DriverState, route: Route) -> DriverState:
    """A van that leaves its way is an incident until it is back."""
    now = means.clock.now()
    if route.status is RouteStatus.FINISHED:
        await settle(work, state.driver_id, {IncidentKind.OFF_ROUTE}, "The tour is over.", now)
        return fresh(state)
    rules = (await work.accounts.merchant()).watch
    state, off_way = keep_to_way(state, route, rules)
    if off_way is WayEvent.LEFT:
        since = state.way.since or state.position.recorded_at
        lasted_s = int((state.position.recorded_at - since).total_seconds())
        driver = await work.fleet.driver(state.driver_id)
        name = driver.vehicle_name if driver and driver.vehicle_name else "A van"
        alarm = Alarm(
            IncidentKind.OFF_ROUTE,
            title=f"{name} is off its route",
            evidence=f"For {lasted_s} s it has been over {rules.off_route_m} m from the planned way.",
            driver_id=state.driver_id,
        )
        await raise_if_new(work, alarm, rules, now)
    elif off_way is WayEvent.BACK:
        await settle(work, state.driver_id, {IncidentKind.OFF_ROUTE}, "The van is back on its way.", now)
    return state


async def _predict(means: Means, route: Route, position: Position) -> None:
    """New ETAs for the stops still to come; without roads they stay what they were."""
    stops = [stop for stop in route.stops if stop.status in AHEAD]
    if not stops:
        return
    try:
        way = await means.roads.route([position.location, *(stop.location for stop in stops)])
    except DoorstepError:
        return
    async with means.begin(route.merchant_id) as work:
        found = await work.deliveries.several([stop.delivery_id for stop in stops], lock=True)
        deliveries = [found.get(stop.delivery_id) for stop in stops]
        answer = route_etas(
            route,
            [leg.seconds for leg in way.legs],
            now=means.clock.now(),
            opens_at={
                stop.id: delivery.promise.window.start
                for stop, delivery in zip(stops, deliveries, strict=True)
                if delivery is not None and delivery.promise is not None
            },
            is_approximate=way.is_approximate,
        )
        asked = [
            Asked(delivery, stop.eta)
            for delivery, stop in zip(deliveries, answer, strict=True)
            if delivery is not None and not delivery.is_over
        ]
        now = means.clock.now()
        told = [replace(one, updated_at=now) for one in await foretell(work, means, asked)]
        await work.deliveries.put_foretold(told)
        for one in told:
            work.announce("delivery", one.id)
