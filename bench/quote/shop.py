"""A shop whose checkout is asked, with carriers of the benchmark's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

from bench.quote.question import SHOP
from doorstep.ids import new_id
from doorstep.merchant import FallbackRate, Merchant
from doorstep.order import Location, Store, StorePlatform
from gateway.bootstrap.house import House
from gateway.flow.ports import LinkedCarrier, Links, Means
from gateway.flow.quoting.shopping import RateShopper


@dataclass(frozen=True, slots=True)
class _BenchLinks:
    """Eight carriers, whoever asks."""

    linked: Sequence[LinkedCarrier]

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]:  # noqa: ARG002 - there is one
        return self.linked


@asynccontextmanager
async def open_shop(
    house: House, carriers: Sequence[LinkedCarrier], fallback_rates: tuple[FallbackRate, ...] = ()
) -> AsyncIterator[tuple[Means, Store]]:
    """A store of a fresh merchant's, who has these carriers, of whom nothing is remembered."""
    merchant = Merchant(new_id("mer"), "Bench", "USD", "America/New_York", fallback_rates=fallback_rates)
    place = Location(new_id("loc"), merchant.id, "Shop", SHOP, "America/New_York")
    store = Store(
        new_id("sto"),
        merchant.id,
        StorePlatform.WOOCOMMERCE,
        "shop.example",
        "https://shop.example",
        new_id("sto"),
        place.id,
    )
    async with house.transactions.begin_sql(merchant.id) as work:
        await work.accounts.put_merchant(merchant)
        await work.accounts.put_location(place)
        await work.accounts.put_store(store, {})
    rates = RateShopper(house.clock)
    try:
        yield replace(house.means, links=cast(Links, _BenchLinks(carriers)), rates=rates), store
    finally:
        await rates.close()
