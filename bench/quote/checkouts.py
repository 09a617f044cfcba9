"""Checkouts through the real flow and database, while carriers hang and fail."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Mapping, Sequence

from bench.figures import percentile
from bench.premises import bench_house
from bench.quote.carriers import Trouble, linked
from bench.quote.question import doors
from bench.quote.shop import open_shop
from doorstep.address import Address
from doorstep.money import Money
from gateway.flow.ports import Means
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.options import delivery_options

BUDGET_S = 1.5
"""What the API gives a checkout where nothing else is said."""

AT_ONCE = 4
ITEMS = (CartItem(2, unit_price=Money(2_100, "USD"), weight_g=400),)


async def measure_checkouts(base_url: str, count: int, seed: int) -> Mapping[str, object]:
    """Each cart once with a door that nobody asked for before, then once more within the minute.

    Of the eight carriers one hangs, one fails and one does either four times of ten: three tenths of calls.
    """
    addresses = list(itertools.islice(doors(seed + 1), count))
    carriers = [
        *linked(base_url, Trouble())[:5],
        linked(base_url, Trouble(share=0.4))[5],
        linked(base_url, Trouble(hang="6"))[6],
        linked(base_url, Trouble(fail="7"))[7],
    ]
    async with bench_house() as house, open_shop(house, carriers) as (means, store):
        merchant_id = store.merchant_id
        cold, empty = await _draw(means, merchant_id, addresses, "cold", AT_ONCE)
        # The carriers' last answers lie no longer back than a minute.
        cached, empty_again = await _draw(means, merchant_id, addresses[-40 * AT_ONCE :], "cached", 1)
        await asyncio.gather(*(carrier.connector.close() for carrier in carriers))
    return {
        "checkouts": len(cold),
        "cold_p50_ms": percentile(cold, 0.5),
        "cold_p99_ms": percentile(cold, 0.99),
        "cached_p50_ms": percentile(cached, 0.5),
        "cached_p99_ms": percentile(cached, 0.99),
        "empty": empty + empty_again,
    }


async def _draw(
    means: Means, merchant_id: str, addresses: Sequence[Address], part: str, at_once: int
) -> tuple[list[float], int]:
    """What each took, milliseconds, and how many showed nothing."""
    took_ms: list[float] = []
    empty = 0
    waiting = iter(addresses)

    async def one_after_another() -> None:
        nonlocal empty
        for address in waiting:
            began = time.perf_counter()
            options = await delivery_options(means, merchant_id, address, Cart(ITEMS), BUDGET_S)
            took_ms.append((time.perf_counter() - began) * 1000)
            empty += not options.quotes
            if len(took_ms) % 100 == 0:
                print(f"  {part}: {len(took_ms)} of {len(addresses)}", file=sys.stderr)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(one_after_another())
    return took_ms, empty
