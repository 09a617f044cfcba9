"""Stuart in the contract suite, riding in a city of dollars."""

from __future__ import annotations

import random
from typing import Any

from connectors.couriers.stuart import CONNECTOR
from doorstep.geo import LatLng
from simulator.carriers.stuart import FakeStuart, Market
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness

# Stuart itself serves no city in the suite's country: the one here is made for it.
HERE = Market("Port Meridian", LatLng(40.7306, -73.9866), "USD")


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeStuart:
    """One client's Stuart."""
    return FakeStuart(
        clock,
        postman,
        random.Random(7),
        client_id="client",
        client_secret="hush",
        webhook_url=url,
        webhook_secret=SIGNING_KEY,
        **{"markets": (HERE,), **options},
    )


HARNESS = Harness(
    CONNECTOR,
    build,
    {"client_id": "client", "client_secret": "hush"},
    {"client_secret": "wrong"},
    signs_bodies=False,
)
