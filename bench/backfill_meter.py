"""What the meter in front of the simulated shop shows, and what follows from it. Read `backfill` first."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bench.backfill_child import running

GOAL = 0.9
"""Share of what the plan's limit allows that is to be used."""

_PAGE = "OrdersPage"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was there when the shop had answered a request; see `backfill_shop.Meter`."""

    name: str
    asked_s: float
    at_s: float
    points: float
    throttled: int
    requests: int
    level: float
    cpu_s: float


class Shop:
    """The shop's process, and the meter in front of it."""

    def __init__(self, url: str, gids: list[str]) -> None:
        self.url = url
        self.gids = gids

    async def begin(self, points: float) -> None:
        """Let the bucket hold so many points, and count anew."""
        address = f"{self.url}/bench/begin?points={points}"
        async with aiohttp.ClientSession() as session, session.post(address) as response:
            response.raise_for_status()

    async def samples(self) -> list[Sample]:
        """What was counted since."""
        address = f"{self.url}/bench/samples"
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            return [Sample(*row) for row in (await response.json())["samples"]]


@asynccontextmanager
async def shop_of(*, orders: int, plan: str, seed: int) -> AsyncIterator[Shop]:
    """A shop in a process of its own."""
    request = {"orders": orders, "plan": plan, "seed": seed}
    async with running("bench.backfill_shop", request) as child:
        told = await child.said()
        yield Shop(told["url"], told["gids"])


def judge(
    samples: Sequence[Sample], moments: Sequence[tuple[float, int, float]], restore_per_s: float
) -> dict[str, object]:
    """What the shop and the gateway counted between the first page's answer and the last one's.

    Parameters
    ----------
    moments
        Of the gateway: (monotonic seconds, orders kept, CPU seconds).
    """
    pages = [sample for sample in samples if sample.name == _PAGE]
    if len(pages) < 2:
        raise RuntimeError(f"{len(pages)} pages were read: give it more --seconds")
    first, last, end = pages[0], pages[-1], samples[-1]
    seconds = last.at_s - first.at_s
    spent = last.points - first.points
    fraction = spent / (first.level + restore_per_s * seconds)
    # Before the first page's answer nothing was kept: the span has as many pages' orders as pages' points.
    within = [moment for moment in moments if moment[0] <= last.at_s]
    orders = within[-1][1] if within else 0
    gateway = (within[-1][2] - within[0][2]) / seconds if within else 0.0
    answering = sum(page.at_s - page.asked_s for page in pages[1:]) / seconds
    return {
        "fraction_of_limit": round(fraction, 4),
        "throttled_fraction": round(end.throttled / end.requests, 4),
        "orders_per_s": round(orders / seconds, 1),
        "points_per_s": round(spent / seconds, 1),
        "points_per_order": round(spent / orders, 2) if orders else None,
        "measured_s": round(seconds, 1),
        "pages": len(pages),
        "calls": end.requests,
        "left_in_bucket": round(last.level),
        "limited_by": _limit(fraction, answering, gateway),
        "shop_answering": round(answering, 2),
        "shop_busy": round((last.cpu_s - first.cpu_s) / seconds, 2),
        "gateway_busy": round(gateway, 2),
        "machine_load": round(os.getloadavg()[0], 1),
    }


def costs(samples: Sequence[Sample]) -> list[str]:
    """How often each operation was sent, and about what that cost; in lines."""
    calls: Counter[str] = Counter()
    points: Counter[str] = Counter()
    before = 0.0
    for sample in samples:
        calls[sample.name] += 1
        points[sample.name] += round(sample.points - before)
        before = sample.points
    return [f"{name}: {count} calls, {points[name]} points" for name, count in calls.most_common()]


def _limit(fraction: float, answering: float, gateway: float) -> str:
    """Who kept it from going faster: a page is answered, then kept, then the next one is asked for."""
    if fraction >= GOAL:
        return "plan"
    if answering >= 0.5:
        return "simulator"
    return "gateway" if gateway >= (1.0 - answering) / 2 else "database"
