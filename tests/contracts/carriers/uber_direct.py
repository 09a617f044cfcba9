"""Uber Direct in the contract suite."""

from __future__ import annotations

import random
from typing import Any

from connectors.couriers.uber_direct import CONNECTOR
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeUberDirect:
    """One customer's Uber."""
    return FakeUberDirect(
        clock,
        postman,
        random.Random(7),
        customer_id="cus_42",
        client_id="client",
        client_secret="hush",
        webhook_url=url,
        signing_key=SIGNING_KEY,
        **options,
    )


HARNESS = Harness(
    CONNECTOR,
    build,
    {"customer_id": "cus_42", "client_id": "client", "client_secret": "hush"},
    {"client_secret": "wrong"},
)
