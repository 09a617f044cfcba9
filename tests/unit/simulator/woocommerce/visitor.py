"""Asks a simulated WooCommerce over HTTP, without any connector."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, its body parsed."""

    status: int
    payload: Any
    headers: Mapping[str, str]


class Visitor:
    """One caller at one served store, which must take Basic auth (`treat_as_https`)."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str, secret: str) -> None:
        self._session = session
        self._base_url = base_url
        self._headers = {"Authorization": aiohttp.encode_basic_auth(key, secret)}

    async def call(
        self, method: str, endpoint: str, body: object = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """One call of an endpoint, below wc/v3 unless it begins with /."""
        path = endpoint if endpoint.startswith("/") else f"/wc/v3/{endpoint}"
        async with self._session.request(
            method, f"{self._base_url}/wp-json{path}", json=body, params=query or {}, headers=self._headers
        ) as response:
            return Answer(response.status, json.loads(await response.read()), response.headers.copy())

    async def get(self, endpoint: str, **query: str) -> Answer:
        """Read."""
        return await self.call("GET", endpoint, query=query)

    async def put(self, endpoint: str, body: object) -> Answer:
        """Change."""
        return await self.call("PUT", endpoint, body)

    async def post(self, endpoint: str, body: object) -> Answer:
        """Make."""
        return await self.call("POST", endpoint, body)

    async def ids(self, **query: str) -> list[int]:
        """The ids of a page of orders, in order."""
        answer = await self.get("orders", **query)
        assert answer.status == 200, answer.payload
        return [row["id"] for row in answer.payload]


@contextlib.asynccontextmanager
async def visiting(
    store: FakeWooCommerce, key: str = CONSUMER_KEY, secret: str = CONSUMER_SECRET
) -> AsyncIterator[Visitor]:
    """Serve a store and visit it."""
    async with (
        served(store.app) as url,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
    ):
        yield Visitor(session, url + store.shelf.settings.base_path, key, secret)
