"""Halts: a van's arrivals at doors and departures from them, and what they mean for its deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from doorstep.delivery import DeliveryEvent, DeliveryFlag, EventSource, as_it_was
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import DeliveryAdvanced
from doorstep.geo import LatLng, distance_m
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState
from gateway.flow.tracking.eta import AHEAD
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.tracking.motion import DEPARTED_M, StopEvent, StopState, at_stop
from gateway.flow.tracking.track import follow_status

SAME_DOOR_M = 30
"""Stops no farther apart are one halt: the van does not move between them."""


class HaltEvent(StrEnum):
    """What a van did at the doors of a halt."""

    ARRIVED = "ARRIVED"
    HANDED_OVER = "HANDED_OVER"
    OVER = "OVER"
    """Nothing is left, and the van is back."""


Happening = tuple[HaltEvent, tuple[Stop, ...]]
"""What happened, and the stops that it happened at."""


def look(state: DriverState, route: Route) -> tuple[DriverState, tuple[Happening, ...]]:
    """The state after a believed fix, and what it says of the next halt, or of the one after it. Pure."""
    here = state.position.location
    stops = open_stops(route)
    halt = _halt(stops)
    if not halt:
        is_back = route.ends_anywhere or distance_m(here, route.origin) <= DEPARTED_M
        return state, ((HaltEvent.OVER, ()),) if is_back else ()
    if state.stop_id != halt[0].id:
        fresh = StopState(is_there=halt[0].status is StopStatus.ARRIVED)
        state = replace(state, stop_id=halt[0].id, at_stop=fresh, at_next=StopState())
    spot, event = at_stop(state.at_stop, here, halt[0].location)
    following = _halt(stops[len(halt) :])
    is_at_next = False
    beside = StopState()
    if spot.is_there or event is StopEvent.DEPARTED:
        beside, is_at_next = _beside(state.at_next, here, halt, following)
    if event is not StopEvent.ARRIVED and (event is StopEvent.DEPARTED or is_at_next):
        happened: list[Happening] = [(HaltEvent.HANDED_OVER, tuple(halt))]
        if is_at_next:
            happened.append((HaltEvent.ARRIVED, tuple(following)))
        next_id = following[0].id if following else ""
        return replace(state, stop_id=next_id, at_stop=beside, at_next=StopState()), tuple(happened)
    arrived = ((HaltEvent.ARRIVED, tuple(halt)),) if event is StopEvent.ARRIVED else ()
    return replace(state, at_stop=spot, at_next=beside), arrived


async def visit(
    work: UnitOfWork, means: Means, state: DriverState, route: Route
) -> tuple[DriverState, Route]:
    """Arrivals and departures: the halt that is next or being served, and the one after it."""
    at = state.position.recorded_at
    state, happened = look(state, route)
    for event, stops in happened:
        if event is HaltEvent.OVER:
            route = replace(route, status=RouteStatus.FINISHED, ends_at=at)
        elif event is HaltEvent.ARRIVED:
            route = await _arrive(work, means, route, stops, at)
        else:
            route = await _hand_over(work, means, route, stops, at)
    return state, route


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
    for stop in as_locked(halt):
        route = _with_stop(route, replace(stop, status=StopStatus.ARRIVED, arrived_at=at))
        await advance(work, means, stop, DeliveryStatus.AT_DROPOFF, "The van is at the door.", at)
    return route


async def _hand_over(
    work: UnitOfWork, means: Means, route: Route, halt: Sequence[Stop], at: datetime
) -> Route:
    for stop in as_locked(halt):
        route = _with_stop(route, replace(stop, status=StopStatus.DONE, departed_at=at))
        await advance(work, means, stop, DeliveryStatus.DELIVERED, "Handed over at the door.", at)
    return route


async def advance(
    work: UnitOfWork, means: Means, stop: Stop, status: DeliveryStatus, text: str, at: datetime
) -> None:
    """What the van did at a stop, or with its goods, is the delivery's status."""
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
    event = leg_event(
        delivery,
        leg,
        status,
        EventSource.POSITION,
        text,
        key=f"{status} {stop.id}",
        at=at,
        received_at=means.clock.now(),
    )
    if not await work.deliveries.add_event(event):
        await _add_again(work, event, changed.version)
    await follow_status(work, changed, means)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def _add_again(work: UnitOfWork, event: DeliveryEvent, version: int) -> None:
    """What a van did at a door once more, since the first time was none, as a person said."""
    known = as_it_was(await work.deliveries.events(event.delivery_id))
    if not any(one.source_event_id.startswith(event.source_event_id) for one in known):
        await work.deliveries.add_event(replace(event, source_event_id=f"{event.source_event_id} {version}"))


def as_locked(stops: Iterable[Stop]) -> list[Stop]:
    """In the order in which everybody locks deliveries: by their ids."""
    return sorted(stops, key=lambda stop: stop.delivery_id)


def open_stops(route: Route) -> list[Stop]:
    """Stops that the van has still to come to, or stands at."""
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
