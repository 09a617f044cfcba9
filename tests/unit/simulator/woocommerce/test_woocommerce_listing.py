"""The indexes of the simulated WooCommerce give the same pages as a look at every order would."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import WorldClock
from simulator.stores.woocommerce.history import fill
from simulator.stores.woocommerce.listing import BadParameter, list_orders
from simulator.stores.woocommerce.orders import StoredOrder
from simulator.stores.woocommerce.ranking import Ranking
from simulator.stores.woocommerce.settings import Settings
from simulator.stores.woocommerce.shelf import STATUSES, Shelf, modified_key

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
BARE = "%Y-%m-%dT%H:%M:%S"
FIRST_S, LAST_S = int(NOW.timestamp()) - 120, int(NOW.timestamp())


def shelf_of(count: int, seed: int) -> Shelf:
    """Orders of two minutes, several in each second, some changed and some in the trash."""
    clock = WorldClock(NOW, rate=0)
    shelf = Shelf(Settings("ck", "cs"), clock, random.Random(seed))
    fill(shelf, count, seed, span_s=120)
    rng = random.Random(seed)
    for order in list(shelf.orders.values()):
        if rng.random() < 0.4:
            shelf.touch(order, {"status": rng.choice([*STATUSES, "trash"])}, stamps=rng.random() < 0.5)
    return shelf


def by_looking_at_all(shelf: Shelf, query: dict[str, str]) -> list[int]:
    """Ids in order, before pages."""
    wanted = set(STATUSES) if query["status"] == "any" else set(query["status"].split(","))

    def second(name: str) -> float | None:
        return datetime.strptime(query[name], BARE).replace(tzinfo=UTC).timestamp() if name in query else None

    def is_in(order: StoredOrder) -> bool:
        bounds = [
            (order.created_at, second("after"), second("before")),
            (order.modified_at, second("modified_after"), second("modified_before")),
        ]
        return order.status in wanted and all(
            (low is None or instant.timestamp() > low) and (high is None or instant.timestamp() < high)
            for instant, low, high in bounds
        )

    keys: dict[str, Any] = {
        "modified": modified_key,
        "date": lambda order: (order.created_at, order.id),
        "id": lambda order: order.id,
    }
    rows = sorted(filter(is_in, shelf.orders.values()), key=keys[query["orderby"]])
    ids = [order.id for order in rows]
    return ids[::-1] if query["order"] == "desc" else ids


moments = st.integers(FIRST_S, LAST_S).map(lambda second: datetime.fromtimestamp(second, UTC).strftime(BARE))
queries = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["any", "processing", "trash", "completed,on-hold", "processing,trash"]),
        "orderby": st.sampled_from(["modified", "date", "id"]),
        "order": st.sampled_from(["asc", "desc"]),
        "dates_are_gmt": st.just("true"),
        "per_page": st.sampled_from(["1", "7", "100"]),
    },
    optional=dict.fromkeys(("after", "before", "modified_after", "modified_before"), moments),
)


@given(query=queries, seed=st.integers(0, 3), page=st.integers(1, 6))
def test_a_page_is_what_a_look_at_every_order_finds(query: dict[str, str], seed: int, page: int) -> None:
    shelf = shelf_of(150, seed)
    every = by_looking_at_all(shelf, query)
    size = int(query["per_page"])
    found = list_orders(shelf, query | {"page": str(page)})
    assert [order.id for order in found.orders] == every[(page - 1) * size : page * size]
    if found.orders or page == 1:
        assert found.total == len(every)


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 20), st.sampled_from(["processing", "trash"])),
        unique_by=lambda step: step[0],
    ),
    gone=st.integers(0, 10),
)
def test_a_ranking_stays_sorted_whatever_comes_and_goes(steps: list[tuple[int, int, str]], gone: int) -> None:
    ranking = Ranking()
    for order_id, second, status in steps:
        ranking.add((second, 0, order_id), status)
    for order_id, second, status in steps[:gone]:
        ranking.remove((second, 0, order_id), status)
    left = steps[gone:]
    for group, statuses in (("any", {"processing"}), ("processing", {"processing"}), ("trash", {"trash"})):
        keys, start, stop = ranking.between(group, 5, 15)
        expected = sorted((second, 0, one) for one, second, status in left if status in statuses)
        assert list(keys) == expected
        assert list(keys[start:stop]) == [key for key in expected if 5 <= key[0] < 15]


@pytest.mark.parametrize("name", ["page", "per_page"])
def test_a_number_that_is_none_is_named(name: str) -> None:
    with pytest.raises(BadParameter, match=f"^{name}$"):
        list_orders(shelf_of(1, 0), {name: "many"})
