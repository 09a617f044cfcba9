"""A solution becomes routes: what it replaces is withdrawn, drivers and shoppers are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound
from doorstep.events import DeliveryAdvanced, RoutePlanned
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.route import (
    Driver,
    PlannedRoute,
    PlanProgress,
    Route,
    RoutePlan,
    RoutePlanStatus,
    RouteSolution,
    RouteStatus,
    Stop,
    StopStatus,
)
from gateway.flow.dispatching.hand_on import hand_on_unassigned
from gateway.flow.planning.problem import SERVICE_S, is_open
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.leg_events import leg_event

_STILL_HERE = (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)


async def keep_solution(
    means: Means, plan: RoutePlan, begun: datetime, waiting: Sequence[Delivery], solution: RouteSolution
) -> None:
    """Put its routes in the place of those that may still change; `begun` is when the problem was read."""
    now = means.clock.now()
    async with means.begin(plan.merchant_id) as work:
        # Between the question and the answer a van may have left, or an order been cancelled.
        busy_until: dict[str, datetime] = {}
        for seen in await work.routes.unfinished():
            # Locked before it is judged: a fix may be starting this very tour.
            old = await work.routes.route(seen.id, lock=True) or seen
            if is_open(plan, old, begun):
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


def _place_of(delivery: Delivery) -> LatLng:
    if delivery.destination.location is None:
        raise NotFound(delivery.id)
    return delivery.destination.location
