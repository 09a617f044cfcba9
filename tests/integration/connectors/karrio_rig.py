"""One of the six carriers behind karrio's mappers, its stand-in over HTTP, and a clock moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from connectors.parcel.karrio import CANADA_POST, FEDEX, MYDHL, PUROLATOR, UPS, USPS
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.ports import CarrierConnector, CarrierPlugin
from doorstep.quote import CarrierAnswer, CarrierQuote, QuoteRequest
from doorstep.secret import Secret
from simulator.carriers.karrio_carriers import (
    FakeCanadaPost,
    FakeFedEx,
    FakeMyDhl,
    FakePurolator,
    FakeUps,
    FakeUsps,
    House,
)
from simulator.carriers.serving import serve
from simulator.clock import WorldClock

# A Monday, ten in the morning in New York and Toronto, four in the afternoon in Berlin.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUDGET_S = 5.0
HOUR_S = 3600.0

BOX = Parcel(1_000, 300, 200, 100)


@dataclass(frozen=True, slots=True)
class Country:
    """Two addresses, a currency and a time zone."""

    store: Address
    door: Address
    currency: str
    time_zone: str


def _country(
    code: str,
    province: str,
    cities: tuple[str, str],
    postcodes: tuple[str, str],
    phone: str,
    currency: str,
    time_zone: str,
) -> Country:
    store = Address(code, "Till", "Corner Shop", "1 Main St", "", cities[0], province, postcodes[0])
    store = replace(store, phone=phone)
    door = replace(store, name="A. Shopper", company="", line1="2 Side St")
    return Country(store, replace(door, city=cities[1], postal_code=postcodes[1]), currency, time_zone)


UNITED_STATES = _country(
    "US",
    "NY",
    ("Port Meridian", "Port Meridian"),
    ("10001", "10002"),
    "+12125550100",
    "USD",
    "America/New_York",
)
CANADA = _country(
    "CA", "ON", ("Ottawa", "Toronto"), ("K1A 0B1", "M5V 2T6"), "+16135550100", "CAD", "America/Toronto"
)
GERMANY = _country("DE", "", ("Berlin", "Munich"), ("10115", "80331"), "+4930555010", "EUR", "Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Case:
    """How one carrier is tried.

    Attributes
    ----------
    secret
        Name of the credential that is the password.
    nowhere
        A postcode that it does not serve.
    """

    plugin: CarrierPlugin
    house: Callable[[WorldClock], House]
    credentials: Mapping[str, str]
    secret: str
    country: Country
    nowhere: str


CASES = (
    Case(
        UPS,
        FakeUps,
        {"client_id": "client", "client_secret": "hush", "account_number": "A12345"},
        "client_secret",
        UNITED_STATES,
        "99999",
    ),
    Case(
        FEDEX,
        FakeFedEx,
        {
            "api_key": "ship",
            "secret_key": "hush",
            "track_api_key": "track",
            "track_secret_key": "hush",
            "account_number": "740561073",
        },
        "secret_key",
        UNITED_STATES,
        "99999",
    ),
    Case(
        USPS,
        FakeUsps,
        {
            "client_id": "client",
            "client_secret": "hush",
            "account_number": "1000",
            "crid": "2000",
            "mid": "3000",
        },
        "client_secret",
        UNITED_STATES,
        "99999",
    ),
    Case(
        MYDHL,
        FakeMyDhl,
        {"username": "user", "password": "hush", "account_number": "220000000"},
        "password",
        GERMANY,
        "99999",
    ),
    Case(
        CANADA_POST,
        FakeCanadaPost,
        {
            "username": "user",
            "password": "hush",
            "customer_number": "2004381",
            "contract_id": "42708517",
            "email": "desk@example.com",
        },
        "password",
        CANADA,
        "X9X 9X9",
    ),
    Case(
        PUROLATOR,
        FakePurolator,
        {
            "username": "user",
            "password": "hush",
            "account_number": "9999999999",
            "user_token": "activated",
        },
        "password",
        CANADA,
        "X9X9X9",
    ),
)
BY_CODE = {case.plugin.carrier: case for case in CASES}


@dataclass(slots=True)
class Rig:
    case: Case
    clock: WorldClock
    house: Any
    carrier: CarrierConnector
    base_url: str

    def connect(self, **changes: str) -> CarrierConnector:
        """Another process with the same account."""
        secrets = {name: Secret(value) for name, value in {**self.case.credentials, **changes}.items()}
        return self.case.plugin.connect(secrets, self.base_url)

    def question(self, **changes: Any) -> QuoteRequest:
        now, country = self.clock.now(), self.case.country
        plain = QuoteRequest(
            "qst_1",
            country.store,
            country.door,
            (BOX,),
            Money(4200, country.currency),
            now,
            now,
            country.time_zone,
        )
        return replace(plain, **changes)

    async def ask(self, **changes: Any) -> CarrierAnswer:
        return await self.carrier.quote(self.question(**changes), BUDGET_S)

    async def offer(self, service: str = "") -> CarrierQuote:
        offers = (await self.ask()).quotes
        return next(offer for offer in offers if service in {"", offer.service})

    def request(self, offer: CarrierQuote, **changes: Any) -> BookingRequest:
        now, country = self.clock.now(), self.case.country
        plain = BookingRequest(
            "leg_01HZX3V9K2M4N6P8Q0R2S4T6V8",
            "#1001",
            offer.service,
            country.store,
            country.door,
            (BOX,),
            Money(4200, country.currency),
            now,
            now,
            offer.promise,
            dict(offer.booking_data),
        )
        return replace(plain, **changes)

    async def book(self, **changes: Any) -> Booking:
        return await self.carrier.book(self.request(await self.offer(), **changes), BUDGET_S)

    def live(self, hours: float) -> None:
        self.clock.advance(hours * HOUR_S)


@dataclass(slots=True)
class Grounds:
    """One server for the tests of a module; every rig has a path of its own on it."""

    world: Starlette
    url: str
    opened: int = 0


@asynccontextmanager
async def open_grounds() -> AsyncIterator[Grounds]:
    """A server on a free port."""
    world = Starlette()
    async with serve(world) as url:
        yield Grounds(world, url)


@asynccontextmanager
async def open_rig(case: Case, grounds: Grounds) -> AsyncIterator[Rig]:
    """The carrier's stand-in, and a connector that speaks with it."""
    clock = WorldClock(START, rate=0)
    house = case.house(clock)
    grounds.opened += 1
    path = f"/{grounds.opened}/{house.name}"
    grounds.world.mount(path, house.app)
    secrets = {name: Secret(value) for name, value in case.credentials.items()}
    carrier = case.plugin.connect(secrets, f"{grounds.url}{path}")
    try:
        yield Rig(case, clock, house, carrier, f"{grounds.url}{path}")
    finally:
        await carrier.close()
        await house.close()
