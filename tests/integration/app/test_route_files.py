"""Plans and tours as files over HTTP, for nobody but their merchant."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.geo import LatLng, encode_polyline
from doorstep.ids import new_id
from doorstep.parcel import Parcel
from doorstep.route import PlanProgress, Route, RoutePlan, RoutePlanStatus, RouteStatus, Stop, StopStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from gateway.bootstrap.house import House
from tests.integration.app.premises import Premises, Tenant

HOME = LatLng(39.90, -71.50)
DOOR, FAR = LatLng(39.91, -71.50), LatLng(40.90, -71.50)
REASON = "Its window closes 12 min before the earliest van can be there."


async def keep_plan(house: House, tenant: Tenant) -> tuple[RoutePlan, Route]:
    """A tour to one door, another one that was withdrawn, and a delivery without a place."""
    now, merchant_id = house.clock.now(), tenant.merchant_id

    def delivery(reference: str, place: LatLng) -> Delivery:
        to = Address("US", name="Canary Jones", line1="77 Canary Street", city="Quahog", location=place)
        return Delivery(
            id=new_id("del"),
            merchant_id=merchant_id,
            order_id=new_id("ord"),
            fulfillment_order_id=new_id("ful"),
            reference=reference,
            status=DeliveryStatus.BOOKED,
            origin_id=tenant.location_id,
            destination=to,
            parcels=(Parcel(2_500),),
            created_at=now,
            updated_at=now,
        )

    near, far = delivery("#1001", DOOR), delivery("#1002", FAR)
    driver = Driver(
        new_id("drv"), merchant_id, "Ann", tenant.location_id, new_id("veh"), "06:00", "22:00", 9_000
    )
    reason = UnassignedReason(UnassignedCode.WINDOW_UNREACHABLE, REASON)
    plan = RoutePlan(
        id=new_id("pla"),
        merchant_id=merchant_id,
        date="2026-03-02",
        status=RoutePlanStatus.PUBLISHED,
        created_at=now,
        time_limit_s=1,
        progress=PlanProgress(1, 1, 1, 1),
        method="PyVRP",
        cost_minor=1_234,
        unassigned=(UnassignedVisit(far.id, (reason,)),),
    )
    stop = Stop(new_id("stp"), near.id, 1, StopStatus.PLANNED, DOOR, now + timedelta(minutes=9), 180)
    route = Route(
        id=new_id("rte"),
        merchant_id=merchant_id,
        plan_id=plan.id,
        driver_id=driver.id,
        date=plan.date,
        status=RouteStatus.PUBLISHED,
        starts_at=now,
        ends_at=now + timedelta(minutes=20),
        stops=(stop,),
        polyline=encode_polyline([HOME, DOOR, HOME]),
        distance_m=2_400,
        driving_s=300,
        origin=HOME,
    )
    async with house.means.begin(merchant_id) as work:
        for one in (near, far):
            await work.deliveries.put(one)
        await work.fleet.put_driver(driver)
        await work.routes.put_plan(plan)
        await work.routes.put_route(route)
        await work.routes.put_route(replace(route, id=new_id("rte"), status=RouteStatus.CANCELLED))
    return plan, route


async def test_a_plan_is_read_with_a_secret_key_of_its_merchant(premises: Premises) -> None:
    mine, other = await premises.tenant(), await premises.tenant("Other shop")
    plan, route = await keep_plan(premises.house, mine)

    async def ask(name: str, key: str = "") -> tuple[int, str, str]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with premises.session.get(f"{premises.url}/routes/{name}", headers=headers) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "private, no-store"
            return response.status, response.content_type, await response.text()

    status, kind, text = await ask(f"{plan.id}.csv", mine.secret_key)
    assert (status, kind) == (200, "text/csv")
    near, far = csv.DictReader(io.StringIO(text, newline=""))
    assert (near["reference"], near["driver"], near["address"]) == (
        "#1001",
        "Ann",
        "77 Canary Street, Quahog, US",
    )
    assert (far["reference"], far["unassigned_because"]) == ("#1002", REASON)
    assert "Canary Jones" not in text
    assert "Canary Jones" in (await ask(f"{plan.id}.csv?names=1", mine.secret_key))[2]

    status, kind, text = await ask(f"{route.id}.gpx", mine.secret_key)
    assert (status, kind) == (200, "application/gpx+xml")
    assert len(ElementTree.fromstring(text).findall("{*}rte/{*}rtept")) == 3  # noqa: S314  our own
    assert "Canary" not in text

    status, kind, text = await ask(f"{plan.id}.svg", mine.secret_key)
    assert (status, kind) == (200, "image/svg+xml")
    assert "12.34 USD" in text
    assert "Without a place: 1" in text

    async with premises.session.get(
        f"{premises.url}/routes/{plan.id}.png", headers={"Authorization": f"Bearer {mine.secret_key}"}
    ) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert (await response.read()).startswith(b"\x89PNG")

    for name, key, refused in [
        (f"{plan.id}.csv", "", 401),
        (f"{plan.id}.csv", mine.publishable_key, 401),
        (f"{plan.id}.csv", "sk_live_nonsense", 401),
        (f"{plan.id}.csv", other.secret_key, 404),
        (f"{route.id}.gpx", other.secret_key, 404),
        (f"{new_id('pla')}.csv", mine.secret_key, 404),
        (f"{plan.id}.exe", mine.secret_key, 404),
        (f"{new_id('del')}.csv", mine.secret_key, 404),
    ]:
        assert (await ask(name, key))[0] == refused, name
