"""Drive: the fixes of a van's device start its tour, find its arrivals, and predict the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError
from doorstep.geo import decode_polyline, distance_m
from doorstep.incident import IncidentKind
from doorstep.position import Position
from doorstep.route import Route, RouteStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState
from gateway.flow.tracking.eta import AHEAD, route_etas
from gateway.flow.tracking.halts import advance, as_locked, open_stops, visit
from gateway.flow.tracking.motion import (
    ARRIVED_M,
    OFF_ROUTE_FIXES,
    OFF_ROUTE_M,
    FixFault,
    WayEvent,
    WayState,
    fault_of,
    on_way,
)
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

LEFT_DEPOT_M = 150
"""A van this far from its depot is on its way."""

LEFT_DEPOT_WITHIN = timedelta(minutes=30)
"""A phone that was at the depot longer ago and is elsewhere now went home with its driver."""

LEAVES_EARLY = timedelta(hours=3)
"""A van that leaves the depot longer before its tour begins is on another errand, or its driver goes home."""

ETA_EVERY = timedelta(seconds=60)

SEEN_FROM_STOPS = 4
"""How many shoppers ahead are told that the van moved; whether they see where is decided where they look."""


@dataclass(frozen=True, slots=True)
class FixTaken:
    """What became of a fix; `fault` is the `FixFault` it was ignored for, "" where it was not."""

    driver_id: str
    fault: str


async def record_fix(means: Means, merchant_id: str, driver_id: str, position: Position) -> FixTaken:
    """Take one fix of a driver's device."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        known = await work.fleet.state(driver_id, lock=True)
        last = known.position if known else None
        fault = fault_of(last, position, now)
        if fault is not None:
            if known is not None:
                await work.fleet.put_state(_counted(known, fault))
            return FixTaken(driver_id, fault)
        state = known or DriverState(driver_id, merchant_id, position, now)
        state = replace(state, position=position, seen_at=now)
        await settle(work, driver_id, {IncidentKind.GPS_SILENT}, "The van is heard again.", now)
        route = await work.routes.of_driver(driver_id, lock=True)
        if route is not None:
            state, route = await _follow(work, means, last, state, route)
        stale = state.eta_at is None or state.eta_at + ETA_EVERY <= now
        predict = route is not None and route.status is RouteStatus.STARTED and stale
        await work.fleet.put_state(replace(state, eta_at=now) if predict else state)
    watched = [stop.delivery_id for stop in open_stops(route)[:SEEN_FROM_STOPS]] if route else []
    await means.positions.moved(merchant_id, driver_id, position, watched)
    if predict and route is not None:
        await _predict(means, route, position)
    return FixTaken(driver_id, "")


def _counted(state: DriverState, fault: FixFault) -> DriverState:
    counts = dict(state.rejected or {})
    counts[fault] = counts.get(fault, 0) + 1
    return replace(state, rejected=counts)


async def _follow(
    work: UnitOfWork, means: Means, last: Position | None, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    """What a believed fix means for the driver's tour."""
    before, at = route, state.position.recorded_at
    is_due = route.starts_at - LEAVES_EARLY <= at
    if route.status is RouteStatus.PUBLISHED and is_due and _has_left(route, last, state.position):
        route = replace(route, status=RouteStatus.STARTED)
        state = replace(state, stop_id="", way=WayState())
        for stop in as_locked(open_stops(route)):
            await advance(work, means, stop, DeliveryStatus.PICKED_UP, "Loaded on the van.", at)
            await advance(work, means, stop, DeliveryStatus.OUT_FOR_DELIVERY, "The van has left.", at)
    if route.status is RouteStatus.STARTED:
        state, route = await visit(work, means, state, route)
        state = await _keep_to_way(work, means, state, route)
    if route != before:
        route = replace(route, version=before.version + 1)
        await work.routes.put_route(route)
        work.announce("route", route.id)
    return state, route


def _has_left(route: Route, last: Position | None, fix: Position) -> bool:
    """Whether the van has just left the depot, or stands at the first door without having been seen to.

    Being elsewhere is not enough: a driver comes from home in the morning.
    """
    here = fix.location
    if distance_m(here, route.origin) <= LEFT_DEPOT_M:
        return False
    was_there = (
        last is not None
        and fix.recorded_at - last.recorded_at <= LEFT_DEPOT_WITHIN
        and distance_m(last.location, route.origin) <= LEFT_DEPOT_M
    )
    first = route.next_stop
    return was_there or (first is not None and distance_m(here, first.location) <= ARRIVED_M)


async def _keep_to_way(work: UnitOfWork, means: Means, state: DriverState, route: Route) -> DriverState:
    """Notice a van that leaves the planned way; straight lines of an estimate are none to keep to."""
    now = means.clock.now()
    if route.status is RouteStatus.FINISHED:
        await settle(work, state.driver_id, {IncidentKind.OFF_ROUTE}, "The tour is over.", now)
        return replace(state, way=WayState())
    if state.at_stop.is_there:
        return state
    path = () if route.is_approximate else decode_polyline(route.polyline)
    way, event = on_way(state.way, state.position.location, path)
    if event is WayEvent.LEFT:
        driver = await work.fleet.driver(state.driver_id)
        name = driver.vehicle_name if driver and driver.vehicle_name else "A van"
        alarm = Alarm(
            IncidentKind.OFF_ROUTE,
            title=f"{name} is off its route",
            evidence=f"{OFF_ROUTE_FIXES} fixes in a row were over {OFF_ROUTE_M:g} m from the planned way.",
            driver_id=state.driver_id,
        )
        await raise_incident(work, alarm, now)
    elif event is WayEvent.BACK:
        await settle(work, state.driver_id, {IncidentKind.OFF_ROUTE}, "The van is back on its way.", now)
    return replace(state, way=way)


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
        found = {
            stop.delivery_id: await work.deliveries.get(stop.delivery_id, lock=True)
            for stop in as_locked(stops)
        }
        deliveries = [found[stop.delivery_id] for stop in stops]
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
        for delivery, stop in zip(deliveries, answer, strict=True):
            if delivery is not None and not delivery.is_over:
                await work.deliveries.put(replace(delivery, eta=stop.eta, updated_at=means.clock.now()))
                work.announce("delivery", delivery.id)
