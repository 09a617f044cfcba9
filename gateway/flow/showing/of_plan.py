"""From what is kept of a plan to its sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.geo import LatLng, decode_polyline
from doorstep.money import Money
from doorstep.parcel import total_weight_g
from doorstep.route import Route, RoutePlan, RouteStatus, Stop
from doorstep.route_solution import UnassignedVisit
from gateway.flow.showing.sheet import LooseDelivery, PlanSheet, StopLine, TourSheet, window_of


def sheet_of_plan(
    plan: RoutePlan,
    routes: Sequence[Route],
    drivers: Mapping[str, Driver],
    deliveries: Mapping[str, Delivery],
    time_zone: str,
) -> PlanSheet:
    """A kept plan with the tours that it made; tours that another plan replaced only if all of them are."""
    live = [route for route in routes if route.status is not RouteStatus.CANCELLED]
    shown = sorted(live or routes, key=lambda route: (route.starts_at, route.id))
    return PlanSheet(
        title=f"Routes of {plan.date}",
        method=plan.method,
        cost=None if plan.cost_minor is None else Money(plan.cost_minor, plan.currency),
        zone=ZoneInfo(time_zone),
        tours=tuple(_tour(route, drivers.get(route.driver_id), deliveries) for route in shown),
        loose=tuple(_loose(visit, deliveries.get(visit.visit_id)) for visit in plan.unassigned),
    )


def sheet_of_route(
    route: Route, driver: Driver | None, deliveries: Mapping[str, Delivery], time_zone: str
) -> PlanSheet:
    """One kept tour."""
    return PlanSheet(
        title=f"Route of {route.date}",
        method="",
        cost=None if route.cost_minor is None else Money(route.cost_minor, route.currency),
        zone=ZoneInfo(time_zone),
        tours=(_tour(route, driver, deliveries),),
    )


def _tour(route: Route, driver: Driver | None, deliveries: Mapping[str, Delivery]) -> TourSheet:
    return TourSheet(
        driver=driver.name if driver else "",
        vehicle=driver.vehicle_name if driver else "",
        starts_at=route.starts_at,
        ends_at=route.ends_at,
        start=route.origin,
        end=None if route.ends_anywhere else route.origin,
        stops=tuple(_line(stop, deliveries.get(stop.delivery_id)) for stop in route.stops),
        distance_m=route.distance_m,
        driving_s=route.driving_s,
        path=_path(route),
        is_approximate=route.is_approximate,
        fullness=route.load.fraction,
        co2e_g=driver.co2e_g(route.distance_m) if driver else None,
    )


def _path(route: Route) -> tuple[LatLng, ...]:
    return tuple(decode_polyline(route.polyline)) if route.polyline else ()


def _line(stop: Stop, delivery: Delivery | None) -> StopLine:
    return StopLine(
        number=stop.sequence,
        kind=stop.kind,
        place=stop.location,
        service_start=stop.planned_arrival,
        departure=stop.planned_arrival + timedelta(seconds=stop.service_s),
        window=window_of(stop.windows, stop.planned_arrival),
        late_s=stop.late_s,
        delivery_id=stop.delivery_id,
        reference=delivery.reference if delivery else "",
        address=delivery.destination.one_line if delivery else "",
        recipient=delivery.destination.name if delivery else "",
        weight_g=total_weight_g(delivery.parcels) if delivery else 0,
    )


def _loose(visit: UnassignedVisit, delivery: Delivery | None) -> LooseDelivery:
    reason = visit.reasons[0].text if visit.reasons else ""
    if delivery is None:
        return LooseDelivery(visit.visit_id, reason)
    return LooseDelivery(
        delivery_id=visit.visit_id,
        reason=reason,
        place=delivery.destination.location,
        reference=delivery.reference,
        address=delivery.destination.one_line,
        recipient=delivery.destination.name,
        weight_g=total_weight_g(delivery.parcels),
        window=delivery.promise.window if delivery.promise else None,
    )
