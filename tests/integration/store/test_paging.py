"""Pages neither overlap nor skip, whatever the sort values are; a cursor is believed only if it is ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import pytest

from doorstep.errors import InvalidInput
from doorstep.incident import IncidentKind, Severity
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.reads import SqlReads
from gateway.store.unit_of_work import Transactions
from tests.integration.store.rows import NOON, delivery, incident, order


class Kept(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str: ...


async def _walk[T: Kept](find: Callable[[s.PageRequest], Awaitable[s.Page[T]]], first: int) -> list[T]:
    """Every page to the end."""
    found: list[T] = []
    after: str | None = None
    for _ in range(100):
        page = await find(s.PageRequest(first, after))
        assert len(page.items) == len(page.positions) <= first
        found += page.items
        if not page.has_next:
            break
        after = page.positions[-1]
    return found


@pytest.mark.parametrize("first", [1, 2, 3, 250])
@pytest.mark.parametrize("is_descending", [False, True], ids=["up", "down"])
async def test_orders_with_equal_times_come_once_each_and_in_order(
    rooms: Transactions, database: Database, first: int, is_descending: bool
) -> None:
    made = [order(str(n), placed_at=NOON + timedelta(minutes=n // 3)) for n in range(8)]
    async with rooms.begin("mer_a") as work:
        for one in made:
            await work.orders.put(one)
    reads = SqlReads(database, "mer_a")
    sort = s.Sort(s.SortField.PLACED_AT, is_descending)
    found = await _walk(lambda page: reads.find_orders(s.OrderFilter(), sort, page), first)
    expected = sorted(made, key=lambda one: (one.placed_at, one.id), reverse=is_descending)
    assert [one.id for one in found] == [one.id for one in expected]


@pytest.mark.parametrize("is_descending", [False, True], ids=["up", "down"])
async def test_what_is_promised_nothing_sorts_behind_and_is_paged_all_the_same(
    rooms: Transactions, database: Database, is_descending: bool
) -> None:
    made = [delivery(str(n), promised_in_min=minutes) for n, minutes in enumerate([None, 30, None, 10, 30])]
    async with rooms.begin("mer_a") as work:
        for one in made:
            await work.deliveries.put(one)
    reads = SqlReads(database, "mer_a")
    sort = s.Sort(s.SortField.PROMISED_BY, is_descending)
    found = await _walk(lambda page: reads.find_deliveries(s.DeliveryFilter(), sort, page), 1)
    references = [one.reference for one in found]
    up = ["3", "1", "4", "0", "2"]
    assert references == (up[::-1] if is_descending else up)


async def test_deliveries_page_by_their_risk_where_most_have_none(
    rooms: Transactions, database: Database
) -> None:
    risks = [None, 0.1, 0.30000000000000004, None, 0.1, 1.0]
    async with rooms.begin("mer_a") as work:
        for n, risk in enumerate(risks):
            await work.deliveries.put(delivery(str(n), late_risk=risk))
    reads = SqlReads(database, "mer_a")
    sort = s.Sort(s.SortField.LATE_RISK, is_descending=True)
    found = await _walk(lambda page: reads.find_deliveries(s.DeliveryFilter(), sort, page), 1)
    assert [one.reference for one in found] == ["5", "2", "4", "1", "3", "0"]


async def test_incidents_page_by_severity_worst_first(rooms: Transactions, database: Database) -> None:
    severities = [Severity.LOW, Severity.CRITICAL, Severity.HIGH, Severity.CRITICAL, Severity.LOW]
    async with rooms.begin("mer_a") as work:
        for severity in severities:
            await work.incidents.put(incident(IncidentKind.OTHER, severity))
    reads = SqlReads(database, "mer_a")
    sort = s.Sort(s.SortField.SEVERITY)
    found = await _walk(lambda page: reads.find_incidents(s.IncidentFilter(), sort, page), 2)
    assert [one.severity for one in found] == sorted(severities, key=list(Severity).index)
    assert len({one.id for one in found}) == 5


async def test_what_comes_in_while_somebody_pages_moves_nothing_that_was_seen(
    rooms: Transactions, database: Database
) -> None:
    async with rooms.begin("mer_a") as work:
        for n in range(4):
            await work.orders.put(order(str(n), placed_at=NOON + timedelta(minutes=n)))
    reads = SqlReads(database, "mer_a")
    newest_first = s.Sort(s.SortField.PLACED_AT, is_descending=True)
    first = await reads.find_orders(s.OrderFilter(), newest_first, s.PageRequest(2))
    async with rooms.begin("mer_a") as work:
        await work.orders.put(order("new", placed_at=NOON + timedelta(hours=1)))
    second = await reads.find_orders(s.OrderFilter(), newest_first, s.PageRequest(2, first.positions[-1]))
    assert [one.number for one in (*first.items, *second.items)] == ["#3", "#2", "#1", "#0"]


def _forged(parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


CURSORS = {
    "no base64": "%%%",
    "not ascii": "é",
    "no JSON": base64.urlsafe_b64encode(b"hello").decode(),
    "bytes": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "no list": _forged({"t": 1}),
    "nothing": _forged(None),
    "too short": _forged(["t", NOON.isoformat()]),
    "too long": _forged(["t", NOON.isoformat(), "ord_1", 1]),
    "no time": _forged(["t", "yesterday", "ord_1"]),
    "a naive time": _forged(["t", "2026-03-02T12:00:00", "ord_1"]),
    "a number for a time": _forged(["v", 12, "ord_1"]),
    "a word for a time": _forged(["v", "12", "ord_1"]),
    "nothing for a time": _forged(["v", None, "ord_1"]),
    "a list for a time": _forged(["v", [1], "ord_1"]),
    "no id": _forged(["t", NOON.isoformat(), 7]),
    "a nought in the id": _forged(["t", NOON.isoformat(), "ord_\0"]),
}


@pytest.mark.parametrize("cursor", CURSORS.values(), ids=CURSORS.keys())
async def test_a_cursor_that_was_never_given_out_is_refused(database: Database, cursor: str) -> None:
    reads = SqlReads(database, "mer_a")
    with pytest.raises(InvalidInput, match="never given out") as refusal:
        await reads.find_orders(s.OrderFilter(), s.Sort(s.SortField.PLACED_AT), s.PageRequest(2, cursor))
    assert refusal.value.path == ("after",)


@pytest.mark.parametrize("value", [NOON.isoformat(), "high", None, True, 1.5])
async def test_a_cursor_of_another_sort_is_refused(database: Database, value: object) -> None:
    cursor = _forged(["t" if value == NOON.isoformat() else "v", value, "exc_1"])
    reads = SqlReads(database, "mer_a")
    with pytest.raises(InvalidInput, match="never given out"):
        await reads.find_incidents(s.IncidentFilter(), s.Sort(s.SortField.SEVERITY), s.PageRequest(2, cursor))


async def test_counts_stop_where_they_are_told_to(rooms: Transactions, database: Database) -> None:
    async with rooms.begin("mer_a") as work:
        for n in range(5):
            await work.orders.put(order(str(n)))
    reads = SqlReads(database, "mer_a")
    counts = [await reads.count_orders(s.OrderFilter(), up_to) for up_to in (0, 3, 5, 100)]
    assert counts == [0, 3, 5, 5]


async def test_nobody_pages_through_another_merchants_rows(rooms: Transactions, database: Database) -> None:
    for merchant_id in ("mer_a", "mer_b"):
        async with rooms.begin(merchant_id) as work:
            await work.orders.put(order("1", merchant_id, store_id=f"sto_{merchant_id}"))
    theirs = SqlReads(database, "mer_b")
    page = await theirs.find_orders(s.OrderFilter(), s.Sort(s.SortField.PLACED_AT), s.PageRequest(250))
    assert [one.merchant_id for one in page.items] == ["mer_b"]
    assert await theirs.count_orders(s.OrderFilter(), 100) == 1
