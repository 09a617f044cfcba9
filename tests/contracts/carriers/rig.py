"""What a carrier's connector is tried with: its simulator over HTTP, a clock, and a letter box.

A new carrier joins with one file beside this one that has a `HARNESS`.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tests.contracts.carriers as folder
from doorstep.address import Address
from doorstep.delivery import BookingRequest
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector, CarrierPlugin
from doorstep.quote import CarrierQuote, QuoteRequest
from doorstep.secret import Secret
from simulator.actor import Actor
from simulator.carriers.books import BookEntry
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SIGNING_KEY = "signing-key"
BUDGET_S = 5.0
# Machine seconds: what a slow carrier takes, and how long we wait for it.
SLOW_S, SHORT_BUDGET_S = 5.0, 0.25
# Long enough on a busy machine for what is read before the write.
LOST_BUDGET_S = 1.0

STORE = Address(
    "US",
    name="Till",
    company="Corner Shop",
    line1="1 Main St",
    city="Port Meridian",
    province="NY",
    postal_code="10001",
    phone="+15550100000",
    location=LatLng(40.7306, -73.9866),
)
DOOR = replace(
    STORE,
    name="A. Shopper",
    company="",
    line1="2 Side St",
    postal_code="10002",
    phone="+15550100009",
    location=LatLng(40.7411, -73.9897),
)
BOX = Parcel(1_000, 300, 200, 100)


class FakeCarrier(Actor, Protocol):
    """The buttons that every simulated carrier has."""

    def books(self) -> list[BookEntry]: ...

    def outage(self, on: bool) -> None: ...

    def slow(self, seconds: float) -> None: ...

    def lose_next_booking(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Harness:
    """How a carrier joins this suite.

    Attributes
    ----------
    build
        (clock, postman, webhook URL) -> its simulator.
    credentials, wrong_credentials
        Those that the simulator takes, and what to change to be refused.
    signs_bodies
        Whether its webhooks are signed over their bytes; a shared word in a header says nothing about them.
    """

    plugin: CarrierPlugin
    build: Callable[[WorldClock, Postman, str], FakeCarrier]
    credentials: Mapping[str, str]
    wrong_credentials: Mapping[str, str]
    signs_bodies: bool = True


def connect(harness: Harness, base_url: str, **changes: str) -> CarrierConnector:
    credentials = {**harness.credentials, "webhook_secret": SIGNING_KEY, **changes}
    return harness.plugin.connect({name: Secret(value) for name, value in credentials.items()}, base_url)


@dataclass(slots=True)
class Rig:
    """One carrier, its simulator, and the letters that arrived."""

    harness: Harness
    clock: WorldClock
    postman: Postman
    fake: FakeCarrier
    carrier: CarrierConnector
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    async def live(self, seconds: float, step_s: float = 30.0) -> None:
        for _ in range(int(seconds // step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now = self.clock.now()
        plain = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), now, now, "America/New_York")
        return replace(plain, **changes)

    async def offer(self) -> CarrierQuote:
        answer = await self.carrier.quote(self.question(), BUDGET_S)
        return answer.quotes[0]

    def request(self, offer: CarrierQuote, key: str = "leg_01") -> BookingRequest:
        now = self.clock.now()
        return BookingRequest(
            booking_key=key,
            reference=f"ref-{key}",
            service=offer.service,
            pickup=STORE,
            dropoff=DOOR,
            parcels=(BOX,),
            value=Money(4200, "USD"),
            ready_at=now,
            asked_at=now,
            promise=offer.promise,
            booking_data=dict(offer.booking_data),
            items=(("Bread", 2),),
        )


@asynccontextmanager
async def open_rig(harness: Harness) -> AsyncIterator[Rig]:
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = harness.build(clock, postman, f"{url}/hook")
        assert fake.app is not None
        world.mount(f"/{fake.name}", fake.app)
        base_url = f"{url}/{fake.name}"
        carrier = connect(harness, base_url)
        yield Rig(harness, clock, postman, fake, carrier, base_url, letters)
        await carrier.close()
        await fake.close()
        await postman.close()


def harnesses() -> Sequence[Harness]:
    """Every carrier of this folder, by name."""
    modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if module.name != "rig")
    return [importlib.import_module(f"{folder.__name__}.{name}").HARNESS for name in modules]
