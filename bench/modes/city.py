"""Doors, days and waves; the description of this package has the assumptions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bench.modes.tariffs import COURIERS, CURRENCY, PARCEL_CARRIERS, Courier, ParcelCarrier
from doorstep.geo import LatLng, distance_m
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.wave import Pool, Tier, TierKind, Wave, WaveOption, WaveOrder
from doorstep.window import Window

TODAY = datetime(2026, 3, 3, tzinfo=UTC)
CENTRE = LatLng(47.0, 8.0)
DEPOT = LatLng(47.0, 8.066)
DETOUR = 1.43
KM_PER_DEGREE = 111.2

BROKEN_PROMISE = Money(1200, CURRENCY)
UNDELIVERED = Money(6000, CURRENCY)
VAN_LATE_CHANCE = 0.03

PICKUP_HOURS = (14, 15, 16, 18, 20)
DAY_COURIERS = COURIERS[:4]
DAY_PARCEL_CARRIERS = PARCEL_CARRIERS[:3]
VANS = 4


@dataclass(frozen=True, slots=True)
class Door:
    """Where an order goes, and how far that is by road from the depot."""

    location: LatLng
    km: float
    kg: float


class City:
    """A city that follows from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._quarters = [self._within(11.0) for _ in range(8)]

    def door(self) -> Door:
        """A door, mostly in one of the quarters."""
        random = self._random
        if random.random() < 0.7:
            quarter = random.choice(self._quarters)
            location = _moved(quarter, random.gauss(0, 0.9), random.gauss(0, 0.9))
        else:
            location = self._within(17.0)
        km = DETOUR * distance_m(DEPOT, location) / 1000
        return Door(location, km, min(28.0, max(0.2, random.lognormvariate(math.log(2.2), 0.8))))

    def _within(self, km: float) -> LatLng:
        radius, angle = km * math.sqrt(self._random.random()), self._random.uniform(0, 2 * math.pi)
        return _moved(CENTRE, radius * math.cos(angle), radius * math.sin(angle))


def _moved(place: LatLng, east_km: float, north_km: float) -> LatLng:
    shrink = math.cos(math.radians(place.lat))
    return LatLng(
        place.lat + north_km / KM_PER_DEGREE, place.lng + east_km / KM_PER_DEGREE / shrink
    ).rounded()


def at(hour: float, day: int = 0) -> datetime:
    """An hour of the wave's day, or of a day after it."""
    return TODAY + timedelta(days=day, hours=hour)


def day_wave(seed: int, most_orders: int = 320) -> Wave:
    """A day with vans, of 230 to 320 orders or of fewer."""
    city, random = City(seed), Random(seed + 5_000)
    orders, visits = [], []
    for number in range(min(most_orders, random.randint(230, 320))):
        door, name = city.door(), f"order-{number}"
        window = _promised(random)
        visits.append(
            Visit(name, "depot", door.location, 180, round(door.kg * 1000), windows=(_van_window(window),))
        )
        orders.append(WaveOrder(name, tuple(_offers(door, window)), window.end, BROKEN_PROMISE, UNDELIVERED))
    shift = Window(at(14), at(21))
    vans = tuple(
        Van(f"van-{number}", "depot", DEPOT, DEPOT, shift, 700_000, fixed_cost_minor=1200)
        for number in range(1, VANS + 1)
    )
    fleet = RouteProblem(at(13), tuple(visits), vans, cost_per_km_minor=40, cost_per_hour_minor=2700)
    return Wave(CURRENCY, tuple(orders), _day_pools(), fleet, VAN_LATE_CHANCE)


def _promised(random: Random) -> Window:
    kind = random.random()
    if kind < 0.3:
        start = random.choice((15, 17, 19))
        return Window(at(start), at(start + 2))
    return Window(at(13), at(21)) if kind < 0.6 else Window(at(13), at(20, day=1))


def _van_window(window: Window) -> Window:
    """When a van of today may be there."""
    return Window(max(window.start, at(14)), min(window.end, at(21)))


def _offers(door: Door, window: Window) -> list[WaveOption]:
    offers = []
    for courier in DAY_COURIERS:
        for hour in PICKUP_HOURS:
            offer = courier.offer(at(hour), door.km, door.kg)
            if offer is not None and offer.arrives_by and window.start <= offer.arrives_by <= window.end:
                offers.append(offer)
    tomorrow = at(20, day=1)
    if window.end >= tomorrow:
        offers += [carrier.offer(tomorrow, door.km, door.kg) for carrier in DAY_PARCEL_CARRIERS]
    return offers


def _day_pools() -> tuple[Pool, ...]:
    couriers = [
        Pool(
            f"{courier.name} at {hour}:00",
            carriers=frozenset({courier.name}),
            pickups=frozenset({at(hour)}),
            most=10,
        )
        for courier in DAY_COURIERS
        for hour in PICKUP_HOURS
    ]
    dock = [Pool(f"dock at {hour}:00", pickups=frozenset({at(hour)}), most=24) for hour in PICKUP_HOURS]
    first, second, third = (frozenset({carrier.name}) for carrier in DAY_PARCEL_CARRIERS)
    return (
        *couriers,
        *dock,
        Pool("Acorn", carriers=first, tiers=tiers((40, 50), (80, 90)), tier_kind=TierKind.ALL_UNITS),
        Pool("Birch", carriers=second, tiers=tiers((25, 40), (50, 80))),
        Pool("Cedar", carriers=third, least=15, shortfall=Money(200, CURRENCY)),
    )


def tiers(*steps: tuple[int, int]) -> tuple[Tier, ...]:
    """From so many parcels on, so many minor units off."""
    return tuple(Tier(parcels, Money(off, CURRENCY)) for parcels, off in steps)


def large_wave(seed: int, orders: int) -> Wave:
    """Orders of a whole region with forty offers each: six couriers at four pickups, eight parcel carriers.

    Half of the parcel carriers give discounts by volume, two have commitments, and what one courier may cost
    is limited. Couriers have room for a fifth of the orders; one order in ten has two parcels.
    """
    city, random = City(seed), Random(seed + 9_000)
    wanted = []
    for number in range(orders):
        door = city.door()
        offers = [
            ride
            for courier in COURIERS
            for hour in PICKUP_HOURS[:4]
            if (ride := _any_weight(courier).offer(at(hour), door.km, door.kg, random.gauss(1, 0.04)))
        ]
        for carrier in PARCEL_CARRIERS:
            level = random.gauss(1, 0.04)
            offers.append(carrier.offer(at(20, day=1), door.km, door.kg, level, extra=220))
            offers.append(carrier.offer(at(20, day=2), door.km, door.kg, level))
        due = at(21) if random.random() < 0.1 else at(20, day=random.choice((1, 2)))
        parcels = 2 if random.random() < 0.1 else 1
        wanted.append(WaveOrder(f"order-{number}", tuple(offers), due, BROKEN_PROMISE, UNDELIVERED, parcels))
    return Wave(CURRENCY, tuple(wanted), _large_pools(orders))


def _any_weight(courier: Courier) -> Courier:
    return Courier(
        courier.name, courier.base_minor, courier.free_km, courier.per_km_minor, 99.0, courier.late
    )


def _large_pools(orders: int) -> tuple[Pool, ...]:
    hours = PICKUP_HOURS[:4]
    by_pickup = [
        Pool(
            f"{courier.name} at {hour}:00",
            carriers=frozenset({courier.name}),
            pickups=frozenset({at(hour)}),
            most=orders // 60,
        )
        for courier in COURIERS
        for hour in hours
    ]
    docks = [Pool(f"dock at {hour}:00", pickups=frozenset({at(hour)}), most=orders // 16) for hour in hours]
    swift = Pool(
        "Swift's budget",
        carriers=frozenset({COURIERS[0].name}),
        most_spent=Money(orders * 20, CURRENCY),
    )
    all_couriers = Pool("all couriers", modes=frozenset({DeliveryMode.COURIER}), most=orders // 5)
    parcels = [_parcel_pool(carrier, place, orders) for place, carrier in enumerate(PARCEL_CARRIERS)]
    return (*by_pickup, *docks, swift, all_couriers, *parcels)


def _parcel_pool(carrier: ParcelCarrier, place: int, orders: int) -> Pool:
    """By turns with tiers for all parcels, with tiers for further ones, with a commitment, with a limit."""
    name = frozenset({carrier.name})
    steps = tiers((orders // 20, 40), (orders // 8, 80), (orders // 4, 120))
    if place % 4 == 2:
        return Pool(
            carrier.name,
            carriers=name,
            most=orders // 3,
            least=orders // 16,
            shortfall=Money(150, CURRENCY),
        )
    if place % 4 == 3:
        return Pool(carrier.name, carriers=name, most=orders // 5)
    kind = TierKind.ALL_UNITS if place % 4 == 0 else TierKind.INCREMENTAL
    return Pool(carrier.name, carriers=name, most=orders // 3, tiers=steps, tier_kind=kind)
