"""Orders, what is dispatched of them, and the places they leave from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import order as ground
from doorstep.order import FulfillmentMethod, FulfillmentOrderStatus, OrderStatus
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.scalars import TimeZone
from gateway.api.sourcing import load_sources
from gateway.api.types.enums import OrderSortField, SortDirection
from gateway.api.types.modes import ModeChoice
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.places import Address, Dimensions, Parcel
from gateway.api.types.quotes import QuoteSet
from gateway.api.types.sourcing import Sourcing
from gateway.api.types.stacks import WaitsUntil
from gateway.api.types.storefront import DeliveryChoice
from gateway.api.types.stores import Store
from gateway.api.types.times import TimeWindow, TimeWindowInput

if TYPE_CHECKING:
    from gateway.api.types.deliveries import Delivery

DeliveryRef = Annotated["Delivery", strawberry.lazy("gateway.api.types.deliveries")]
OrderRef = Annotated["Order", strawberry.lazy("gateway.api.types.orders")]


@shape()
class Location(Node):
    """A place that orders leave from."""

    name: str
    address: Address
    time_zone: TimeZone

    @staticmethod
    def of(place: ground.Location) -> Location:
        return Location(
            id=strawberry.ID(place.id),
            name=place.name,
            address=Address.of(place.address),
            time_zone=TimeZone(place.time_zone),
        )


@shape()
class OrderLine:
    """One article of an order."""

    external_id: str = part("Id in the store's own system.")
    title: str
    sku: str | None
    quantity: int = part("What is still ordered, after edits and refunds.")
    requires_shipping: bool
    unit_price: Money | None
    weight_grams: int | None = part("Of one piece; null where the store does not say.")
    dimensions: Dimensions | None = part("Of one piece as it is packed; null where the store does not say.")
    product_external_id: str | None = part("The article in the store's own system.")
    is_gift_card: bool = part("Nothing to carry, whatever the store says of shipping.")

    @staticmethod
    def of(line: ground.OrderLine) -> OrderLine:
        return OrderLine(
            external_id=line.external_id,
            title=line.title,
            sku=line.sku or None,
            quantity=line.quantity,
            requires_shipping=line.requires_shipping,
            unit_price=Money.maybe(line.unit_price),
            weight_grams=line.weight_g,
            dimensions=Dimensions.maybe(line.dimensions, line.weight_g),
            product_external_id=line.product_external_id or None,
            is_gift_card=line.is_gift_card,
        )


@shape()
class FulfillmentLine:
    """How much of an order's line is still to be shipped."""

    line_external_id: str
    quantity: int

    @staticmethod
    def of(line: ground.FulfillmentLine) -> FulfillmentLine:
        return FulfillmentLine(line_external_id=line.line_external_id, quantity=line.quantity)


@shape()
class FulfillmentOrder(Node):
    """What is dispatched: lines of one order from one location (Odoo: picking, Tryton: shipment)."""

    external_id: str
    status: FulfillmentOrderStatus
    method: FulfillmentMethod
    ready_at: datetime | None
    hold_reason: str | None
    delivery_window: TimeWindow | None = part("What the shopper asked for, if anything.")
    destination: Address | None = part("Where the store gives one that differs from the order's.")
    parcels: list[Parcel] = part(most=100, usual=2)
    sourcing: Sourcing | None = part("Why it leaves from where it does; null where the store decided.")
    part_of: str | None = part("External id of the store's own, where Doorstep cut this one from it.")
    kept: strawberry.Private[ground.FulfillmentOrder]

    @staticmethod
    def of(kept: ground.FulfillmentOrder) -> FulfillmentOrder:
        return FulfillmentOrder(
            id=strawberry.ID(kept.id),
            external_id=kept.external_id,
            status=kept.status,
            method=kept.method,
            ready_at=kept.ready_at,
            hold_reason=kept.hold_reason or None,
            delivery_window=None if kept.delivery_window is None else TimeWindow.of(kept.delivery_window),
            destination=Address.maybe(kept.destination),
            parcels=[Parcel.of(box) for box in kept.parcels[:100]],
            sourcing=Sourcing.maybe(kept.sourcing),
            part_of=kept.part_of or None,
            kept=kept,
        )

    @resolved()
    async def order(self, info: Info) -> OrderRef | None:
        """The order it is part of."""
        found = await info.context.loaders.order.load(self.kept.order_id)
        return None if found is None else Order.of(found)

    @resolved()
    async def origin(self, info: Info) -> Location | None:
        """Where it leaves from."""
        found = await info.context.loaders.location.load(self.kept.location_id)
        return None if found is None else Location.of(found)

    @resolved()
    async def waits_until(self, info: Info) -> WaitsUntil | None:
        """Till when it waits for others, to go or to be compared with; null where it does not."""
        found = await info.context.loaders.stack_wait.load(str(self.id))
        return None if found is None else WaitsUntil.of(found)

    @resolved()
    async def mode_choice(self, info: Info) -> ModeChoice | None:
        """Who was chosen for it among own vans, couriers and parcel carriers; null where nobody compared."""
        found = await info.context.loaders.mode_choice.load(str(self.id))
        return None if found is None else ModeChoice.of(found)

    @resolved(most=50, usual=2)
    async def ships_from(self, info: Info) -> list[Location] | None:
        """Places that have all of it in stock; null where the store does not say of every article."""
        found = await load_sources(info.context, self.kept)
        return None if found is None else [Location.of(place) for place in found[:50]]

    @resolved()
    def lines(self, first: int = 50, after: str | None = None) -> Connection[FulfillmentLine]:
        """What is still to be shipped."""
        return slice_of(self.kept.lines, first, after, "fulfillmentLines", FulfillmentLine.of)

    @resolved(most=20, usual=2)
    async def quote_sets(self, info: Info) -> list[QuoteSet]:
        """What carriers were asked and said, newest first."""
        found = await info.context.loaders.quote_sets_of.load(str(self.id))
        return [QuoteSet.of(answers) for answers in found[:20]]

    @resolved()
    async def delivery(self, info: Info) -> DeliveryRef | None:
        """The newest delivery of it."""
        from gateway.api.types.deliveries import Delivery

        found = await info.context.loaders.deliveries_of_order.load(self.kept.order_id)
        own = [delivery for delivery in found if delivery.fulfillment_order_id == self.kept.id]
        return Delivery.of(own[-1]) if own else None


@shape()
class Order(Node):
    """A shopper's order in a store."""

    number: str
    external_id: str = part("Id in the store's own system.")
    placed_at: datetime
    updated_at: datetime
    status: OrderStatus
    raw_status: str | None
    destination: Address | None
    needs_personal_data: bool = part("The address is held back until the store may share personal data.")
    company: str | None = part("Who buys, where a company does; personal data.")
    total: Money = part("In the currency of the shop.")
    total_presented: Money | None = part("In the shopper's currency, where that is another one.")
    shipping_paid: Money | None
    tags: list[str] = part(most=50)
    is_test: bool
    fulfillment_orders: list[FulfillmentOrder] = part(most=50, usual=2)
    kept: strawberry.Private[ground.Order]

    @staticmethod
    def of(kept: ground.Order) -> Order:
        return Order(
            id=strawberry.ID(kept.id),
            number=kept.number,
            external_id=kept.external_id,
            placed_at=kept.placed_at,
            updated_at=kept.updated_at,
            status=kept.status,
            raw_status=kept.raw_status or None,
            destination=Address.maybe(kept.destination),
            needs_personal_data=kept.needs_personal_data,
            company=kept.company or None,
            total=Money.of(kept.total),
            total_presented=Money.maybe(kept.total_presented),
            shipping_paid=Money.maybe(kept.shipping_paid),
            tags=list(kept.tags[:50]),
            is_test=kept.is_test,
            fulfillment_orders=[FulfillmentOrder.of(part_) for part_ in kept.fulfillment_orders[:50]],
            kept=kept,
        )

    @resolved()
    async def store(self, info: Info) -> Store | None:
        """Where it was placed."""
        found = await info.context.loaders.store.load(self.kept.store_id)
        return None if found is None else Store.of(found)

    @resolved()
    async def choice(self, info: Info) -> DeliveryChoice | None:
        """What the shopper chose at the checkout."""
        if not self.kept.choice_reference:
            return None
        found = await info.context.loaders.choice.load(self.kept.choice_reference)
        return None if found is None else DeliveryChoice.of(found)

    @resolved()
    def lines(self, first: int = 50, after: str | None = None) -> Connection[OrderLine]:
        """Its articles."""
        return slice_of(self.kept.lines, first, after, "orderLines", OrderLine.of)

    @resolved()
    async def deliveries(
        self, info: Info, first: int = 10, after: str | None = None
    ) -> Connection[DeliveryRef]:
        """What was booked for it, oldest first."""
        from gateway.api.types.deliveries import Delivery

        found = await info.context.loaders.deliveries_of_order.load(self.kept.id)
        return slice_of(found, first, after, "orderDeliveries", Delivery.of)


@entry
class OrderFilter:
    """Values of one field are OR, fields are AND."""

    store_ids: list[strawberry.ID] | None = part(most=50, default=None)
    status: list[OrderStatus] | None = part(most=10, default=None)
    placed_within: TimeWindowInput | None = None
    updated_within: TimeWindowInput | None = None
    tags: list[str] | None = part(most=20, default=None)
    search: str | None = part("Number, name, e-mail or postcode.", default=None)
    has_open_exception: bool | None = None


@entry
class OrderSort:
    """How orders are sorted."""

    field: OrderSortField = OrderSortField.PLACED_AT
    direction: SortDirection = SortDirection.DESC
