"""A world without a gateway: its day is the same every time, and no jump of the clock skips anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

from doorstep.clock import ScaledClock
from simulator.world import World, WorldSettings
from simulator.world.plan import Customs

BUSY = Customs(orders_per_hour=30, cancelled=0.15, moved=0.15, digital=0.1, pickup=0.1)


def _settings(customs: Customs = BUSY, seed: int = 7) -> WorldSettings:
    """From half past eight to half past eleven, moved by hand."""
    return WorldSettings(
        seed=seed, day=date(2026, 11, 23), quiet_after=time(11, 30), is_stepped=True, customs=customs
    )


async def _books(settings: WorldSettings, steps_s: Sequence[float]) -> list[dict[str, Any]]:
    world = World(settings)
    world.start_day()
    for seconds in steps_s:
        await world.advance(seconds)
    rows = [asdict(row) for shop in world.shops.values() for row in shop.books()]
    await world.close()
    return rows


async def test_the_same_seed_lives_the_same_day() -> None:
    assert await _books(_settings(), [60] * 200) == await _books(_settings(), [60] * 200)


async def test_another_seed_lives_another_day() -> None:
    assert await _books(_settings(), [60] * 200) != await _books(_settings(seed=8), [60] * 200)


async def test_a_leap_over_the_whole_day_does_what_small_steps_do() -> None:
    stepped = await _books(_settings(), [1.0] * 12_000)
    leapt = await _books(_settings(), [12_000])
    assert stepped == leapt
    assert len({row["placed_at"] for row in leapt}) > 50


async def test_orders_of_each_store_are_placed_in_order_at_their_own_times() -> None:
    rows = await _books(_settings(), [12_000])
    for platform in ("shopify", "woocommerce"):
        times = [row["placed_at"] for row in rows if row["store"] == platform]
        assert len(times) > 20
        assert all(a <= b for a, b in pairwise(times))


async def test_numbers_of_the_two_stores_never_meet() -> None:
    rows = await _books(_settings(), [12_000])
    digits = Counter("".join(char for char in row["number"] if char.isdigit()) for row in rows)
    assert max(digits.values()) == 1
    assert all(row["number"].startswith("#1") for row in rows if row["store"] == "shopify")
    assert all(int(row["number"]) > 5000 for row in rows if row["store"] == "woocommerce")


async def test_books_tell_what_needs_no_shipping_and_what_was_cancelled() -> None:
    rows = await _books(_settings(), [12_000])
    for platform in ("shopify", "woocommerce"):
        own = [row for row in rows if row["store"] == platform]
        assert 0 < sum(not row["needs_shipping"] for row in own) < len(own) / 2
        assert 0 < sum(row["cancelled"] for row in own) < len(own) / 2


async def test_nobody_orders_before_the_day_was_started() -> None:
    world = World(_settings())
    await world.advance(3600)
    assert world.crowd.placed == 0
    await world.close()


async def test_the_clock_is_shared_with_whoever_reads_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    settings = WorldSettings(seed=7, day=date(2026, 11, 23), is_stepped=True, clock_file=file)
    world = World(settings)
    await world.advance(90)
    state = json.loads(file.read_text())
    shared = ScaledClock(
        datetime.fromisoformat(state["world_anchor"]), state["machine_anchor_s"], state["rate"]
    )
    assert (shared.now() - settings.opens_at).total_seconds() == 90
    await world.close()
