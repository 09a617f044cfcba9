"""Three parts: well, half, down."""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import socket
import sys
import time
from collections import Counter as Tally
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import aiohttp
import structlog
import uvicorn
from starlette.applications import Starlette

from bench.figures import percentile
from bench.premises import bench_house
from bench.quote.carriers import Trouble, linked, serving
from bench.quote.question import doors
from bench.quote.serving import CARRIERS
from bench.quote.shop import open_shop
from doorstep.address import Address
from doorstep.calendar import DaySpan
from doorstep.merchant import FallbackRate
from doorstep.money import Money
from doorstep.order import Store
from gateway.bootstrap.house import House
from gateway.checkout.counter import Counter, Shop
from gateway.checkout.shopify.routes import Caller, shopify_routes
from gateway.flow.ports import LinkedCarrier, Means

SECRET = b"the-secret-of-an-app"
DOOR = "door"
DOMAIN = "bench.myshopify.com"
TIMEOUT_MS = 3_000
"""The shortest of Shopify's."""

HALF = ",".join(str(number) for number in range(CARRIERS // 2, CARRIERS))
PARTS = {
    "well": Trouble(),
    "half": Trouble(hang=HALF),
    "down": Trouble(fail=",".join(str(number) for number in range(CARRIERS))),
}
PRICE, DAYS = Money(900, "USD"), DaySpan(0, 1)
"""Of the merchant's own table."""
TABLE = "table"
"""Its service, by which its rates are told from those of carriers."""

WARM_UP = 25
"""Calls that open connections and are not counted."""


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys well, half and down, each with p50_ms, p99_ms, within_timeout, errors_5xx, empty and live."""
    parser = argparse.ArgumentParser(prog="bench checkout")
    parser.add_argument("--rate", type=float, default=50.0, help="calls a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each part")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(_bench(options))


async def _bench(options: argparse.Namespace) -> dict[str, object]:
    result: dict[str, object] = {}
    async with bench_house() as house, serving(options.seed) as carriers_url:
        for name, trouble in PARTS.items():
            carriers = linked(carriers_url, trouble)
            result[name] = await _part(name, house, carriers, options)
    return result


async def _part(
    name: str, house: House, carriers: Sequence[LinkedCarrier], options: argparse.Namespace
) -> Mapping[str, object]:
    table = tuple(
        FallbackRate(one.account.carrier, TABLE, "Table", one.account.mode, PRICE, DAYS) for one in carriers
    )
    count = round(options.rate * options.seconds)
    addresses = doors(options.seed)
    async with open_shop(house, carriers, table) as (means, store), _served(means, store) as url:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(_call(session, url, next(addresses)) for _ in range(WARM_UP)))
            calls: list[asyncio.Task[tuple[float, str]]] = []
            began = time.perf_counter()
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / options.rate - time.perf_counter()))
                calls.append(asyncio.create_task(_call(session, url, next(addresses))))
                if number % 250 == 0:
                    print(f"  {name}: {number} of {count}", file=sys.stderr)
            answers = await asyncio.gather(*calls)
        await means.later.close()
        await asyncio.gather(*(one.connector.close() for one in carriers))
    return _figures(answers)


def _figures(answers: Sequence[tuple[float, str]]) -> Mapping[str, object]:
    took_ms = [ms for ms, _ in answers]
    became = Tally(what for _, what in answers)
    return {
        "calls": len(answers),
        "p50_ms": percentile(took_ms, 0.5),
        "p99_ms": percentile(took_ms, 0.99),
        "within_timeout": round(sum(ms <= TIMEOUT_MS for ms in took_ms) / len(took_ms), 4),
        "errors_5xx": became["5xx"],
        "errors_other": became["other"],
        "empty": became["empty"],
        "live": round(became["live"] / len(answers), 4),
    }


async def _call(session: aiohttp.ClientSession, url: str, door: Address) -> tuple[float, str]:
    """How long it took, milliseconds, and what came: live, table, empty, 5xx or other."""
    body = _body(door)
    digest = hmac.new(SECRET, body, hashlib.sha256).digest()
    headers = {
        "x-shopify-shop-domain": DOMAIN,
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        "x-shopify-timeout": str(TIMEOUT_MS),
    }
    began = time.perf_counter()
    async with session.post(f"{url}/checkout/shopify/rates/{DOOR}", data=body, headers=headers) as response:
        answer = await response.json()
    took_ms = (time.perf_counter() - began) * 1000
    if response.status != 200:
        return took_ms, "5xx" if response.status >= 500 else "other"
    if not answer["rates"]:
        return took_ms, "empty"
    is_table = all(rate["service_code"].endswith(f".{TABLE}") for rate in answer["rates"])
    return took_ms, "table" if is_table else "live"


def _body(door: Address) -> bytes:
    place = {
        "country": door.country,
        "postal_code": door.postal_code,
        "province": door.province,
        "city": door.city,
        "address1": door.line1,
    }
    item = {"name": "Loaf", "sku": "", "quantity": 2, "grams": 400, "price": 2_100, "requires_shipping": True}
    rate = {"origin": place, "destination": place, "items": [item], "currency": "USD", "locale": "en"}
    return json.dumps({"rate": rate}).encode()


@asynccontextmanager
async def _served(means: Means, store: Store) -> AsyncIterator[str]:
    """The routes, on a port of their own."""

    def verify(headers: Mapping[str, str], body: bytes) -> None:
        digest = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
        assert hmac.compare_digest(digest, headers["x-shopify-hmac-sha256"])

    async def find(domain: str) -> Caller | None:
        shop = Shop(store.id, store.merchant_id)
        return Caller(shop, lambda door: door == DOOR, verify) if domain == DOMAIN else None

    application = Starlette(routes=shopify_routes(Counter(means), find))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(4096)
    config = uvicorn.Config(application, log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await running
