"""The seam for carriers: what a courier's or parcel carrier's connector offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from doorstep.booking import Booking, BookingChange, BookingRequest, CarrierUpdate, StackOffer, StackRequest
from doorstep.delivery import Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.health import HealthCheck
from doorstep.limits import CarrierLimits
from doorstep.money import Money
from doorstep.ports.credentials import CredentialField
from doorstep.proof import Proof
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


@runtime_checkable
class ChangesBookings(Protocol):
    """A carrier that takes corrections of what is booked."""

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        """Change a booking.

        Raises
        ------
        RemoteRefused
            If it is too late, or the carrier does not change that.
        UnknownOutcome
            If the answer was lost; the same change may be asked for again.
        """
        ...


@runtime_checkable
class RaisesOffers(Protocol):
    """A carrier whose couriers come sooner for more: by a tip or a priority fee."""

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        """Offer so much beside the price in all; gives what stands. A repeat changes nothing.

        Raises
        ------
        RemoteRefused
            If somebody has taken the job, or the amount is not one that it takes.
        """
        ...


@runtime_checkable
class ShowsProof(Protocol):
    """A carrier that keeps proof of delivery."""

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """What proves that it was fetched and delivered; () where there is nothing yet."""
        ...


@runtime_checkable
class StacksDeliveries(Protocol):
    """A carrier one of whose couriers brings several deliveries from one pickup to several doors.

    Each stop is a booking of its own: with an external id, a status and webhooks of its own, and it is called
    off by itself without the others. Only a carrier that keeps them apart so well may offer this.
    """

    async def quote_stack(self, stack: StackRequest, budget_s: float) -> StackOffer:
        """What the whole tour costs.

        Raises
        ------
        RemoteRefused
            If it does not take them together: too many, too large, too far.
        RemoteError
            If it could not be asked.
        """
        ...

    async def book_stack(self, stack: StackRequest, budget_s: float) -> tuple[Booking, ...]:
        """Book all stops or none, exactly once for these booking keys; in the order of the stops.

        A repeat answers the same bookings, those that were called off meanwhile as cancelled ones.

        Raises
        ------
        RemoteRefused
            If the carrier says no, to all of them.
        UnknownOutcome
            If the answer was lost; call again with the same keys, which reads before it writes.
        """
        ...


@runtime_checkable
class PublishesKeys(Protocol):
    """A carrier that signs its webhooks with keys of its own, whose public halves anybody may read."""

    async def published_keys(self, headers: Mapping[str, str], budget_s: float) -> Secret | None:
        """The keys for a message with these headers, to be handed to `verify` among the secrets.

        They are kept between calls. However many strangers write, the carrier is asked once a minute at most,
        and never at an address that a message names. None where there are none. Never raises.
        """
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
class QuotePolicy:
    """How a carrier wants to be asked for prices.

    Attributes
    ----------
    timeout_s
        Who has not answered after this will not; never longer than the caller waits.
    may_hedge
        Whether a second, equal request may be sent while the first is slow: it must cost nothing and count
        against no scarce limit.
    cached_s
        How long a price for the same way and parcels may be shown again, seconds; 0 for never.
    """

    timeout_s: float = 5.0
    may_hedge: bool = True
    cached_s: int = 900


@dataclass(frozen=True, slots=True)
class CancelPolicy:
    """When calling a booking off costs nothing. What is not said here may cost.

    Attributes
    ----------
    free_before
        As long as a booking has not come to this status; None where that does not count.
    free_for_s
        And for so long after it was booked, seconds.
    """

    free_before: DeliveryStatus | None = None
    free_for_s: int = 0

    def is_free(self, leg: Leg, now: datetime) -> bool:
        """Whether this leg may be called off for nothing, by this policy or by its own offer."""
        if self.free_before is not None and RANK.get(leg.status, 0) < RANK[self.free_before]:
            return True
        span = timedelta(seconds=self.free_for_s)
        ends = (leg.booked_at + span if leg.booked_at else None, leg.free_cancel_until)
        has_goods = RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]
        return not has_goods and any(end is not None and now < end for end in ends)


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often a carrier that says nothing by itself is asked where a booking stands.

    Attributes
    ----------
    every_s
        While it is young, and again once it is out for delivery.
    doubles_s
        With each such span of its age the pause is twice as long, seconds.
    slowest_s
        It grows no longer.

    Raises
    ------
    ValueError
        If one is not positive, or the slowest is faster than the first.
    """

    every_s: int = 900
    doubles_s: int = 86_400
    slowest_s: int = 4 * 3600

    def __post_init__(self) -> None:
        if not 0 < self.every_s <= self.slowest_s or self.doubles_s <= 0:
            raise ValueError("every_s and doubles_s must be positive, and slowest_s no less than every_s")

    def pause(self, leg: Leg, now: datetime) -> timedelta:
        """How long after the last word about a leg its carrier is asked."""
        is_close = RANK.get(leg.status, 0) >= RANK[DeliveryStatus.OUT_FOR_DELIVERY]
        age_s = (now - leg.booked_at).total_seconds() if leg.booked_at is not None else 0.0
        # Bounded before it is raised: two to the power of a year's days is more than a time span holds.
        times = 0 if is_close else min(max(0, int(age_s // self.doubles_s)), 16)
        return timedelta(seconds=min(self.every_s << times, self.slowest_s))


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
    limits
        What it takes at all; what exceeds them is not asked.
    most_stops
        Deliveries that one courier brings in one tour; more than 1 needs `StacksDeliveries`.
    publishes_keys
        Whether its webhooks are verified with keys that it publishes; needs `PublishesKeys`.
    cancelling
        When a machine may replace a booking: only while calling it off is free.
    polling
        How often it is asked where it says nothing.
    """

    carrier: str
    name: str
    mode: DeliveryMode
    credentials: tuple[CredentialField, ...]
    connect: Callable[[Mapping[str, Secret], str], CarrierConnector]
    webhooks: CarrierWebhookReader | None
    webhook_secret_field: str = "webhook_secret"
    limits: CarrierLimits = field(default_factory=CarrierLimits)
    most_stops: int = 1
    quoting: QuotePolicy = field(default_factory=QuotePolicy)
    cancelling: CancelPolicy = field(default_factory=CancelPolicy)
    publishes_keys: bool = False
    polling: PollPolicy = field(default_factory=PollPolicy)
