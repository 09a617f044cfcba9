"""Lalamove in Hong Kong, whose messages are read when a test says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.couriers.lalamove import Heard, plugin
from connectors.couriers.lalamove.connector import Lalamove
from doorstep.address import Address
from doorstep.booking import Booking, CarrierUpdate
from doorstep.geo import LatLng
from doorstep.money import Money
from simulator.carriers.lalamove import FakeLalamove
from tests.contracts.carriers.lalamove import build
from tests.contracts.carriers.rig import BUDGET_S, SIGNING_KEY, Harness, Places, connect
from tests.contracts.carriers.rig import Rig as CarrierRig

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STORE = Address(
    "HK",
    company="Corner Shop",
    line1="1 Main St",
    city="Hong Kong",
    phone="+85255550100",
    location=LatLng(22.3354, 114.1761),
)
DOOR = replace(
    STORE,
    company="",
    name="A. Shopper",
    line1="2 Side St",
    phone="+85255550109",
    location=LatLng(22.3193, 114.1694),
)
ELSEWHERE = replace(DOOR, line1="4 Side St", location=LatLng(22.3200, 114.1700))
HONG_KONG = Places(STORE, DOOR, Money(42_000, "HKD"), "Asia/Hong_Kong", START)
CREDENTIALS = {"api_key": "pk_test_1", "api_secret": SIGNING_KEY, "market": "HK"}


def harness(heard: Heard, path: str = "/hook") -> Harness[FakeLalamove]:
    """An account of a process that has heard this much; `path` is "" where the request says it."""
    return Harness(plugin(heard, webhook_path=path), build, CREDENTIALS, {"api_secret": "wrong"})


class Rig(CarrierRig[FakeLalamove, Lalamove]):
    """In steps in which its drivers tell where they are; `heard` is what its process knows."""

    step_s = 20.0
    heard: Heard

    def elsewhere(self, heard: Heard) -> Lalamove:
        """The same account in another process, which has heard other things."""
        carrier = connect(harness(heard), self.base_url)
        assert isinstance(carrier, Lalamove)
        return carrier

    async def until(self, raw_status: str, external_id: str) -> CarrierUpdate:
        """Live until an order has come so far."""
        for _ in range(400):
            update = await self.carrier.fetch(external_id, BUDGET_S)
            if update.raw_status == raw_status:
                return update
            await self.live(30, step_s=30)
        raise AssertionError(f"never {raw_status}")

    async def book(self, service: str = "", **changes: Any) -> Booking:
        """A quotation carries the addresses, so a booking to another door needs one of its own."""
        there = {"dropoff": changes["dropoff"]} if "dropoff" in changes else {}
        return await self.carrier.book(self.request(await self.offer(service, **there), **changes), BUDGET_S)
