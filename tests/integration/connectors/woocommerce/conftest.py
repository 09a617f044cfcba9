"""A simulated WooCommerce behind a real web server, and the connector linked to it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
import trustme

from connectors.stores.woocommerce.client import Limits, WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import Patience, StoreApi
from doorstep.address import Address
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served


@pytest.fixture
def clock() -> WorldClock:
    """Stands still unless it is moved."""
    return WorldClock(datetime(2026, 11, 22, 14, tzinfo=UTC), rate=0)


@pytest.fixture
async def postman(clock: WorldClock) -> AsyncIterator[Postman]:
    postman = Postman(clock, random.Random(7))
    yield postman
    await postman.close()


@pytest.fixture
def make_store(clock: WorldClock, postman: Postman) -> Callable[..., FakeWooCommerce]:
    def make(**settings: object) -> FakeWooCommerce:
        return FakeWooCommerce(clock, postman, random.Random(7), **settings)  # type: ignore[arg-type]  # by name

    return make


@pytest.fixture
def store(make_store: Callable[..., FakeWooCommerce]) -> FakeWooCommerce:
    """A shop under a path, on 10.5."""
    return make_store(base_path="/blog")


@pytest.fixture
def home() -> Address:
    return Address(
        "US",
        name="Ana Lopez",
        line1="350 5th Ave",
        line2="Apt 12B",
        city="New York",
        province="NY",
        postal_code="10118",
        phone_raw="212-555-0100",
        email="ana@example.test",
    )


@pytest.fixture
def pauses() -> list[float]:
    """Seconds that the connector wanted to wait between tries."""
    return []


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """Files of a private authority, and of a certificate it made for 127.0.0.1 with its key."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    folder = tmp_path_factory.mktemp("authority")
    files = (folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(files[0]))
    certificate.cert_chain_pems[0].write_to_path(str(files[1]))
    certificate.private_key_pem.write_to_path(str(files[2]))
    return str(files[0]), str(files[1]), str(files[2])


@pytest.fixture
async def link(
    pauses: list[float], authority: tuple[str, str, str]
) -> AsyncIterator[Callable[..., Awaitable[WooCommerceConnector]]]:
    """Serve a store and link it: `await link(store, https=True, key=…, limits=…)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            await asyncio.sleep(0)

        async def make(
            store: FakeWooCommerce,
            *,
            https: bool = False,
            trusts: bool = True,
            key: str = CONSUMER_KEY,
            secret: str = CONSUMER_SECRET,
            limits: Limits | None = None,
            path: str | None = None,
        ) -> WooCommerceConnector:
            ca_file, certificate, private_key = authority
            url = await stack.enter_async_context(
                served(
                    store.app,
                    certificate_file=certificate if https else "",
                    key_file=private_key if https else "",
                    shows_date=not store.door.clock_error_s,
                )
            )
            client = WooCommerceClient(
                url + (store.shelf.settings.base_path if path is None else path),
                Secret(key),
                Secret(secret),
                ca_file=ca_file if https and trusts else "",
                limits=limits,
            )
            patience = Patience(pause=pause)
            return WooCommerceConnector(StoreApi(client, patience=patience, rng=random.Random(1)))

        yield make
