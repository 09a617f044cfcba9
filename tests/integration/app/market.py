"""Two simulated shops and a courier behind one port of this machine, with their knobs in reach of a test."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman
from simulator.stores.shopify import CartLine, Customer, FakeShopify
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served

# A Monday, ten in the morning in New York.
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CENTRE = LatLng(40.7306, -73.9866)
DEPOT = Address(
    "US",
    name="Corner shop",
    line1="55 Water Street",
    city="New York",
    province="NY",
    postal_code="10041",
    phone="+12127363100",
    phone_raw="+12127363100",
    location=CENTRE,
)
HOME = Address(
    "US",
    name="Quentin Featherstone",
    line1="17 Larkspur Passage",
    city="New York",
    province="NY",
    postal_code="10118",
    phone="+12127363199",
    phone_raw="+12127363199",
    email="q.featherstone@example.test",
    location=LatLng(40.7484, -73.9857),
)
SHOPIFY_TOKEN = "shpat_0123456789abcdef0123456789abcdef"
SHOPIFY_SECRET = "the-client-secret-of-a-shopify-app"
WOOCOMMERCE_WEBHOOK_SECRET = "the-webhook-secret-of-a-woocommerce-store"
UBER_CLIENT_SECRET = "the-client-secret-of-an-uber-account"
UBER_SIGNING_KEY = "the-signing-key-of-an-uber-account"
SHOPIFY_DOMAIN = "corner-shop.myshopify.com"

Document = dict[str, Any]
Edit = Callable[[Document], None]


class Forgery:
    """A store's web server whose answers show some orders otherwise than they are kept.

    Attributes
    ----------
    edits
        Order id in the store -> what is done to its document in every answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.edits: dict[str, Edit] = {}
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, keep)
        start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
        if self.edits and start["status"] == 200:
            body = self._edited(body)
        kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def _edited(self, body: bytes) -> bytes:
        payload = json.loads(body)
        for order in _orders_in(payload):
            edit = self.edits.get(str(order.get("id")))
            if edit is not None:
                edit(order)
        return json.dumps(payload).encode()


def _orders_in(payload: Any) -> Iterator[Document]:
    """Orders of WooCommerce have `line_items`, those of Shopify `lineItems`, wherever they stand."""
    if isinstance(payload, list):
        for item in payload:
            yield from _orders_in(item)
    elif isinstance(payload, dict):
        is_unit = str(payload.get("id", "")).startswith("gid://shopify/FulfillmentOrder/")
        if ("line_items" in payload or "lineItems" in payload) and not is_unit:
            yield payload
        else:
            for item in payload.values():
                yield from _orders_in(item)


@dataclass
class Market:
    """What a test touches of the outside world.

    Attributes
    ----------
    clock_file
        For DOORSTEP_CLOCK_FILE, so that a gateway lives at the same time.
    """

    clock: WorldClock
    clock_file: Path
    postman: Postman
    woocommerce: FakeWooCommerce
    shopify: FakeShopify
    uber: FakeUberDirect
    forgeries: dict[str, Forgery] = field(default_factory=dict)
    url: str = ""

    async def tick(self, seconds: float = 1.0) -> None:
        """Let time pass; webhooks that are due are posted and answered before this returns."""
        self.clock.advance(seconds)
        for actor in (self.woocommerce, self.shopify, self.uber):
            await actor.tick(self.clock.now())
        await self.postman.tick(self.clock.now())

    def order_at(self, platform: str, home: Address | None = HOME) -> str:
        """A shopper orders bread; gives the order's id in the store."""
        if platform == "woocommerce":
            return self.woocommerce.place_order([("BREAD-1", 2)], home)
        first, _, last = (home or HOME).name.partition(" ")
        customer = Customer(first, last, (home or HOME).email, (home or HOME).phone_raw)
        bread = CartLine("BREAD-1", "Sourdough loaf", 2, Money(650, "USD"), weight_g=750)
        return self.shopify.place_order(customer, home, [bread])

    def store_credentials(self, platform: str) -> tuple[str, dict[str, str]]:
        """Address and credentials, by the names that an operator is asked for."""
        if platform == "woocommerce":
            return f"{self.url}/woocommerce", {
                "consumer_key": CONSUMER_KEY,
                "consumer_secret": CONSUMER_SECRET,
                "webhook_secret": WOOCOMMERCE_WEBHOOK_SECRET,
            }
        return f"https://{SHOPIFY_DOMAIN}", {
            "access_token": SHOPIFY_TOKEN,
            "client_secret": SHOPIFY_SECRET,
            "api_endpoint": f"{self.url}/shopify",
        }

    def courier_credentials(self) -> dict[str, str]:
        """Of the Uber account."""
        return {
            "customer_id": "cus_42",
            "client_id": "client",
            "client_secret": UBER_CLIENT_SECRET,
            "webhook_secret": UBER_SIGNING_KEY,
        }


@asynccontextmanager
async def open_market(folder: Path) -> AsyncIterator[Market]:
    """Serve it for as long as the block lasts; its clock stands still between ticks."""
    clock_file = folder / "clock.json"
    clock = WorldClock(MORNING, rate=0, shared_file=clock_file)
    postman = Postman(clock, random.Random(5))
    woocommerce = FakeWooCommerce(clock, postman, random.Random(7), webhook_latency_s=(0.0, 0.0))
    shopify = FakeShopify(
        clock,
        postman,
        random.Random(7),
        places=[("Corner shop", DEPOT)],
        domain=SHOPIFY_DOMAIN,
        token=SHOPIFY_TOKEN,
        client_secret=SHOPIFY_SECRET,
        routing_delay_s=0.0,
    )
    uber = FakeUberDirect(
        clock,
        postman,
        random.Random(7),
        customer_id="cus_42",
        client_id="client",
        client_secret=UBER_CLIENT_SECRET,
        signing_key=UBER_SIGNING_KEY,
        habits=Habits(),
        centre=CENTRE,
    )
    market = Market(clock, clock_file, postman, woocommerce, shopify, uber)
    market.forgeries = {"woocommerce": Forgery(woocommerce.app), "shopify": Forgery(shopify.app)}
    routes = [
        Mount("/woocommerce", market.forgeries["woocommerce"]),
        Mount("/shopify", market.forgeries["shopify"]),
        Mount("/uber", uber.app),
    ]
    # The world's clock is not the machine's: a Date header of the web server would give it away.
    async with served(Starlette(routes=routes), shows_date=False) as market.url:
        yield market
    await shopify.close()
    await uber.close()
    await postman.close()
