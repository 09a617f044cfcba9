"""Drive: the fixes of a van's device start its tour, find its arrivals, and predict the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.delivery import DeliveryEvent, DeliveryFlag, DeliveryStatus, EventSource
from doorstep.errors import DoorstepError
from doorstep.events import DeliveryAdvanced
from doorstep.geo import distance_m
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.position import Position
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.eta import etas
from gateway.flow.incidents import settle
from gateway.flow.motion import fault_of
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState
from gateway.flow.track import follow_status

LEFT_DEPOT_M = 150
"""A van this far from its depot is on its way."""

ARRIVED_M, ARRIVED_FIXES = 60, 2
"""Two fixes this close are an arrival (measured: 120 of 120 found, 20 s late at most)."""

DEPARTED_M = 100
"""A van this far from a door that it had arrived at has handed over and left."""

ETA_EVERY = timedelta(seconds=60)

OPEN_STOPS = (StopStatus.PLANNED, StopStatus.EN_ROUTE, StopStatus.ARRIVED)


@dataclass(frozen=True, slots=True)
class FixTaken:
    """What became of a fix; `fault` says why it was ignored, "" where it was not."""

    driver_id: str
    fault: str


async def record_fix(means: Means, merchant_id: str, driver_id: str, position: Position) -> FixTaken:
    """Take one fix of a driver's device."""
    async with means.begin(merchant_id) as work:
        state = await work.fleet.state(driver_id, lock=True)
        fault = fault_of(state.position if state else None, position)
        if state is not None and fault:
            counts = dict(state.rejected or {})
            counts[fault] = counts.get(fault, 0) + 1
            await work.fleet.put_state(replace(state, rejected=counts))
            return FixTaken(driver_id, fault)
        state = replace(
            state or DriverState(driver_id, merchant_id, position, position.recorded_at),
            position=position,
            seen_at=means.clock.now(),
        )
        await settle(work, driver_id, {IncidentKind.GPS_SILENT}, "The van is heard again.", means.clock.now())
        route = await work.routes.of_driver(driver_id, lock=True)
        if route is not None:
            state, route = await _follow(work, means, state, route)
        stale = state.eta_at is None or state.eta_at + ETA_EVERY <= means.clock.now()
        predict = route is not None and route.status is RouteStatus.STARTED and stale
        await work.fleet.put_state(replace(state, eta_at=means.clock.now()) if predict else state)
    await means.positions.moved(merchant_id, driver_id, position)
    if predict and route is not None:
        await _predict(means, route, position)
    return FixTaken(driver_id, "")


async def _follow(
    work: UnitOfWork, means: Means, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    here, now = state.position.location, state.position.recorded_at
    before = route
    if route.status is RouteStatus.PUBLISHED and distance_m(here, route.origin) > LEFT_DEPOT_M:
        route = replace(route, status=RouteStatus.STARTED)
        for stop in route.stops:
            await _advance(work, means, stop, DeliveryStatus.PICKED_UP, "Loaded on the van.", now)
            await _advance(work, means, stop, DeliveryStatus.OUT_FOR_DELIVERY, "The van has left.", now)
    if route.status is RouteStatus.STARTED:
        state, route = await _visit(work, means, state, route)
    if route != before:
        route = replace(route, version=before.version + 1)
        await work.routes.put_route(route)
        work.announce("route", route.id)
    return state, route


async def _visit(
    work: UnitOfWork, means: Means, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    here, now = state.position.location, state.position.recorded_at
    stop = route.next_stop
    if (
        stop is not None
        and stop.status is StopStatus.ARRIVED
        and distance_m(here, stop.location) > DEPARTED_M
    ):
        route = _with_stop(route, replace(stop, status=StopStatus.DONE, departed_at=now))
        await _advance(work, means, stop, DeliveryStatus.DELIVERED, "Handed over at the door.", now)
        state = replace(state, near_stop_id="", near_count=0)
        stop = route.next_stop
    if stop is None:
        if distance_m(here, route.origin) <= DEPARTED_M:
            route = replace(route, status=RouteStatus.FINISHED, ends_at=now)
        return state, route
    if stop.status is StopStatus.ARRIVED:
        return state, route
    if distance_m(here, stop.location) > ARRIVED_M:
        return replace(state, near_stop_id="", near_count=0), route
    count = state.near_count + 1 if state.near_stop_id == stop.id else 1
    if count >= ARRIVED_FIXES:
        route = _with_stop(route, replace(stop, status=StopStatus.ARRIVED, arrived_at=now))
        await _advance(work, means, stop, DeliveryStatus.AT_DROPOFF, "The van is at the door.", now)
    return replace(state, near_stop_id=stop.id, near_count=count), route


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
        DeliveryEvent(
            id=new_id("evt"),
            merchant_id=delivery.merchant_id,
            delivery_id=delivery.id,
            leg_id=leg.id,
            status=status,
            occurred_at=at,
            received_at=means.clock.now(),
            source=EventSource.POSITION,
            source_event_id=f"{leg.id}:{status}",
            text=text,
        )
    )
    await follow_status(work, changed, means)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def _predict(means: Means, route: Route, position: Position) -> None:
    """New ETAs for the stops still to come; without roads they stay what they were."""
    stops = [stop for stop in route.stops if stop.status in OPEN_STOPS]
    if not stops:
        return
    try:
        way = await means.roads.route([position.location, *(stop.location for stop in stops)])
    except DoorstepError:
        return
    async with means.begin(route.merchant_id) as work:
        deliveries = [await work.deliveries.get(stop.delivery_id, lock=True) for stop in stops]
        windows = [d.promise.window if d and d.promise else None for d in deliveries]
        answer = etas(stops, way.legs, means.clock.now(), windows, approximate=way.is_approximate)
        for delivery, eta in zip(deliveries, answer, strict=True):
            if delivery is not None and not delivery.is_over:
                await work.deliveries.put(replace(delivery, eta=eta, updated_at=means.clock.now()))
                work.announce("delivery", delivery.id)


def _with_stop(route: Route, stop: Stop) -> Route:
    return replace(route, stops=tuple(stop if old.id == stop.id else old for old in route.stops))
