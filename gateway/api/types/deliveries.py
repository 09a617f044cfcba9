"""Deliveries, and how they are found."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as ground
from doorstep.delivery import DeliveryFlag
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode
from gateway.api.context import Info
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.types.enums import DeliverySortField, SortDirection
from gateway.api.types.legs import DeliveryEvent, Leg
from gateway.api.types.modes import ModeChoice
from gateway.api.types.node import Node
from gateway.api.types.notices import Notice
from gateway.api.types.orders import FulfillmentOrder, Location, Order
from gateway.api.types.places import Address, Parcel
from gateway.api.types.threads import Thread
from gateway.api.types.times import Eta, Promise, TimeWindowInput
from gateway.api.types.tracking import Tracking, show_tracking

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.exceptions import DeliveryException
    from gateway.api.types.stops import Stop
    from gateway.api.types.unassigned import UnassignedReason, UnassignedRemedy

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
ExceptionRef = Annotated["DeliveryException", strawberry.lazy("gateway.api.types.exceptions")]
StopRef = Annotated["Stop", strawberry.lazy("gateway.api.types.stops")]
ReasonRef = Annotated["UnassignedReason", strawberry.lazy("gateway.api.types.unassigned")]
RemedyRef = Annotated["UnassignedRemedy", strawberry.lazy("gateway.api.types.unassigned")]


@shape()
class Delivery(Node):
    """What the shopper waits for; one or more legs."""

    id: strawberry.ID = part(to=BY_DRIVER)
    reference: str = part("Short and human, on labels and in messages.", to=BY_DRIVER)
    version: int
    created_at: datetime
    updated_at: datetime
    status: DeliveryStatus = part(to=BY_DRIVER)
    stage: DeliveryStage = part(to=BY_DRIVER)
    flags: list[DeliveryFlag] = part(most=10)
    promise: Promise | None = part(to=BY_DRIVER)
    requirements: list[HandoverRequirement] = part(most=10, to=BY_DRIVER)
    eta: Eta | None
    late_risk: float | None = part("Probability of missing the promise.")
    destination: Address = part(to=BY_DRIVER)
    parcels: list[Parcel] = part(most=100, usual=2)
    legs: list[Leg] = part("Oldest first.", most=20, usual=2)
    active_leg: Leg | None
    kept: strawberry.Private[ground.Delivery]

    @staticmethod
    def of(kept: ground.Delivery) -> Delivery:
        return Delivery(
            id=strawberry.ID(kept.id),
            reference=kept.reference,
            version=kept.version,
            created_at=kept.created_at,
            updated_at=kept.updated_at,
            status=kept.status,
            stage=kept.stage,
            flags=list(kept.flags[:10]),
            promise=Promise.maybe(kept.promise),
            requirements=list(kept.requirements[:10]),
            eta=Eta.maybe(kept.eta),
            late_risk=kept.late_risk,
            destination=Address.of(kept.destination),
            parcels=[Parcel.of(box) for box in kept.parcels[:100]],
            legs=[Leg.of(leg) for leg in kept.legs[-20:]],
            active_leg=None if kept.active_leg is None else Leg.of(kept.active_leg),
            kept=kept,
        )

    @resolved()
    async def order(self, info: Info) -> Order | None:
        """The order it belongs to."""
        found = await info.context.loaders.order.load(self.kept.order_id)
        return None if found is None else Order.of(found)

    @resolved()
    async def fulfillment_order(self, info: Info) -> FulfillmentOrder | None:
        """What is delivered."""
        found = await info.context.loaders.fulfillment_order.load(self.kept.fulfillment_order_id)
        return None if found is None else FulfillmentOrder.of(found)

    @resolved()
    async def origin(self, info: Info) -> Location | None:
        """Where it leaves from."""
        found = await info.context.loaders.location.load(self.kept.origin_id)
        return None if found is None else Location.of(found)

    @resolved()
    async def events(
        self, info: Info, first: int = 50, after: str | None = None
    ) -> Connection[DeliveryEvent]:
        """What happened, oldest first."""
        found = await info.context.loaders.events_of.load(self.kept.id)
        return slice_of(found, first, after, "deliveryEvents", DeliveryEvent.of)

    @resolved()
    async def exceptions(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> Connection[ExceptionRef]:
        """What went wrong, newest first."""
        from gateway.api.types.exceptions import show_exception

        found = await info.context.loaders.incidents_of.load(self.kept.id)
        return slice_of(found, first, after, "exceptionsOfDelivery", show_exception)

    @resolved()
    async def driver(self, info: Info) -> DriverRef | None:
        """Who drives it, where it is own-fleet work on a route."""
        from gateway.api.types.drivers import Driver

        if self.kept.driver_id is None:
            return None
        found = await info.context.loaders.driver.load(self.kept.driver_id)
        return None if found is None else Driver.of(found)

    @resolved()
    async def stop(self, info: Info) -> StopRef | None:
        """Its place on a route."""
        from gateway.api.types.stops import Stop

        route = await info.context.loaders.route_of_delivery.load(self.kept.id)
        stops = () if route is None else route.stops
        found = next((stop for stop in stops if stop.delivery_id == self.kept.id), None)
        return None if route is None or found is None else Stop.of(found, route)

    @resolved()
    async def mode_choice(self, info: Info) -> ModeChoice | None:
        """Who was chosen for it among own vans, couriers and parcel carriers; null where nobody compared."""
        found = await info.context.loaders.mode_choice.load(self.kept.fulfillment_order_id)
        return None if found is None else ModeChoice.of(found)

    @resolved(most=5, usual=1)
    async def why_unassigned(self, info: Info) -> list[ReasonRef]:
        """Why the last plan found no place for it; empty where it has one, or needs none."""
        from gateway.api.types.unassigned import UnassignedReason, load_left_out

        _, found = await load_left_out(info.context, self.kept)
        return [] if found is None else [UnassignedReason.of(reason) for reason in found.reasons[:5]]

    @resolved(most=5, usual=1)
    async def remedies(self, info: Info) -> list[RemedyRef]:
        """What would have given it a place in that plan, one thing alone, the cheapest first."""
        from gateway.api.types.unassigned import UnassignedRemedy, load_left_out

        currency, found = await load_left_out(info.context, self.kept)
        return [] if found is None else [UnassignedRemedy.of(one, currency) for one in found.remedies[:5]]

    @resolved(to=BY_DRIVER)
    def thread(self) -> Thread:
        """What shopper, driver and desk write to one another."""
        return Thread.of(self.kept)

    @resolved(most=100, usual=4)
    async def notices(self, info: Info) -> list[Notice]:
        """What its shopper was told, oldest first."""
        return [Notice.of(one) for one in await info.context.loaders.notices_of.load(self.kept.id)]

    @resolved()
    async def tracking(self, info: Info) -> Tracking:
        """As the shopper sees it."""
        return await show_tracking(info.context, self.kept, None)


@entry
class DeliveryFilter:
    """Values of one field are OR, fields are AND."""

    status: list[DeliveryStatus] | None = part(most=20, default=None)
    stage: list[DeliveryStage] | None = part(most=6, default=None)
    flags: list[DeliveryFlag] | None = part(most=5, default=None)
    modes: list[DeliveryMode] | None = part(most=4, default=None)
    carrier_codes: list[str] | None = part(most=20, default=None)
    store_ids: list[strawberry.ID] | None = part(most=50, default=None)
    driver_ids: list[strawberry.ID] | None = part(most=100, default=None)
    promised_within: TimeWindowInput | None = None
    created_within: TimeWindowInput | None = None
    min_late_risk: float | None = None
    search: str | None = part("Reference, order number, name or postcode.", default=None)


@entry
class DeliverySort:
    """How deliveries are sorted."""

    field: DeliverySortField = DeliverySortField.PROMISED_BY
    direction: SortDirection = SortDirection.ASC
