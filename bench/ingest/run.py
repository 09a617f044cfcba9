"""Both ways in turn, with the same fixes; then pings to those who watch."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psycopg

from bench.figures import percentile
from bench.ingest.processes import Served, gateway
from bench.ingest.watching import ping_times_ms
from bench.ingest.world import Van, furnish
from doorstep.geo import LatLng
from gateway.bootstrap.house import open_house
from gateway.config import Settings
from gateway.store.postgres import EmbeddedPostgres

WARM_UP = 2
"""Fixes of each van that are not counted: they begin its connections, and its first ETAs."""

PINGS_PER_S = 50
WATCHED = 50

Track = Iterator[tuple[datetime, LatLng]]


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys positions_per_cpu_s, ratio_to_one_by_one, ping_p95_ms; what they come from beside them."""
    parser = argparse.ArgumentParser(prog="bench ingest")
    parser.add_argument("--vans", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each part")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        # The embedded database works as another user than root, who must be able to enter.
        Path(folder).chmod(0o755)
        return asyncio.run(_bench(Path(folder), options.vans, options.seconds))


async def _bench(folder: Path, vans: int, seconds: float) -> dict[str, object]:
    async with EmbeddedPostgres(folder / "postgres") as running:
        environment = {
            "DATABASE_URL": running.dsn("app"),
            "DATABASE_OWNER_URL": running.dsn("owner"),
            "DOORSTEP_HOME": str(folder),
        }
        now = datetime.now(UTC)
        async with open_house(Settings.from_environment(environment)) as house:
            merchant_id, fleet = await furnish(house, vans + vans + WATCHED, now)
            tokens = [house.tokens.issue(merchant_id, van.deliveries[0], 3600)[0] for van in fleet[-WATCHED:]]
        since = now - timedelta(hours=3)
        # Every phone has a connection of its own: waiting for one would count as waiting for the gateway.
        phones = aiohttp.TCPConnector(limit=0)
        async with gateway(environment) as served, aiohttp.ClientSession(connector=phones) as session:
            alone = await _load(session, served, "/one-by-one", fleet[:vans], since, seconds)
            ours = await _load(session, served, "/positions/osmand", fleet[vans : 2 * vans], since, seconds)
            watched = list(zip(fleet[-WATCHED:], tokens, strict=True))
            pings = await ping_times_ms(
                session, served.url, watched, PINGS_PER_S, seconds, partial(_rest, served)
            )
    return {
        "positions_per_cpu_s": ours["per_cpu_s"],
        "ratio_to_one_by_one": round(ours["per_cpu_s"] / alone["per_cpu_s"], 2),
        "ping_p95_ms": percentile(pings, 0.95, 1),
        "ping_p50_ms": percentile(pings, 0.5, 1),
        "pings": len(pings),
        "ours": ours,
        "one_by_one": alone,
    }


async def _load(
    session: aiohttp.ClientSession,
    served: Served,
    path: str,
    fleet: Sequence[Van],
    since: datetime,
    seconds: float,
) -> dict[str, float]:
    """Each van sends its next fix as soon as the last was acknowledged."""
    tracks = [(van, van.fixes(since)) for van in fleet]
    took_ms: list[float] = []

    async def send(van: Van, track: Track, count: int | None, until: float) -> None:
        for at, place in islice(track, count):
            fields = {
                "id": van.device,
                "lat": f"{place.lat:.6f}",
                "lon": f"{place.lng:.6f}",
                "timestamp": int(at.timestamp()),
                "speed": "19.4",
            }
            began = time.perf_counter()
            async with session.get(f"{served.url}{path}?{urlencode(fields)}") as response:
                answer = await response.json()
            if answer != {"taken": 1, "ignored": []}:
                raise RuntimeError(f"a fix was not taken: {answer}")
            took_ms.append((time.perf_counter() - began) * 1000)
            if time.perf_counter() >= until:
                return

    await asyncio.gather(*(send(van, track, WARM_UP, float("inf")) for van, track in tracks))
    await _looked_at(served)
    took_ms.clear()
    before, began = await served.cpu_s(), time.perf_counter()
    await asyncio.gather(*(send(van, track, None, began + seconds) for van, track in tracks))
    wall_s = time.perf_counter() - began
    await _looked_at(served)
    after = await served.cpu_s()
    own_s, database_s = after[0] - before[0], after[1] - before[1]
    figures = {
        "positions": float(len(took_ms)),
        "per_cpu_s": round(len(took_ms) / (own_s + database_s), 1),
        "gateway_us": round(own_s / len(took_ms) * 1e6),
        "database_us": round(database_s / len(took_ms) * 1e6),
        "per_s": round(len(took_ms) / wall_s, 1),
        "ack_p95_ms": percentile(took_ms, 0.95, 1) or 0.0,
    }
    print(f"{path}: {figures}", file=sys.stderr)
    return figures


async def _rest(served: Served) -> None:
    await _looked_at(served)
    await asyncio.sleep(2)


async def _looked_at(served: Served) -> None:
    """Wait until everything that is kept is worked out."""
    async with await psycopg.AsyncConnection.connect(served.dsn, autocommit=True) as connection:
        for _ in range(600):
            row = await (
                await connection.execute(
                    """SELECT count(*) FROM last_positions h LEFT JOIN driver_states s ON s.id = h.driver_id
                       WHERE s.id IS NULL OR CAST(s.doc ->> 'read_to' AS timestamptz) < h.recorded_at"""
                )
            ).fetchone()
            if row is not None and row[0] == 0:
                return
            await asyncio.sleep(0.1)
    raise TimeoutError("what was kept was not worked out within a minute")
