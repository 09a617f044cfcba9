"""A small merchant in one city: one order, one quote set, one delivery, one route, one exception."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doorstep import ids
from doorstep.address import Address
from doorstep.audit import Actor, Entry
from doorstep.delivery import Courier, Delivery, DeliveryEvent, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.eta import Eta, EtaBasis
from doorstep.geo import LatLng
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity
from doorstep.merchant import Merchant
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
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.quote import (
    CarrierQuote,
    Choice,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    RankFactor,
    RankReason,
    VehicleKind,
)
from doorstep.route import PlanProgress, Route, RoutePlan, RoutePlanStatus, RouteStatus, Stop, StopStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.records import DriverState, Quarantined, QuarantineStatus, StoreSync

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = Window(NOW, NOW + timedelta(hours=4))


def id_of(prefix: str, number: int = 1) -> str:
    """The same id for the same number, in every run."""
    return ids.new_id(prefix, now_ms=1_750_000_000_000 + number, randomness=bytes)


MERCHANT = Merchant(
    id_of("mer"), "Green Grocer", "EUR", "Europe/Madrid", support_url="https://grocer.example"
)
STORE = Store(
    id_of("sto"), MERCHANT.id, StorePlatform.WOOCOMMERCE, "Shop", "https://shop.example", "1", id_of("loc")
)
PLACE = Address("ES", line1="Calle Uno 1", city="Madrid", location=LatLng(40.40, -3.70))
HOME = Address(
    "ES", name="A. Shopper", line1="Calle Dos 2", city="Madrid", phone="+34911234567",
    location=LatLng(40.416775, -3.703790),
)  # fmt: skip
LOCATION = Location(id_of("loc"), MERCHANT.id, "Depot", PLACE, "Europe/Madrid")
PROMISE = Promise(TODAY, "Europe/Madrid", PromiseBasis.PREDICTED, 0.9)
UNIT = FulfillmentOrder(
    "1", FulfillmentOrderStatus.OPEN, FulfillmentMethod.SHIP, (FulfillmentLine("11", 2),),
    id=id_of("ful"), order_id=id_of("ord"), location_id=LOCATION.id, parcels=(Parcel(1200, 300, 200, 100),),
)  # fmt: skip
ORDER = Order(
    "1", "1001", StorePlatform.WOOCOMMERCE, OrderStatus.OPEN, NOW - timedelta(hours=1), NOW,
    Money(4250, "EUR"), (OrderLine("11", "Apples", 2, weight_g=600, unit_price=Money(2125, "EUR")),),
    (UNIT,), destination=HOME, id=id_of("ord"), store_id=STORE.id, merchant_id=MERCHANT.id,
    choice_reference=id_of("cho"), tags=("vip",),
)  # fmt: skip


def offer(carrier: str, price: Money, hours: int, grams: int) -> CarrierQuote:
    """One carrier's offer that arrives within so many hours."""
    promise = replace(PROMISE, window=Window(NOW, NOW + timedelta(hours=hours)))
    return CarrierQuote(
        carrier, "same_day", f"{carrier} today", DeliveryMode.COURIER, VehicleKind.BICYCLE, price,
        PriceBasis.LIVE, promise, NOW + timedelta(minutes=15), co2e_g=grams,
    )  # fmt: skip


def quote(number: int, given: CarrierQuote, rank: int) -> Quote:
    """An offer in its place."""
    reasons = (RankReason(RankFactor.PRICE, "Cheaper than most.", 0.4),)
    return Quote(id_of("quo", number), id_of("acc", number), given, rank, 1.0 / rank, reasons, 180)


QUESTION = QuoteRequest("q-1", PLACE, HOME, (Parcel(1200),), Money(4250, "EUR"), NOW, NOW, "Europe/Madrid")
QUOTES = QuoteSet(
    id_of("qst"), MERCHANT.id, QUESTION, None, LOCATION.id,
    (
        quote(1, offer("slow_bikes", Money(490, "EUR"), 4, 20), 1),
        quote(2, offer("fast_cars", Money(990, "EUR"), 1, 400), 2),
    ),
    (Decline("far_trucks", DeclineReason.OUT_OF_AREA, "Does not come here."),), 1500, 640, True,
)  # fmt: skip
DISPATCHER_QUOTES = replace(QUOTES, id=id_of("qst", 2), fulfillment_order_id=UNIT.id)
CHOICE = Choice(
    id_of("cho"), MERCHANT.id, QUOTES.id, QUOTES.quotes[0].id, "slow_bikes", "same_day",
    id_of("acc"), Money(490, "EUR"), PROMISE, NOW, NOW + timedelta(minutes=15), order_id=ORDER.id,
)  # fmt: skip
LEG = Leg(
    id_of("leg"), id_of("acc"), "slow_bikes", "same_day", DeliveryMode.COURIER,
    DeliveryStatus.OUT_FOR_DELIVERY, Money(490, "EUR"), "bk-1", external_id="X1",
    courier=Courier("Robin", VehicleKind.BICYCLE, "+34600000000"),
    position=Position(LatLng(40.41, -3.70), NOW - timedelta(seconds=12)),
)  # fmt: skip


def delivery(number: int = 1) -> Delivery:
    """A courier's delivery, on its way."""
    return Delivery(
        id_of("del", number), MERCHANT.id, ORDER.id, UNIT.id, f"1001-{number}",
        DeliveryStatus.OUT_FOR_DELIVERY, LOCATION.id, HOME, UNIT.parcels, NOW - timedelta(hours=1), NOW,
        legs=(replace(LEG, id=id_of("leg", number)),), promise=PROMISE,
        eta=Eta(NOW + timedelta(minutes=20), TODAY, 0.9, EtaBasis.CARRIER, NOW), late_risk=0.1,
    )  # fmt: skip


DELIVERY = delivery()
DRIVER = Driver(id_of("drv"), MERCHANT.id, "Kim", LOCATION.id, "device-secret", "08:00", "16:00", 400_000)
STOP = Stop(id_of("stp"), DELIVERY.id, 1, StopStatus.EN_ROUTE, LatLng(40.416775, -3.70379), NOW, 180)
ROUTE = Route(
    id_of("rte"), MERCHANT.id, id_of("pla"), DRIVER.id, "2026-11-22", RouteStatus.STARTED, NOW,
    NOW + timedelta(hours=3), (STOP,), "_p~iF~ps|U", 5200, 1100, LatLng(40.40, -3.70),
)  # fmt: skip
FULL = UnassignedReason(UnassignedCode.NO_CAPACITY, "All vans are full.")
PLAN = RoutePlan(
    id_of("pla"), MERCHANT.id, "2026-11-22", RoutePlanStatus.RUNNING, NOW, 30.0,
    PlanProgress(0.5, 15.0, 1, 1, 1234), currency="EUR",
    unassigned=(UnassignedVisit(id_of("del", 9), (FULL,)),),
)  # fmt: skip
SYNC = StoreSync(STORE.id, MERCHANT.id, orders_until=NOW - timedelta(minutes=2), answered_at=NOW)
STATE = DriverState(DRIVER.id, MERCHANT.id, Position(LatLng(40.41, -3.70), NOW), NOW)


def incident(kind: IncidentKind = IncidentKind.LATE_RISK, number: int = 1) -> Incident:
    """Something that needs mending about the delivery."""
    return Incident(
        id_of("exc", number), MERCHANT.id, kind, Severity.HIGH, IncidentStatus.OPEN, "May be late",
        "P(late) = 0.7", NOW, NOW + timedelta(minutes=15), delivery_id=DELIVERY.id, leg_id=LEG.id,
        driver_id=DRIVER.id, raw_code="late", history=(Entry(NOW, Actor.PLAYBOOK, "Opened."),),
    )  # fmt: skip


EVENT = DeliveryEvent(
    id_of("evt"), MERCHANT.id, DELIVERY.id, LEG.id, DeliveryStatus.PICKED_UP, NOW - timedelta(minutes=30),
    NOW, EventSource.CARRIER, "e-1", "Picked up",
)  # fmt: skip
MESSAGE = Quarantined(
    id_of("qua"), MERCHANT.id, STORE.id, "order.created", "7", NOW, 1, QuarantineStatus.WAITING,
    "INVALID_INPUT", "total is no amount", ("total",), '{"total":"x"}',
)  # fmt: skip
