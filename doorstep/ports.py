"""The seams: what a connector, a road engine or a planner offers, whoever wrote it.

A connector raises only errors of `doorstep.errors`, never its transport's. All methods that do input or
output are coroutines and take the time they may use as `budget_s`, in seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.delivery import Booking, BookingRequest, CarrierUpdate
from doorstep.geo import LatLng
from doorstep.health import HealthCheck
from doorstep.order import Location, Order, StorePlatform
from doorstep.quote import CarrierAnswer, DeliveryMode, QuoteRequest
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress, RouteProblem, RouteSolution
from doorstep.secret import Secret


@dataclass(frozen=True, slots=True)
class RawOrder:
    """An order as the store wrote it, before anybody tried to understand it.

    Attributes
    ----------
    body
        JSON text; kept in quarantine when it cannot be read. Holds personal data.
    """

    external_id: str
    body: str
    fetched_at: datetime


class StoreConnector(Protocol):
    """One linked store of one merchant."""

    @property
    def platform(self) -> StorePlatform:
        """Which software it runs."""
        ...

    def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed since (inclusive, with the connector's own overlap), oldest change first.

        `None` walks all orders that the store gives. Pages lazily; a store that is unwell raises
        `RemoteUnavailable` and never looks like an empty one.
        """
        ...

    async def count_orders(self, since: datetime | None) -> int | None:
        """How many `changed_orders` would give, for a progress bar; None where the store cannot say."""
        ...

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now; None where the store has none of that id (any more)."""
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

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register, switch on again and repair our webhooks; says what was done."""
        ...

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link, in words a merchant understands; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class StoreNotice:
    """What a store's webhook says.

    Attributes
    ----------
    dedupe_id
        The same for a repeat of the same notice, unique within the store.
    order_external_id
        The order it is about; "" where it is about none (a ping, another topic).
    is_deletion
        The store says that the order is gone.
    """

    topic: str
    dedupe_id: str
    order_external_id: str
    is_deletion: bool = False


class StoreWebhookReader(Protocol):
    """How one platform signs and words its webhooks. Header names arrive in lower case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the raw bytes; raises `BadSignature`."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> StoreNotice:
        """Understand a verified notice; raises `UnreadablePayload`."""
        ...

    def is_ping(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether this is the platform's unsigned hello, answered with 200 and forgotten."""
        ...


class CarrierConnector(Protocol):
    """One account of a merchant with one carrier."""

    @property
    def carrier(self) -> str:
        """Stable code, "uber_direct"."""
        ...

    @property
    def mode(self) -> DeliveryMode:
        """Who moves it."""
        ...

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Ask for offers. What the carrier cannot do is a `Decline`, not an error.

        Raises
        ------
        RemoteError
            If it could not be asked; the caller turns this into a `Decline`.
        """
        ...

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Book exactly once for one `booking_key`; a repeat answers the same booking.

        Raises
        ------
        RemoteRefused
            If the carrier says no: the next in rank may be tried.
        UnknownOutcome
            If the answer was lost; call `book` again with the same key, which reads before it writes.
        """
        ...

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        """Call a booking off; already cancelled is a success.

        Raises
        ------
        RemoteRefused
            If it is too late.
        """
        ...

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where the booking stands now, for when webhooks are silent."""
        ...

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this account; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class CarrierWebhookReader(Protocol):
    """How one carrier signs and words its webhooks. Header names arrive in lower case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature over the raw bytes; raises `BadSignature`."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:
        """Understand a verified message; one about nothing of ours gives ()."""
        ...


class RoadEngine(Protocol):
    """Travel times and ways along the roads."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Seconds and metres from each origin (row) to each destination (column)."""
        ...

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """The way through all stops in their order."""
        ...

    async def close(self) -> None:
        """Let go of processes."""
        ...


class RoutePlanner(Protocol):
    """Turns a problem into checked routes."""

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        """Solve within `budget_s`; every visit is on a route or unassigned with a reason."""
        ...


@dataclass(frozen=True, slots=True)
class CredentialField:
    """What to ask a merchant for when connecting."""

    name: str
    label: str
    is_secret: bool
    help: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class StorePlugin:
    """What a folder under `connectors/stores` (or a stranger's plug-in) exports as `CONNECTOR`.

    Attributes
    ----------
    connect
        (url, credentials by field name, CA file or "") -> the connector; raises `InvalidInput` naming the
        credential that is missing or wrong. No input or output.
    """

    platform: StorePlatform
    name: str
    credentials: tuple[CredentialField, ...]
    connect: Callable[[str, Mapping[str, Secret], str], StoreConnector]
    webhooks: StoreWebhookReader


@dataclass(frozen=True, slots=True)
class CarrierPlugin:
    """What a folder under `connectors/couriers` or `connectors/parcel` exports as `CONNECTOR`.

    Attributes
    ----------
    connect
        (credentials by field name, base URL or "" for the carrier's own) -> the connector; raises
        `InvalidInput` naming the credential that is missing or wrong. No input or output.
    webhook_secret_field
        Name of the credential that signs its webhooks.
    """

    carrier: str
    name: str
    mode: DeliveryMode
    credentials: tuple[CredentialField, ...]
    connect: Callable[[Mapping[str, Secret], str], CarrierConnector]
    webhooks: CarrierWebhookReader | None
    webhook_secret_field: str = "webhook_secret"
