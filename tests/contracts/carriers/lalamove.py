"""Lalamove in the contract suite, in a market of dollars that is made for it.

Lalamove has no way to look an order up: after a lost answer, only the webhook ORDER_CREATED tells the order's
number. So here, as in a gateway, a message is read as soon as it is posted, whenever it is delivered.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from connectors.couriers.lalamove import Heard, plugin
from simulator.carriers.lalamove import TEST_MARKET, FakeLalamove
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman, Reaction
from tests.contracts.carriers.rig import SIGNING_KEY, Harness

HEARD = Heard()
PLUGIN = plugin(HEARD, webhook_path="/hook")


class ReadAtOnce(Postman):
    """Hands every letter to another postman, and its content to the plug-in's reader before that."""

    def __init__(self, clock: WorldClock, carrying: Postman) -> None:
        super().__init__(clock, random.Random(0))
        self._carrying = carrying

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        habits: Habits,
        on_result: Reaction | None = None,
    ) -> None:
        assert PLUGIN.webhooks is not None
        PLUGIN.webhooks.read(headers, body)
        self._carrying.post(url, body, headers, habits, on_result)


def build(clock: WorldClock, postman: Postman, url: str, **options: Any) -> FakeLalamove:
    """One account's Lalamove; its secret also signs its webhooks."""
    return FakeLalamove(
        clock,
        postman,
        random.Random(7),
        api_key="pk_test_1",
        api_secret=SIGNING_KEY,
        webhook_url=url,
        **options,
    )


def build_heard(clock: WorldClock, postman: Postman, url: str) -> FakeLalamove:
    """The same, known to nobody yet, and read at once."""
    HEARD.clear()
    return build(clock, ReadAtOnce(clock, postman), url, market=TEST_MARKET)


HARNESS = Harness(
    PLUGIN,
    build_heard,
    {"api_key": "pk_test_1", "api_secret": SIGNING_KEY, "market": TEST_MARKET.code},
    {"api_secret": "wrong"},
)
