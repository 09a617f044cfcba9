"""The problem: which deliveries may be put on a route, and which vans may take them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.order import Location
from doorstep.parcel import total_weight_g
from doorstep.route import Driver, Route, RoutePlan, RouteStatus, Van, Visit
from doorstep.window import Window
from gateway.flow.ports import UnitOfWork

SERVICE_S = 180
"""Seconds at a door: park, walk, hand over."""

LOADING_S = 300
"""Seconds at the depot before a van leaves."""


def is_fixed(route: Route, now: datetime) -> bool:
    """A tour that has left, or is being loaded, stays as the driver was told it."""
    return route.status is RouteStatus.STARTED or route.starts_at <= now + timedelta(seconds=LOADING_S)


def is_open(plan: RoutePlan, route: Route, now: datetime) -> bool:
    """Whether this plan may put another tour in the place of an older one."""
    return not is_fixed(route, now) and (not plan.driver_ids or route.driver_id in plan.driver_ids)


def due_at(delivery: Delivery) -> datetime:
    """When it may first be handed over."""
    return delivery.promise.window.start if delivery.promise else delivery.created_at


async def waiting_for_a_tour(work: UnitOfWork, plan: RoutePlan, now: datetime) -> list[Delivery]:
    """What may be put on a route: booked with the own fleet, on no tour that stays, due soon enough.

    What lies on a tour that this plan replaces is planned again, asked for or not: it was told a driver.
    """
    merchant = await work.accounts.merchant()
    horizon = plan.created_at + timedelta(seconds=merchant.auto_plan_horizon_s or 86_400)
    taken: set[str] = set()
    loose: set[str] = set()
    for route in await work.routes.unfinished():
        ids = loose if is_open(plan, route, now) else taken
        ids.update(stop.delivery_id for stop in route.stops)
    chosen = []
    for delivery in await work.deliveries.unrouted(2000):
        wanted = delivery.id in plan.delivery_ids if plan.delivery_ids else due_at(delivery) <= horizon
        wanted = wanted or delivery.id in loose
        if wanted and delivery.id not in taken and delivery.destination.location is not None:
            chosen.append(delivery)
    return chosen


async def vans_on_duty(
    work: UnitOfWork, plan: RoutePlan, now: datetime
) -> tuple[list[Van], dict[str, Location]]:
    """Vans that can still leave on the plan's day, and all locations by id."""
    places = {place.id: place for place in await work.accounts.locations()}
    fixed = {r.driver_id: r for r in await work.routes.unfinished() if is_fixed(r, now)}
    vans = []
    for driver in await work.fleet.drivers():
        depot = places.get(driver.depot_id)
        wanted = not plan.driver_ids or driver.id in plan.driver_ids
        if not wanted or not driver.enabled or depot is None or depot.address.location is None:
            continue
        shift = _shift(driver, depot, date.fromisoformat(plan.date))
        if shift is None:
            continue
        free_from = now + timedelta(seconds=LOADING_S)
        if driver.id in fixed:
            free_from = max(free_from, fixed[driver.id].ends_at + timedelta(seconds=LOADING_S))
        start = max(shift.start, free_from)
        if start >= shift.end:
            continue
        vans.append(
            Van(
                id=driver.id,
                depot_id=driver.depot_id,
                start=depot.address.location,
                end=depot.address.location,
                shift=Window(start, shift.end),
                capacity_g=driver.capacity_g,
                capacity_ml=driver.capacity_ml,
            )
        )
    return vans, places


def _shift(driver: Driver, depot: Location, day: date) -> Window | None:
    """The hours on a day in the depot's time zone; a shift past midnight ends the day after."""
    if day.isoweekday() not in driver.weekdays:
        return None
    zone = ZoneInfo(depot.time_zone)
    start = datetime.combine(day, time.fromisoformat(driver.shift_start), zone)
    end = datetime.combine(day, time.fromisoformat(driver.shift_end), zone)
    return Window(start, end if end > start else end + timedelta(days=1))


def visit_of(delivery: Delivery, places: dict[str, Location]) -> Visit:
    """A delivery as the planner sees it.

    Raises
    ------
    ValueError
        If it has no place on the map.
    """
    location = delivery.destination.location
    if location is None:
        raise ValueError(f"{delivery.id} has no place on the map")
    volumes = [parcel.volume_ml or 0 for parcel in delivery.parcels]
    return Visit(
        id=delivery.id,
        depot_id=places[delivery.origin_id].id if delivery.origin_id in places else delivery.origin_id,
        location=location,
        service_s=SERVICE_S,
        weight_g=total_weight_g(delivery.parcels),
        volume_ml=sum(volumes),
        windows=(delivery.promise.window,) if delivery.promise else (),
    )
