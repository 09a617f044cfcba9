"""What the API must be handed. Everything here is already bound to one merchant and one caller.

A method that is given an id of another merchant behaves as if the thing did not exist. All of them raise
only errors of `doorstep.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from doorstep.address import Address
from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.driver import Driver
from doorstep.health import HealthCheck
from doorstep.incident import Incident, Resolution
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrder, Location, Order, Store
from doorstep.product import Product
from doorstep.quote import Choice, QuoteSet
from doorstep.route import Route, RoutePlan
from doorstep.secret import Secret
from doorstep.slot import SlotHold, SlotTemplate
from gateway.api import records as r
from gateway.api.carrier_ports import CarrierCommands, ReadsCarriers
from gateway.api.dispatch_ports import DispatchCommands
from gateway.api.documents import ReadsDocuments
from gateway.api.fleet_ports import FleetCommands
from gateway.api.goods_ports import GoodsCommands
from gateway.api.mode_ports import ReadsModes
from gateway.api.return_ports import ReadsAttempts, ReturnCommands
from gateway.api.route_ports import RouteCommands
from gateway.api.rule_ports import ReadsRules, RuleCommands
from gateway.api.slot_ports import SlotCommands
from gateway.api.sourcing_ports import SourcingCommands
from gateway.api.stack_ports import ReadsStacks
from gateway.auth.caller import Caller
from gateway.flow.records import DriverState, Quarantined, ReportStatus, StoreSync


class ReadsById(Protocol):
    """Things by id, many at a time; what does not exist is left out of the answer."""

    async def orders(self, ids: Sequence[str]) -> Mapping[str, Order]: ...
    async def fulfillment_orders(self, ids: Sequence[str]) -> Mapping[str, FulfillmentOrder]: ...
    async def quote_sets(self, ids: Sequence[str]) -> Mapping[str, QuoteSet]: ...
    async def choices(self, ids: Sequence[str]) -> Mapping[str, Choice]: ...
    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]: ...
    async def incidents(self, ids: Sequence[str]) -> Mapping[str, Incident]: ...
    async def route_plans(self, ids: Sequence[str]) -> Mapping[str, RoutePlan]: ...
    async def routes(self, ids: Sequence[str]) -> Mapping[str, Route]: ...
    async def drivers(self, ids: Sequence[str]) -> Mapping[str, Driver]: ...
    async def stores(self, ids: Sequence[str]) -> Mapping[str, Store]: ...
    async def locations(self, ids: Sequence[str]) -> Mapping[str, Location]: ...
    async def quarantined(self, ids: Sequence[str]) -> Mapping[str, Quarantined]: ...
    async def slot_templates(self, ids: Sequence[str]) -> Mapping[str, SlotTemplate]:
        """Archived ones too."""
        ...

    async def slot_holds(self, ids: Sequence[str]) -> Mapping[str, SlotHold]: ...


class ReadsOf(Protocol):
    """What belongs to things, for many of them at a time; those without any may be left out."""

    async def quote_sets_of(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Sequence[QuoteSet]]:
        """The newest 20 of each fulfillment order, newest first."""
        ...

    async def deliveries_of_orders(self, order_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """Oldest first, at most 250 each."""
        ...

    async def events_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[DeliveryEvent]]:
        """Oldest first by when they occurred, at most 1,000 each."""
        ...

    async def incidents_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Incident]]:
        """Newest first, at most 100 each."""
        ...

    async def routes_of_deliveries(self, delivery_ids: Sequence[str]) -> Mapping[str, Route]:
        """The newest route, not cancelled, that has a stop for the delivery."""
        ...

    async def routes_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, Sequence[Route]]:
        """At most 250 each."""
        ...

    async def left_out_of(self, delivery_ids: Sequence[str]) -> Mapping[str, r.LeftOut]:
        """What the newest plan says that was solved with each and not called off, where it has no place."""
        ...

    async def current_routes_of(self, driver_ids: Sequence[str]) -> Mapping[str, Route]:
        """The started route, else the next published one."""
        ...

    async def slot_holds_of_choices(self, choice_ids: Sequence[str]) -> Mapping[str, SlotHold]:
        """The place that came with each."""
        ...

    async def choices_of_quote_sets(self, quote_set_ids: Sequence[str]) -> Mapping[str, Choice]:
        """The newest of each; not meant for every checkout, since all choices are looked through."""
        ...

    async def store_syncs(self, store_ids: Sequence[str]) -> Mapping[str, StoreSync]:
        """How far each is read."""
        ...

    async def report_counts(self, store_ids: Sequence[str]) -> Mapping[str, Mapping[ReportStatus, int]]:
        """How many deliveries each was told of, by how that went."""
        ...

    async def products(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Product]:
        """Articles of a store by their ids there."""
        ...

    async def driver_states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        """What their devices last said."""
        ...


class ReadsLists(Protocol):
    """Lists, page by page. A position that was never given out raises `InvalidInput`.

    `count_…` stop at `up_to`: a bigger list counts as `up_to`.
    """

    async def find_orders(self, which: r.OrderFilter, sort: r.Sort, page: r.PageRequest) -> r.Page[Order]: ...
    async def count_orders(self, which: r.OrderFilter, up_to: int) -> int: ...
    async def find_deliveries(
        self, which: r.DeliveryFilter, sort: r.Sort, page: r.PageRequest
    ) -> r.Page[Delivery]: ...
    async def count_deliveries(self, which: r.DeliveryFilter, up_to: int) -> int: ...
    async def find_incidents(
        self, which: r.IncidentFilter, sort: r.Sort, page: r.PageRequest
    ) -> r.Page[Incident]: ...
    async def count_incidents(self, which: r.IncidentFilter, up_to: int) -> int: ...
    async def find_routes(self, which: r.RouteFilter, page: r.PageRequest) -> r.Page[Route]: ...
    async def count_routes(self, which: r.RouteFilter, up_to: int) -> int: ...
    async def find_route_plans(self, which: r.RoutePlanFilter, page: r.PageRequest) -> r.Page[RoutePlan]:
        """Newest first."""
        ...

    async def count_route_plans(self, which: r.RoutePlanFilter, up_to: int) -> int: ...
    async def find_drivers(self, which: r.DriverFilter, page: r.PageRequest) -> r.Page[Driver]: ...
    async def count_drivers(self, which: r.DriverFilter, up_to: int) -> int: ...
    async def find_quarantined(
        self, which: r.QuarantineFilter, page: r.PageRequest
    ) -> r.Page[Quarantined]: ...
    async def count_quarantined(self, which: r.QuarantineFilter, up_to: int) -> int: ...
    async def find_stores(self, page: r.PageRequest) -> r.Page[Store]: ...
    async def count_stores(self, up_to: int) -> int: ...
    async def find_locations(self, page: r.PageRequest) -> r.Page[Location]: ...
    async def count_locations(self, up_to: int) -> int: ...
    async def find_slot_templates(self, page: r.PageRequest) -> r.Page[SlotTemplate]:
        """Without those that are archived."""
        ...

    async def count_slot_templates(self, up_to: int) -> int: ...


class Reads(
    ReadsById,
    ReadsOf,
    ReadsLists,
    ReadsDocuments,
    ReadsRules,
    ReadsCarriers,
    ReadsStacks,
    ReadsAttempts,
    ReadsModes,
    Protocol,
):
    """Everything that one merchant's callers can read."""

    async def merchant(self) -> Merchant: ...
    async def carriers(self) -> Sequence[r.CarrierCard]:
        """Every carrier that can be linked, at most 100."""
        ...

    async def tracking_grant(self, token: Secret) -> r.TokenGrant:
        """What a token of this merchant opens; raises `TokenRejected`."""
        ...


class Commands(
    SlotCommands,
    DispatchCommands,
    ReturnCommands,
    SourcingCommands,
    GoodsCommands,
    RuleCommands,
    CarrierCommands,
    FleetCommands,
    RouteCommands,
    Protocol,
):
    """The use cases. An `idempotency_key` is good for 24 hours: same key and input, same answer.

    The same key with other input raises `IdempotencyConflict`.
    """

    async def delivery_options(
        self, *, destination: Address, items: Sequence[r.CartItem], cart: r.Cart, budget_ms: int
    ) -> QuoteSet:
        """Ask for a cart; no items means the merchant's usual parcel. May raise `NotServiceable`."""
        ...

    async def choose_option(
        self,
        *,
        idempotency_key: str,
        quote_set_id: str,
        quote_id: str,
        destination: Address | None,
        cart_id: str,
        slot_id: str = "",
        replaces_hold_id: str = "",
        held_by: str = "",
    ) -> Choice:
        """Lock price and promise; raises `OptionExpired` where they no longer hold.

        With a slot its place is held for the choice, and `SlotUnavailable` raised where there is none.
        """
        ...

    async def request_quotes(
        self,
        *,
        idempotency_key: str,
        fulfillment_order_id: str,
        budget_ms: int,
        account_ids: Sequence[str],
    ) -> QuoteSet:
        """Ask every carrier, or only these accounts."""
        ...

    async def dispatch(
        self, *, idempotency_key: str, orders: Sequence[r.DispatchOrder]
    ) -> Sequence[r.DispatchOutcome]:
        """Book each; one outcome for each, in their order. What fails for one is in its outcome."""
        ...

    async def cancel_delivery(
        self, *, idempotency_key: str, delivery_id: str, reason: r.CancelReason, note: str
    ) -> Delivery:
        """Call off; raises `RemoteRefused` where the carrier says that it is too late."""
        ...

    async def create_tracking_token(self, *, delivery_id: str, lifetime_s: int) -> r.TrackingLink: ...

    async def acknowledge_exception(
        self, *, incident_id: str, expected_version: int | None, note: str
    ) -> Incident: ...

    async def resolve_exception(
        self, *, incident_id: str, expected_version: int | None, resolution: Resolution, note: str
    ) -> Incident: ...

    async def replay_quarantined(self, *, ids: Sequence[str]) -> Sequence[r.ReplayOutcome]:
        """Read each again; one outcome for each, in their order."""
        ...

    async def discard_quarantined(self, *, ids: Sequence[str]) -> Sequence[Quarantined]:
        """Let them go; raises `NotFound`, or `StateConflict` where one waits no longer: then none is."""
        ...

    async def create_api_key(self, *, order: r.KeyOrder) -> r.NewKey: ...

    async def connect_store(self, *, order: r.StoreOrder) -> r.LinkedStore: ...

    async def sync_store(self, *, store_id: str, is_full: bool) -> Store:
        """Ask for a walk; raises `StateConflict` where the store is not linked."""
        ...

    async def test_link(self, *, link_id: str) -> Sequence[HealthCheck]:
        """Try a store or a carrier account now."""
        ...


class Feed(Protocol):
    """Messages from the moment on that it was entered. Ends when the process does."""

    @property
    def cursor(self) -> str:
        """Where it stands: everything up to here is in the state that a read sees."""
        ...

    def __aiter__(self) -> AsyncIterator[r.LiveMessage]: ...

    def drain(self) -> Sequence[r.LiveMessage]:
        """What has arrived and was not yet iterated, without waiting."""
        ...


class Live(Protocol):
    """The merchant's live messages.

    Topics: `delivery:<id>` (status, ETA, or the place that its shopper sees), `deliveries` (any of them),
    `exceptions`, `drivers` (positions and states; latest wins), `plan:<id>`, `route:<id>`,
    `tours:<driver id>` (those that a driver has, gets or loses).
    """

    def subscribe(self, topics: Sequence[str], after: str | None) -> AbstractAsyncContextManager[Feed]:
        """Listen from the moment of entering, after replaying what came behind `after`.

        Where `after` is too old or was never given out, and whenever a slow listener had to be cut short,
        a LOST message comes in place of what is missing. A feed holds a bounded number of messages.
        """
        ...


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What is known of the request beside its document. `origin` is None where no browser page asks."""

    origin: str | None = None
    host: str = ""
    accept_language: str = ""
    transport: str = "http"


@dataclass(frozen=True, slots=True)
class Session:
    """A caller and what is bound to them."""

    caller: Caller
    reads: Reads
    commands: Commands
    live: Live


class CredentialRejected(Exception):
    """Nobody we know, or no longer; the text is safe to show."""


class Sessions(Protocol):
    """The door."""

    async def open(self, credential: Secret, request: RequestInfo) -> Session:
        """Whose credential it is; raises `CredentialRejected`."""
        ...
