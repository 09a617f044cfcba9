"""Links the gateway with the simulated world, as an operator would with the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.mode_rules import ModeRules
from doorstep.person import Person
from gateway.bootstrap.accounts import (
    add_carrier,
    add_driver,
    add_key,
    add_location,
    add_merchant,
    add_store,
)
from gateway.bootstrap.house import House
from gateway.cli.demo.world import SimulatedWorld
from gateway.flow.desk.people import save_person
from gateway.flow.dispatching.settings import save_merchant_rules

DISPATCHERS = ("Robin Dispatcher", "Sam Dispatcher")
"""Who sits at the demo's desk: the first has the key."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What was made."""

    merchant_id: str
    merchant_name: str
    publishable_key: str
    secret_key: str
    stores: Mapping[str, str]
    drivers: Mapping[str, str]


async def link_world(house: House, world: SimulatedWorld) -> DemoAccount:
    """Make the merchant with everything that the world describes, and tell the world how to reach us."""
    described = await world.get("world")
    told = described["merchant"]
    merchant = await add_merchant(
        house, name=told["name"], currency=told["currency"], time_zone=told["time_zone"]
    )
    places = {row["key"]: await _location(house, merchant.id, row) for row in described["locations"]}
    drivers = {
        row["device_id"]: await _driver(house, merchant.id, row, places) for row in described["drivers"]
    }
    fleet = own_fleet_settings(described, places)
    await add_carrier(house, merchant.id, code="own_fleet", credentials={}, settings=fleet)
    webhooks = {row["carrier"]: await _carrier(house, merchant.id, row) for row in described["carriers"]}
    stores = {
        row["platform"].lower(): await _store(house, merchant.id, row, places) for row in described["stores"]
    }
    people = [await _person(house, merchant.id, name) for name in DISPATCHERS]
    account = DemoAccount(
        merchant.id,
        merchant.name,
        publishable_key=await add_key(
            house,
            merchant.id,
            kind="PUBLISHABLE",
            scopes=(),
            origins=(house.settings.base_url,),
            name="demo checkout",
        ),
        secret_key=await add_key(
            house,
            merchant.id,
            kind="SECRET",
            scopes=("ADMINISTER",),
            origins=(),
            name="demo operator",
            person_id=people[0].id,
        ),
        stores=stores,
        drivers=drivers,
    )
    await world.post(
        "link",
        {
            "gateway_url": house.settings.base_url,
            "gps_url": f"{house.settings.base_url}/positions/osmand",
            "publishable_key": account.publishable_key,
            "secret_key": account.secret_key,
            "stores": stores,
            "drivers": drivers,
            "webhooks": webhooks,
        },
    )
    return account


async def _person(house: House, merchant_id: str, name: str) -> Person:
    async with house.means.begin(merchant_id) as work:
        return await save_person(work, Person("", merchant_id, name), None)


async def compare_modes(house: House, merchant_id: str) -> None:
    """What no shopper chose a carrier for waits a few minutes, and vans and carriers are compared for it."""
    async with house.means.begin(merchant_id) as work:
        await save_merchant_rules(work, ModeRules(is_on=True, longest_wait_s=300, search_s=1.0))


def own_fleet_settings(described: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, object]:
    """A rate sheet that a small shop might have: dearer with weight and distance, two-hour windows."""
    currency = described["merchant"]["currency"]
    depots = {
        places[row["key"]]: {"location": row["location"], "time_zone": row["time_zone"]}
        for row in described["locations"]
    }

    def band(max_weight_g: int, minor: int) -> dict[str, object]:
        return {
            "zone_id": "city",
            "max_weight_g": max_weight_g,
            "price": {"minor": minor, "currency": currency},
            "price_per_km": {"minor": 45, "currency": currency},
        }

    return {
        "currency": currency,
        "depots": depots,
        "zones": [{"id": "city", "radius_m": 3_500}],
        "bands": [band(5_000, 490), band(20_000, 690), band(100_000, 1290)],
        # The last window ends before the shops' day does, and what comes later goes the next morning.
        "windows": [{"start": f"{hour}:00", "end": f"{hour + 2}:00"} for hour in (10, 12, 14, 16)],
        "cut_off": "15:30",
    }


async def _location(house: House, merchant_id: str, row: Mapping[str, Any]) -> str:
    where = row["location"]
    address = Address(
        country=row["country"],
        name=row["name"],
        company=row.get("company", ""),
        line1=row["line1"],
        line2=row.get("line2", ""),
        city=row["city"],
        province=row["province"],
        postal_code=row["postal_code"],
        phone=row["phone"],
        phone_raw=row["phone"] or "",
        location=LatLng(where["lat"], where["lng"]),
    )
    place = await add_location(
        house,
        merchant_id,
        name=row["name"],
        address=address,
        time_zone=row["time_zone"],
        external_ids=tuple(row["external_ids"].values()),
    )
    return place.id


async def _driver(house: House, merchant_id: str, row: Mapping[str, Any], places: Mapping[str, str]) -> str:
    driver = await add_driver(
        house,
        merchant_id,
        name=row["name"],
        depot_id=places[row["depot"]],
        device_id=row["device_id"],
        shift_start=row["shift_start"],
        shift_end=row["shift_end"],
        capacity_g=row["capacity_g"],
        vehicle_name=row["vehicle_name"],
    )
    return driver.id


async def _carrier(house: House, merchant_id: str, row: Mapping[str, Any]) -> str:
    account = await add_carrier(
        house, merchant_id, code=row["carrier"], credentials=row["credentials"], base_url=row["base_url"]
    )
    return f"{house.settings.base_url}/webhooks/carriers/{account.id}"


async def _store(house: House, merchant_id: str, row: Mapping[str, Any], places: Mapping[str, str]) -> str:
    store, _checks = await add_store(
        house,
        merchant_id,
        platform=row["platform"].upper(),
        url=row["url"],
        credentials=row["credentials"],
        location_id=places[row["location"]],
        check=False,
    )
    return store.id
