"""Routes."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import route as ground
from doorstep.money import Money as GroundMoney
from doorstep.route import RouteStatus
from gateway.api import fleet_view
from gateway.api.context import Info
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape
from gateway.api.scalars import Polyline
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.places import LatLng
from gateway.api.types.stops import MOST_VIOLATIONS, Stop, Violation

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.plans import RoutePlan
    from gateway.api.types.vehicles import Vehicle

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
PlanRef = Annotated["RoutePlan", strawberry.lazy("gateway.api.types.plans")]
VehicleRef = Annotated["Vehicle", strawberry.lazy("gateway.api.types.vehicles")]

MOST_STOPS = 300


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
