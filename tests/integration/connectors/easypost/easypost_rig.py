"""EasyPost, day by day."""

from __future__ import annotations

from doorstep.ports import CarrierConnector
from doorstep.quote import CarrierQuote
from simulator.carriers.easypost import FakeEasyPost
from tests.contracts.carriers.rig import Rig as CarrierRig

DAY_S = 86_400


class Rig(CarrierRig[FakeEasyPost, CarrierConnector]):
    """In steps of half an hour."""

    step_s = 1800.0

    async def offer(self, service: str = "USPS.Priority", **changes: object) -> CarrierQuote:
        """Of several services one that takes two days."""
        return await super().offer(service or "USPS.Priority", **changes)
