"""EasyPost in the contract suite."""

from __future__ import annotations

import random
from typing import Any

from connectors.parcel.easypost import CONNECTOR
from simulator.carriers.easypost import FakeEasyPost
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeEasyPost:
    """One customer's EasyPost."""
    return FakeEasyPost(
        clock,
        postman,
        random.Random(7),
        api_key="EZTK_1",
        webhook_url=url,
        webhook_secret=SIGNING_KEY,
        **options,
    )


HARNESS = Harness(CONNECTOR, build, {"api_key": "EZTK_1"}, {"api_key": "wrong"})
