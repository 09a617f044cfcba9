"""Drivers, vans and tours as lists: in the order that the schema says, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from doorstep.driver import Driver
from doorstep.ids import new_id
from doorstep.quote import VehicleKind
from tests.integration.app.premises import Premises, Tenant
from tests.integration.app.test_route_files import keep_plan

VANS = """query($after: String) { vehicles(first: 2, after: $after) { total { value }
  pageInfo { hasNextPage endCursor } nodes { name kind enabled driverId driver { name } } } }"""
DRIVERS = "{ drivers { nodes { name } } }"
ENABLED = "{ vehicles(filter: {enabled: true}) { nodes { driver { name } } } }"
TOURS = """query($after: String) { routes(first: 2, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { date } } }"""
OF_DRIVER = "query($id: ID!) { driver(id: $id) { routes(first: 1) { nodes { id date } total { value } } } }"


async def keep_drivers(premises: Premises, tenant: Tenant, *names: str) -> None:
    """Drivers in the order of their names' arrival; the last is disabled and rides a bicycle."""
    async with premises.house.means.begin(tenant.merchant_id) as work:
        for name in names:
            last = name == names[-1]
            driver = Driver(
                new_id("drv"), tenant.merchant_id, name, tenant.location_id, new_id("veh"), "06:00", "22:00",
                9_000, vehicle_name=f"{name}'s", enabled=not last,
                vehicle=VehicleKind.BICYCLE if last else VehicleKind.VAN,
            )  # fmt: skip
            await work.fleet.put_driver(driver)


async def pages(premises: Premises, tenant: Tenant, query: str, name: str) -> list[Any]:
    """All that a list has, two at a time."""
    shown: list[Any] = []
    after: str | None = None
    while True:
        page = (await premises.ask(query, tenant.secret_key, after=after))[name]
        shown += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return shown
        after = page["pageInfo"]["endCursor"]


async def test_drivers_and_vans_come_by_name(premises: Premises) -> None:
    tenant, neighbour = await premises.tenant(), await premises.tenant("Shop next door")
    await keep_drivers(premises, tenant, "Zoe", "Ann", "Mia")
    await keep_drivers(premises, neighbour, "Bob")
    drivers = (await premises.ask(DRIVERS, tenant.secret_key))["drivers"]["nodes"]
    assert [one["name"] for one in drivers] == ["Ann", "Mia", "Zoe"]
    vans = await pages(premises, tenant, VANS, "vehicles")
    assert [(one["name"], one["kind"], one["enabled"], one["driver"]["name"]) for one in vans] == [
        ("Ann's", "VAN", True, "Ann"),
        ("Mia's", "BICYCLE", False, "Mia"),
        ("Zoe's", "VAN", True, "Zoe"),
    ]
    in_use = (await premises.ask(ENABLED, tenant.secret_key))["vehicles"]["nodes"]
    assert [one["driver"]["name"] for one in in_use] == ["Ann", "Zoe"]


async def test_tours_come_newest_day_first(premises: Premises) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        for day in ("2026-03-04", "2026-03-01", "2026-03-03"):
            later = route.starts_at + timedelta(days=int(day[-2:]) - 2)
            tour = replace(route, id=new_id("rte"), date=day, starts_at=later, stops=())
            await work.routes.put_route(tour)
    days = [one["date"] for one in await pages(premises, tenant, TOURS, "routes")]
    # Two of 2 March: one that is driven and one that was withdrawn.
    assert days == ["2026-03-04", "2026-03-03", "2026-03-02", "2026-03-02", "2026-03-01"]
    theirs = (await premises.ask(OF_DRIVER, tenant.secret_key, id=route.driver_id))["driver"]["routes"]
    assert (theirs["nodes"][0]["date"], theirs["total"]["value"]) == ("2026-03-04", 5)
