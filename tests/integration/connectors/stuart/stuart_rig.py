"""Stuart in Paris, with two couriers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.address import Address
from doorstep.booking import CarrierUpdate
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.ports import CarrierConnector
from simulator.carriers.stuart import MARKETS, FakeStuart
from simulator.postman import Habits
from tests.contracts.carriers import stuart
from tests.contracts.carriers.rig import Places
from tests.contracts.carriers.rig import Rig as CarrierRig

# A Monday, noon in Paris.
START = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SHOP = Address(
    "FR",
    name="Till",
    line1="1 rue du Test",
    city="Paris",
    postal_code="75001",
    phone="+33100000001",
    location=LatLng(48.860, 2.340),
)
DOOR = replace(SHOP, name="A. Shopper", line1="2 rue du Test", location=LatLng(48.868, 2.352))
PARIS = Places(SHOP, DOOR, Money(4200, "EUR"), "Europe/Paris", START)
HARNESS = replace(stuart.HARNESS, build=partial(stuart.build, markets=MARKETS, couriers=2, habits=Habits()))


class Rig(CarrierRig[FakeStuart, CarrierConnector]):
    """In steps in which its couriers tell where they are."""

    step_s = 20.0

    def updates(self) -> list[CarrierUpdate]:
        """As they arrived: Stuart's messages say nothing of when things happened."""
        reader = StuartWebhooks(self.clock)
        return [update for headers, body in self.letters for update in reader.read(headers, body)]
