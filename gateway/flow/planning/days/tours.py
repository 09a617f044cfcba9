"""Tours: what a planner answers as routes that can be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doorstep.delivery import Delivery
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.route import Load, PlanSummary, Route, RouteStatus, Stop, StopStatus, TourOutline
from doorstep.route_solution import (
    Assignment,
    PlannedRoute,
    PlannedStop,
    RouteSolution,
    RouteViolation,
    StopKind,
)
from doorstep.visit import Visit, VisitKind
from gateway.flow.planning.days.problem import driver_of
from gateway.flow.planning.parts.vans import Seat
from gateway.flow.planning.parts.wording import named

_ON_THE_WAY = (StopKind.RELOAD, StopKind.BREAK)


@dataclass(frozen=True, slots=True)
class Making:
    """What routes are made with.

    Attributes
    ----------
    visits, deliveries
        Of the problem, by id.
    told
        Stops that drivers know of, by delivery: they keep their ids and what dispatchers said of them.
    depots
        By id.
    """

    merchant_id: str
    plan_id: str
    date: str
    currency: str
    visits: Mapping[str, Visit]
    deliveries: Mapping[str, Delivery]
    told: Mapping[str, Stop]
    depots: Mapping[str, LatLng]


def new_tour(
    making: Making, seat: Seat, planned: PlannedRoute, violations: Sequence[RouteViolation]
) -> Route:
    """A route that nobody has been told yet."""
    empty = Route(
        id=new_id("rte"),
        merchant_id=making.merchant_id,
        plan_id=making.plan_id,
        driver_id=seat.driver.id,
        date=making.date,
        status=RouteStatus.PLANNED,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        stops=(),
        polyline="",
        distance_m=0,
        driving_s=0,
        origin=seat.home,
        ends_anywhere=seat.driver.ends_anywhere,
    )
    return changed_tour(making, seat, empty, planned, violations)


def changed_tour(
    making: Making, seat: Seat, old: Route, planned: PlannedRoute, violations: Sequence[RouteViolation]
) -> Route:
    """A route that a driver knows of, with what is left of it put otherwise."""
    over = tuple(stop for stop in old.stops if stop.is_over)
    # What is begun was begun when it was; the planner sees only what is left.
    starts_at = old.starts_at if old.status is RouteStatus.STARTED else planned.starts_at
    return replace(
        old,
        starts_at=starts_at,
        ends_at=planned.ends_at,
        stops=(*over, *stops_of(making, planned.stops, after=len(over))),
        polyline=encode_polyline(planned.path),
        distance_m=planned.distance_m,
        driving_s=planned.driving_s,
        is_approximate=planned.is_approximate,
        cost_minor=planned.cost_minor,
        currency=making.currency,
        load=_load(planned, seat),
        overtime_s=planned.overtime_s,
        violations=named(violations, making.deliveries),
    )


def stops_of(making: Making, planned: Sequence[PlannedStop], *, after: int = 0) -> tuple[Stop, ...]:
    """Stops in their order, numbered behind those that are over."""
    stops: list[Stop] = []
    for one in planned:
        if one.kind is StopKind.BREAK and not stops:
            continue  # before the first door a driver rests where nobody waits
        if one.kind not in _ON_THE_WAY and one.visit_id not in making.deliveries:
            continue
        stops.append(_stop(making, one, stops, after + len(stops) + 1))
    return tuple(stops)


def summary_of(
    routes: Sequence[Route],
    solution: RouteSolution,
    deliveries: Mapping[str, Delivery],
    seats: Mapping[str, Seat],
) -> PlanSummary:
    """A plan in numbers; its deliveries by id, seats by the driver."""
    doors = [stop for route in routes for stop in route.ahead if stop.kind not in _ON_THE_WAY]
    return PlanSummary(
        cost_minor=solution.cost_minor,
        distance_m=sum(route.distance_m for route in routes),
        driving_s=sum(route.driving_s for route in routes),
        late_stops=sum(stop.late_s > 0 for stop in doors),
        vans=len({route.driver_id for route in routes}),
        stops=len(doors),
        moved=solution.moved,
        soft=named(solution.soft[:50], deliveries),
        co2e_g=_co2e_g(routes, seats),
    )


def _co2e_g(routes: Sequence[Route], seats: Mapping[str, Seat]) -> int | None:
    """Grams of all tours; None where nobody knows what one of the vehicles emits."""
    total = 0
    for route in routes:
        seat = seats.get(route.driver_id)
        grams = None if seat is None else seat.driver.co2e_g(route.distance_m)
        if grams is None:
            return None
        total += grams
    return total


def outlines_of(routes: Sequence[Route], seats: Mapping[str, Seat]) -> tuple[TourOutline, ...]:
    """Who brings what, of tours just solved; seats by the driver."""
    outlines = []
    for route in routes:
        ids = tuple(stop.delivery_id for stop in route.ahead if stop.kind not in _ON_THE_WAY)
        seat = seats.get(route.driver_id)
        outlines.append(TourOutline(route.driver_id, seat.driver.depot_id if seat else "", ids))
    return tuple(outlines)


def _stop(making: Making, planned: PlannedStop, before: Sequence[Stop], sequence: int) -> Stop:
    service_s = round((planned.departure - planned.service_start).total_seconds())
    if planned.kind in _ON_THE_WAY:
        here = before[-1].location if before else next(iter(making.depots.values()))
        return Stop(
            id=new_id("stp"),
            delivery_id="",
            sequence=sequence,
            status=StopStatus.PLANNED,
            location=making.depots.get(planned.visit_id, here),
            planned_arrival=planned.service_start,
            service_s=service_s,
            kind=planned.kind,
        )
    visit, told = making.visits[planned.visit_id], making.told.get(planned.visit_id)
    return Stop(
        id=told.id if told else new_id("stp"),
        delivery_id=planned.visit_id,
        sequence=sequence,
        status=told.status if told else StopStatus.PLANNED,
        location=visit.location,
        planned_arrival=planned.service_start,
        service_s=service_s,
        arrived_at=told.arrived_at if told else None,
        kind=StopKind.RETURN if visit.kind is VisitKind.COLLECTION else StopKind.DROPOFF,
        windows=visit.windows or (told.windows if told else ()),
        is_locked=told.is_locked if told else False,
        pinned_place=visit.pinned_place,
        late_s=planned.late_s,
        why=_why(planned.why),
    )


def _why(why: Assignment | None) -> Assignment | None:
    return None if why is None else replace(why, next_van_id=driver_of(why.next_van_id))


def _load(planned: PlannedRoute, seat: Seat) -> Load:
    driver = seat.driver
    return Load(planned.peak_weight_g, planned.peak_volume_ml, driver.capacity_g, driver.capacity_ml)
