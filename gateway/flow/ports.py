"""What the flow needs of the rest of the house; `bootstrap` hands it in.

Everything behind a `UnitOfWork` belongs to one merchant, is one transaction, and is committed together
with the jobs that follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.address import Address
from doorstep.clock import Clock
from doorstep.delivery import CarrierUpdate, Delivery, DeliveryEvent
from doorstep.events import Event
from doorstep.geo import LatLng
from doorstep.incident import Incident, IncidentKind
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.order import FulfillmentOrder, Location, Order, Store, StorePlatform
from doorstep.ports import CarrierConnector, RoadEngine, RoutePlanner, StoreConnector, StoreNotice
from doorstep.position import Position
from doorstep.privacy import PrivacyNotice
from doorstep.product import Product
from doorstep.quote import Choice, QuoteSet
from doorstep.route import Driver, Route, RoutePlan
from doorstep.window import Window
from gateway.flow.records import (
    DriverState,
    InboxRecord,
    PrivacyRequest,
    Quarantined,
    Remembered,
    ReportState,
    ReportStatus,
    StoreSync,
)
from gateway.flow.redaction import Redaction


class Orders(Protocol):
    """Orders and their fulfillment orders."""

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None: ...
    async def by_external_id(
        self, store_id: str, external_id: str, *, lock: bool = False
    ) -> Order | None: ...
    async def by_choice(self, choice_id: str) -> Order | None: ...
    async def lock_all(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Order]:
        """Those that we know, by the store's id; nobody else changes or adds any of them until the commit."""
        ...

    async def put(self, order: Order) -> None:
        """Keep the order and all its fulfillment orders."""
        ...

    async def put_all(self, orders: Sequence[Order]) -> None: ...

    async def fulfillment_order(
        self, fulfillment_order_id: str, *, lock: bool = False
    ) -> FulfillmentOrder | None: ...
    async def put_fulfillment_order(self, fulfillment_order: FulfillmentOrder) -> None: ...
    async def hold(self, unit_id: str) -> None:
        """Until the commit nobody else begins with this fulfillment order."""
        ...

    async def count_placed(self, store_id: str, window: Window) -> int:
        """Orders placed in a window that the store still had when it was last asked."""
        ...

    async def placed_ids(self, store_id: str, window: Window) -> frozenset[str]:
        """The store's ids of these."""
        ...

    async def read_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When the orders among the given ids that we know were last asked for."""
        ...

    async def part_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        """The store's time of the newest change of a part that we know, by the order's id in the store."""
        ...

    async def undispatched(self, limit: int) -> Sequence[FulfillmentOrder]:
        """Fulfillment orders that are open, dispatchable and without a delivery."""
        ...


class Quotes(Protocol):
    """Quote sets, and what shoppers chose of them."""

    async def get(self, quote_set_id: str) -> QuoteSet | None: ...
    async def latest_for(self, fulfillment_order_id: str) -> QuoteSet | None: ...
    async def put(self, quote_set: QuoteSet) -> None: ...
    async def choice(self, choice_id: str) -> Choice | None: ...
    async def put_choice(self, choice: Choice) -> None: ...


class Deliveries(Protocol):
    """Deliveries with their legs and events."""

    async def get(self, delivery_id: str, *, lock: bool = False) -> Delivery | None: ...
    async def live_of(self, fulfillment_order_id: str, *, lock: bool = False) -> Delivery | None:
        """The one that is not over, or was delivered."""
        ...

    async def latest_of(self, fulfillment_order_id: str) -> Delivery | None:
        """The newest one, in whatever state."""
        ...

    async def id_by_booking(self, carrier: str, external_id: str) -> str | None: ...
    async def put(self, delivery: Delivery) -> None: ...
    async def add_event(self, event: DeliveryEvent) -> bool:
        """False if the source has reported this very event before."""
        ...

    async def events(self, delivery_id: str) -> Sequence[DeliveryEvent]:
        """All of one delivery, as they happened."""
        ...

    async def unfinished(self, limit: int) -> Sequence[Delivery]: ...
    async def promised(self, depot_id: str, window: Window) -> int:
        """Own-fleet deliveries of a depot that are promised for a window and not over."""
        ...

    async def unrouted(self, limit: int) -> Sequence[Delivery]:
        """Own-fleet deliveries that are booked and not yet on their way."""
        ...


class Routes(Protocol):
    """Plans and routes."""

    async def plan(self, plan_id: str, *, lock: bool = False) -> RoutePlan | None: ...
    async def put_plan(self, plan: RoutePlan) -> None: ...
    async def route(self, route_id: str, *, lock: bool = False) -> Route | None: ...
    async def put_route(self, route: Route) -> None: ...
    async def unfinished(self) -> Sequence[Route]:
        """Published or started routes."""
        ...

    async def of_driver(self, driver_id: str, *, lock: bool = False) -> Route | None:
        """The started route, else the next published one."""
        ...


class Fleet(Protocol):
    """Drivers and what their devices last said."""

    async def drivers(self) -> Sequence[Driver]: ...
    async def driver(self, driver_id: str) -> Driver | None: ...
    async def put_driver(self, driver: Driver) -> None: ...
    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None: ...
    async def put_state(self, state: DriverState) -> None: ...


class Incidents(Protocol):
    """The exception queue."""

    async def get(self, incident_id: str, *, lock: bool = False) -> Incident | None: ...
    async def live(self, kind: IncidentKind, subject: str) -> Incident | None: ...
    async def live_of(self, subject: str) -> Sequence[Incident]: ...
    async def all_live(self) -> Sequence[Incident]: ...
    async def put(self, incident: Incident) -> None: ...


class Accounts(Protocol):
    """The merchant itself, its places, stores and carriers."""

    async def merchant(self) -> Merchant: ...
    async def put_merchant(self, merchant: Merchant) -> None: ...
    async def locations(self) -> Sequence[Location]: ...
    async def put_location(self, location: Location) -> None: ...
    async def stores(self) -> Sequence[Store]: ...
    async def store(self, store_id: str) -> Store | None: ...
    async def put_store(self, store: Store, credentials: Mapping[str, str] | None = None) -> None: ...
    async def carriers(self) -> Sequence[CarrierAccount]: ...
    async def put_carrier(
        self, account: CarrierAccount, credentials: Mapping[str, str] | None = None, settings: object = None
    ) -> None: ...


class Inbox(Protocol):
    """Webhooks that were verified and kept."""

    async def get(self, inbox_id: str) -> InboxRecord | None: ...
    async def waiting(self, source: str, limit: int) -> Sequence[InboxRecord]:
        """What nobody has handled, oldest first."""
        ...

    async def mark_handled(self, inbox_ids: Sequence[str], at: datetime) -> None: ...


class Quarantine(Protocol):
    """What could not be understood, kept whole."""

    async def get(self, quarantined_id: str, *, lock: bool = False) -> Quarantined | None: ...
    async def waiting_for(self, source: str, external_id: str) -> Quarantined | None: ...
    async def waiting_among(self, source: str, external_ids: Sequence[str]) -> frozenset[str]:
        """Those of the given that wait."""
        ...

    async def put(self, quarantined: Quarantined) -> None: ...


class Memory(Protocol):
    """Idempotency keys and what was answered to them."""

    async def recall(self, operation: str, key: str) -> Remembered | None: ...
    async def remember(self, remembered: Remembered) -> bool:
        """False if another call with the same key came first."""
        ...


class Syncs(Protocol):
    """How far each store is read."""

    async def get(self, store_id: str, *, lock: bool = False) -> StoreSync:
        """A store that was never read has a state as well: an empty one."""
        ...

    async def put(self, sync: StoreSync) -> None: ...


class Reports(Protocol):
    """What stores were told of deliveries."""

    async def get(self, unit_id: str, *, lock: bool = False) -> ReportState | None: ...
    async def put(self, state: ReportState) -> None: ...
    async def due(self, now: datetime, limit: int) -> Sequence[ReportState]: ...
    async def refused_among(self, unit_ids: Sequence[str]) -> Sequence[ReportState]: ...
    async def counts(self, store_id: str) -> Mapping[ReportStatus, int]: ...


class Products(Protocol):
    """Articles of stores."""

    async def by_external_ids(self, store_id: str, external_ids: Iterable[str]) -> Mapping[str, Product]: ...
    async def read_since(self, store_id: str, external_ids: Iterable[str], since: datetime) -> frozenset[str]:
        """Those of the given that were read at `since` or later."""
        ...

    async def put(self, product: Product, read_at: datetime) -> None: ...


class PrivacyRequests(Protocol):
    """Requests about people's data."""

    async def get(self, request_id: str, *, lock: bool = False) -> PrivacyRequest | None: ...
    async def put(self, request: PrivacyRequest) -> None: ...
    async def waiting(self) -> Sequence[PrivacyRequest]: ...


class UnitOfWork(Protocol):
    """One transaction of one merchant."""

    @property
    def merchant_id(self) -> str: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def quotes(self) -> Quotes: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def fleet(self) -> Fleet: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def memory(self) -> Memory: ...
    @property
    def syncs(self) -> Syncs: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def products(self) -> Products: ...
    @property
    def privacy_requests(self) -> PrivacyRequests: ...
    @property
    def redaction(self) -> Redaction: ...

    async def emit(self, event: Event) -> None:
        """Queue every handler of the event, in this transaction."""
        ...

    def announce(self, topic: str, entity_id: str) -> None:
        """Tell live subscribers once the transaction is committed; topics are those of `gateway.live`."""
        ...


Begin = Callable[[str], AbstractAsyncContextManager[UnitOfWork]]
"""Merchant id -> a transaction that commits at the end of the block and rolls back on an error."""


@dataclass(frozen=True, slots=True)
class LinkedCarrier:
    """An account with the connector that speaks for it."""

    account: CarrierAccount
    connector: CarrierConnector


class Links(Protocol):
    """Connectors of a merchant's stores and carriers, made once and kept."""

    async def store(self, merchant_id: str, store_id: str) -> StoreConnector: ...
    def read_store_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> StoreNotice:
        """What a verified webhook of a store asks for; raises `UnreadablePayload`."""
        ...

    def read_privacy_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> PrivacyNotice:
        """Whom a privacy webhook is about; raises `UnreadablePayload`."""
        ...

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]: ...
    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None: ...
    def read_carrier_notice(
        self, carrier: str, headers: Mapping[str, str], body: bytes
    ) -> Sequence[CarrierUpdate]:
        """What a verified webhook of a carrier says; () where it is about nothing of ours."""
        ...


class Geocoder(Protocol):
    """Finds a place on the map for an address."""

    async def locate(self, address: Address) -> LatLng | None:
        """None where the address is unknown; raises `RemoteUnavailable` where nobody could be asked."""
        ...


class LivePositions(Protocol):
    """Where drivers are now; may be lost, never decides anything."""

    async def moved(
        self, merchant_id: str, driver_id: str, position: Position, watched: Sequence[str]
    ) -> None:
        """A driver was seen; `watched` are the deliveries whose shoppers may see the van."""
        ...


def no_link(delivery: Delivery) -> str:  # noqa: ARG001 - what a house without pages says of any
    """There is no page to see it on."""
    return ""


@dataclass(frozen=True, slots=True)
class Means:
    """Everything that a step of the flow may use.

    Attributes
    ----------
    geocoder
        None where the operator runs none: who needs a place on the map then declines.
    tracking_link
        The page on which a shopper follows a delivery; the same for the same delivery at any time.
    quote_budget_s
        How long carriers have to answer, seconds.
    booking_budget_s
        How long one booking may take, seconds.
    """

    clock: Clock
    begin: Begin
    links: Links
    roads: RoadEngine
    planner: RoutePlanner
    geocoder: Geocoder | None
    positions: LivePositions
    tracking_link: Callable[[Delivery], str] = no_link
    quote_budget_s: float = 2.0
    booking_budget_s: float = 15.0
