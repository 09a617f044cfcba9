"""The simulated city: orders, quotes, and what becomes of bookings. Hidden from whoever books.

Why the numbers are what they are stands in the description of this package.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from bench.value.fates import Conditions, Fate, Luck, TourFate, alone, together
from bench.value.places import Place, ways_km
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

CURRENCY = "USD"
START = datetime(2026, 3, 2, tzinfo=UTC)
CARRIERS = 6
MILE_KM = 1.609344
MOST_KM = 16.0

HOURS = (3, 4, 6, 10, 9, 5, 4, 5, 8, 11, 10, 7)
"""Orders of each hour from nine in the morning, in proportion."""

OPENS = 9
PEAKS = frozenset({12, 13, 18, 19})
WINDOWS_MIN = ((60, 0.4), (90, 0.4), (120, 0.2))
"""Within how many minutes shoppers are promised their order, and how often."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be otherwise in another world.

    Attributes
    ----------
    late_cost
        Of an order that comes after its window.
    spread
        How far carriers' qualities are apart; 1 as described, 0 makes all alike.
    price_follows_quality
        Correlation of price level and quality.
    has_spells
        Whether carriers have bad spells.
    stackers
        How many carriers take several doors in one tour.
    stop_fee
        Of each further door of a tour beside its way, minor units at the middling level.
    doors_delay_as_rides
        A further door of a tour is delayed as often as a whole ride; else by its share of the minutes.
    window_stretch
        How many times as long shoppers' windows are.
    """

    late_cost: int = 900
    spread: float = 1.0
    price_follows_quality: float = 0.5
    has_spells: bool = True
    stackers: int = 2
    stop_fee: int = 300
    doors_delay_as_rides: bool = False
    window_stretch: float = 1.0


SUPPORT_COST = 600
"""Talking with a shopper whose delivery failed."""

RETURN_SHARE = 0.6
"""Of the fare, for the way back."""

MOST_DOORS = (8, 15)
"""In one tour of the first carrier that takes several, and of the second."""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """What a shopper ordered, where it goes, and by when it was promised."""

    number: int
    placed_at: datetime
    distance_km: float
    promise: Promise
    place: Place

    @property
    def door(self) -> LatLng:
        """For the map: about 111 km lie between two degrees."""
        east, north = self.place
        return LatLng(north / 111, east / 111)


@dataclass(frozen=True, slots=True)
class _Courier:
    """A carrier as it really is.

    Attributes
    ----------
    trouble
        How many times as often as at a middling carrier things go wrong.
    is_dynamic
        Its price follows demand.
    spells
        Days, from to, on which it is worse.
    """

    account_id: str
    level: float
    trouble: float
    is_dynamic: bool
    sensitivity: float
    spells: tuple[tuple[int, int], ...]


class World:
    """Everything follows from the seed; asked twice, it says the same."""

    def __init__(self, seed: int, days: int, orders_a_day: int, terms: Terms) -> None:
        self.seed, self.terms = seed, terms
        self._couriers = [_courier(seed, number, days, terms) for number in range(CARRIERS)]
        self._by_account = {courier.account_id: courier for courier in self._couriers}
        self.days = [list(_orders(seed, day, orders_a_day, terms)) for day in range(days)]
        # Every merchant meets the same, so what was drawn once is kept.
        self._quoted: dict[int, Sequence[tuple[str, CarrierQuote]]] = {}
        self._serving: dict[int, Sequence[_Courier]] = {}
        self._lucks: dict[tuple[int, str, int], Luck] = {}
        self._noise: dict[tuple[int, str], float] = {}
        self._surges: dict[tuple[int, int], float] = {}

    @property
    def stackable(self) -> Mapping[str, int]:
        """Carriers that take several doors in one tour, and how many."""
        # Of those that charge by distance from the first metre, as the two that are connected do.
        by_distance = (courier.account_id for courier in self._couriers if courier.is_dynamic)
        return dict(zip(islice(by_distance, self.terms.stackers), MOST_DOORS, strict=False))

    def quotes(self, order: ShopOrder, at: datetime) -> Sequence[tuple[str, CarrierQuote]]:
        """What carriers offer for an order at a moment, with the accounts; who cannot says nothing."""
        if at != order.placed_at:
            return self._asked(order, at)
        known = self._quoted.get(order.number)
        if known is None:
            known = self._quoted[order.number] = self._asked(order, at)
        return known

    def _asked(self, order: ShopOrder, at: datetime) -> Sequence[tuple[str, CarrierQuote]]:
        serving = self._serving.get(order.number)
        if serving is None:
            serving = self._serving[order.number] = [
                courier
                for courier in self._couriers
                if self._chance("serves", order.number, courier.account_id).random() < 0.9
            ]
        return [(courier.account_id, self._offer(courier, order, at)) for courier in serving]

    def fate(self, order: ShopOrder, account_id: str, attempt: int, at: datetime) -> Fate:
        """What becomes of a booking; `attempt` counts those of this order with this carrier, from 0."""
        conditions = self._conditions(account_id, at)
        return alone(self._luck(order, account_id, attempt), conditions, ride_min(order.distance_km))

    def tour_fate(
        self, orders: Sequence[ShopOrder], account_id: str, attempts: Sequence[int], at: datetime
    ) -> TourFate:
        """What becomes of a tour to these doors in this order, each with the luck of its own attempt."""
        lucks = [
            self._luck(order, account_id, attempt) for order, attempt in zip(orders, attempts, strict=True)
        ]
        rides = [[ride_min(way) for way in row] for row in ways_km([order.place for order in orders])]
        doors_are_rides = self.terms.doors_delay_as_rides
        return together(lucks, self._conditions(account_id, at), rides, doors_are_rides=doors_are_rides)

    def _conditions(self, account_id: str, at: datetime) -> Conditions:
        courier, is_peak = self._by_account[account_id], at.hour in PEAKS
        return Conditions(
            trouble=courier.trouble * self._spell(courier, at),
            busy=1.6 if is_peak else 1.0,
            traffic=1.25 if is_peak else 1.0,
        )

    def _luck(self, order: ShopOrder, account_id: str, attempt: int) -> Luck:
        key = order.number, account_id, attempt
        if key not in self._lucks:
            self._lucks[key] = Luck.drawn(self._chance("fate", *key))
        return self._lucks[key]

    def tour_price(self, orders: Sequence[ShopOrder], account_id: str, at: datetime) -> Money:
        """What a carrier takes for a tour to these doors in this order."""
        courier, way_km = self._by_account[account_id], ways_km([order.place for order in orders])
        length = sum(way_km[here][there] for here, there in pairwise(range(len(way_km))))
        fare = _fare(length, courier.is_dynamic) + self.terms.stop_fee * (len(orders) - 1)
        return Money(round(fare * self._level(courier, orders[0], at)), CURRENCY)

    def _offer(self, courier: _Courier, order: ShopOrder, at: datetime) -> CarrierQuote:
        price = self._level(courier, order, at) * _fare(order.distance_km, courier.is_dynamic)
        # What carriers promise: a courier within ten minutes, twelve to the shop and into the bag, the ride.
        promised = at + timedelta(minutes=22.0 + ride_min(order.distance_km))
        return CarrierQuote(
            carrier=courier.account_id.removeprefix("acc_"),
            service="now",
            title="Now",
            mode=DeliveryMode.COURIER,
            vehicle=VehicleKind.CAR,
            price=Money(round(price), CURRENCY),
            price_basis=PriceBasis.LIVE,
            promise=Promise(Window(at, promised), "UTC", PromiseBasis.CARRIER_COMMITMENT),
            expires_at=at + timedelta(minutes=15),
        )

    def _level(self, courier: _Courier, order: ShopOrder, at: datetime) -> float:
        """What its list price is multiplied with at this moment."""
        if not courier.is_dynamic:
            return courier.level
        key = order.number, courier.account_id
        if key not in self._noise:
            self._noise[key] = self._chance("price", *key).gauss(0.0, 0.04)
        return courier.level * math.exp(courier.sensitivity * self._surge(at) + self._noise[key])

    def _surge(self, at: datetime) -> float:
        """Of a courier of middling sensitivity; its logarithm."""
        if at.hour not in PEAKS:
            return 0.0
        key = (at - START).days, at.hour
        if key not in self._surges:
            self._surges[key] = min(max(self._chance("surge", *key).gauss(0.14, 0.1), 0.0), 0.41)
        return self._surges[key]

    def _spell(self, courier: _Courier, at: datetime) -> float:
        day = (at - START).days
        return 2.5 if any(first <= day < last for first, last in courier.spells) else 1.0

    def _chance(self, *key: object) -> random.Random:
        return random.Random(f"{self.seed}:{key}")


def _courier(seed: int, number: int, days: int, terms: Terms) -> _Courier:
    draw = random.Random(f"{seed}:courier:{number}")
    quality, other = draw.gauss(0.0, 1.0), draw.gauss(0.0, 1.0)
    follows = terms.price_follows_quality
    level = math.exp(0.12 * (follows * quality + math.sqrt(1 - follows**2) * other))
    sensitivity = draw.uniform(0.6, 1.4)
    spells = [(day, day + draw.randint(3, 10)) for day in range(days) if draw.random() < 1 / 40]
    return _Courier(
        account_id=f"acc_courier_{number}",
        level=level,
        trouble=math.exp(-0.6 * terms.spread * quality),
        is_dynamic=number % 2 == 0,
        sensitivity=sensitivity,
        spells=tuple(spells) if terms.has_spells else (),
    )


def _orders(seed: int, day: int, mean: int, terms: Terms) -> Sequence[ShopOrder]:
    draw = random.Random(f"{seed}:orders:{day}")
    count = max(1, round(mean * math.exp(draw.gauss(0.0, 0.15))))
    found = []
    for number in range(count):
        hour = draw.choices(range(OPENS, OPENS + len(HOURS)), HOURS)[0]
        placed = START + timedelta(days=day, hours=hour, seconds=draw.randrange(3600))
        distance = min(MOST_KM, 4.0 * math.exp(draw.gauss(0.0, 0.55)))
        minutes = draw.choices([one for one, _ in WINDOWS_MIN], [share for _, share in WINDOWS_MIN])[0]
        window = Window(placed, placed + timedelta(minutes=minutes * terms.window_stretch))
        promise = Promise(window, "UTC", PromiseBasis.SLOT)
        # Drawn by itself, so that everything else is as it would be if nobody asked where a door is.
        turn = random.Random(f"{seed}:door:{day}:{number}").uniform(0.0, 2 * math.pi)
        place = distance * math.cos(turn), distance * math.sin(turn)
        found.append(ShopOrder(day * 10_000 + number, placed, distance, promise, place))
    return sorted(found, key=lambda order: order.placed_at)


def _fare(distance_km: float, is_dynamic: bool) -> float:
    """Minor units at the middling level, without surge."""
    if is_dynamic:
        return 975.0 + 75.0 * (distance_km - 4.0)
    return 975.0 + 75.0 * max(0.0, distance_km / MILE_KM - 5.0)


def ride_min(distance_km: float) -> float:
    """Through a city at 20 km/h, as everybody plans it."""
    return distance_km * 3.0
