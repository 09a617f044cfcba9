"""Plan: own-fleet deliveries of the next hours become routes that drivers are told."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery, DeliveryStatus, EventSource
from doorstep.errors import DoorstepError, NotFound
from doorstep.events import DeliveryAdvanced, PlanRequested, RoutePlanned
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.order import Location
from doorstep.parcel import total_weight_g
from doorstep.route import (
    Driver,
    PlannedRoute,
    PlanProgress,
    Route,
    RoutePlan,
    RoutePlanStatus,
    RouteProblem,
    RouteSolution,
    RouteStatus,
    Stop,
    StopStatus,
    Van,
    Visit,
)
from doorstep.window import Window
from gateway.flow.dispatching.hand_on import hand_on_unassigned
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.leg_events import leg_event

_STILL_HERE = (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)

SERVICE_S = 180
"""Seconds at a door: park, walk, hand over."""

LOADING_S = 300
"""Seconds at the depot before a van leaves."""


async def request_plan(
    means: Means,
    merchant_id: str,
    day: date,
    *,
    delivery_ids: Sequence[str] = (),
    driver_ids: Sequence[str] = (),
    time_limit_s: float,
) -> RoutePlan:
    """Queue a plan for a day; () plans all deliveries that wait, with all drivers on duty."""
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        plan = RoutePlan(
            id=new_id("pla"),
            merchant_id=merchant_id,
            date=day.isoformat(),
            status=RoutePlanStatus.QUEUED,
            created_at=means.clock.now(),
            time_limit_s=time_limit_s,
            progress=PlanProgress(0.0, 0.0, 0, 0),
            currency=merchant.currency,
            delivery_ids=tuple(delivery_ids),
            driver_ids=tuple(driver_ids),
        )
        await work.routes.put_plan(plan)
        work.announce("plan", plan.id)
        await work.emit(PlanRequested(merchant_id, plan.id))
        return plan


async def plan_routes(event: PlanRequested, means: Means) -> None:
    """Solve a queued plan, keep its routes and tell the drivers."""
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        plan = await work.routes.plan(event.plan_id, lock=True)
        if plan is None or plan.status not in {RoutePlanStatus.QUEUED, RoutePlanStatus.RUNNING}:
            return
        waiting = await _waiting(work, plan, now)
        vans, places = await _vans(work, plan, now)
        plan = replace(plan, status=RoutePlanStatus.RUNNING, delivery_ids=tuple(d.id for d in waiting))
        await work.routes.put_plan(plan)
        work.announce("plan", plan.id)
    problem = RouteProblem(epoch=now, visits=tuple(_visit(d, places) for d in waiting), vans=tuple(vans))
    try:
        solution = await _solve(means, plan, problem)
    except DoorstepError as error:
        await _fail(means, plan, error)
        return
    await _keep(means, plan, now, waiting, solution)


async def _solve(means: Means, plan: RoutePlan, problem: RouteProblem) -> RouteSolution:
    """Solve, and write down twice a second how far it is, so that whoever looks sees it."""
    latest = [plan.progress]
    solving = asyncio.ensure_future(
        means.planner.plan(
            problem,
            means.roads,
            budget_s=plan.time_limit_s,
            seed=zlib.crc32(plan.id.encode()),
            on_progress=lambda progress: latest.__setitem__(0, progress),
        )
    )
    told = plan.progress
    while not solving.done():
        await asyncio.wait({solving}, timeout=0.5)
        if latest[0] != told and not solving.done():
            told = latest[0]
            async with means.begin(plan.merchant_id) as work:
                await work.routes.put_plan(replace(plan, progress=told))
                work.announce("plan", plan.id)
    return solving.result()


async def plan_due(means: Means, merchant_id: str) -> RoutePlan | None:
    """Request a plan if own-fleet deliveries come due within the merchant's horizon and a van is free."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if merchant.auto_plan_horizon_s <= 0:
            return None
        horizon = now + timedelta(seconds=merchant.auto_plan_horizon_s)
        due = [
            d for d in await work.deliveries.unrouted(2000) if _starts(d) <= horizon and d.driver_id is None
        ]
        busy = {
            route.driver_id for route in await work.routes.unfinished() if route.status is RouteStatus.STARTED
        }
        free = [d for d in await work.fleet.drivers() if d.enabled and d.id not in busy]
        day = now.astimezone(ZoneInfo(merchant.time_zone)).date()
    if not due or not free:
        return None
    return await request_plan(means, merchant_id, day, time_limit_s=search_time_s(len(due)))


def search_time_s(visits: int) -> float:
    """How long a search may take: small problems are solved at once, large ones gain for a while."""
    return min(10.0, 0.3 + 0.02 * visits)


def _is_fixed(route: Route, now: datetime) -> bool:
    """A tour that has left, or is being loaded, stays as the driver was told it."""
    return route.status is RouteStatus.STARTED or route.starts_at <= now + timedelta(seconds=LOADING_S)


def _is_open(plan: RoutePlan, route: Route, now: datetime) -> bool:
    """Whether this plan may put another tour in the place of an older one."""
    return not _is_fixed(route, now) and (not plan.driver_ids or route.driver_id in plan.driver_ids)


def _starts(delivery: Delivery) -> datetime:
    return delivery.promise.window.start if delivery.promise else delivery.created_at


async def _waiting(work: UnitOfWork, plan: RoutePlan, now: datetime) -> list[Delivery]:
    """What may be put on a route: booked with the own fleet, on no tour that stays, due soon enough.

    What lies on a tour that this plan replaces is planned again, asked for or not: it was told a driver.
    """
    merchant = await work.accounts.merchant()
    horizon = plan.created_at + timedelta(seconds=merchant.auto_plan_horizon_s or 86_400)
    taken: set[str] = set()
    loose: set[str] = set()
    for route in await work.routes.unfinished():
        ids = loose if _is_open(plan, route, now) else taken
        ids.update(stop.delivery_id for stop in route.stops)
    chosen = []
    for delivery in await work.deliveries.unrouted(2000):
        wanted = delivery.id in plan.delivery_ids if plan.delivery_ids else _starts(delivery) <= horizon
        wanted = wanted or delivery.id in loose
        if wanted and delivery.id not in taken and delivery.destination.location is not None:
            chosen.append(delivery)
    return chosen


async def _vans(work: UnitOfWork, plan: RoutePlan, now: datetime) -> tuple[list[Van], dict[str, Location]]:
    places = {place.id: place for place in await work.accounts.locations()}
    fixed = {r.driver_id: r for r in await work.routes.unfinished() if _is_fixed(r, now)}
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


def _visit(delivery: Delivery, places: dict[str, Location]) -> Visit:
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


async def _keep(
    means: Means, plan: RoutePlan, begun: datetime, waiting: Sequence[Delivery], solution: RouteSolution
) -> None:
    now = means.clock.now()
    async with means.begin(plan.merchant_id) as work:
        # Between the question and the answer a van may have left, or an order been cancelled.
        busy_until: dict[str, datetime] = {}
        for seen in await work.routes.unfinished():
            # Locked before it is judged: a fix may be starting this very tour.
            old = await work.routes.route(seen.id, lock=True) or seen
            if _is_open(plan, old, begun):
                await _withdraw(work, old)
            else:
                busy_until[old.driver_id] = max(old.ends_at, busy_until.get(old.driver_id, old.ends_at))
        deliveries = {
            d.id: d
            for d in [await work.deliveries.get(w.id, lock=True) for w in waiting]
            if d and d.status in _STILL_HERE
        }
        for planned in solution.routes:
            if planned.starts_at >= busy_until.get(planned.van_id, planned.starts_at):
                await _publish(work, plan, planned, deliveries, now)
        await hand_on_unassigned(work, solution, deliveries, now)
        ready = replace(
            plan,
            status=RoutePlanStatus.PUBLISHED,
            method=solution.method,
            cost_minor=solution.cost_minor,
            unassigned=solution.unassigned,
            published_at=now,
            progress=PlanProgress(
                1.0,
                (now - plan.created_at).total_seconds(),
                len(waiting) - len(solution.unassigned),
                len(solution.unassigned),
            ),
            version=plan.version + 1,
        )
        await work.routes.put_plan(ready)
        work.announce("plan", plan.id)
        await work.emit(RoutePlanned(plan.merchant_id, plan.id))


async def _publish(
    work: UnitOfWork, plan: RoutePlan, planned: PlannedRoute, deliveries: dict[str, Delivery], now: datetime
) -> None:
    driver = await work.fleet.driver(planned.van_id)
    places = {place.id: place for place in await work.accounts.locations()}
    depot = places.get(driver.depot_id) if driver else None
    stops = [stop for stop in planned.stops if stop.visit_id in deliveries]
    if driver is None or depot is None or depot.address.location is None or not stops:
        return
    route = Route(
        id=new_id("rte"),
        merchant_id=plan.merchant_id,
        plan_id=plan.id,
        driver_id=driver.id,
        date=plan.date,
        status=RouteStatus.PUBLISHED,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        stops=tuple(
            Stop(
                id=new_id("stp"),
                delivery_id=stop.visit_id,
                sequence=place,
                status=StopStatus.PLANNED,
                location=_place_of(deliveries[stop.visit_id]),
                planned_arrival=stop.service_start,
                service_s=SERVICE_S,
            )
            for place, stop in enumerate(stops, start=1)
        ),
        polyline=encode_polyline(planned.path),
        distance_m=planned.distance_m,
        driving_s=planned.driving_s,
        origin=depot.address.location,
        is_approximate=planned.is_approximate,
    )
    await work.routes.put_route(route)
    for stop in route.stops:
        await _assign(work, deliveries[stop.delivery_id], driver, now)


async def _assign(work: UnitOfWork, delivery: Delivery, driver: Driver, now: datetime) -> None:
    leg = delivery.active_leg
    if leg is not None and leg.status is DeliveryStatus.BOOKED:
        delivery = delivery.with_leg(replace(leg, status=DeliveryStatus.COURIER_ASSIGNED))
        delivery = replace(delivery, status=DeliveryStatus.COURIER_ASSIGNED)
        await work.deliveries.add_event(
            leg_event(
                delivery,
                leg,
                DeliveryStatus.COURIER_ASSIGNED,
                EventSource.RULE,
                "On a van's route.",
                key="assigned",
                at=now,
            )
        )
    await work.deliveries.put(
        replace(delivery, driver_id=driver.id, updated_at=now, version=delivery.version + 1)
    )
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def _withdraw(work: UnitOfWork, route: Route) -> None:
    """A route that has not left is replaced by the new plan; its deliveries wait again."""
    await work.routes.put_route(replace(route, status=RouteStatus.CANCELLED, version=route.version + 1))
    for stop in route.stops:
        delivery = await work.deliveries.get(stop.delivery_id, lock=True)
        if delivery is not None and not delivery.is_over and delivery.driver_id == route.driver_id:
            await work.deliveries.put(replace(delivery, driver_id=None))


async def _fail(means: Means, plan: RoutePlan, error: DoorstepError) -> None:
    async with means.begin(plan.merchant_id) as work:
        await work.routes.put_plan(
            replace(plan, status=RoutePlanStatus.FAILED, problem=error.message, version=plan.version + 1)
        )
        work.announce("plan", plan.id)


def _place_of(delivery: Delivery) -> LatLng:
    if delivery.destination.location is None:
        raise NotFound(delivery.id)
    return delivery.destination.location
