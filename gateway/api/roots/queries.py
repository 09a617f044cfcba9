"""The root of reads."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

import strawberry

from gateway.api.admission.checks import root
from gateway.api.admission.grants import load_tracking, open_tracking
from gateway.api.carts import read_cart, read_items
from gateway.api.context import Info
from gateway.api.filters import (
    read_delivery_filter,
    read_exception_filter,
    read_order_filter,
    read_quarantine_filter,
    read_sort,
)
from gateway.api.marks import ANYONE, SHOP, SHOPPER, bounded_argument, shape
from gateway.api.nodes import load_node
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.records import Audience, Scope
from gateway.api.reading import read_address, read_id, read_span
from gateway.api.roots.carriers import CarrierQueries
from gateway.api.roots.desk import DeskQueries
from gateway.api.roots.etas import EtaQueries
from gateway.api.roots.fleet_rates import FleetRateQueries
from gateway.api.roots.goods import GoodsQueries
from gateway.api.roots.notices import NoticeQueries
from gateway.api.roots.playbooks import PlaybookQueries
from gateway.api.roots.previews import preview_ranking, read_weights
from gateway.api.roots.returns import ReturnQueries
from gateway.api.roots.route_queries import RouteQueries
from gateway.api.roots.rules import RuleQueries
from gateway.api.roots.sourcing import SourcingQueries
from gateway.api.roots.threads import ThreadQueries
from gateway.api.roots.tracking import TrackingQueries
from gateway.api.roots.webhooks import WebhookQueries
from gateway.api.scalars import TrackingToken
from gateway.api.types.accounts import Viewer
from gateway.api.types.carriers import Carrier
from gateway.api.types.deliveries import Delivery, DeliveryFilter, DeliverySort
from gateway.api.types.exceptions import DeliveryException, ExceptionFilter, ExceptionSort, show_exception
from gateway.api.types.node import Node
from gateway.api.types.orders import FulfillmentOrder, Location, Order, OrderFilter, OrderSort
from gateway.api.types.places import DestinationInput
from gateway.api.types.quarantine import QuarantinedMessage, QuarantineFilter
from gateway.api.types.quotes import QuoteSet, RankingPreview, RankingWeightsInput
from gateway.api.types.slots import SlotTemplate
from gateway.api.types.storefront import (
    CartContextInput,
    CartItemInput,
    DeliveryOptions,
    DeliveryOptionsResult,
)
from gateway.api.types.stores import Store
from gateway.api.types.tracking import TrackingResult

BUDGET_MS = (100, 10_000)
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
FILTER = strawberry.argument(name="filter")


@shape()
class Query(
    SourcingQueries,
    GoodsQueries,
    RuleQueries,
    ReturnQueries,
    CarrierQueries,
    FleetRateQueries,
    RouteQueries,
    WebhookQueries,
    NoticeQueries,
    ThreadQueries,
    EtaQueries,
    TrackingQueries,
    DeskQueries,
    PlaybookQueries,
):
    """Reads; none of them books, spends or changes settings."""

    @root(to=ANYONE)
    def viewer(self, info: Info) -> Viewer:
        """Who is asking."""
        caller = info.context.caller
        return Viewer(audience=caller.audience, scopes=sorted(caller.scopes), expires_at=caller.expires_at)

    @root()
    async def node(self, info: Info, id_: Id) -> Node | None:
        """Refetch anything by id; shoppers reach things through what they hold."""
        return await load_node(info.context, id_)

    @root(most=100)
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], bounded_argument(100)]
    ) -> list[Node | None]:
        """Null where there is none, in the order asked."""
        loads = [load_node(info.context, id_, ("ids", str(index))) for index, id_ in enumerate(ids)]
        return list(await asyncio.gather(*loads))

    @root(to=SHOP, points=20)
    async def delivery_options(
        self,
        info: Info,
        destination: DestinationInput,
        items: Annotated[list[CartItemInput] | None, bounded_argument(200)] = None,
        cart: CartContextInput | None = None,
        time_budget_milliseconds: int = 1500,
    ) -> DeliveryOptionsResult:
        """Ways to deliver a cart; without items, what the merchant's usual parcel would get."""
        answers = await info.context.commands.delivery_options(
            destination=read_address(destination, ("destination",)),
            items=read_items(items),
            cart=read_cart(cart),
            budget_ms=read_span(time_budget_milliseconds, ("timeBudgetMilliseconds",), *BUDGET_MS),
        )
        return DeliveryOptions.of(answers, info.context.clock.now())

    @root(to=SHOP)
    async def delivery_options_by_id(self, info: Info, id_: Id) -> DeliveryOptions | None:
        """The same answer again, with late carriers added; asks nobody anew."""
        found = await info.context.loaders.quote_set.load(read_id(id_, "qst", ("id",)))
        # What a dispatcher asked for is not the storefront's to read.
        is_dispatchers = found is not None and found.fulfillment_order_id is not None
        if found is None or (is_dispatchers and info.context.caller.audience is not Audience.SECRET):
            return None
        return DeliveryOptions.of(found, info.context.clock.now())

    @root(to=SHOPPER)
    async def tracking(self, info: Info, token: TrackingToken | None = None) -> TrackingResult:
        """Without a token: the delivery of the credential itself."""
        return await load_tracking(info.context, await open_tracking(info.context, token))

    @root()
    async def order(self, info: Info, id_: Id) -> Order | None:
        """One order."""
        found = await info.context.loaders.order.load(read_id(id_, "ord", ("id",)))
        return None if found is None else Order.of(found)

    @root()
    async def orders(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[OrderFilter | None, FILTER] = None,
        order_by: OrderSort | None = None,
    ) -> Connection[Order]:
        """Orders of all stores, newest first unless asked otherwise."""
        reads, page, which = (
            info.context.reads,
            page_request(first, after, "orders"),
            read_order_filter(wanted),
        )
        found = await reads.find_orders(which, read_sort(order_by or OrderSort()), page)
        return connection(found, page, "orders", Order.of, partial(reads.count_orders, which))

    @root()
    async def fulfillment_order(self, info: Info, id_: Id) -> FulfillmentOrder | None:
        """One fulfillment order."""
        found = await info.context.loaders.fulfillment_order.load(read_id(id_, "ful", ("id",)))
        return None if found is None else FulfillmentOrder.of(found)

    @root()
    async def quote_set(self, info: Info, id_: Id) -> QuoteSet | None:
        """One question to every carrier, and the answers."""
        found = await info.context.loaders.quote_set.load(read_id(id_, "qst", ("id",)))
        return None if found is None else QuoteSet.of(found)

    @root(points=10)
    async def preview_ranking(
        self, info: Info, quote_set_id: strawberry.ID, weights: RankingWeightsInput
    ) -> RankingPreview | None:
        """A past decision with other weights; asks nobody anew. Null where there is no such quote set."""
        chosen = read_id(quote_set_id, "qst", ("quoteSetId",))
        return await preview_ranking(info.context, chosen, read_weights(weights, ("weights",)))

    @root()
    async def delivery(self, info: Info, id_: Id) -> Delivery | None:
        """One delivery."""
        found = await info.context.loaders.delivery.load(read_id(id_, "del", ("id",)))
        return None if found is None else Delivery.of(found)

    @root()
    async def deliveries(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[DeliveryFilter | None, FILTER] = None,
        order_by: DeliverySort | None = None,
    ) -> Connection[Delivery]:
        """Deliveries, those promised soonest first unless asked otherwise."""
        reads, page = info.context.reads, page_request(first, after, "deliveries")
        which = read_delivery_filter(wanted)
        found = await reads.find_deliveries(which, read_sort(order_by or DeliverySort()), page)
        return connection(found, page, "deliveries", Delivery.of, partial(reads.count_deliveries, which))

    @root()
    async def delivery_exception(self, info: Info, id_: Id) -> DeliveryException | None:
        """One exception."""
        found = await info.context.loaders.incident.load(read_id(id_, "exc", ("id",)))
        return None if found is None else show_exception(found)

    @root()
    async def delivery_exceptions(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[ExceptionFilter | None, FILTER] = None,
        order_by: ExceptionSort | None = None,
    ) -> Connection[DeliveryException]:
        """The queue, what is due soonest first unless asked otherwise."""
        reads, page = info.context.reads, page_request(first, after, "exceptions")
        which = read_exception_filter(wanted, info.context.clock.now())
        found = await reads.find_incidents(which, read_sort(order_by or ExceptionSort()), page)
        return connection(found, page, "exceptions", show_exception, partial(reads.count_incidents, which))

    @root()
    async def quarantine(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        wanted: Annotated[QuarantineFilter | None, FILTER] = None,
    ) -> Connection[QuarantinedMessage]:
        """Messages that could not be understood, newest first."""
        reads, page = info.context.reads, page_request(first, after, "quarantine")
        which = read_quarantine_filter(wanted)
        found = await reads.find_quarantined(which, page)
        counter = partial(reads.count_quarantined, which)
        return connection(found, page, "quarantine", QuarantinedMessage.of, counter)

    @root()
    async def store(self, info: Info, id_: Id) -> Store | None:
        """One linked shop."""
        found = await info.context.loaders.store.load(read_id(id_, "sto", ("id",)))
        return None if found is None else Store.of(found)

    @root()
    async def stores(self, info: Info, first: int = 50, after: str | None = None) -> Connection[Store]:
        """Linked shops."""
        reads, page = info.context.reads, page_request(first, after, "stores")
        return connection(await reads.find_stores(page), page, "stores", Store.of, reads.count_stores)

    @root()
    async def locations(self, info: Info, first: int = 50, after: str | None = None) -> Connection[Location]:
        """Places that orders leave from."""
        reads, page = info.context.reads, page_request(first, after, "locations")
        found = await reads.find_locations(page)
        return connection(found, page, "locations", Location.of, reads.count_locations)

    @root(scope=Scope.CONFIGURE)
    async def slot_templates(
        self, info: Info, first: int = 50, after: str | None = None
    ) -> Connection[SlotTemplate]:
        """Windows that repeat, in the order in which they were made."""
        reads, page = info.context.reads, page_request(first, after, "slot templates")
        found = await reads.find_slot_templates(page)
        return connection(found, page, "slot templates", SlotTemplate.of, reads.count_slot_templates)

    @root(most=100)
    async def carriers(self, info: Info) -> list[Carrier]:
        """Every way to deliver that can be linked."""
        return [Carrier.of(card) for card in (await info.context.reads.carriers())[:100]]
