"""Routes and their stops."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as carried
from doorstep import route as ground
from doorstep import route_solution as solved
from doorstep.money import Money as GroundMoney
from doorstep.order import HandoverRequirement
from doorstep.route import RouteStatus, StopStatus
from doorstep.route_solution import StopKind, ViolationKind
from doorstep.visit import PinnedPlace
from gateway.api import fleet_view
from gateway.api.assignment_loading import AssignmentKey
from gateway.api.context import Context, Info
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape
from gateway.api.own_tours import may_see_goods
from gateway.api.scalars import Polyline
from gateway.api.types.assignments import AssignmentReason
from gateway.api.types.deliveries import Delivery
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.places import Address, LatLng
from gateway.api.types.times import Eta, TimeWindow

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.plans import RoutePlan
    from gateway.api.types.vehicles import Vehicle

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
RouteRef = Annotated["Route", strawberry.lazy("gateway.api.types.routes")]
StopRef = Annotated["Stop", strawberry.lazy("gateway.api.types.routes")]
PlanRef = Annotated["RoutePlan", strawberry.lazy("gateway.api.types.plans")]
VehicleRef = Annotated["Vehicle", strawberry.lazy("gateway.api.types.vehicles")]

MOST_STOPS, MOST_VIOLATIONS = 300, 50


@shape(to=BY_DRIVER)
class Violation:
    """A rule that a tour breaks."""

    kind: ViolationKind
    is_hard: bool = part("Nobody may drive it so; false for what the rules allow at a cost.")
    text: str = part("A sentence for a dispatcher.")
    by_seconds: int | None
    delivery_id: strawberry.Private[str]
    tours: strawberry.Private[tuple[ground.Route, ...]]

    @staticmethod
    def of(kept: solved.RouteViolation, *tours: ground.Route) -> Violation:
        return Violation(
            kind=kept.kind,
            is_hard=kept.is_hard,
            text=kept.text,
            by_seconds=kept.by_s,
            delivery_id=kept.visit_id,
            tours=tours,
        )

    @resolved()
    async def stop(self, info: Info) -> StopRef | None:
        """Null where it is about the whole tour."""
        if not self.delivery_id:
            return None
        found = _stop_of(self.delivery_id, self.tours)
        if found is None and not self.tours:
            tour = await info.context.loaders.route_of_delivery.load(self.delivery_id)
            found = None if tour is None else _stop_of(self.delivery_id, (tour,))
        return found


@shape(to=BY_DRIVER)
class Stop:
    """One visit."""

    id: strawberry.ID
    sequence: int = part("1 is first.")
    kind: StopKind
    status: StopStatus
    location: LatLng
    windows: list[TimeWindow] = part("In one of which it has to begin; empty at any time.", most=5, usual=1)
    planned_arrival: datetime = part("When handing over is to begin.")
    late_seconds: int = part("Planned to begin so long after its window.")
    arrived_at: datetime | None
    departed_at: datetime | None
    service_seconds: int
    is_locked: bool = part("A dispatcher wants it with this driver: no plan gives it to another.")
    pinned_place: PinnedPlace | None = part("Where on the tour a dispatcher wants it; null for anywhere.")
    delivery_id: strawberry.Private[str]
    kept: strawberry.Private[ground.Stop]
    kept_route: strawberry.Private[ground.Route]

    @staticmethod
    def of(stop: ground.Stop, route: ground.Route) -> Stop:
        return Stop(
            id=strawberry.ID(stop.id),
            sequence=stop.sequence,
            kind=stop.kind,
            status=stop.status,
            location=LatLng.of(stop.location),
            windows=[TimeWindow.of(window) for window in stop.windows[:5]],
            planned_arrival=stop.planned_arrival,
            late_seconds=stop.late_s,
            arrived_at=stop.arrived_at,
            departed_at=stop.departed_at,
            service_seconds=stop.service_s,
            is_locked=stop.is_locked,
            pinned_place=stop.pinned_place,
            delivery_id=stop.delivery_id,
            kept=stop,
            kept_route=route,
        )

    @resolved(most=10, usual=1)
    async def deliveries(self, info: Info) -> list[Delivery]:
        """What is handed over there; nothing on a break; to drivers, not what another has by now."""
        found = await self._goods(info.context)
        return [] if found is None else [Delivery.of(found)]

    @resolved()
    async def address(self, info: Info) -> Address | None:
        """Where it is handed over."""
        found = await self._goods(info.context)
        return None if found is None else Address.of(found.destination)

    @resolved()
    async def eta(self, info: Info) -> Eta | None:
        """When the van is expected, once it is on its way."""
        found = await self._goods(info.context)
        return None if found is None else Eta.maybe(found.eta)

    @resolved(most=10, usual=1)
    async def requirements(self, info: Info) -> list[HandoverRequirement]:
        """What the driver has to do at the door."""
        found = await self._goods(info.context)
        return [] if found is None else list(found.requirements[:10])

    async def _goods(self, context: Context) -> carried.Delivery | None:
        if not self.delivery_id:
            return None
        found = await context.loaders.delivery.load(self.delivery_id)
        is_shown = found is not None and may_see_goods(context.caller, self.kept_route, self.kept, found)
        return found if is_shown else None

    @resolved(to=())
    async def assignment(self, info: Info) -> AssignmentReason | None:
        """Why this driver: as it was planned, and of what was changed since, as tours stand now. Null where
        nothing is handed over, where the van has been already, and where nobody can work it out."""
        why, tour = self.kept.why, self.kept_route
        is_over = tour.status in (RouteStatus.FINISHED, RouteStatus.CANCELLED) or self.kept.is_over
        if why is None and self.delivery_id and not is_over:
            plan_id = tour.plan_id if tour.status is RouteStatus.PLANNED else ""
            key = AssignmentKey(tour.date, plan_id, self.delivery_id)
            why = await info.context.loaders.assignment.load(key)
        return AssignmentReason.maybe(why, tour.currency)

    @resolved()
    def route(self) -> RouteRef:
        """The tour it is on."""
        return Route.of(self.kept_route)


@shape(to=BY_DRIVER)
class OnTimeCounts:
    """Doors of a route by punctuality."""

    on_time: int = part("Still to come, and planned or expected in time.")
    at_risk: int = part("Expected in time, though the doubt about it reaches behind the window.")
    late: int = part("Still to come, and planned or expected too late.")
    done: int


@shape(to=BY_DRIVER)
class RouteLoad:
    """The most that is on board at once, and what the van takes; null where nobody counts it."""

    weight_grams: int
    volume_milliliters: int
    capacity_grams: int | None
    capacity_milliliters: int | None

    @staticmethod
    def of(load: ground.Load) -> RouteLoad:
        return RouteLoad(
            weight_grams=load.weight_g,
            volume_milliliters=load.volume_ml,
            capacity_grams=load.capacity_g,
            capacity_milliliters=load.capacity_ml,
        )


@shape(to=BY_DRIVER)
class Route(Node):
    """One driver's tour."""

    version: int
    date: dt.date
    status: RouteStatus
    starts_at: datetime
    ends_at: datetime
    origin: LatLng
    path: Polyline | None
    distance_meters: int = part("Of a tour that was changed on the road: of what was left then.")
    driving_seconds: int
    overtime_seconds: int = part("After the shift.")
    is_approximate: bool = part("Without a road map; distances are estimates.")
    load: RouteLoad
    load_fraction: float | None = part("1 for full; null where nobody knows what the van takes.")
    cost: Money | None = part("Way, time and what else the tour costs; null where nobody counted.", to=())
    violations: list[Violation] = part("Rules that it breaks.", most=MOST_VIOLATIONS, usual=1)
    kept: strawberry.Private[ground.Route]

    @staticmethod
    def of(kept: ground.Route) -> Route:
        fraction = kept.load.fraction
        return Route(
            id=strawberry.ID(kept.id),
            version=kept.version,
            date=dt.date.fromisoformat(kept.date),
            status=kept.status,
            starts_at=kept.starts_at,
            ends_at=kept.ends_at,
            origin=LatLng.of(kept.origin),
            path=Polyline(kept.polyline) if kept.polyline else None,
            distance_meters=kept.distance_m,
            driving_seconds=kept.driving_s,
            overtime_seconds=kept.overtime_s,
            is_approximate=kept.is_approximate,
            load=RouteLoad.of(kept.load),
            load_fraction=None if fraction is None else round(fraction, 4),
            cost=cost_of(kept.cost_minor, kept.currency),
            violations=[Violation.of(one, kept) for one in kept.violations[:MOST_VIOLATIONS]],
            kept=kept,
        )

    @resolved(most=MOST_STOPS, usual=40)
    def stops(self) -> list[Stop]:
        """In the order of driving."""
        return [Stop.of(stop, self.kept) for stop in self.kept.stops[:MOST_STOPS]]

    @resolved()
    async def driver(self, info: Info) -> DriverRef | None:
        """Who drives it."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.kept.driver_id)
        return None if found is None else Driver.of(found)

    @resolved()
    async def vehicle(self, info: Info) -> VehicleRef | None:
        """What its driver drives."""
        from gateway.api.types.vehicles import Vehicle

        found = await info.context.loaders.driver.load(self.kept.driver_id)
        return None if found is None else Vehicle.of(found)

    @resolved(to=())
    async def plan(self, info: Info) -> PlanRef | None:
        """The run that it came of."""
        from gateway.api.types.plans import RoutePlan

        found = await info.context.loaders.route_plan.load(self.kept.plan_id)
        return None if found is None else RoutePlan.of(found)

    @resolved()
    async def on_time(self, info: Info) -> OnTimeCounts:
        """Its doors by punctuality."""
        doors = [stop for stop in self.kept.stops if stop.delivery_id]
        found = await info.context.loaders.delivery.load_many([stop.delivery_id for stop in doors])
        etas = {delivery.id: delivery.eta for delivery in found if delivery is not None}
        counts = fleet_view.punctuality(doors, etas)
        return OnTimeCounts(
            on_time=counts.on_time, at_risk=counts.at_risk, late=counts.late, done=counts.done
        )


@entry
class RouteFilter:
    """Values of one field are OR, fields are AND."""

    date: dt.date | None = None
    status: list[RouteStatus] | None = part(most=6, default=None)
    driver_ids: list[strawberry.ID] | None = part(most=100, default=None)
    plan_id: strawberry.ID | None = None


def cost_of(minor: int | None, currency: str) -> Money | None:
    """An amount; None where nobody counted."""
    return None if minor is None else Money.of(GroundMoney(minor, currency))


def _stop_of(delivery_id: str, tours: tuple[ground.Route, ...]) -> Stop | None:
    found = ((stop, tour) for tour in tours for stop in tour.stops)
    return next(
        (Stop.of(stop, tour) for stop, tour in found if delivery_id and stop.delivery_id == delivery_id), None
    )
