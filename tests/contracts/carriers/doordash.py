"""DoorDash Drive in the contract suite."""

from __future__ import annotations

import random
from typing import Any

from connectors.couriers.doordash import CONNECTOR
from simulator.carriers.doordash import FakeDoorDash
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness

# base64url of 32 bytes, as the developer portal shows it; nobody's.
SIGNING_SECRET = "bm90LWEtcmVhbC1zaWduaW5nLXNlY3JldC0xMjM0NTY"


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeDoorDash:
    """One access key's DoorDash."""
    return FakeDoorDash(
        clock,
        postman,
        random.Random(7),
        developer_id="dev_42",
        key_id="key_42",
        signing_secret=SIGNING_SECRET,
        webhook_url=url,
        webhook_authorization=SIGNING_KEY,
        **options,
    )


HARNESS = Harness(
    CONNECTOR,
    build,
    {
        "developer_id": "dev_42",
        "key_id": "key_42",
        "signing_secret": SIGNING_SECRET,
        "webhook_authorization": SIGNING_KEY,
    },
    {"key_id": "wrong"},
    signs_bodies=False,
)
