"""Own vans: tours up a road and back, with fixes, a thermometer, and what goes wrong on the way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.exceptions.fates import METRE, SHOP
from bench.exceptions.turns import START
from bench.exceptions.world import HERE, World
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.geo import LatLng, encode_polyline
from doorstep.goods import Goods, GoodsTrait
from doorstep.ids import new_id
from doorstep.incident import IncidentKind as Kind
from doorstep.money import Money
from doorstep.position import Position
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.tracking.drive import follow_up
from gateway.flow.tracking.take import Device, keep_fixes
from gateway.flow.watching.watch_vans import record_temperature

TROUBLE = (
    Kind.OFF_ROUTE,
    Kind.STALLED,
    Kind.GPS_SILENT,
    Kind.GPS_IMPLAUSIBLE,
    Kind.TEMPERATURE,
    None,
    None,
)
LEAVES = 10 * 60
FIX_EVERY_S, SENT_EVERY_S, READ_EVERY_S = 30, 60, 120
SPEED_MPS, STOPS, APART_M, AT_DOOR_S = 8.0, 3, 3_000, 150
NOISE_M = 6.0
TROUBLE_AT_S = 600
"""On the way to the second door."""


@dataclass(frozen=True, slots=True)
class Tour:
    """A van's morning and what is wrong with it; None where nothing is."""

    driver_id: str
    day: int
    trouble: Kind | None

    @property
    def wrong_at(self) -> datetime:
        """When it begins."""
        return START + timedelta(days=self.day, minutes=LEAVES, seconds=TROUBLE_AT_S)


async def send_vans(world: World, seed: int, days: Iterable[int], vans: int) -> Sequence[Tour]:
    """Write the tours of some days into the agenda."""
    tours = []
    for day in days:
        for van in range(vans):
            trouble = TROUBLE[(day * vans + van) % len(TROUBLE)]
            driver = await _hire(world, day, van)
            tours.append(Tour(driver.id, day, trouble))
            _drive(world, driver, tours[-1], random.Random(f"{seed}:van:{day}:{van}"))
    return tours


async def _hire(world: World, day: int, van: int) -> Driver:
    """A driver for each tour, so that it is known which one an incident is about."""
    driver = Driver(
        id=new_id("drv"),
        merchant_id=world.merchant_id,
        name=f"Driver {day}-{van}",
        depot_id="",
        device_id="",
        shift_start="06:00",
        shift_end="22:00",
        capacity_g=500_000,
        vehicle_name=f"Van {day}-{van}",
    )
    async with world.means.begin(world.merchant_id) as work:
        await work.fleet.put_driver(driver)
    return driver


def _drive(world: World, driver: Driver, tour: Tour, draw: random.Random) -> None:
    leaves = START + timedelta(days=tour.day, minutes=LEAVES)
    places = _timeline(tour.trouble)

    async def leave() -> None:
        await _load(world, driver, leaves)

    world.agenda.at(leaves - timedelta(seconds=1), leave)
    told: list[Position] = []
    for second in range(0, len(places), FIX_EVERY_S):
        fix = _fix(places[second], leaves + timedelta(seconds=second), tour.trouble, second, draw)
        told += [fix] if fix is not None else []
        if told and second % SENT_EVERY_S == 0:
            _send(world, driver.id, told)
            told = []
    for second in range(0, len(places), READ_EVERY_S):
        _read(world, driver.id, leaves + timedelta(seconds=second), _celsius(tour.trouble, second, draw))


def _timeline(trouble: Kind | None) -> list[tuple[float, float]]:
    """(metres east, metres north) of each second: up the road with stops, and home."""
    places: list[tuple[float, float]] = []
    north = 0.0
    for stop in range(1, STOPS + 1):
        while north < stop * APART_M:
            second = len(places)
            is_still = trouble is Kind.STALLED and TROUBLE_AT_S <= second < TROUBLE_AT_S + 840
            is_off = trouble is Kind.OFF_ROUTE and TROUBLE_AT_S <= second < TROUBLE_AT_S + 180
            places.append((400.0 if is_off else 0.0, north))
            north += 0.0 if is_still else SPEED_MPS
        places += [(0.0, stop * APART_M)] * AT_DOOR_S
    while north > 0:
        places.append((0.0, north))
        north -= SPEED_MPS
    return places + [(0.0, 0.0)] * 120


def _fix(
    place: tuple[float, float], at: datetime, trouble: Kind | None, second: int, draw: random.Random
) -> Position | None:
    is_bad = second >= TROUBLE_AT_S
    if trouble is Kind.GPS_SILENT and is_bad and second < TROUBLE_AT_S + 540:
        return None
    east, north = (metres + draw.gauss(0.0, NOISE_M) for metres in place)
    where = LatLng(SHOP.lat + north * METRE, SHOP.lng + east * METRE / 0.7672)
    is_mock = trouble is Kind.GPS_IMPLAUSIBLE and is_bad and second < TROUBLE_AT_S + 180
    # Now and then a good phone sends one that jumps.
    if draw.random() < 0.005:
        where = LatLng(where.lat + 0.05, where.lng)
    return Position(where, at, is_mock=is_mock)


def _celsius(trouble: Kind | None, second: int, draw: random.Random) -> float:
    is_warm = trouble is Kind.TEMPERATURE and TROUBLE_AT_S <= second < TROUBLE_AT_S + 1_200
    # A door that stands open is a peak of one reading.
    is_open = draw.random() < 0.05
    return draw.gauss(13.0 if is_warm else 9.5 if is_open else 4.0, 0.5)


def _send(world: World, driver_id: str, fixes: Sequence[Position]) -> None:
    async def send() -> None:
        device = Device(world.merchant_id, driver_id)
        await keep_fixes(world.means, world.merchant_id, [(device, fixes)])
        await follow_up(world.means, world.merchant_id, [driver_id])

    world.agenda.at(fixes[-1].recorded_at, send)


def _read(world: World, driver_id: str, at: datetime, celsius: float) -> None:
    async def read() -> None:
        await record_temperature(world.means, world.merchant_id, driver_id, celsius, at)

    # A moment after the fix that says where the van is.
    world.agenda.at(at + timedelta(seconds=1), read)


async def _load(world: World, driver: Driver, leaves: datetime) -> None:
    """A tour under way with chilled goods on board."""
    deliveries, stops = [], []
    for number in range(1, STOPS + 1):
        door = LatLng(SHOP.lat + number * APART_M * METRE, SHOP.lng)
        delivery = _delivery(world, driver, door, leaves, number)
        deliveries.append(delivery)
        stops.append(
            Stop(new_id("stp"), delivery.id, number, StopStatus.PLANNED, door, leaves, service_s=AT_DOOR_S)
        )
    top = LatLng(SHOP.lat + STOPS * APART_M * METRE, SHOP.lng)
    route = Route(
        id=new_id("rte"),
        merchant_id=world.merchant_id,
        plan_id=new_id("pla"),
        driver_id=driver.id,
        date=f"{leaves:%Y-%m-%d}",
        status=RouteStatus.STARTED,
        starts_at=leaves,
        ends_at=leaves + timedelta(hours=2),
        stops=tuple(stops),
        polyline=encode_polyline([SHOP, top, SHOP]),
        distance_m=2 * STOPS * APART_M,
        driving_s=1_500,
        origin=SHOP,
    )
    async with world.means.begin(world.merchant_id) as work:
        for delivery in deliveries:
            await work.deliveries.put(delivery)
        await work.routes.put_route(route)


def _delivery(world: World, driver: Driver, door: LatLng, now: datetime, number: int) -> Delivery:
    status, leg_id = DeliveryStatus.OUT_FOR_DELIVERY, new_id("leg")
    leg = Leg(
        leg_id, "acc_own", "own_fleet", "van", DeliveryMode.OWN_FLEET, status, Money(100, "USD"), leg_id,
        external_id=leg_id, booked_at=now, picked_up_at=now,
    )  # fmt: skip
    return Delivery(
        new_id("del"), world.merchant_id, new_id("ord"), new_id("ful"), f"v{number}", status, "",
        HERE.at(door), (), now, now, legs=(leg,), driver_id=driver.id,
        goods=Goods(frozenset({GoodsTrait.CHILLED})),
    )  # fmt: skip
