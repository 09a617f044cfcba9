"""A gateway as `doorstep serve` runs it, in the test's own process: real database, real HTTP, real worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from doorstep.secret import Secret
from gateway.app.serve import listen, serving, working
from gateway.bootstrap.accounts import add_carrier, add_key, add_location, add_merchant, add_store
from gateway.bootstrap.house import House, open_house
from gateway.cli.demo.idle import until_idle
from gateway.config import Settings
from tests.conftest import Dsn
from tests.integration.app.market import DEPOT, SHOPIFY_DOMAIN, Market

SECRET_KEY = "a-secret-key-of-an-operator-0123456789"
SHOP_PAGE = "https://shop.example"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A merchant with one location, and its keys."""

    merchant_id: str
    location_id: str
    secret_key: str
    publishable_key: str


@dataclass(frozen=True, slots=True)
class Premises:
    """What a test touches of the gateway, through HTTP wherever it can."""

    house: House
    url: str
    session: aiohttp.ClientSession
    market: Market

    async def ask(self, query: str, key: str, **variables: object) -> Any:
        """The data of an answer without errors."""
        answer = await self.answer(query, key, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def answer(self, query: str, key: str, **variables: object) -> Any:
        """The whole answer."""
        headers = {"Authorization": f"Bearer {key}"}
        body = {"query": query, "variables": variables}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            return await response.json()

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and body of the answer."""
        async with self.session.post(f"{self.url}{path}", data=BytesIO(body), headers=headers) as response:
            return response.status, await response.text()

    async def settle(self) -> None:
        """Until the gateway has nothing left to do."""
        await until_idle(self.house)

    async def tick(self, seconds: float = 1.0) -> None:
        """Let time pass outside, and the gateway follow."""
        await self.market.tick(seconds)
        await self.settle()

    async def tenant(self, name: str = "Corner shop") -> Tenant:
        """Make a merchant."""
        merchant = await add_merchant(self.house, name=name, currency="USD", time_zone="America/New_York")
        place = await add_location(
            self.house, merchant.id, name="Till", address=DEPOT, time_zone="America/New_York"
        )
        secret = await add_key(
            self.house, merchant.id, kind="SECRET", scopes=("ADMINISTER",), origins=(), name="back end"
        )
        publishable = await add_key(
            self.house, merchant.id, kind="PUBLISHABLE", scopes=(), origins=(SHOP_PAGE,), name="shop"
        )
        return Tenant(merchant.id, place.id, secret, publishable)

    async def link_store(self, tenant: Tenant, platform: str) -> str:
        """Link a shop of the market; gives the store's id."""
        url, credentials = self.market.store_credentials(platform)
        store, _ = await add_store(
            self.house,
            tenant.merchant_id,
            platform=platform.upper(),
            url=url,
            credentials=credentials,
            location_id=None,
            check=False,
        )
        await self.settle()  # the first walk
        return store.id

    async def link_courier(self, tenant: Tenant) -> str:
        """Link the market's Uber account, webhooks included; gives the account's id."""
        account = await add_carrier(
            self.house,
            tenant.merchant_id,
            code="uber_direct",
            credentials=self.market.courier_credentials(),
            base_url=f"{self.market.url}/uber",
        )
        self.market.uber.webhook_url = f"{self.url}/webhooks/carriers/{account.id}"
        return account.id


@asynccontextmanager
async def open_premises(dsn: Dsn, home: Path, market: Market, **more: Any) -> AsyncIterator[Premises]:
    """Run it for as long as the block lasts; `more` are further settings."""
    async with AsyncExitStack() as stack:
        sock = stack.enter_context(listen("127.0.0.1", 0))
        settings = Settings(
            database_url=Secret(dsn.app),
            database_owner_url=Secret(dsn.owner),
            home=home,
            secret_keys=(Secret(SECRET_KEY),),
            port=sock.getsockname()[1],
            allow_private_stores=True,
            clock_file=market.clock_file,
            **more,
        )
        house = await stack.enter_async_context(open_house(settings))
        await stack.enter_async_context(serving(house, sock))
        await stack.enter_async_context(working(house, with_chores=False))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Premises(house, settings.base_url, session, market)


def environment_of(dsn: Dsn, home: Path, market: Market) -> dict[str, str]:
    """The same settings for a process."""
    return {
        "DATABASE_URL": dsn.app,
        "DATABASE_OWNER_URL": dsn.owner,
        "DOORSTEP_HOME": str(home),
        "DOORSTEP_SECRET_KEYS": SECRET_KEY,
        "DOORSTEP_ALLOW_PRIVATE_STORES": "true",
        "DOORSTEP_CLOCK_FILE": str(market.clock_file),
    }


__all__ = ["SHOPIFY_DOMAIN", "Premises", "Tenant", "environment_of", "open_premises"]
