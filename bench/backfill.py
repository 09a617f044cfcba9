"""How fast a Shopify shop is read: page by page against its plan's cost limit, and from bulk JSONL.

`python -m bench backfill --seconds 60 --orders 20000 --plan standard`: a simulated shop with a real bucket of
points on the machine's clock, in a process of its own; the gateway's connector and flow in another; an
embedded PostgreSQL that flushes every commit. Jobs that follow from orders are queued, and nobody runs them.

Pages: `sync_store` catches up with a store that is known, while webhooks are worked off through the inbox and
a second walk passes over the last hours. The measured span begins and ends with the answer to a page, since
points are spent by the page. The limit is what the bucket held when it began, and what flowed in meanwhile:

    fraction_of_limit  = points spent / (points held + restore rate x seconds)
    throttled_fraction = requests throttled / requests, from the very first request

both by the shop's own counters. Where the machine is slower than the plan, `limited_by` says who was: the
simulated shop, the gateway's own process, or what that waits for, the database and its disk.

Bulk: `sync_store` reads the history of a store that is not known. Counted is the time from the request for
the finished file until the last order is kept: download, check, assembly, mapping, articles, database. What
Shopify takes for the operation, and the waiting for it, is left out. `bulk_read_orders_per_s` is the same up
to the mapped order, without the database.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.backfill_child import running
from bench.backfill_meter import Sample, Shop, costs, judge, shop_of
from gateway.store.postgres import EmbeddedPostgres

RESTORE_PER_S = {"standard": 100, "advanced": 200, "plus": 1000}
"""Points a second by plan (Shopify documentation, November 2026); a bucket holds twenty seconds' worth."""

# What an order costs at the least, points, by pages of 244 of this shop.
_POINTS_PER_ORDER = 2.8
# A walk leaves a tenth of the bucket to calls that somebody waits for; a page costs what a query may at most.
_LEFT_FRACTION, _PAGE_POINTS = 0.1, 1000
_BUCKET_S = 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """The size of a run."""

    seconds: float
    orders: int
    plan: str
    seed: int

    @property
    def restore_per_s(self) -> int:
        """Points a second."""
        return RESTORE_PER_S[self.plan]

    @property
    def points_at_start(self) -> float:
        """What the bucket holds when pages begin: about what a walk that has gone on for a while finds."""
        return _BUCKET_S * self.restore_per_s * _LEFT_FRACTION + _PAGE_POINTS

    @property
    def webhooks_per_s(self) -> float:
        """An order by its id costs 69 points, so that one point in seven goes to webhooks on any plan."""
        return self.restore_per_s / 500

    @property
    def orders_in_shop(self) -> int:
        """As asked, and no fewer than can be read within the seconds."""
        points = self.points_at_start + self.restore_per_s * self.seconds
        return max(self.orders, math.ceil(1.1 * points / _POINTS_PER_ORDER))


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run both parts; keys fraction_of_limit, throttled_fraction, bulk_orders_per_s and others."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        # The embedded database works as another user than root, who must be able to enter.
        Path(folder).chmod(0o755)
        return asyncio.run(_bench(Path(folder), options))


async def _bench(folder: Path, options: Options) -> dict[str, object]:
    _tell(f"shop: {options.orders_in_shop} orders on the plan {options.plan}")
    orders = options.orders_in_shop
    async with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        shop_of(orders=orders, plan=options.plan, seed=options.seed) as shop,
    ):
        readings = _Readings(folder, postgres, shop, options)
        alone = await readings.alone()
        bulk = await readings.bulk()
        pages = await readings.pages()
    return {
        "plan": options.plan,
        "seed": options.seed,
        **pages,
        "bulk_orders": bulk["orders"],
        "bulk_lost": orders - bulk["orders"],
        "bulk_orders_per_s": bulk["orders_per_s"],
        "bulk_peak_rss_mb": bulk["peak_rss_mb"],
        "bulk_read_orders_per_s": alone["orders_per_s"],
        "bulk_read_peak_rss_mb": alone["peak_rss_mb"],
    }


class _Readings:
    """The same shop, read three times, each time by a process of its own."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, shop: Shop, options: Options) -> None:
        self._folder = folder
        self._postgres = postgres
        self._shop = shop
        self._options = options

    async def alone(self) -> dict[str, Any]:
        """In bulk, without a database."""
        _tell("bulk, read and mapped alone:")
        return await self._in_bulk("bench.backfill_alone", {"url": self._shop.url})

    async def bulk(self) -> dict[str, Any]:
        """In bulk, into the database."""
        _tell("bulk, kept:")
        return await self._in_bulk("bench.backfill_reading", await self._request("bulk"))

    async def pages(self) -> dict[str, object]:
        """Page by page, into the database."""
        options = self._options
        _tell(f"pages: {options.seconds:g} s against {options.restore_per_s} points a second")
        await self._shop.begin(options.points_at_start)
        request = await self._request("pages") | {
            "seconds": options.seconds,
            "gids": self._shop.gids,
            "webhook_every_s": 1 / options.webhooks_per_s,
            "walk_again_every_s": max(options.seconds / 4, 1.0),
        }
        found, samples = await self._read("bench.backfill_reading", request)
        return judge(samples, found["moments"], options.restore_per_s) | {
            "webhooks_per_s": options.webhooks_per_s,
            "pages_peak_rss_mb": found["peak_rss_mb"],
        }

    async def _in_bulk(self, module: str, request: Mapping[str, object]) -> dict[str, Any]:
        await self._shop.begin(_BUCKET_S * self._options.restore_per_s)
        found, samples = await self._read(module, request)
        [file] = [sample for sample in samples if sample.name == "file"]
        seconds = found["ended_s"] - file.asked_s
        _tell(f"  {found['orders']} orders in {seconds:.1f} s, {found['peak_rss_mb']} MiB at most")
        return {**found, "orders_per_s": round(found["orders"] / seconds, 1)}

    async def _request(self, how: str) -> dict[str, object]:
        """A request to read into an empty database."""
        await self._postgres.create_database(how)
        settings = {
            "DOORSTEP_HOME": str(self._folder / how),
            "DOORSTEP_ALLOW_PRIVATE_STORES": "true",
            "DATABASE_URL": self._postgres.dsn("app", how),
            "DATABASE_OWNER_URL": self._postgres.dsn("owner", how),
        }
        return {"how": how, "url": self._shop.url, "settings": settings}

    async def _read(
        self, module: str, request: Mapping[str, object]
    ) -> tuple[dict[str, Any], Sequence[Sample]]:
        """Let a process read; gives what it says, and what the shop's meter says."""
        async with running(module, request) as child:
            found = await child.said()
        samples = await self._shop.samples()
        for line in costs(samples):
            _tell(f"  {line}")
        return found, samples


def _options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="bench backfill")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long pages are read")
    parser.add_argument("--orders", type=int, default=20_000, help="orders in the shop, more than 1,000")
    parser.add_argument("--plan", choices=sorted(RESTORE_PER_S), default="standard")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.orders <= 1000:
        parser.error("--orders must be above 1,000: fewer are not read in bulk")
    return Options(given.seconds, given.orders, given.plan, given.seed)


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
