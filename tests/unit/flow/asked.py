"""Carriers that answer as they are told, for tests of how they are asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.clock import Clock
from doorstep.errors import RemoteError
from doorstep.health import HealthCheck
from doorstep.limits import CarrierLimits
from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import QuotePolicy
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.ports import LinkedCarrier

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SHOP = Address("US", line1="1 Quay", city="Port Meridian", postal_code="10001")
DOOR = Address("US", line1="2 Side St", city="Port Meridian", postal_code="10002")
REQUEST = QuoteRequest(
    "qst_1", SHOP, DOOR, (Parcel(1_000, 300, 200, 100),), Money(4_000, "USD"), NOON, NOON, "America/New_York"
)


class HandClock(Clock):
    """The world's time, moved by hand; `seconds` is the machine's."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def now_s(self) -> float:
        return self.seconds


@dataclass
class Told:
    """A carrier that answers as it is told.

    Attributes
    ----------
    error, refusal
        What it fails or declines with; None to offer `minor`.
    gate
        Until it is set no answer comes.
    """

    carrier: str = "courier"
    minor: int = 500
    error: Exception | None = None
    refusal: DeclineReason | None = None
    gate: asyncio.Event | None = None
    mode: DeliveryMode = DeliveryMode.COURIER
    asked: list[QuoteRequest] = field(default_factory=list)

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        self.asked.append(request)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if self.refusal is not None:
            return CarrierAnswer(declined=(Decline(self.carrier, self.refusal, "no"),))
        return CarrierAnswer((offer(self.carrier, self.minor, request.asked_at, mode=self.mode),))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        raise NotImplementedError

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        raise NotImplementedError

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        raise NotImplementedError

    async def check(self) -> tuple[HealthCheck, ...]:
        return ()

    async def close(self) -> None:
        return None


def offer(
    carrier: str, minor: int, at: datetime, *, mode: DeliveryMode = DeliveryMode.COURIER
) -> CarrierQuote:
    """An offer for within the hour that stands for a quarter of an hour."""
    return CarrierQuote(
        carrier=carrier,
        service="standard",
        title="Within the hour",
        mode=mode,
        vehicle=VehicleKind.CAR,
        price=Money(minor, "USD"),
        price_basis=PriceBasis.LIVE,
        promise=Promise(
            Window(at + timedelta(minutes=30), at + timedelta(hours=1)),
            "America/New_York",
            PromiseBasis.CARRIER_COMMITMENT,
        ),
        expires_at=at + timedelta(minutes=15),
        booking_data={"quote_id": f"{carrier}-1"},
    )


def linked(connector: Told, **changes: Any) -> LinkedCarrier:
    """An account of that carrier; the account has its code for an id."""
    account = CarrierAccount(
        f"acc_{connector.carrier}", "mer_1", connector.carrier, connector.carrier.title(), connector.mode
    )
    plain = LinkedCarrier(account, connector, CarrierLimits(), QuotePolicy(may_hedge=False))
    return replace(plain, **changes)


def down(text: str = "it is down") -> RemoteError:
    """What a carrier that cannot be asked raises."""
    from doorstep.errors import RemoteUnavailable

    return RemoteUnavailable(text, system="courier", raw_code="503")
