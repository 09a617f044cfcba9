"""From a problem and its solution to a sheet: for plans that nobody kept, as JSON files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from types import MappingProxyType
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec

from doorstep.emissions import co2e_g
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.money import Money, UnknownCurrency
from doorstep.quote import VehicleKind
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute, PlannedStop, RouteSolution, StopKind
from doorstep.van import Van
from doorstep.visit import Visit
from gateway.flow.showing.sheet import LooseDelivery, PlanSheet, StopLine, TourSheet, window_of


@dataclass(frozen=True, slots=True)
class SolvedDay:
    """What such a file holds; instants are RFC 3339, everything else as the classes have it."""

    problem: RouteProblem
    solution: RouteSolution
    currency: str = "USD"


def write_solved(day: SolvedDay) -> bytes:
    """A problem and its solution as JSON."""
    return msgspec.json.encode(day, enc_hook=_plain)


def read_solved(text: bytes) -> SolvedDay:
    """Read what `write_solved` wrote.

    Raises
    ------
    InvalidInput
        If it is something else, or the solution speaks of what is not in the problem; names the place.
    """
    try:
        day = msgspec.json.decode(text, type=SolvedDay)
    except (msgspec.DecodeError, ValueError) as problem:
        raise InvalidInput(
            f"no plan can be read: {problem}; expected an object with problem and solution", path=("file",)
        ) from None
    _require_known(day)
    return day


def sheet_of_solution(day: SolvedDay, title: str) -> PlanSheet:
    """The sheet of a solution; times in the zone of the problem's speed profile, else in UTC."""
    vans = {van.id: van for van in day.problem.vans}
    visits = {visit.id: visit for visit in day.problem.visits}
    places = _places(day.problem)
    speeds = day.problem.speeds
    return PlanSheet(
        title=title,
        method=day.solution.method,
        cost=Money(day.solution.cost_minor, day.currency),
        zone=UTC if speeds is None else ZoneInfo(speeds.time_zone),
        tours=tuple(_tour(route, vans[route.van_id], visits, places) for route in day.solution.routes),
        loose=tuple(
            LooseDelivery(
                delivery_id=loose.visit_id,
                reason=loose.reasons[0].text if loose.reasons else "",
                place=visits[loose.visit_id].location,
                reference=loose.visit_id,
                weight_g=visits[loose.visit_id].weight_g,
                window=window_of(visits[loose.visit_id].windows, day.problem.epoch),
            )
            for loose in day.solution.unassigned
        ),
    )


def _tour(
    route: PlannedRoute, van: Van, visits: Mapping[str, Visit], places: Mapping[str, LatLng]
) -> TourSheet:
    lines: list[StopLine] = []
    here = van.start
    for stop in route.stops:
        # A break is taken where the van stands.
        here = places.get(stop.visit_id, here)
        # Before the first door a driver rests where nobody waits: kept tours leave that out as well.
        if here is None or (stop.kind is StopKind.BREAK and not lines):
            continue
        lines.append(_line(stop, len(lines) + 1, here, visits.get(stop.visit_id)))
    rooms = ((route.peak_weight_g, van.capacity_g), (route.peak_volume_ml, van.capacity_ml))
    shares = [load / room for load, room in rooms if room]
    return TourSheet(
        driver=van.id,
        vehicle=van.kind,
        starts_at=route.starts_at,
        ends_at=route.ends_at,
        start=van.start,
        end=van.end,
        stops=tuple(lines),
        distance_m=route.distance_m,
        driving_s=route.driving_s,
        path=route.path,
        is_approximate=route.is_approximate,
        fullness=max(shares, default=None),
        co2e_g=_co2e_g(route, van),
    )


def _co2e_g(route: PlannedRoute, van: Van) -> int | None:
    """What is usual of its kind; None of a kind that only the merchant knows."""
    return co2e_g(VehicleKind(van.kind), None, route.distance_m) if van.kind in VehicleKind else None


def _line(stop: PlannedStop, number: int, place: LatLng, visit: Visit | None) -> StopLine:
    return StopLine(
        number=number,
        kind=stop.kind,
        place=place,
        service_start=stop.service_start,
        departure=stop.departure,
        window=window_of(visit.windows, stop.service_start) if visit else None,
        late_s=stop.late_s,
        delivery_id=stop.visit_id if visit else "",
        reference=stop.visit_id if visit else "",
        weight_g=visit.weight_g if visit else 0,
    )


def _places(problem: RouteProblem) -> dict[str, LatLng]:
    depots = {depot.id: depot.location for depot in problem.depots}
    return depots | {visit.id: visit.location for visit in problem.visits}


def _require_known(day: SolvedDay) -> None:
    vans = {van.id for van in day.problem.vans}
    visits = {visit.id for visit in day.problem.visits}
    for route in day.solution.routes:
        if route.van_id not in vans:
            _refuse("solution.routes", f"no van {route.van_id!r}")
        for id_ in route.visit_ids:
            if id_ not in visits:
                _refuse(f"solution.routes[{route.van_id}]", f"no visit {id_!r}")
    for loose in day.solution.unassigned:
        if loose.visit_id not in visits:
            _refuse("solution.unassigned", f"no visit {loose.visit_id!r}")
    try:
        Money(0, day.currency)
    except UnknownCurrency as problem:
        _refuse("currency", str(problem))


def _refuse(where: str, text: str) -> NoReturn:
    raise InvalidInput(f"{where}: {text}", path=("file", where))


def _plain(value: object) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise NotImplementedError(type(value).__name__)
