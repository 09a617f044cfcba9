"""Whether calls for two shops ever cross in the Shopify client: a token, a host, a redirect, a printed word.

`python -m bench interleaved --calls 1000000`. Two shops listen on ports of this machine. Each knows its own
tokens, which end every thousand calls, and looks at every request that reaches it; some they redirect to
the other shop, answer with an error that holds private words, or cut in the middle. Everything goes through
`ShopifyClient`, many calls at once, and standard output and error are captured where the system writes them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from time import perf_counter
from typing import Any

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import API_VERSION, Document
from connectors.stores.shopify.link import Link, Patience
from doorstep.errors import RemoteError
from doorstep.secret import Secret

QUESTION = Document("echo", "query Echo($shop: String!, $number: Int!) { echo { shop number } }")
PATIENCE = Patience(call_s=30.0, tries=2, first_pause_s=0.001)
PRIVATE = b"Ana Lopez lives at 350 5th Ave"

_PATH = f"/admin/api/{API_VERSION}/graphql.json"
_TOKEN_LASTS_CALLS = 1000
_BUCKET = {"maximumAvailable": 1e6, "currentlyAvailable": 1e6, "restoreRate": 1e6}


class Shop:
    """One shop: what it accepts, what it was sent, and how it treats its callers."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.address = ""
        self.other_address = ""
        self.seen: Counter[str] = Counter()
        self._rng = random.Random(seed)
        self._served = 0

    @property
    def token(self) -> str:
        """The access token that is accepted at the moment."""
        return f"shpat-{self.name}-{self._served // _TOKEN_LASTS_CALLS}"

    async def current(self) -> Secret:
        """The token that the gateway believes in; at times it has just ended."""
        age = 1 if self._served % _TOKEN_LASTS_CALLS < 3 and self._served >= _TOKEN_LASTS_CALLS else 0
        return Secret(f"shpat-{self.name}-{self._served // _TOKEN_LASTS_CALLS - age}")

    async def renewed(self, rejected: Secret) -> Secret:  # noqa: ARG002 - whatever it was, this one is accepted
        """The token after one that was turned away."""
        self.seen["renewed"] += 1
        return Secret(self.token)

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> bytes | None:
        """Look at a request and answer it; None for a connection that ends in the middle."""
        self.seen["requests"] += 1
        token = headers.get("x-shopify-access-token", "")
        asked = json.loads(body)["variables"] if body else {}
        self.seen["after_redirect"] += path != _PATH
        self.seen["wrong_token"] += not token.startswith(f"shpat-{self.name}-")
        is_ours = f"http://{headers.get('host')}" == self.address and asked.get("shop") == self.name
        self.seen["wrong_host"] += not is_ours
        if token != self.token:
            self.seen["ended_tokens"] += 1
            return _http(401, b'{"errors": "[API] Invalid API key or access token"}')
        self._served += 1
        return self._treat(asked)

    def _treat(self, asked: dict[str, Any]) -> bytes | None:
        luck = self._rng.random()
        if luck < 0.02:
            self.seen["redirects"] += 1
            # The standard library follows the first of them, with the token.
            status = self._rng.choice([302, 307, 308])
            return _http(status, b"", f"Location: {self.other_address}/redirected{_PATH}\r\n")
        if luck < 0.04:
            return _http(500, PRIVATE)
        if luck < 0.05:
            return None
        cost = {"requestedQueryCost": 1, "actualQueryCost": 1, "throttleStatus": _BUCKET}
        answer = {"data": {"echo": asked}, "extensions": {"cost": cost}}
        return _http(200, json.dumps(answer).encode())


class _Connection(asyncio.Protocol):
    """Just enough of HTTP for one request."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if not end or len(body) < int(headers.get("content-length", 0)) or self._transport is None:
            return
        answer = self._shop.answer(first.split(" ")[1], headers, body)
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" if answer is None else answer)
        self._transport.close()


class OutputCapture:
    """What anybody in this process writes to standard output or error, by whatever way."""

    def __init__(self) -> None:
        self.printed = 0
        self._real_out = -1

    def tell(self, line: str) -> None:
        """Write to the real standard output nevertheless."""
        os.write(self._real_out, f"{line}\n".encode())

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count bytes meanwhile."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._real_out, real_err = os.dup(1), os.dup(2)
        with tempfile.TemporaryFile() as file, os.fdopen(os.dup(file.fileno()), "w") as text:
            try:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
                with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
                    yield
            finally:
                text.flush()
                os.dup2(self._real_out, 1)
                os.dup2(real_err, 2)
                os.close(self._real_out)
                os.close(real_err)
                self.printed = os.fstat(file.fileno()).st_size


def main(arguments: list[str]) -> dict[str, object]:
    """Make the calls and count what crossed."""
    options = _options(arguments)
    capture = OutputCapture()
    began = perf_counter()
    with capture.running():
        seen = asyncio.run(_run(options.calls, options.at_once, options.seed, capture.tell))
    wall_s = perf_counter() - began
    keys = ("wrong_token", "wrong_host", "after_redirect", "wrong_answer")
    return {
        "calls": options.calls,
        **{key: seen[key] for key in keys},
        "printed": capture.printed,
        "answered": seen["answered"],
        "failed": seen["failed"],
        "requests": seen["requests"],
        "redirects": seen["redirects"],
        "ended_tokens": seen["ended_tokens"],
        "at_once": options.at_once,
        "seed": options.seed,
        "wall_s": round(wall_s, 1),
        "calls_per_s": round(options.calls / wall_s),
    }


async def _run(calls: int, at_once: int, seed: int, tell: Callable[[str], None]) -> Counter[str]:
    shops = [Shop("one", seed), Shop("two", seed + 1)]
    seen: Counter[str] = Counter()
    async with contextlib.AsyncExitStack() as stack:
        for shop in shops:
            shop.address = await stack.enter_async_context(_listening(shop))
        shops[0].other_address, shops[1].other_address = shops[1].address, shops[0].address
        clients = [
            ShopifyClient(_link(shop), patience=PATIENCE, rng=random.Random(seed)) for shop in shops * 2
        ]
        numbers = iter(range(calls))
        workers = [_work(numbers, shops, clients, seen, calls, tell) for _ in range(at_once)]
        await asyncio.gather(*workers)
    for shop in shops:
        seen.update(shop.seen)
    return seen


async def _work(
    numbers: Iterator[int],
    shops: list[Shop],
    clients: list[ShopifyClient],
    seen: Counter[str],
    calls: int,
    tell: Callable[[str], None],
) -> None:
    for number in numbers:
        shop, client = shops[number % 2], clients[number % 4]
        asked = {"shop": shop.name, "number": number}
        try:
            answer = await client.send(QUESTION, asked)
        except RemoteError:
            seen["failed"] += 1
        else:
            seen["answered"] += 1
            seen["wrong_answer"] += answer.data["echo"] != asked
        if number and number % max(1, calls // 10) == 0:
            tell(f"{number:>9} of {calls} calls made, {seen['failed']} of them failed as they should")


@contextlib.asynccontextmanager
async def _listening(shop: Shop) -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(shop), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _link(shop: Shop) -> Link:
    return Link(f"{shop.name}.myshopify.com", Secret(""), shop.address, tokens=shop)


def _http(status: int, body: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench interleaved", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--at-once", type=int, default=64, help="calls in flight")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)
