"""The simulated city: orders, quotes, and what becomes of bookings. Hidden from whoever books.

Why the numbers are what they are stands in the description of this package.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
    """

    late_cost: int = 900
    spread: float = 1.0
    price_follows_quality: float = 0.5
    has_spells: bool = True


SUPPORT_COST = 600
"""Talking with a shopper whose delivery failed."""

RETURN_SHARE = 0.6
"""Of the fare, for the way back."""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """What a shopper ordered, and by when it was promised."""

    number: int
    placed_at: datetime
    distance_km: float
    promise: Promise


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one booking, minutes from when it was made.

    Attributes
    ----------
    is_refused
        The carrier does not take it.
    assigned_min
        When a courier has it.
    dropped_min
        When the courier gives it back; None where that does not happen.
    arrived_min
        When it is at the door.
    has_failed
        And nobody could hand it over there.
    """

    is_refused: bool
    assigned_min: float
    dropped_min: float | None
    arrived_min: float
    has_failed: bool


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
        self.days = [list(_orders(seed, day, orders_a_day)) for day in range(days)]
        self._quoted: dict[tuple[int, datetime], Sequence[tuple[str, CarrierQuote]]] = {}

    def quotes(self, order: ShopOrder, at: datetime) -> Sequence[tuple[str, CarrierQuote]]:
        """What carriers offer for an order at a moment, with the accounts; who cannot says nothing."""
        key = (order.number, at)
        known = self._quoted.get(key)
        if known is None:
            known = [
                (courier.account_id, self._offer(courier, order, at))
                for courier in self._couriers
                if self._chance("serves", order.number, courier.account_id).random() < 0.9
            ]
            self._quoted[key] = known
        return known

    def fate(self, order: ShopOrder, account_id: str, attempt: int, at: datetime) -> Fate:
        """What becomes of a booking; `attempt` counts those of this order with this carrier, from 0."""
        courier = self._by_account[account_id]
        draw = self._chance("fate", order.number, account_id, attempt)
        luck = [draw.random() for _ in range(5)]
        spans = [draw.expovariate(1.0) for _ in range(3)]
        noise = draw.gauss(0.0, 1.0)
        is_peak = at.hour in PEAKS
        trouble = courier.trouble * self._spell(courier, at)
        busy = 1.6 if is_peak else 1.0
        assigned = 4.0 * busy * math.sqrt(trouble) * spans[0]
        ride = _ride_min(order.distance_km) * (1.25 if is_peak else 1.0) * math.exp(0.15 * noise)
        delay = 30.0 * spans[1] if luck[0] < min(0.9, trouble * busy / 12) else 0.0
        return Fate(
            is_refused=luck[1] < min(0.9, 0.02 * busy * busy * trouble),
            assigned_min=assigned,
            dropped_min=assigned + 8.0 * spans[2] if luck[2] < min(0.9, 0.03 * busy * trouble) else None,
            arrived_min=assigned + 12.0 + ride + delay,
            has_failed=luck[3] < 0.01 or luck[4] < min(0.9, 0.015 * trouble),
        )

    def _offer(self, courier: _Courier, order: ShopOrder, at: datetime) -> CarrierQuote:
        price = courier.level * _fare(order.distance_km, courier.is_dynamic)
        if courier.is_dynamic:
            price *= self._surge(at) ** courier.sensitivity
            price *= math.exp(0.04 * self._chance("price", order.number, courier.account_id).gauss(0.0, 1.0))
        # What carriers promise: a courier within ten minutes, twelve to the shop and into the bag, the ride.
        promised = at + timedelta(minutes=22.0 + _ride_min(order.distance_km))
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

    def _surge(self, at: datetime) -> float:
        if at.hour not in PEAKS:
            return 1.0
        drawn = self._chance("surge", (at - START).days, at.hour).gauss(0.14, 0.1)
        return math.exp(min(max(drawn, 0.0), 0.41))

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


def _orders(seed: int, day: int, mean: int) -> Sequence[ShopOrder]:
    draw = random.Random(f"{seed}:orders:{day}")
    count = max(1, round(mean * math.exp(draw.gauss(0.0, 0.15))))
    found = []
    for number in range(count):
        hour = draw.choices(range(OPENS, OPENS + len(HOURS)), HOURS)[0]
        placed = START + timedelta(days=day, hours=hour, seconds=draw.randrange(3600))
        distance = min(MOST_KM, 4.0 * math.exp(draw.gauss(0.0, 0.55)))
        minutes = draw.choices([one for one, _ in WINDOWS_MIN], [share for _, share in WINDOWS_MIN])[0]
        window = Window(placed, placed + timedelta(minutes=minutes))
        promise = Promise(window, "UTC", PromiseBasis.SLOT)
        found.append(ShopOrder(day * 10_000 + number, placed, distance, promise))
    return sorted(found, key=lambda order: order.placed_at)


def _fare(distance_km: float, is_dynamic: bool) -> float:
    """Minor units at the middling level, without surge."""
    if is_dynamic:
        return 975.0 + 75.0 * (distance_km - 4.0)
    return 975.0 + 75.0 * max(0.0, distance_km / MILE_KM - 5.0)


def _ride_min(distance_km: float) -> float:
    """Through a city at 20 km/h."""
    return distance_km * 3.0
