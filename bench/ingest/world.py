"""A merchant with vans on tour: ways, doors, and what was ordered to them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.address import Address
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.eta import Eta, EtaBasis
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from doorstep.window import Window
from gateway.bootstrap.house import House

DEPOT = LatLng(40.0, -75.0)
STOPS = 8
LEG_M = 3000.0
STEP_M = 100.0
"""From one fix to the next, ten seconds later."""
AT_DOOR = 4
"""Fixes at each door."""
CORNER_M = 40.0
_METRE = 1 / 111_195


@dataclass(frozen=True, slots=True)
class Van:
    """A driver with a phone, on tour."""

    device: str
    number: int
    driver_id: str
    deliveries: tuple[str, ...]

    def place(self, along_m: float) -> LatLng:
        """Where on its way, which winds away from the depot, one is after so many metres."""
        aside = 200 * math.sin(along_m / 900)
        angle = self.number * 2.399963
        north = along_m * math.cos(angle) - aside * math.sin(angle)
        east = along_m * math.sin(angle) + aside * math.cos(angle)
        return LatLng(
            DEPOT.lat + north * _METRE, DEPOT.lng + east * _METRE / math.cos(math.radians(DEPOT.lat))
        )

    def fixes(self, since: datetime) -> Iterator[tuple[datetime, LatLng]]:
        """What the phone sends, with noise that comes again with each run."""
        at, along_m, number = since, 0.0, 0
        while True:
            at, along_m, number = at + timedelta(seconds=10), along_m + STEP_M, number + 1
            halts = AT_DOOR if along_m % LEG_M < STEP_M and along_m <= STOPS * LEG_M else 1
            for _ in range(halts):
                noise = 8e-5 * math.sin(12.9898 * number + self.number)
                place = self.place(along_m)
                yield at, LatLng(place.lat + noise, place.lng - noise)
                at += timedelta(seconds=10 if halts > 1 else 0)


async def furnish(house: House, vans: int, now: datetime) -> tuple[str, list[Van]]:
    """A merchant's id, and its vans."""
    merchant = Merchant(new_id("mer"), "Bench", "USD", "America/New_York")
    async with house.transactions.begin_sql(merchant.id) as work:
        await work.accounts.put_merchant(merchant)
    return merchant.id, [await _van(house, merchant.id, number, now) for number in range(vans)]


async def _van(house: House, merchant_id: str, number: int, now: datetime) -> Van:
    driver_id = new_id("drv")
    van = Van(
        f"phone-{number}-{new_id('veh')}", number, driver_id, tuple(new_id("del") for _ in range(STOPS))
    )
    doors = [van.place(LEG_M * (index + 1)) for index in range(STOPS)]
    driver = Driver(
        driver_id, merchant_id, f"Driver {number}", "loc_bench", van.device, "00:00", "23:59", 500_000
    )
    deliveries = [
        _delivery(merchant_id, driver_id, id_, door, now, index)
        for index, (id_, door) in enumerate(zip(van.deliveries, doors, strict=True))
    ]
    stops = tuple(
        Stop(
            new_id("stp"),
            one.id,
            index + 1,
            StopStatus.PLANNED,
            door,
            now + timedelta(minutes=6 * index),
            120,
        )
        for index, (one, door) in enumerate(zip(deliveries, doors, strict=True))
    )
    corners = (van.place(CORNER_M * index) for index in range(int(STOPS * LEG_M / CORNER_M)))
    route = Route(
        id=new_id("rte"),
        merchant_id=merchant_id,
        plan_id=new_id("pla"),
        driver_id=driver_id,
        date=f"{now:%Y-%m-%d}",
        status=RouteStatus.STARTED,
        starts_at=now - timedelta(hours=2),
        ends_at=now + timedelta(hours=2),
        stops=stops,
        polyline=encode_polyline(corners),
        distance_m=int(STOPS * LEG_M),
        driving_s=2400,
        origin=DEPOT,
    )
    async with house.transactions.begin_sql(merchant_id) as work:
        await work.fleet.put_driver(driver)
        await work.routes.put_route(route)
        for one in deliveries:
            await work.deliveries.put(one)
    return van


def _delivery(
    merchant_id: str, driver_id: str, id_: str, door: LatLng, now: datetime, place: int
) -> Delivery:
    leg = Leg(
        new_id("leg"),
        "acc_bench",
        "own_fleet",
        "van",
        DeliveryMode.OWN_FLEET,
        DeliveryStatus.OUT_FOR_DELIVERY,
        Money(500, "USD"),
        new_id("quo"),
        external_id=id_,
        booked_at=now,
        picked_up_at=now,
    )
    arrival = now + timedelta(minutes=6 * (place + 1))
    window = Window.around(arrival, before_s=300, after_s=600)
    return Delivery(
        id=id_,
        merchant_id=merchant_id,
        order_id=new_id("ord"),
        fulfillment_order_id=new_id("ful"),
        reference=id_[-6:],
        status=DeliveryStatus.OUT_FOR_DELIVERY,
        origin_id="loc_bench",
        destination=Address(country="US", line1="1 Road", city="Town", postal_code="00001", location=door),
        parcels=(Parcel(1000),),
        created_at=now,
        updated_at=now,
        legs=(leg,),
        eta=Eta(arrival, window, 0.8, EtaBasis.ROAD, now, stops_before=place),
        driver_id=driver_id,
    )
