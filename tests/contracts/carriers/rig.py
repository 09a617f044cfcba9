"""What a carrier's connector is tried with: its simulator over HTTP, a clock, and a letter box.

A new carrier joins the contract suite with one file beside this one that has a `HARNESS`. Tests of a single
carrier open the same rig with what they want otherwise: other places, a simulator with other habits.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tests.contracts.carriers as folder
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector, CarrierPlugin
from doorstep.quote import CarrierAnswer, CarrierQuote, QuoteRequest
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
LOST_BUDGET_S = 0.6

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


@dataclass(frozen=True, slots=True)
class Places:
    """When, from where, to where and in which money goods are carried."""

    store: Address
    door: Address
    value: Money
    time_zone: str
    start: datetime


HERE = Places(STORE, DOOR, Money(4200, "USD"), "America/New_York", START)


class FakeCarrier(Actor, Protocol):
    """The buttons that every simulated carrier has."""

    def books(self) -> list[BookEntry]: ...

    def outage(self, on: bool) -> None: ...

    def slow(self, seconds: float) -> None: ...

    def lose_next_booking(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Harness[Fake: FakeCarrier]:
    """How a carrier is tried.

    Attributes
    ----------
    build
        (clock, postman, webhook URL) -> its simulator; further options by name.
    credentials, wrong_credentials
        Those that the simulator takes, and what to change to be refused.
    signs_bodies
        Whether its webhooks are signed over their bytes; a shared word in a header says nothing about them.
    takes_back
        Whether a booking can be called off by its API at all.
    places
        A way that it goes.
    public_keys
        What its simulator publishes for verifying its webhooks.
    """

    plugin: CarrierPlugin
    build: Callable[..., Fake]
    credentials: Mapping[str, str]
    wrong_credentials: Mapping[str, str]
    signs_bodies: bool = True
    takes_back: bool = True
    places: Places = HERE
    public_keys: Callable[[Fake], Sequence[Secret]] = lambda _fake: ()


def connect(harness: Harness[Any], base_url: str, **changes: str) -> CarrierConnector:
    secret = {"webhook_secret": SIGNING_KEY} if harness.plugin.webhooks is not None else {}
    credentials = {**secret, **harness.credentials, **changes}
    return harness.plugin.connect({name: Secret(value) for name, value in credentials.items()}, base_url)


@dataclass(slots=True)
class Rig[Fake: FakeCarrier, Carrier: CarrierConnector]:
    """One carrier, its simulator, and the letters that arrived."""

    harness: Harness[Fake]
    places: Places
    world: Starlette
    clock: WorldClock
    postman: Postman
    fake: Fake
    carrier: Carrier
    base_url: str
    letters: list[tuple[dict[str, str], bytes]]

    step_s: ClassVar[float] = 30.0
    """How far a step of `live` goes."""

    def connect(self, **changes: str) -> CarrierConnector:
        """The same account with other credentials; whoever asks for it closes it."""
        return connect(self.harness, self.base_url, **changes)

    async def live(self, seconds: float = 0.0, *, minutes: float = 0.0, step_s: float | None = None) -> None:
        step_s = step_s or self.step_s
        for _ in range(int((seconds + minutes * 60) // step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def question(self, **changes: Any) -> QuoteRequest:
        now, here = self.clock.now(), self.places
        plain = QuoteRequest("qst_1", here.store, here.door, (BOX,), here.value, now, now, here.time_zone)
        return replace(plain, **changes)

    async def ask(self, **changes: Any) -> CarrierAnswer:
        return await self.carrier.quote(self.question(**changes), BUDGET_S)

    async def offer(self, service: str = "", **changes: Any) -> CarrierQuote:
        """The first offer, or that of one service."""
        quotes = (await self.ask(**changes)).quotes
        return next(quote for quote in quotes if service in {"", quote.service})

    def request(self, offer: CarrierQuote, key: str = "leg_01", **changes: Any) -> BookingRequest:
        """A booking of an offer; leg_01 is order 1001."""
        now, here = self.clock.now(), self.places
        plain = BookingRequest(
            booking_key=key,
            reference=f"10{key.removeprefix('leg_')}",
            service=offer.service,
            pickup=here.store,
            dropoff=here.door,
            parcels=(BOX,),
            value=here.value,
            ready_at=now,
            asked_at=now,
            promise=offer.promise,
            booking_data=dict(offer.booking_data),
            items=(("Bread", 2),),
        )
        return replace(plain, **changes)

    async def book(self, service: str = "", **changes: Any) -> Booking:
        """What was offered plainly, booked with these changes."""
        return await self.carrier.book(self.request(await self.offer(service), **changes), BUDGET_S)

    def updates(self) -> list[CarrierUpdate]:
        """What the letters say, each once, as it happened; checks their signatures."""
        reader = self.harness.plugin.webhooks
        assert reader is not None
        once: dict[str, CarrierUpdate] = {}
        for headers, body in self.letters:
            reader.verify(headers, body, [Secret(SIGNING_KEY), *self.harness.public_keys(self.fake)])
            once |= {update.source_event_id: update for update in reader.read(headers, body)}
        return sorted(once.values(), key=lambda update: update.occurred_at)


type AnyRig = Rig[FakeCarrier, CarrierConnector]


@asynccontextmanager
async def rig_of[R: Rig[Any, Any]](
    kind: type[R], harness: Harness[Any], places: Places | None = None, **options: Any
) -> AsyncIterator[R]:
    """A rig, opened; `options` go to the simulator."""
    letters: list[tuple[dict[str, str], bytes]] = []
    places = places or harness.places

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(places.start, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = harness.build(clock, postman, f"{url}/hook", **options)
        assert fake.app is not None
        world.mount(f"/{fake.name}", fake.app)
        base_url = f"{url}/{fake.name}"
        carrier = connect(harness, base_url)
        yield kind(harness, places, world, clock, postman, fake, carrier, base_url, letters)
        await carrier.close()
        await fake.close()
        await postman.close()


def harnesses() -> Sequence[Harness[FakeCarrier]]:
    """Every carrier of this folder, by name: the `HARNESS` of a module, or its `HARNESSES`."""
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if module.name != "rig")
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    return [one for module in modules for one in getattr(module, "HARNESSES", None) or [module.HARNESS]]
