"""Roadie in the contract suite."""

from __future__ import annotations

import random
from typing import Any

from connectors.couriers.roadie import CONNECTOR
from simulator.carriers.roadie import FakeRoadie
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import SIGNING_KEY, Harness


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeRoadie:
    """One customer's Roadie."""
    return FakeRoadie(
        clock,
        postman,
        random.Random(7),
        token="good",
        webhook_url=url,
        webhook_secret=SIGNING_KEY,
        **options,
    )


HARNESS = Harness(CONNECTOR, build, {"token": "good"}, {"token": "wrong"}, signs_bodies=False)
