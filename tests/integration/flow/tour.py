"""Vans, their tours and their fixes for the stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.position import Position
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.tracking.drive import follow_up
from gateway.flow.tracking.motion import FixFault
from gateway.flow.tracking.take import Device, keep_fixes
from tests.integration.flow.fakes import MERCHANT_ID, SHOP, STORE, FakeCarrier
from tests.integration.flow.stage import Stage

METRE = 1 / 111_195
"""Degrees of latitude."""


def north(metres: float, start: LatLng = SHOP) -> LatLng:
    """So far up the road that leads north from the shop."""
    return LatLng(start.lat + metres * METRE, start.lng)


def east(metres: float, start: LatLng = SHOP) -> LatLng:
    """So far beside it; a degree of longitude is 0.7672 of one of latitude at 39.9 degrees north."""
    return LatLng(start.lat, start.lng + metres * METRE / 0.7672)


async def add_van(stage: Stage, name: str = "Ann") -> Driver:
    """A driver with a van, on shift all day in New York."""
    driver = Driver(
        id=new_id("drv"),
        merchant_id=MERCHANT_ID,
        name=name,
        depot_id=STORE.location_id,
        device_id=f"device-of-{name}",
        shift_start="06:00",
        shift_end="22:00",
        capacity_g=500_000,
        vehicle_name=f"Van of {name[0]}",
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(driver)
    return driver


async def own_fleet(stage: Stage, opens_in_minutes: int = 0) -> FakeCarrier:
    """The merchant's own vans, cheaper than everybody, with a window that ends in five hours."""
    vans = FakeCarrier("own_fleet", stage.clock, 100, DeliveryMode.OWN_FLEET, 300, opens_in_minutes)
    await stage.link(vans)
    for other in (stage.cheap, stage.dear):
        other.price, other.minutes = 5000, 400
    return vans


async def order_to(stage: Stage, **doors: LatLng) -> list[Delivery]:
    """Orders by their number, booked with the own fleet, to doors at these places."""
    for number, door in doors.items():
        street = f"{number} Road"
        stage.geocoder.places[street] = door
        stage.shop.put(number, street=street)
    await stage.take_in()
    await stage.settle()
    return [await stage.delivery_of(number) for number in doors]


async def put_tour(
    stage: Stage,
    driver: Driver,
    deliveries: Sequence[Delivery],
    *,
    status: RouteStatus = RouteStatus.PUBLISHED,
    path: Sequence[LatLng] = (),
    is_approximate: bool = False,
) -> Route:
    """A tour to these deliveries in this order, as a plan would have published it."""
    now = stage.clock.now()
    stops = []
    for sequence, delivery in enumerate(deliveries, start=1):
        location = delivery.destination.location
        assert location is not None
        arrival = now + timedelta(minutes=10 * sequence)
        stops.append(
            Stop(new_id("stp"), delivery.id, sequence, StopStatus.PLANNED, location, arrival, service_s=180)
        )
    route = Route(
        id=new_id("rte"),
        merchant_id=MERCHANT_ID,
        plan_id=new_id("pla"),
        driver_id=driver.id,
        date="2026-11-23",
        status=status,
        starts_at=now,
        ends_at=now + timedelta(hours=2),
        stops=tuple(stops),
        polyline=encode_polyline(path),
        distance_m=1000,
        driving_s=600,
        origin=SHOP,
        is_approximate=is_approximate,
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(route)
        for delivery in deliveries:
            await work.deliveries.put(replace(delivery, driver_id=driver.id))
    return route


async def send(stage: Stage, driver: Driver, *fixes: Position) -> list[FixFault | None]:
    """Keep what a phone sends at one time, and work out what it means."""
    (faults,) = await keep_fixes(stage.means, MERCHANT_ID, [(Device(MERCHANT_ID, driver.id), fixes)])
    await follow_up(stage.means, MERCHANT_ID, [driver.id])
    assert faults is not None
    return list(faults)


async def drive(stage: Stage, driver: Driver, *places: LatLng, every_s: float = 15) -> list[FixFault | None]:
    """Be at these places one after the other."""
    faults = []
    for place in places:
        stage.clock.advance(seconds=every_s)
        faults += await send(stage, driver, Position(place, stage.clock.now()))
    return faults


async def tour_of(stage: Stage, route: Route) -> Route:
    """The tour as it stands now."""
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.routes.route(route.id)
    assert found is not None
    return found
