from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stores.woocommerce.walk import (
    Ask,
    Column,
    Page,
    bare_utc,
    merged,
    parameters_of,
    start_of,
    walk,
)
from doorstep.errors import AccountProblem, RemoteUnavailable

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Shelf:
    """Orders by id with the second of their last change, listed as WooCommerce lists them.

    `between` is called before every page, so that a test can change orders while the walk goes on.
    """

    def __init__(self, stamps: dict[int, int], size: int, *, counts: bool = True) -> None:
        self.stamps = stamps
        self.size = size
        self.counts = counts
        self.asked: list[Ask] = []
        self.between: Callable[[], None] = lambda: None
        self.hidden: set[int] = set()
        self.undated: list[int] = []
        self.undated_were_placed_at: int | None = None

    async def page(self, ask: Ask) -> Page:
        self.between()
        self.asked.append(ask)
        rows = [
            (stamp, order_id)
            for order_id, stamp in self.stamps.items()
            if (ask.after is None or START + stamp * SECOND > ask.after)
            and (ask.before is None or START + stamp * SECOND < ask.before)
        ]
        # Within a second the database gives any order; by number 7919 it is a scrambled one.
        rows.sort(key=lambda row: row[1] if ask.by_id else (row[0], row[1] * 7919 % 101))
        # Zero dates sort first, and no filter by date lets them through.
        all_ids = [*((None, order_id) for order_id in self.undated if ask.after is None), *rows]
        shown = all_ids[(ask.number - 1) * self.size : ask.number * self.size]
        orders = [self._document(order_id, stamp) for stamp, order_id in shown if order_id not in self.hidden]
        return Page(orders, len(all_ids) if self.counts else None, START)

    def _document(self, order_id: int, stamp: int | None) -> dict[str, Any]:
        if stamp is not None:
            return document(order_id, stamp)
        placed = self.undated_were_placed_at
        created = None if placed is None else bare_utc(START + placed * SECOND)
        return {"id": order_id, "date_modified_gmt": None, "date_created_gmt": created}


def document(order_id: int, stamp: int) -> dict[str, Any]:
    return {"id": order_id, "date_modified_gmt": bare_utc(START + stamp * SECOND)}


async def seen_by(shelf: Shelf, since: datetime | None = None) -> list[tuple[int, str]]:
    return [
        (order["id"], order["date_modified_gmt"])
        async for page in walk(shelf, Ask("any", start_of(since)))
        for order in page.orders
    ]


async def test_every_order_comes_once_oldest_change_first() -> None:
    shelf = Shelf({order_id: order_id * 3 for order_id in range(1, 25)}, size=5)
    assert [order_id for order_id, _ in await seen_by(shelf)] == list(range(1, 25))


async def test_only_page_one_is_asked_while_the_cursor_can_move() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 40)}, size=10)
    await seen_by(shelf)
    assert {ask.number for ask in shelf.asked} == {1}


async def test_orders_that_share_a_second_across_a_page_border_are_all_seen() -> None:
    shelf = Shelf({1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 6: 3}, size=3)
    assert {order_id for order_id, _ in await seen_by(shelf)} == {1, 2, 3, 4, 5, 6}


async def test_more_orders_in_one_second_than_a_page_are_all_seen() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 48), 5) | {99: 6}, size=10)
    found = [order_id for order_id, _ in await seen_by(shelf)]
    assert sorted(found) == [*range(1, 48), 99]
    assert found[-1] == 99


async def test_orders_that_leave_a_crowded_second_hide_none_of_those_that_stay() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 41), 5), size=5)
    leaving = iter(range(1, 9))

    def change_one() -> None:
        order_id = next(leaving, None)
        if order_id is not None:
            shelf.stamps[order_id] = 100 + order_id

    shelf.between = change_one
    assert {order_id for order_id, _ in await seen_by(shelf)} == set(range(1, 41))


async def test_a_short_page_is_not_the_last_one_while_the_store_counts_more() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 21)}, size=5)
    shelf.hidden = {2, 3, 9}  # orders that WooCommerce counts and cannot load
    assert {order_id for order_id, _ in await seen_by(shelf)} == set(range(1, 21)) - {2, 3, 9}


async def test_orders_counted_and_not_shown_are_no_empty_store() -> None:
    shelf = Shelf({1: 1, 2: 2}, size=5)
    shelf.hidden = {1, 2}
    with pytest.raises(RemoteUnavailable):
        await seen_by(shelf)


async def test_without_a_count_a_full_page_means_more() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 12)}, size=5, counts=False)
    assert len(await seen_by(shelf)) == 11


async def test_an_empty_store_is_empty() -> None:
    assert await seen_by(Shelf({}, size=5)) == []


async def test_the_walk_starts_with_the_very_second_it_was_asked_for_and_no_earlier() -> None:
    shelf = Shelf({1: 0, 2: -1, 3: 4}, size=5)
    assert {order_id for order_id, _ in await seen_by(shelf, START + timedelta(milliseconds=500))} == {1, 3}


async def test_a_store_that_ignores_the_filter_is_refused_instead_of_walked_forever() -> None:
    class Deaf(Shelf):
        async def page(self, ask: Ask) -> Page:
            return await super().page(Ask(ask.status, after=None))

    with pytest.raises(AccountProblem):
        await seen_by(Deaf({order_id: order_id for order_id in range(1, 12)}, size=5))


async def test_orders_without_a_date_are_given_and_the_walk_goes_on_behind_them() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 12)}, size=5)
    shelf.undated = [901, 902]
    found = [order_id for order_id, _ in await seen_by(shelf)]
    assert found == [901, 902, *range(1, 12)]


async def test_more_orders_without_a_date_than_a_page_are_all_given() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 12)}, size=5)
    shelf.undated = list(range(901, 914))
    found = [order_id for order_id, _ in await seen_by(shelf)]
    assert sorted(found) == [*range(1, 12), *range(901, 914)]


async def test_a_store_of_nothing_but_orders_without_a_date_is_walked_to_its_end() -> None:
    shelf = Shelf({}, size=5)
    shelf.undated = list(range(901, 911))
    assert [order_id for order_id, _ in await seen_by(shelf)] == shelf.undated


async def test_an_order_that_gets_a_date_meanwhile_hides_no_other_without_one() -> None:
    shelf = Shelf({1: 1}, size=5)
    shelf.undated = list(range(901, 914))

    def change_one() -> None:
        if len(shelf.asked) == 2:
            shelf.stamps[shelf.undated.pop(0)] = 50

    shelf.between = change_one
    assert {order_id for order_id, _ in await seen_by(shelf)} == {1, *range(901, 914)}


async def test_an_order_that_was_never_changed_does_not_carry_the_cursor_to_the_day_it_was_placed() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 12)}, size=5)
    shelf.undated, shelf.undated_were_placed_at = [901], 8
    found = [order_id for order_id, _ in await seen_by(shelf)]
    assert found == [901, *range(1, 12)]


async def test_a_store_that_hides_all_its_dates_stops_the_walk_that_goes_by_them() -> None:
    class Timeless(Shelf):
        async def page(self, _: Ask) -> Page:
            return Page([{"id": 1, "date_modified_gmt": None}], 7, START)

    with pytest.raises(RemoteUnavailable):
        await seen_by(Timeless({}, size=1), START)


async def test_an_order_that_the_store_cannot_load_ends_no_walk_when_it_is_the_last() -> None:
    shelf = Shelf({1: 1, 2: 2, 3: 3}, size=5)
    shelf.hidden = {3}
    assert [order_id for order_id, _ in await seen_by(shelf)] == [1, 2]
    assert await seen_by(shelf, START + 3 * SECOND) == []


async def test_many_orders_that_a_later_walk_is_not_shown_are_no_idle_store() -> None:
    shelf = Shelf({order_id: order_id for order_id in range(1, 21)}, size=50)
    shelf.hidden = set(range(10, 21))
    with pytest.raises(RemoteUnavailable):
        await seen_by(shelf, START + 10 * SECOND)


@settings(max_examples=150, deadline=None)
@given(
    stamps=st.dictionaries(st.integers(1, 60), st.integers(0, 8), max_size=50),
    changes=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=15),
    size=st.integers(1, 9),
)
def test_whatever_changes_meanwhile_no_untouched_order_is_missed_and_no_state_comes_twice(
    stamps: dict[int, int], changes: list[tuple[int, int]], size: int
) -> None:
    shelf = Shelf(dict(stamps), size)
    pending = iter(changes)
    now = 1_000  # later than every stamp: changes happen at the end of the list, as in life

    def change_some() -> None:
        nonlocal now
        change = next(pending, None)
        if change is not None and change[0] in shelf.stamps:
            now += change[1]
            shelf.stamps[change[0]] = now

    shelf.between = change_some
    found = asyncio.run(seen_by(shelf))
    assert len(found) == len(set(found))
    assert {order_id for order_id, _ in found} == set(stamps)


async def test_two_sorted_streams_become_one() -> None:
    async def stream(*stamps: int) -> Any:
        for stamp in stamps:
            yield START + stamp * SECOND

    both = merged(stream(1, 4, 5), stream(2, 3, 9), lambda instant: instant)
    assert [(instant - START).seconds async for instant in both] == [1, 2, 3, 4, 5, 9]


def test_times_go_bare_in_utc_with_the_flag_and_without_fractions() -> None:
    moment = datetime.fromisoformat("2026-11-22T08:42:37.900-05:00")
    query = parameters_of(Ask("any", after=moment), 100)
    assert query["modified_after"] == "2026-11-22T13:42:37"
    assert query["dates_are_gmt"] == "true"
    assert (query["orderby"], query["order"], query["page"]) == ("modified", "asc", "1")


def test_a_walk_by_the_day_of_placing_filters_and_sorts_by_that_day() -> None:
    query = parameters_of(Ask("any", START, START + SECOND, column=Column.PLACED), 100)
    assert query["after"] == "2026-11-22T12:00:00"
    assert query["before"] == "2026-11-22T12:00:01"
    assert (query["orderby"], "modified_after" in query) == ("date", False)


def test_every_parameter_is_a_plain_scalar_that_signs_the_same_in_python_and_php() -> None:
    query = parameters_of(Ask("trash", after=START, before=START, number=3, by_id=True), 100)
    assert all(value and "/" not in value for value in query.values())
