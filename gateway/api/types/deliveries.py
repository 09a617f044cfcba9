"""Deliveries, their legs and events, and booking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as ground
from doorstep.delivery import DeliveryFlag, EventSource, LegDirection
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode
from gateway.api.context import Info
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.scalars import Url
from gateway.api.types.attachments import Attachment
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.enums import DeliverySortField, SortDirection
from gateway.api.types.modes import ModeChoice
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.orders import FulfillmentOrder, Location, Order
from gateway.api.types.places import Address, LatLng, Parcel, Position
from gateway.api.types.stacks import Stack
from gateway.api.types.times import Eta, Promise, TimeWindowInput
from gateway.api.types.tracking import Courier, Tracking
from gateway.flow.documents.document import DocumentKind, is_data

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.exceptions import DeliveryException
    from gateway.api.types.routes import Stop
    from gateway.api.types.unassigned import UnassignedReason, UnassignedRemedy

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
ExceptionRef = Annotated["DeliveryException", strawberry.lazy("gateway.api.types.exceptions")]
StopRef = Annotated["Stop", strawberry.lazy("gateway.api.types.routes")]
ReasonRef = Annotated["UnassignedReason", strawberry.lazy("gateway.api.types.unassigned")]
RemedyRef = Annotated["UnassignedRemedy", strawberry.lazy("gateway.api.types.unassigned")]


@shape()
class Leg:
    """One booking with one carrier, or one van."""

    id: strawberry.ID
    direction: LegDirection
    status: DeliveryStatus
    raw_status: str | None = part("The carrier's own word.")
    mode: DeliveryMode
    service: str
    price: Money
    account_id: strawberry.ID
    external_id: str | None
    tracking_number: str | None
    carrier_tracking_url: Url | None
    courier: Courier | None
    booked_at: datetime | None
    picked_up_at: datetime | None
    ended_at: datetime | None
    pickup_by: datetime | None
    extra: Money | None = part("Offered to the courier beside the price, in all.")
    free_cancel_until: datetime | None = part("Calling it off costs nothing before.")
    pickup_eta: datetime | None = part("When the courier says that it reaches the shop.")
    why: str | None = part("Why this carrier was asked: the strategy, and beside whom it stood.")
    kept: strawberry.Private[ground.Leg]

    @staticmethod
    def of(kept: ground.Leg) -> Leg:
        return Leg(
            id=strawberry.ID(kept.id),
            direction=kept.direction,
            status=kept.status,
            raw_status=kept.raw_status or None,
            mode=kept.mode,
            service=kept.service,
            price=Money.of(kept.price),
            account_id=strawberry.ID(kept.account_id),
            external_id=kept.external_id or None,
            tracking_number=kept.tracking_number or None,
            carrier_tracking_url=Url(kept.tracking_url) if kept.tracking_url else None,
            courier=Courier.maybe(kept.courier),
            booked_at=kept.booked_at,
            picked_up_at=kept.picked_up_at,
            ended_at=kept.ended_at,
            pickup_by=kept.pickup_by,
            extra=Money.maybe(kept.extra),
            free_cancel_until=kept.free_cancel_until,
            pickup_eta=kept.pickup_eta,
            why=kept.why or None,
            kept=kept,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who was booked."""
        return await load_carrier(info.context, self.kept.carrier)

    @resolved()
    async def stack(self, info: Info) -> Stack | None:
        """The tour that it goes on with others; null where it goes alone."""
        if not self.kept.stack_id:
            return None
        found = await info.context.loaders.stack.load(self.kept.stack_id)
        return None if found is None else Stack.of(found, self.kept.id)

    @resolved(most=20, usual=1)
    async def labels(self, info: Info) -> list[Attachment]:
        """What is to be stuck on the parcels, as we keep it."""
        found = await info.context.loaders.documents_of_leg.load(self.kept.id)
        return [Attachment.of(one) for one in found if one.card.kind is DocumentKind.LABEL]

    @resolved()
    async def label_url(self, info: Info) -> Url | None:
        """The first label: a signed link of ours; the carrier's own, which may end, where we keep none."""
        found = await info.context.loaders.documents_of_leg.load(self.kept.id)
        ours = [one.url for one in found if one.card.kind is DocumentKind.LABEL]
        url = ours[0] if ours else self.kept.label_url
        return Url(url) if url and not is_data(url) else None

    @resolved()
    def position(self, info: Info) -> Position | None:
        """Where the carrier says that it is."""
        return Position.maybe(self.kept.position, info.context.clock.now())


@shape()
class DeliveryEvent:
    """Something that happened. Never changed; corrections are events."""

    id: strawberry.ID
    leg_id: strawberry.ID | None
    status: DeliveryStatus
    raw_status: str | None
    occurred_at: datetime
    received_at: datetime
    source: EventSource
    text: str
    location: LatLng | None
    is_correction: bool

    @staticmethod
    def of(event: ground.DeliveryEvent) -> DeliveryEvent:
        return DeliveryEvent(
            id=strawberry.ID(event.id),
            leg_id=strawberry.ID(event.leg_id) if event.leg_id else None,
            status=event.status,
            raw_status=event.raw_status or None,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            source=event.source,
            text=event.text,
            location=None if event.position is None else LatLng.of(event.position.location),
            is_correction=event.is_correction,
        )


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
        from gateway.api.types.routes import Stop

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

    @resolved()
    def tracking(self) -> Tracking:
        """As the shopper sees it."""
        return Tracking.of(self.kept, None)


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
