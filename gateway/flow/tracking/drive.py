"""Drive: the fixes of a van's device start its tour, find its arrivals, and predict the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.delivery import DeliveryFlag, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError
from doorstep.events import DeliveryAdvanced
from doorstep.geo import LatLng, decode_polyline, distance_m
from doorstep.incident import IncidentKind
from doorstep.position import Position
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState
from gateway.flow.tracking.eta import AHEAD, route_etas
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.tracking.motion import (
    ARRIVED_M,
    DEPARTED_M,
    OFF_ROUTE_FIXES,
    OFF_ROUTE_M,
    FixFault,
    StopEvent,
    StopState,
    WayEvent,
    WayState,
    at_stop,
    fault_of,
    on_way,
)
from gateway.flow.tracking.track import follow_status
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

LEFT_DEPOT_M = 150
"""A van this far from its depot is on its way."""

LEFT_DEPOT_WITHIN = timedelta(minutes=30)
"""A phone that was at the depot longer ago and is elsewhere now went home with its driver."""

SAME_DOOR_M = 30
"""Stops no farther apart are one halt: the van does not move between them."""

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
    watched = [stop.delivery_id for stop in _open_stops(route)[:SEEN_FROM_STOPS]] if route else []
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
    if route.status is RouteStatus.PUBLISHED and _has_left(route, last, state.position):
        route = replace(route, status=RouteStatus.STARTED)
        state = replace(state, stop_id="", way=WayState())
        for stop in _as_locked(_open_stops(route)):
            await _advance(work, means, stop, DeliveryStatus.PICKED_UP, "Loaded on the van.", at)
            await _advance(work, means, stop, DeliveryStatus.OUT_FOR_DELIVERY, "The van has left.", at)
    if route.status is RouteStatus.STARTED:
        state, route = await _visit(work, means, state, route)
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


async def _visit(
    work: UnitOfWork, means: Means, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    """Arrivals and departures: the halt that is next or being served, and the one after it."""
    here, at = state.position.location, state.position.recorded_at
    stops = _open_stops(route)
    halt = _halt(stops)
    if not halt:
        is_back = route.ends_anywhere or distance_m(here, route.origin) <= DEPARTED_M
        return state, replace(route, status=RouteStatus.FINISHED, ends_at=at) if is_back else route
    if state.stop_id != halt[0].id:
        fresh = StopState(is_there=halt[0].status is StopStatus.ARRIVED)
        state = replace(state, stop_id=halt[0].id, at_stop=fresh, at_next=StopState())
    spot, event = at_stop(state.at_stop, here, halt[0].location)
    following = _halt(stops[len(halt) :])
    is_at_next = False
    beside = StopState()
    if spot.is_there or event is StopEvent.DEPARTED:
        beside, is_at_next = _beside(state.at_next, here, halt, following)
    if event is StopEvent.ARRIVED:
        route = await _arrive(work, means, route, halt, at)
    elif event is StopEvent.DEPARTED or is_at_next:
        route = await _hand_over(work, means, route, halt, at)
        if is_at_next:
            route = await _arrive(work, means, route, following, at)
        next_id = following[0].id if following else ""
        return replace(state, stop_id=next_id, at_stop=beside, at_next=StopState()), route
    return replace(state, at_stop=spot, at_next=beside), route


def _beside(
    state: StopState, here: LatLng, halt: Sequence[Stop], following: Sequence[Stop]
) -> tuple[StopState, bool]:
    """Whether the van has come to the door after the one that it serves, which may be a few houses on."""
    if not following:
        return StopState(), False
    door = following[0].location
    if distance_m(here, door) >= distance_m(here, halt[0].location):
        return StopState(), False
    state, event = at_stop(state, here, door)
    return state, event is StopEvent.ARRIVED


async def _arrive(work: UnitOfWork, means: Means, route: Route, halt: Sequence[Stop], at: datetime) -> Route:
    for stop in _as_locked(halt):
        route = _with_stop(route, replace(stop, status=StopStatus.ARRIVED, arrived_at=at))
        await _advance(work, means, stop, DeliveryStatus.AT_DROPOFF, "The van is at the door.", at)
    return route


async def _hand_over(
    work: UnitOfWork, means: Means, route: Route, halt: Sequence[Stop], at: datetime
) -> Route:
    for stop in _as_locked(halt):
        route = _with_stop(route, replace(stop, status=StopStatus.DONE, departed_at=at))
        await _advance(work, means, stop, DeliveryStatus.DELIVERED, "Handed over at the door.", at)
    return route


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


async def _advance(
    work: UnitOfWork, means: Means, stop: Stop, status: DeliveryStatus, text: str, at: datetime
) -> None:
    delivery = await work.deliveries.get(stop.delivery_id, lock=True)
    leg = delivery.active_leg if delivery else None
    if delivery is None or leg is None or delivery.is_over:
        return
    ended = at if status is DeliveryStatus.DELIVERED else None
    picked_up = leg.picked_up_at or (at if status is DeliveryStatus.PICKED_UP else None)
    moved = replace(leg, status=status, picked_up_at=picked_up, ended_at=ended)
    changed = replace(
        delivery.with_leg(moved), status=status, updated_at=means.clock.now(), version=delivery.version + 1
    )
    changed = changed.with_flag(DeliveryFlag.COURIER_IMMINENT, status is DeliveryStatus.AT_DROPOFF)
    await work.deliveries.put(changed)
    await work.deliveries.add_event(
        leg_event(
            delivery,
            leg,
            status,
            EventSource.POSITION,
            text,
            key=status,
            at=at,
            received_at=means.clock.now(),
        )
    )
    await follow_status(work, changed, means)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


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
            for stop in _as_locked(stops)
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


def _as_locked(stops: Iterable[Stop]) -> list[Stop]:
    """In the order in which everybody locks deliveries: by their ids."""
    return sorted(stops, key=lambda stop: stop.delivery_id)


def _open_stops(route: Route) -> list[Stop]:
    return [stop for stop in route.stops if stop.status in (*AHEAD, StopStatus.ARRIVED)]


def _halt(stops: Sequence[Stop]) -> list[Stop]:
    """The first of these stops, and those right after it that are at the same door."""
    halt: list[Stop] = []
    for stop in stops:
        is_same = not halt or (
            stop.status == halt[0].status and distance_m(stop.location, halt[0].location) <= SAME_DOOR_M
        )
        if not is_same:
            break
        halt.append(stop)
    return halt


def _with_stop(route: Route, stop: Stop) -> Route:
    return replace(route, stops=tuple(stop if old.id == stop.id else old for old in route.stops))
