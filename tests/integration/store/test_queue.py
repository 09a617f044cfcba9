"""The queue: sorted by when promises break, filtered by who has what, and paged while it changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql

from doorstep.delivery import DeliveryFlag
from doorstep.incident import IncidentKind, Severity
from doorstep.window import Promise, PromiseBasis, Window
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.queries import filters
from gateway.store.queries import shapes as s
from gateway.store.queries.reads import SqlReads
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.store.rows import NOON, delivery, incident

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has no types there
BREACH = s.Sort(s.SortField.BREACH)


async def _queue(database: Database, **which: Any) -> list[str]:
    page = await SqlReads(database, "mer_a").find_incidents(
        s.IncidentFilter(**which), BREACH, s.PageRequest(50)
    )
    return [one.title for one in page.items]


async def test_what_breaks_its_promise_first_stands_first_and_follows_when_that_is_moved(
    rooms: Transactions, database: Database
) -> None:
    soon, later = delivery("1", promised_in_min=10), delivery("2", promised_in_min=40)
    flagged = [replace(one, flags=(DeliveryFlag.EXCEPTION_OPEN,)) for one in (soon, later)]
    async with rooms.begin("mer_a") as work:
        for one in flagged:
            await work.deliveries.put(one)
        for about in flagged:
            named = incident(
                IncidentKind.DAMAGED,
                Severity.LOW,
                delivery_id=about.id,
                title=about.reference,
                driver_id=None,
            )
            await work.incidents.put(named)
        # Without a promise the hour counts by which it has to be answered.
        await work.incidents.put(incident(IncidentKind.STALLED, Severity.HIGH, title="van"))
    assert await _queue(database) == ["1", "van", "2"]
    window = Window(NOON, NOON + timedelta(hours=3))
    moved = replace(flagged[0], promise=Promise(window, "UTC", PromiseBasis.SLOT))
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(moved)
    assert await _queue(database) == ["van", "2", "1"]
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(replace(moved, promise=None))
    # Now it counts by its own hour too: LOW has a day.
    assert await _queue(database) == ["van", "2", "1"]


async def test_pages_show_everything_once_that_does_not_move_meanwhile(
    rooms: Transactions, database: Database
) -> None:
    made = [
        incident(IncidentKind.STALLED, Severity.HIGH, title=str(n), due_at=NOON + timedelta(minutes=n // 2))
        for n in range(9)
    ]
    async with rooms.begin("mer_a") as work:
        for one in made:
            await work.incidents.put(one)
    reads, seen, after = SqlReads(database, "mer_a"), list[str](), None
    while True:
        page = await reads.find_incidents(s.IncidentFilter(), BREACH, s.PageRequest(2, after))
        seen += [one.title for one in page.items]
        if not page.has_next:
            break
        after = page.positions[-1]
        first = incident(IncidentKind.OFF_ROUTE, Severity.HIGH, title="new", due_at=NOON - timedelta(hours=1))
        async with rooms.begin("mer_a") as work:  # what comes in before the cursor moves nothing behind it
            await work.incidents.put(first)
    assert seen == [str(n) for n in range(9)]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({"assignee_ids": ("per_1",)}, ["1"]),
        ({"unassigned": True}, ["2", "van"]),
        ({"assignee_ids": ("per_1",), "unassigned": True}, ["1", "2", "van"]),
        ({"delivery_ids": ("del_2",)}, ["2"]),
        ({"driver_ids": ("drv_1",)}, ["1", "van"]),
        ({"driver_ids": ("drv_2",)}, []),
        ({"route_ids": ("rte_1",)}, ["2"]),
        ({"route_ids": ("rte_2",)}, []),
        ({"due_before": NOON}, []),
    ],
)
async def test_it_is_filtered_by_who_has_it_and_what_it_is_about(
    rooms: Transactions, database: Database, which: dict[str, Any], found: list[str]
) -> None:
    async with rooms.begin("mer_a") as work:
        for number, driver_id in (("1", "drv_1"), ("2", None)):
            await work.deliveries.put(
                delivery(number, promised_in_min=int(number), id=f"del_{number}", driver_id=driver_id)
            )
        for number, holder in (("1", "per_1"), ("2", None)):
            one = incident(IncidentKind.LOST, Severity.HIGH, delivery_id=f"del_{number}", driver_id=None)
            await work.incidents.put(replace(one, title=number, assignee_id=holder))
        await work.incidents.put(
            incident(IncidentKind.STALLED, Severity.HIGH, driver_id="drv_1", title="van")
        )
    async with database.tenant("mer_a") as connection:
        stop = {"route_id": "rte_1", "stop_id": "stp_1", "merchant_id": "mer_a", "delivery_id": "del_2"}
        await connection.execute(insert(t.route_stops).values(stop))
    assert await _queue(database, **which) == found


MANY = text("""
    INSERT INTO incidents (id, merchant_id, kind, severity, subject, status, due_at, raised_at, breaches_at,
        severity_rank, assignee_id, doc)
    SELECT 'exc_' || n, 'mer_a', 'STALLED', 'HIGH', 'drv_' || n,
        CASE WHEN n % 6 = 0 THEN 'OPEN' ELSE 'RESOLVED' END,
        now() + n * interval '1 s', now(), now() + (n * 7919 % 10007) * interval '1 s', n % 4,
        CASE WHEN n % 5 = 0 THEN 'per_' || n % 20 END, '{}'
    FROM generate_series(1, CAST(:count AS integer)) AS n
""")


async def test_a_page_of_a_long_queue_is_read_from_an_index_in_its_order(
    database: Database, dsn: Dsn
) -> None:
    async with database.tenant("mer_a") as connection:
        await connection.execute(MANY, {"count": 6_000})
    await asyncio.to_thread(_count_rows, dsn)
    kept, everything = t.incidents.c, s.IncidentFilter()
    async with database.tenant("mer_a") as connection:
        for index, by, which in (
            ("incidents_breach", kept.breaches_at, everything),
            ("incidents_breach", kept.breaches_at, s.IncidentFilter(unassigned=True)),
            ("incidents_due", kept.due_at, everything),
            ("incidents_worst", kept.severity_rank, everything),
            ("incidents_in_hand", kept.breaches_at, s.IncidentFilter(assignee_ids=("per_5",))),
            ("incidents_raised", kept.raised_at, s.IncidentFilter(statuses=())),
        ):
            query = select(kept.doc, by, kept.id).where(*filters.incidents(which))
            query = query.order_by(by, kept.id).limit(51)
            words = query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
            plan = "\n".join((await connection.execute(text(f"EXPLAIN {words}"))).scalars())
            assert f"Index Scan using {index} on incidents" in plan, plan
            assert "Sort" not in plan, plan


def _count_rows(dsn: Dsn) -> None:
    """What the server does by itself after a while."""
    with psycopg.connect(dsn.owner, autocommit=True) as connection:
        connection.execute("ANALYZE incidents")
