"""The seam for carriers: what a courier's or parcel carrier's connector offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from doorstep.delivery import Booking, BookingRequest, CarrierUpdate
from doorstep.health import HealthCheck
from doorstep.ports.credentials import CredentialField
from doorstep.quote import CarrierAnswer, DeliveryMode, QuoteRequest
from doorstep.secret import Secret


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
