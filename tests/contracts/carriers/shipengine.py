"""ShipEngine in the contract suite."""

from __future__ import annotations

import json
import random
from typing import Any

from connectors.parcel.shipengine import CONNECTOR
from doorstep.secret import Secret
from simulator.carriers.shipengine import FakeShipEngine
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeShipEngine:
    """One customer's ShipEngine."""
    return FakeShipEngine(
        clock,
        postman,
        random.Random(7),
        api_key="live_1",
        webhook_url=url,
        webhook_headers={"X-Doorstep-Secret": SIGNING_KEY},
        **options,
    )


HARNESS = Harness(
    CONNECTOR,
    build,
    {"api_key": "live_1"},
    {"api_key": "wrong"},
    public_keys=lambda fake: (Secret(json.dumps(fake.keyring.jwks())),),
)
