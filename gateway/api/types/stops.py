"""Stops of tours, and the rules that tours break."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as carried
from doorstep import route as ground
from doorstep import route_solution as solved
from doorstep.order import HandoverRequirement
from doorstep.route import RouteStatus, StopStatus
from doorstep.route_solution import StopKind, ViolationKind
from doorstep.visibility import TrackingAudience, as_seen
from doorstep.visit import PinnedPlace
from gateway.api.context import Context, Info
from gateway.api.loaders.assignments import AssignmentKey
from gateway.api.marks import BY_DRIVER, part, resolved, shape
from gateway.api.own_tours import may_see_goods
from gateway.api.ports.records import Audience
from gateway.api.types.assignments import AssignmentReason
from gateway.api.types.deliveries import Delivery
from gateway.api.types.orders import FulfillmentOrder
from gateway.api.types.places import Address, LatLng
from gateway.api.types.times import Eta, TimeWindow

if TYPE_CHECKING:
    from gateway.api.types.routes import Route

RouteRef = Annotated["Route", strawberry.lazy("gateway.api.types.routes")]
StopRef = Annotated["Stop", strawberry.lazy("gateway.api.types.stops")]

MOST_VIOLATIONS = 50


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
        """What is handed over there, once somebody is booked for it; to drivers, not what another has by now.

        Nothing on a break, and before a plan is published that own vans are booked for then.
        """
        found = await self._booked(info.context)
        return [] if found is None or not self._shows(info.context, found) else [Delivery.of(found)]

    @resolved(to=(), most=10, usual=1)
    async def fulfillment_orders(self, info: Info) -> list[FulfillmentOrder]:
        """What is handed over there, whether somebody is booked for it yet or not; nothing on a break."""
        goods = await self._goods(info.context)
        if goods is None:
            return []
        found = await info.context.loaders.fulfillment_order.load(goods.fulfillment_order_id)
        return [] if found is None else [FulfillmentOrder.of(found)]

    @resolved()
    async def address(self, info: Info) -> Address | None:
        """Where it is handed over."""
        found = await self._goods(info.context)
        return None if found is None else Address.of(found.destination)

    @resolved()
    async def eta(self, info: Info) -> Eta | None:
        """When the van is expected, once it is on its way."""
        found = await self._goods(info.context)
        if found is None:
            return None
        if info.context.caller.audience is Audience.DRIVER:
            rules = (await info.context.loaders.merchant.load("")).visibility
            found = as_seen(found, TrackingAudience.DRIVER, rules, info.context.clock.now())
        return Eta.maybe(found.eta)

    @resolved(most=10, usual=1)
    async def requirements(self, info: Info) -> list[HandoverRequirement]:
        """What the driver has to do at the door."""
        found = await self._goods(info.context)
        return [] if found is None else list(found.requirements[:10])

    async def _goods(self, context: Context) -> carried.Delivery | None:
        """What is handed over; of what nobody is booked for yet, as own vans are going to bring it."""
        found = await self._booked(context)
        if found is None and self.delivery_id:
            found = await context.loaders.draft.load((self.kept_route.plan_id, self.delivery_id))
        return found if found is not None and self._shows(context, found) else None

    async def _booked(self, context: Context) -> carried.Delivery | None:
        return await context.loaders.delivery.load(self.delivery_id) if self.delivery_id else None

    def _shows(self, context: Context, goods: carried.Delivery) -> bool:
        return may_see_goods(context.caller, self.kept_route, self.kept, goods)

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
        from gateway.api.types.routes import Route

        return Route.of(self.kept_route)


def _stop_of(delivery_id: str, tours: tuple[ground.Route, ...]) -> Stop | None:
    found = ((stop, tour) for tour in tours for stop in tour.stops)
    return next(
        (Stop.of(stop, tour) for stop, tour in found if delivery_id and stop.delivery_id == delivery_id), None
    )
