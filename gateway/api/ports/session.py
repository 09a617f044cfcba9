"""What the API must be handed. Everything here is already bound to one merchant and one caller.

A method that is given an id of another merchant behaves as if the thing did not exist. All of them raise
only errors of `doorstep.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.health import HealthCheck
from doorstep.merchant import Merchant
from doorstep.order import Store
from doorstep.position import Position
from doorstep.quote import Choice, QuoteSet
from doorstep.secret import Secret
from gateway.api.documents import ReadsDocuments
from gateway.api.ports import records as r
from gateway.api.ports.carriers import CarrierCommands, ReadsCarriers
from gateway.api.ports.desk import DeskCommands, ReadsPeople
from gateway.api.ports.dispatching import DispatchCommands
from gateway.api.ports.etas import EtaCommands, ReadsEtas
from gateway.api.ports.fleet import FleetCommands
from gateway.api.ports.goods import GoodsCommands
from gateway.api.ports.modes import ReadsModes
from gateway.api.ports.notices import NoticeCommands, ReadsNotices
from gateway.api.ports.playbooks import PlaybookCommands, ReadsPlaybooks
from gateway.api.ports.reads import ReadsById, ReadsLists, ReadsOf
from gateway.api.ports.returns import ReadsAttempts, ReturnCommands
from gateway.api.ports.routes import RouteCommands
from gateway.api.ports.rules import ReadsRules, RuleCommands
from gateway.api.ports.slots import SlotCommands
from gateway.api.ports.sourcing import SourcingCommands
from gateway.api.ports.stacks import ReadsStacks
from gateway.api.ports.threads import ReadsThreads, ThreadCommands
from gateway.api.ports.tracking import TrackingCommands
from gateway.api.ports.uploads import ReadsUploads, UploadCommands
from gateway.api.ports.watching import WatchCommands
from gateway.api.ports.webhooks import ReadsWebhooks, WebhookCommands
from gateway.auth.caller import Caller
from gateway.flow.records import Quarantined


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
    ReadsWebhooks,
    ReadsNotices,
    ReadsThreads,
    ReadsUploads,
    ReadsEtas,
    ReadsPeople,
    ReadsPlaybooks,
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
    WebhookCommands,
    NoticeCommands,
    ThreadCommands,
    UploadCommands,
    EtaCommands,
    WatchCommands,
    TrackingCommands,
    DeskCommands,
    PlaybookCommands,
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


class Heard(Protocol):
    """A message as `Feed.poll` gives it: one object for all feeds that hear of it at the same place."""

    @property
    def cursor(self) -> str: ...
    @property
    def entity_id(self) -> str: ...
    @property
    def position(self) -> Position | None: ...


class Feed(Protocol):
    """Messages from the moment on that it was entered. Ends when the process does.

    Read it in a task, by iterating; or be called by `listen`, and take with `poll` what is due.
    """

    @property
    def cursor(self) -> str:
        """Where it stands: everything up to here is in the state that a read sees."""
        ...

    def __aiter__(self) -> AsyncIterator[r.LiveMessage]: ...

    def drain(self) -> Sequence[r.LiveMessage]:
        """What has arrived and was not yet iterated, without waiting."""
        ...

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this whenever something may have become due, or the feed ended; it must not wait."""
        ...

    def poll(self, *, undue_too: bool = False) -> Sequence[Heard]:
        """What is due now; `read` tells the whole of it."""
        ...

    def read(self, heard: Heard) -> r.LiveMessage:
        """What `poll` gave."""
        ...

    @property
    def due_s(self) -> float | None:
        """Time of the loop at which more is due than now; None where nothing waits."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come than `poll` gives."""
        ...

    @property
    def waiting_bytes(self) -> int:
        """Memory of what waits to be polled, about."""
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
