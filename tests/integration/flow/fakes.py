"""Stores, carriers, maps and clocks played by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused, RemoteUnavailable, UnreadablePayload
from doorstep.geo import LatLng
from doorstep.health import HealthCheck
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Location,
    Order,
    OrderLine,
    OrderStatus,
    Store,
    StorePlatform,
)
from doorstep.ports import NoticeKind, RawOrder, StoreConnector, StoreNotice, Touch
from doorstep.position import Position
from doorstep.privacy import PrivacyKind, PrivacyNotice
from doorstep.product import Product
from doorstep.quote import CarrierAnswer, CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.report import DeliveryReport
from doorstep.secret import Secret
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.ports import LinkedCarrier

MERCHANT_ID = "mer_01jd0000000000000000000000"
STORE = Store(
    "sto_01jd0000000000000000000000",
    MERCHANT_ID,
    StorePlatform.WOOCOMMERCE,
    "shop",
    "https://shop.example",
    "sto_01jd0000000000000000000000",
    "loc_01jd0000000000000000000000",
)
SHOP = LatLng(39.9, -71.5)
HOME = Address("US", line1="12 Mill Street", city="Port Meridian", postal_code="00412", phone="+12125550111")
DOOR = LatLng(39.905, -71.505)
"""Where every street is that nobody placed elsewhere."""

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class HandClock:
    """Shows what it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **span: float) -> None:
        self._now += timedelta(**span)


@dataclass
class FakeStore:
    """Holds orders as JSON; "broken" ones cannot be read, "units" are the fulfillment orders' ids."""

    clock: HandClock
    shelf: dict[str, dict[str, object]] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    asked_products: list[tuple[str, ...]] = field(default_factory=list)
    reports: list[tuple[DeliveryReport, str, bool]] = field(default_factory=list)
    report_errors: list[RemoteError] = field(default_factory=list)
    histories: list[datetime | None] = field(default_factory=list)
    is_away: bool = False
    hides_before: datetime | None = None
    refused: set[str] = field(default_factory=set)
    breaks_at: str = ""
    locations_error: RemoteError | None = None
    platform: StorePlatform = StorePlatform.WOOCOMMERCE

    def put(self, external_id: str, **facts: object) -> None:
        before = self.shelf.get(external_id, {})
        self.shelf[external_id] = {**before, **facts, "updated_at": self.clock.now().isoformat()}

    async def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        for external_id in sorted(self.shelf, key=self._changed_at):
            if self.is_away:
                raise RemoteUnavailable("the shop is closed", system="shop")
            if since is None or self._changed_at(external_id) >= since:
                yield self._raw(external_id)

    def all_orders(self, after: datetime | None = None) -> AsyncIterator[RawOrder]:
        self.histories.append(after)
        return self.changed_orders(after)

    async def newest_change(self) -> datetime | None:
        return max(map(self._changed_at, self.shelf), default=None)

    async def touched_orders(self, since: datetime) -> AsyncIterator[Touch]:
        for external_id, at in self.touched.items():
            if at >= since:
                yield Touch(external_id, at)

    async def count_orders(self, since: datetime | None) -> int | None:
        return len(self.shelf)

    async def count_placed(self, window: Window) -> int | None:
        return len(self.shelf) if window.contains(NOON) else 0

    async def placed_ids(self, window: Window) -> AsyncIterator[str]:
        for external_id in self.shelf if window.contains(NOON) else ():
            yield external_id

    async def shows_since(self) -> datetime | None:
        return self.hides_before

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        self.fetched.append(external_id)
        if external_id == self.breaks_at:
            raise AttributeError("a slip of the connector's author")
        if external_id in self.refused:
            raise RemoteRefused("this order is locked", system="shop")
        if self.is_away:
            raise RemoteUnavailable("the shop is closed", system="shop")
        return self._raw(external_id) if external_id in self.shelf else None

    async def fetch_orders(self, external_ids: Sequence[str]) -> Mapping[str, RawOrder | None]:
        return {external_id: await self.fetch_order(external_id) for external_id in external_ids}

    def read_order(self, raw: RawOrder) -> Order:
        facts = json.loads(raw.body)
        if facts.get("broken"):
            raise UnreadablePayload("currency XXX is unknown", path=("currency",))
        status = FulfillmentOrderStatus(facts.get("unit_status", "OPEN"))
        line = OrderLine("line-1", "Kettle", 2, weight_g=900, product_external_id=facts.get("product", ""))
        parts = (FulfillmentLine("line-1", facts.get("left", 2)),)
        units = tuple(
            FulfillmentOrder(
                name,
                status,
                FulfillmentMethod.SHIP,
                parts,
                location_external_id=facts.get("place", ""),
            )
            for name in facts.get("units", [raw.external_id])
        )
        return Order(
            external_id=facts.get("known_as", raw.external_id),
            number=f"#{raw.external_id}",
            platform=StorePlatform.WOOCOMMERCE,
            status=OrderStatus(facts.get("status", "OPEN")),
            placed_at=NOON,
            updated_at=datetime.fromisoformat(facts["updated_at"]),
            total=Money(4200, "USD"),
            lines=(line,),
            fulfillment_orders=units,
            destination=replace(HOME, line1=facts.get("street", HOME.line1)),
            choice_reference=facts.get("choice", ""),
            is_test=facts.get("is_test", False),
        )

    async def locations(self) -> tuple[Location, ...]:
        if self.locations_error is not None:
            raise self.locations_error
        return ()

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        self.asked_products.append(tuple(external_ids))
        return tuple(Product(external_id, "Kettle", weight_g=900) for external_id in external_ids)

    async def report(self, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        self.reports.append((report, told, in_doubt))
        if self.report_errors:
            raise self.report_errors.pop(0)
        return f"told {len(self.reports)}"

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        return ()

    async def check(self) -> tuple[HealthCheck, ...]:
        return ()

    async def close(self) -> None:
        return

    def _raw(self, external_id: str) -> RawOrder:
        now = self.clock.now()
        body = json.dumps(self.shelf[external_id])
        return RawOrder(external_id, body, now, now, self._changed_at(external_id))

    def _changed_at(self, external_id: str) -> datetime:
        return datetime.fromisoformat(str(self.shelf[external_id]["updated_at"]))


@dataclass
class FakeCarrier:
    """Quotes one price, books once for a key, refuses when told to.

    Attributes
    ----------
    meanwhile
        Happens while a booking is on its way.
    news
        What `fetch` answers; nothing new where None.
    """

    carrier: str
    clock: HandClock
    price: int
    mode: DeliveryMode = DeliveryMode.COURIER
    minutes: int = 60
    opens_in_minutes: int = 0
    quote_error: RemoteError | None = None
    book_errors: list[RemoteError] = field(default_factory=list)
    booked: dict[str, Booking] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[object]] | None = None
    cancel_error: RemoteError | None = None
    cancelled: list[str] = field(default_factory=list)
    news: CarrierUpdate | None = None
    fetch_error: RemoteError | None = None
    fetched: list[str] = field(default_factory=list)
    asked: list[QuoteRequest] = field(default_factory=list)

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        self.asked.append(request)
        if self.quote_error is not None:
            raise self.quote_error
        now = self.clock.now()
        window = Window(now + timedelta(minutes=self.opens_in_minutes), now + timedelta(minutes=self.minutes))
        offer = CarrierQuote(
            carrier=self.carrier,
            service="standard",
            title=self.carrier,
            mode=self.mode,
            vehicle=VehicleKind.CAR,
            price=Money(self.price, "USD"),
            price_basis=PriceBasis.LIVE,
            promise=Promise(window, "America/New_York", PromiseBasis.CARRIER_COMMITMENT),
            expires_at=now + timedelta(minutes=15),
            pickup_by=now + timedelta(minutes=20),
        )
        return CarrierAnswer(quotes=(offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        if self.book_errors:
            raise self.book_errors.pop(0)
        if self.meanwhile is not None:
            await self.meanwhile()
        if request.booking_key not in self.booked:
            external_id = f"{self.carrier}-{len(self.booked) + 1}"
            self.booked[request.booking_key] = Booking(
                external_id, DeliveryStatus.BOOKED, "pending", Money(self.price, "USD")
            )
        return self.booked[request.booking_key]

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        self.cancelled.append(external_id)
        if self.cancel_error is not None:
            raise self.cancel_error
        return self.update(external_id, DeliveryStatus.CANCELLED, "canceled")

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        self.fetched.append(external_id)
        if self.fetch_error is not None:
            raise self.fetch_error
        return self.news or self.update(external_id, DeliveryStatus.UNKNOWN, "?")

    async def check(self) -> tuple[HealthCheck, ...]:
        return ()

    async def close(self) -> None:
        return

    def update(self, external_id: str, status: DeliveryStatus, raw: str, **more: object) -> CarrierUpdate:
        return CarrierUpdate(f"{external_id}:{raw}", external_id, status, raw, self.clock.now(), **more)  # type: ignore[arg-type] # the fields of the dataclass by name


@dataclass
class FakeGeocoder:
    """Knows every street but "Nowhere"; those in `places` where they are."""

    places: dict[str, LatLng] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def locate(self, address: Address) -> LatLng | None:
        self.asked.append(address.line1)
        return None if address.line1 == "Nowhere" else self.places.get(address.line1, DOOR)


class NoPositions:
    """Nobody watches."""

    async def moved(self, merchant_id: str, places: Mapping[str, Position]) -> None:
        return

    async def seen(
        self, merchant_id: str, places: Mapping[str, Position], watched: Mapping[str, Sequence[str]]
    ) -> None:
        return


@dataclass
class FakeLinks:
    """Always the same connectors.

    Attributes
    ----------
    store_error
        Why the store's cannot be made.
    forgotten
        Ids of what was let go of.
    """

    shop: FakeStore
    linked: list[LinkedCarrier]
    store_error: Exception | None = None
    forgotten: list[str] = field(default_factory=list)

    async def store(self, merchant_id: str, store_id: str) -> StoreConnector:
        if self.store_error is not None:
            raise self.store_error
        return self.shop

    async def forget(self, merchant_id: str, id_: str) -> None:
        self.forgotten.append(id_)

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]:
        return self.linked

    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None:
        return next((one for one in self.linked if one.account.id == account_id), None)

    def read_store_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> StoreNotice:
        return StoreNotice(
            headers["topic"], "", "", bool(headers.get("deletes")), NoticeKind(headers["kind"])
        )

    def read_privacy_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> PrivacyNotice:
        return PrivacyNotice(PrivacyKind(headers["topic"]))

    def read_carrier_notice(
        self, carrier: str, headers: Mapping[str, str], body: bytes
    ) -> Sequence[CarrierUpdate]:
        return ()
