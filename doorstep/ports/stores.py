"""The seam for stores: reading orders without losing one, and telling the store what became of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from doorstep.clock import Clock, SystemClock
from doorstep.health import HealthCheck
from doorstep.order import FulfillmentLine, Location, Order, StorePlatform
from doorstep.ports.credentials import AccessTokens, CredentialField
from doorstep.privacy import PrivacyNotice
from doorstep.product import Product
from doorstep.report import DeliveryReport
from doorstep.secret import Secret
from doorstep.window import Window


@dataclass(frozen=True, slots=True)
class RawOrder:
    """An order as the store wrote it, before anybody tried to understand it.

    Attributes
    ----------
    body
        JSON text; kept in quarantine when it cannot be read. Holds personal data.
    asked_at, fetched_at
        Our time when the store was asked and when its answer was there: what the store shows is of a moment
        between the two.
    changed_at
        The store's own time of the order's last change, which walks are sorted by; None where it is unknown.
    """

    external_id: str
    body: str
    asked_at: datetime
    fetched_at: datetime
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """A part of an order changed, which the order itself may not tell."""

    order_external_id: str
    touched_at: datetime


class StoreConnector(Protocol):
    """One linked store of one merchant.

    A store that is unwell raises `RemoteUnavailable` and never looks like an empty one.
    """

    @property
    def platform(self) -> StorePlatform:
        """Which software it runs."""
        ...

    def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed at `since` (the store's time) or later, oldest change first.

        `None` walks all orders that the store gives. Pages lazily. An order that changes meanwhile may come
        twice, and none is skipped.
        """
        ...

    def all_orders(self, after: datetime | None = None) -> AsyncIterator[RawOrder]:
        """Every order that the store gives, by whatever way is the fastest for many, in any order.

        Parameters
        ----------
        after
            The largest `changed_at` that an earlier reading gave before it broke off. A connector that always
            reads in the order of changes may leave out what changed before; others begin anew.
        """
        ...

    async def newest_change(self) -> datetime | None:
        """The store's own time of its last change of any order; None where there are no orders."""
        ...

    def touched_orders(self, since: datetime) -> AsyncIterator[Touch]:
        """Orders of which a part was touched at `since` or later, oldest first, where the platform can tell.

        Gives nothing where a change of a part always shows in `changed_orders`.
        """
        ...

    async def count_orders(self, since: datetime | None) -> int | None:
        """How many `changed_orders` would give, for a progress bar; None where the store cannot say."""
        ...

    async def count_placed(self, window: Window) -> int | None:
        """How many orders that it still has were placed in a window; None where it does not count exactly."""
        ...

    def placed_ids(self, window: Window) -> AsyncIterator[str]:
        """The external ids of these."""
        ...

    async def shows_since(self) -> datetime | None:
        """Orders placed before are there but not shown to us; None where the store shows all."""
        ...

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now; None where the store has none of that id (any more)."""
        ...

    async def fetch_orders(self, external_ids: Sequence[str]) -> Mapping[str, RawOrder | None]:
        """Several orders now, in as few calls as the platform allows; every given id is a key.

        An id is an order's, or whatever else of the store's webhooks named one by (`StoreNotice`).
        """
        ...

    def read_order(self, raw: RawOrder) -> Order:
        """Map it. Pure.

        Raises
        ------
        UnreadablePayload
            If a field is missing or wrong; `path` names it in the store's words.
        """
        ...

    async def locations(self) -> tuple[Location, ...]:
        """Where the store ships from; `id` and `merchant_id` are empty, `external_ids` has the store's id."""
        ...

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        """Articles by their ids, with weight, sides and stock as far as the store knows; unknown ids are left
        out.
        """
        ...

    async def report(self, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        """Let the store show how a delivery stands, by writing what it does not show yet.

        Parameters
        ----------
        told
            What the last call for the same fulfillment order returned; "" before the first. The connector's
            own notes, JSON; no personal data.
        in_doubt
            The last call did not end: the store must be read before anything is written.

        Returns
        -------
        str
            The notes for the next call.

        Raises
        ------
        UnknownOutcome
            If the answer to a write was lost: call again with `in_doubt`.
        RemoteRefused
            If the store will not take it, however often it is told.
        RemoteUnavailable, RateLimited, AccountProblem
            If nothing was written by the call that failed; earlier ones of the same report may have been.
        """
        ...

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register, switch on again and repair our webhooks; says what was done."""
        ...

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link, in words a merchant understands; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class FindsArticles(Protocol):
    """A store that finds articles by SKU, which is all that a cart tells of them."""

    async def products_by_sku(self, skus: Sequence[str]) -> tuple[Product, ...]:
        """Articles with exactly these SKUs, as `StoreConnector.products`; unknown ones are left out."""
        ...


@runtime_checkable
class MovesUnits(Protocol):
    """A store with places of its own that lets another of them ship a fulfillment order.

    Of a store without this, fulfillment orders are moved and split in our own books alone.
    """

    async def move_unit(
        self, unit_external_id: str, location_external_id: str, lines: Sequence[FulfillmentLine] = ()
    ) -> str:
        """Let another place ship a fulfillment order, or only these pieces of it.

        What is there already is not moved again. The store may give what it moves, and what it leaves
        behind, other ids: read the order anew.

        Parameters
        ----------
        lines
            () moves all that is still to be shipped.

        Returns
        -------
        str
            External id of the fulfillment order at the new place that has these pieces.

        Raises
        ------
        UnknownOutcome
            If the answer was lost; the order shows what was done.
        RemoteRefused
            If the store does not let it be moved.
        RemoteUnavailable, RateLimited, AccountProblem
            If nothing was done.
        """
        ...


@runtime_checkable
class ShowsRates(Protocol):
    """A store whose checkout asks us for rates at an address that we register with it."""

    async def ensure_rates(self, callback_url: str) -> HealthCheck:
        """Register, switch on again and repair what asks us; says how it stands and never raises for what a
        store does.
        """
        ...

    async def drop_rates(self, callback_url: str) -> None:
        """Let the store ask us no more; raises `RemoteError`."""
        ...


@runtime_checkable
class KnowsBuyers(Protocol):
    """A store that can tell whose an order is."""

    async def is_bought_by(self, order_external_id: str, customer_id: str) -> bool:
        """Whether an order is this customer's, by the store's id of the person; raises `RemoteError`."""
        ...


class NoticeKind(StrEnum):
    """What a store's webhook asks us to do."""

    ORDER = "ORDER"
    """Fetch the order it names."""
    PLACES = "PLACES"
    """Read the store's locations again."""
    UNINSTALLED = "UNINSTALLED"
    """The merchant took our app out: the credentials are dead."""
    SCOPES = "SCOPES"
    """What our app may do has changed."""
    PRIVACY = "PRIVACY"
    """See `StoreWebhookReader.read_privacy`."""
    OTHER = "OTHER"
    """Nothing follows."""


@dataclass(frozen=True, slots=True)
class StoreNotice:
    """What a store's webhook says.

    Attributes
    ----------
    dedupe_id
        The same for a repeat of the same notice, unique within the store.
    order_external_id
        The order it is about, or what `fetch_orders` finds the order by; "" where it is about none (a ping,
        another topic).
    is_deletion
        The store says that the order is gone.
    """

    topic: str
    dedupe_id: str
    order_external_id: str
    is_deletion: bool = False
    kind: NoticeKind = NoticeKind.ORDER


class StoreWebhookReader(Protocol):
    """How one platform signs and words its webhooks. Header names arrive in lower case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the raw bytes; raises `BadSignature`."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> StoreNotice:
        """Understand a verified notice; raises `UnreadablePayload`."""
        ...

    def read_privacy(self, headers: Mapping[str, str], body: bytes) -> PrivacyNotice:
        """Whom a notice of the kind PRIVACY is about; raises `UnreadablePayload`."""
        ...

    def is_ping(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether this is the platform's unsigned hello, answered with 200 and forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class StoreLink:
    """What a connector is made from.

    Attributes
    ----------
    credentials
        By field name, see `StorePlugin.credentials`.
    ca_file
        Certificates that are trusted beside the system's; "" for none.
    tokens
        Where the access token comes from, if it is one that ends.
    """

    url: str
    credentials: Mapping[str, Secret]
    ca_file: str = ""
    tokens: AccessTokens | None = None
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True, slots=True)
class StorePlugin:
    """What a folder under `connectors/stores` (or a stranger's plug-in) exports as `CONNECTOR`.

    Attributes
    ----------
    connect
        Makes the connector; raises `InvalidInput` naming the credential that is missing or wrong. No input
        or output.
    """

    platform: StorePlatform
    name: str
    credentials: tuple[CredentialField, ...]
    connect: Callable[[StoreLink], StoreConnector]
    webhooks: StoreWebhookReader
