"""The day of the city as a merchant has it: vans with drivers, deliveries, tours that drivers were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bench.insert.city import EPOCH
from doorstep.address import Address
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver, TourLimits
from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import Location
from doorstep.parcel import Parcel
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlanStatus
from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from doorstep.window import Promise, PromiseBasis
from gateway.bootstrap.house import House
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.ports import Means

OPENS = EPOCH - timedelta(hours=2)
"""When orders begin to come in: the vans leave later."""

PLANNED_STOPS, MOST_STOPS = 22, 28
"""Of a tour, when the day is planned and later: drivers have about as much to do, and room for what comes."""


class HandClock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self._now = OPENS

    def now(self) -> datetime:
        """The world's time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant of a house."""

    house: House
    merchant_id: str
    depot_id: str
    clock: HandClock
    means: Means


async def open_shop(house: House, day: RouteProblem) -> Shop:
    """A merchant with the vans of a day, and nothing to bring yet."""
    merchant = Merchant(new_id("mer"), "Bench", "USD", "UTC")
    home = Address("US", line1="1 Quay", city="Port Meridian", location=day.vans[0].start)
    place = Location(new_id("loc"), merchant.id, "Shop", home, "UTC")
    clock = HandClock()
    async with house.transactions.begin_sql(merchant.id) as work:
        await work.accounts.put_merchant(merchant)
        await work.accounts.put_location(place)
        for van in day.vans:
            driver = Driver(
                id=new_id("drv"),
                merchant_id=merchant.id,
                name=van.id,
                depot_id=place.id,
                device_id=f"device-of-{van.id}",
                shift_start=f"{van.shift.start:%H:%M}",
                shift_end=f"{van.shift.end:%H:%M}",
                capacity_g=van.capacity_g,
                limits=TourLimits(max_stops=PLANNED_STOPS),
            )
            await work.fleet.put_driver(driver)
    means = replace(house.means, clock=clock)
    return Shop(house, merchant.id, place.id, clock, means)


async def book(shop: Shop, visit: Visit) -> Delivery:
    """A delivery that waits for a van."""
    window = visit.windows[0] if visit.windows else None
    leg = Leg(
        id=new_id("leg"),
        account_id="acc",
        carrier="own_fleet",
        service="van",
        mode=DeliveryMode.OWN_FLEET,
        status=DeliveryStatus.BOOKED,
        price=Money(500, "USD"),
        booking_key=new_id("leg"),
        booked_at=shop.clock.now(),
    )
    delivery = Delivery(
        id=new_id("del"),
        merchant_id=shop.merchant_id,
        order_id=new_id("ord"),
        fulfillment_order_id=new_id("ful"),
        reference=visit.id,
        status=DeliveryStatus.BOOKED,
        origin_id=shop.depot_id,
        destination=Address("US", line1="12 Mill Street", location=visit.location),
        parcels=(Parcel(visit.weight_g),),
        created_at=shop.clock.now(),
        updated_at=shop.clock.now(),
        legs=(leg,),
        promise=None if window is None else Promise(window, "UTC", PromiseBasis.SLOT),
    )
    async with shop.means.begin(shop.merchant_id) as work:
        await work.deliveries.put(delivery)
    return delivery


async def tell_drivers(shop: Shop, seconds: float) -> None:
    """Plan what is booked, searching for so long, and tell the drivers.

    Raises
    ------
    RuntimeError
        If that did not go well.
    """
    wish = PlanWish(EPOCH.astimezone(UTC).date(), seconds, is_published_at_once=True)
    asked = await request_plan(shop.means, shop.merchant_id, wish)
    await plan_routes(PlanRequested(shop.merchant_id, asked.id), shop.means)
    async with shop.means.begin(shop.merchant_id) as work:
        plan = await work.routes.plan(asked.id)
        for driver in await work.fleet.drivers():
            await work.fleet.put_driver(replace(driver, limits=TourLimits(max_stops=MOST_STOPS)))
    if plan is None or plan.status is not RoutePlanStatus.PUBLISHED:
        raise RuntimeError(f"the day could not be planned: {plan and plan.problem}")
