"""A fleet in Valletta: one depot, two zones, two vans, a short rate sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.fleet.settings import Depot, FleetSettings, RateBand, Surcharge
from connectors.fleet.zone import Zone
from doorstep.address import Address
from doorstep.driver import Driver
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest
from doorstep.road import RoadRoute, RoadTable

DEPOT = LatLng(35.8989, 14.5146)
DOOR = LatLng(35.9189, 14.5146)


class FixedRoads:
    """Every drive is as long as told; "slow" and "down" engines answer nothing in time or at all."""

    def __init__(self, metres: int | None, seconds: int | None, mood: str = "well") -> None:
        self.metres, self.seconds, self.mood = metres, seconds, mood
        self.asked = 0

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        self.asked += 1
        if self.mood == "slow":
            await asyncio.Event().wait()
        if self.mood == "down":
            raise RemoteUnavailable("The road engine is down.", system="roads")
        cells = [[[cell] * len(destinations)] * len(origins) for cell in (self.seconds, self.metres)]
        return RoadTable(cells[0], cells[1])

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        raise AssertionError("the road engine belongs to others")


@pytest.fixture(scope="session")
def roads_of() -> Callable[..., FixedRoads]:
    """(metres, seconds, mood) -> a road engine."""
    return FixedRoads


@pytest.fixture(scope="session")
def roads() -> FixedRoads:
    """Five kilometres in ten minutes."""
    return FixedRoads(5_000, 600)


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., FleetSettings]:
    """Settings with some fields changed."""
    return _settings


def _settings(**changes: Any) -> FleetSettings:
    def driver(name: str, capacity_g: int, weekdays: tuple[int, ...]) -> Driver:
        return Driver(
            f"drv_{name}",
            "mer_1",
            name,
            "loc_1",
            f"dev-{name}",
            "09:00",
            "18:30",
            capacity_g,
            200_000,
            weekdays=weekdays,
        )

    values: dict[str, Any] = {
        "currency": "EUR",
        "depots": {"loc_1": Depot(DEPOT, "Europe/Malta")},
        "zones": (
            Zone("city", postcode_prefixes=("VLT", "SLM"), country="MT"),
            Zone("around", radius_m=10_000),
        ),
        "bands": (
            RateBand("city", 5_000, Money(399, "EUR")),
            RateBand("city", 50_000, Money(799, "EUR")),
            RateBand(
                "around", 50_000, Money(500, "EUR"), max_distance_m=8_000, price_per_km=Money(75, "EUR")
            ),
        ),
        # Ann from Monday to Saturday, Bob with the large van on Mondays only.
        "drivers": (driver("ann", 20_000, (1, 2, 3, 4, 5, 6)), driver("bob", 60_000, (1,))),
        "surcharges": (Surcharge("evening", Money(200, "EUR"), weekdays=(1, 2, 3, 4, 5), start="16:00"),),
        "free_above": Money(10_000, "EUR"),
    }
    return FleetSettings(**{**values, **changes})


@pytest.fixture(scope="session")
def request_of() -> Callable[..., QuoteRequest]:
    """A question asked on Monday 2 March 2026 at 09:00 UTC, 10:00 in Malta, with some fields changed."""
    return _request


def _request(**changes: Any) -> QuoteRequest:
    asked_at = changes.pop("asked_at", datetime(2026, 3, 2, 9, tzinfo=UTC))
    values: dict[str, Any] = {
        "reference": "qst_1",
        "pickup": Address("MT", location=DEPOT),
        "dropoff": Address("MT", postal_code="SLM 1030", location=DOOR),
        "parcels": (Parcel(2_000, 300, 200, 100),),
        "value": Money(4_000, "EUR"),
        "asked_at": asked_at,
        "ready_at": asked_at + timedelta(minutes=5),
        "time_zone": "Europe/Malta",
    }
    return QuoteRequest(**{**values, **changes})
