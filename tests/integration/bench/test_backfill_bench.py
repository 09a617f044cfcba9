"""The readings of the backfill benchmark, short: the shop in its own process, and no figure of speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.backfill_alone import read_alone
from bench.backfill_meter import costs, judge, shop_of
from bench.backfill_reading import read_bulk, read_pages
from tests.conftest import Dsn

ORDERS = 1001  # fewer are not read in bulk
POINTS_PER_S = 1000


@pytest.fixture
def settings(dsn: Dsn, tmp_path: Path) -> dict[str, str]:
    return {
        "DOORSTEP_HOME": str(tmp_path),
        "DOORSTEP_ALLOW_PRIVATE_STORES": "true",
        "DATABASE_URL": dsn.app,
        "DATABASE_OWNER_URL": dsn.owner,
    }


async def test_a_history_read_in_bulk_is_kept_to_the_last_order(settings: dict[str, str]) -> None:
    async with shop_of(orders=ORDERS, plan="plus", seed=3) as shop:
        await shop.begin(20_000)
        found = await read_bulk({"url": shop.url, "settings": settings})
        [file] = [sample for sample in await shop.samples() if sample.name == "file"]
        alone = await read_alone({"url": shop.url})
    assert found["orders"] == alone["orders"] == ORDERS
    assert found["outcomes"] == {"new": ORDERS}
    assert found["ended_s"] > file.at_s, "both processes read one clock"


async def test_a_walk_beside_webhooks_and_a_second_walk_is_never_throttled(
    settings: dict[str, str],
) -> None:
    async with shop_of(orders=ORDERS, plan="plus", seed=3) as shop:
        await shop.begin(3000)
        # It ends earlier, with the shop's last page.
        request = {"gids": shop.gids, "seconds": 60, "webhook_every_s": 0.3, "walk_again_every_s": 0.5}
        found = await read_pages({"url": shop.url, "settings": settings, **request})
        samples = await shop.samples()
    judged = judge(samples, found["moments"], POINTS_PER_S)
    assert judged["throttled_fraction"] == 0
    assert isinstance(judged["fraction_of_limit"], float)
    assert 0 < judged["fraction_of_limit"] <= 1, "no bucket gives more than flows into it"
    assert any(line.startswith("OrdersById: ") for line in costs(samples)), "webhooks were worked off"
