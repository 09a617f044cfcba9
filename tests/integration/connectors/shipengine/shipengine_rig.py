"""ShipEngine, day by day."""

from __future__ import annotations

from typing import Any

import aiohttp

from doorstep.address import Address
from doorstep.ports import CarrierConnector
from doorstep.quote import CarrierQuote
from simulator.carriers.shipengine import FakeShipEngine
from tests.contracts.carriers.rig import Rig as CarrierRig

DAY_S = 86_400
PRIORITY, GROUND = "stamps_com.usps_priority_mail", "ups.ups_ground"
BARE = Address("US", postal_code="10002")


class Rig(CarrierRig[FakeShipEngine, CarrierConnector]):
    """In steps of half an hour."""

    step_s = 1800.0

    async def offer(self, service: str = PRIORITY, **changes: object) -> CarrierQuote:
        """Of several services one that takes two days."""
        return await super().offer(service or PRIORITY, **changes)

    async def raw(self, path: str) -> dict[str, Any]:
        """What ShipEngine itself answers."""
        async with (
            aiohttp.ClientSession(headers={"API-Key": "live_1"}) as session,
            session.get(f"{self.base_url}{path}") as response,
        ):
            content: dict[str, Any] = await response.json()
            return content
