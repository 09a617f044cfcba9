"""The two simulated stores behind one port, and the world's time that they live in."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman, Reaction
from simulator.stores.shopify import FakeShopify
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, Trouble, served
from simulator.stores.woocommerce.weather import Weather

DOMAIN = "bench-of-sync.myshopify.com"
TOKEN = "shpat_of_a_shop_that_is_not"  # noqa: S105 - it opens a simulator
APP_SECRET = "the-client-secret-of-an-app-that-is-not"  # noqa: S105 - the same
WEBHOOK_SECRET = "the-webhook-secret-of-a-store-that-is-not"  # noqa: S105 - the same

# A Monday morning in New York, in November: no clocks change during the run.
_BEGINS = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
_TURNS_EVERY_S = 0.2


def depot(number: int) -> Address:
    """A place that orders leave from."""
    return Address(
        "US",
        name=f"Depot {number}",
        line1=f"{number} Water Street",
        city="New York",
        province="NY",
        postal_code="10041",
        phone_raw="+12127363100",
    )


class CountingPostman(Postman):
    """Counts what it takes.

    Attributes
    ----------
    posted, repeated
        Letters handed in, and those of them that leave twice.
    """

    def __init__(self, clock: WorldClock, rng: random.Random) -> None:
        super().__init__(clock, rng)
        self.posted = self.repeated = 0

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        habits: Habits,
        on_result: Reaction | None = None,
    ) -> None:
        """See `Postman.post`."""
        before = self.waiting
        super().post(url, body, headers, habits, on_result)
        self.posted += 1
        self.repeated += self.waiting - before - 1


class CountingWeather(Weather):
    """Counts the troubles that calls to WooCommerce met, by kind."""

    def __init__(self, clock: WorldClock) -> None:
        super().__init__(clock)
        self.met: Counter[Trouble] = Counter()

    def next_trouble(self, method: str, endpoint: str) -> Trouble | None:
        """See `Weather.next_trouble`."""
        trouble = super().next_trouble(method, endpoint)
        if trouble is not None:
            self.met[trouble] += 1
        return trouble


@dataclass
class Stores:
    """Both stores.

    Attributes
    ----------
    clock_file
        For DOORSTEP_CLOCK_FILE: the gateway lives at the same time.
    url
        Where they are served; "" before.
    """

    clock: WorldClock
    clock_file: Path
    postman: CountingPostman
    weather: CountingWeather
    shopify: FakeShopify
    woocommerce: FakeWooCommerce
    url: str = ""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def act(self) -> None:
        """Do what is due: routing, webhooks."""
        async with self._turn:
            now = self.clock.now()
            await self.shopify.tick(now)
            await self.woocommerce.tick(now)
            await self.postman.tick(now)

    async def pass_time(self, seconds: float, *, steps: int, pause_s: float) -> None:
        """Jump forward in steps, with a moment of the machine's time between them for all who live in it."""
        for _ in range(steps):
            self.clock.advance(seconds / steps)
            await self.act()
            await asyncio.sleep(pause_s)

    def links(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """Address and credentials of each, by the names that an operator is asked for."""
        return {
            "SHOPIFY": (
                f"https://{DOMAIN}",
                {
                    "access_token": TOKEN,
                    "client_secret": APP_SECRET,
                    "api_endpoint": f"{self.url}/shopify",
                },
            ),
            "WOOCOMMERCE": (
                f"{self.url}/woocommerce",
                {
                    "consumer_key": CONSUMER_KEY,
                    "consumer_secret": CONSUMER_SECRET,
                    "webhook_secret": WEBHOOK_SECRET,
                },
            ),
        }


def build_stores(folder: Path, seed: int) -> Stores:
    """Both, with nothing in them, while the clock stands."""
    clock_file = folder / "clock.json"
    clock = WorldClock(_BEGINS, rate=0.0, shared_file=clock_file)
    postman = CountingPostman(clock, random.Random(f"{seed}:postman"))
    shopify = FakeShopify(
        clock,
        postman,
        random.Random(f"{seed}:shopify"),
        places=[("East depot", depot(1)), ("West depot", depot(2))],
        domain=DOMAIN,
        token=TOKEN,
        client_secret=APP_SECRET,
    )
    # The largest plan: how well its limit is used is measured by another benchmark.
    shopify.set_plan("Enterprise")
    woocommerce = FakeWooCommerce(clock, postman, random.Random(f"{seed}:woocommerce"))
    weather = woocommerce.door.weather = CountingWeather(clock)
    return Stores(clock, clock_file, postman, weather, shopify, woocommerce)


@asynccontextmanager
async def serving_stores(stores: Stores) -> AsyncIterator[None]:
    """Serve them and let their time go on for as long as the block lasts."""
    mounts = {"/shopify": stores.shopify.app, "/woocommerce": stores.woocommerce.app}
    app = Starlette(routes=[Mount(path, store) for path, store in mounts.items()])
    async with served(app, shows_date=False) as url:
        stores.url = url
        # Answers that break off are ordered here; the web server takes each for a fault of its own.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        living = asyncio.create_task(_live(stores))
        try:
            yield
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
            await stores.shopify.close()
            await stores.woocommerce.close()
            await stores.postman.close()


async def _live(stores: Stores) -> None:
    while True:
        await stores.act()
        await asyncio.sleep(_TURNS_EVERY_S)
