"""What the gateway's database holds, read as its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

_ORDERS = """
    SELECT id, external_id, status, updated_at, placed_at, doc->>'raw_status',
           jsonb_path_query_array(doc, '$.lines[*].external_id'),
           jsonb_path_query_array(doc, '$.lines[*].quantity'), doc->'destination'
    FROM orders WHERE store_id = %s
"""
_UNITS = """
    SELECT u.id, u.order_id, u.external_id, u.status, u.method, u.doc->>'location_external_id', u.doc->'lines'
    FROM fulfillment_orders u JOIN orders o ON o.id = u.order_id WHERE o.store_id = %s
"""
_DELIVERIES = """
    SELECT d.id, d.fulfillment_order_id, d.status, d.reference, r.doc->'carried', l.external_id
    FROM deliveries d JOIN orders o ON o.id = d.order_id
    LEFT JOIN reports r ON r.id = d.fulfillment_order_id
    LEFT JOIN legs l ON l.delivery_id = d.id AND l.external_id <> ''
    WHERE o.store_id = %s ORDER BY d.created_at
"""
_TWICE = (
    "SELECT count(*) FROM (SELECT 1 FROM orders GROUP BY store_id, external_id HAVING count(*) > 1) AS twice"
)
_OPEN = {
    "webhooks waiting": "SELECT count(*) FROM inbox WHERE handled_at IS NULL",
    "jobs": "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')",
    "reports due": "SELECT count(*) FROM reports WHERE status = 'DUE'",
    "reports refused": "SELECT count(*) FROM reports WHERE status = 'REFUSED'",
    "deliveries under way": "SELECT count(*) FROM deliveries WHERE NOT is_over",
    "quarantined": "SELECT count(*) FROM quarantine WHERE status = 'WAITING'",
    "jobs given up": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    "history unread": "SELECT count(*) FROM store_syncs WHERE doc->>'history_read_at' IS NULL",
}
PASSING = ("webhooks waiting", "jobs", "reports due", "deliveries under way", "history unread")
"""Of what is open, that which a gateway at rest has none of."""


@dataclass(frozen=True, slots=True)
class OurUnit:
    """A fulfillment order as the gateway has it; `lines` are pieces by line."""

    id: str
    external_id: str
    status: str
    method: str
    location_external_id: str
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OurDelivery:
    """A delivery of a fulfillment order; `carried` is what it carried, pieces by line."""

    id: str
    unit_id: str
    status: str
    reference: str
    carried: Mapping[str, int]
    booking_id: str


@dataclass(frozen=True, slots=True)
class OurOrder:
    """An order as the gateway has it."""

    id: str
    external_id: str
    status: str
    updated_at: datetime
    placed_at: datetime
    raw_status: str
    lines: Mapping[str, int]
    destination: Mapping[str, Any]
    units: Sequence[OurUnit]
    deliveries: Sequence[OurDelivery]


class Gateway:
    """One connection to the gateway's database."""

    def __init__(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        self._connection = connection

    async def open_work(self) -> Mapping[str, int]:
        """How much of each kind is not done."""
        return {name: await self._count(query) for name, query in _OPEN.items()}

    async def twice(self) -> int:
        """Orders of a store that are kept more than once."""
        return await self._count(_TWICE)

    async def count(self) -> int:
        """Orders that are kept."""
        return await self._count("SELECT count(*) FROM orders")

    async def workers(self) -> int:
        """Processes that have reported for work."""
        return await self._count("SELECT count(*) FROM procrastinate_workers")

    async def newest_worker(self) -> int:
        """The number of the process that reported for work last; they only grow."""
        return await self._count("SELECT coalesce(max(id), 0) FROM procrastinate_workers")

    async def handled(self, account_id: str, event_ids: Sequence[str]) -> set[str]:
        """Which of a carrier's events have been worked on."""
        query = (
            "SELECT dedupe_id FROM inbox WHERE source = %s AND dedupe_id = ANY(%s) AND handled_at IS NOT NULL"
        )
        return {row[0] for row in await self._rows(query, account_id, list(event_ids))}

    async def orders(self, store_id: str) -> Mapping[str, OurOrder]:
        """All of a store, by the store's id."""
        units: dict[str, list[OurUnit]] = {}
        order_of: dict[str, str] = {}
        for id_, order_id, external_id, status, method, place, lines in await self._rows(_UNITS, store_id):
            pieces = {line["line_external_id"]: line["quantity"] for line in lines}
            order_of[id_] = order_id
            units.setdefault(order_id, []).append(
                OurUnit(id_, external_id, status, method, place or "", pieces)
            )
        deliveries: dict[str, list[OurDelivery]] = {}
        for id_, unit_id, status, reference, carried, booking_id in await self._rows(_DELIVERIES, store_id):
            made = OurDelivery(id_, unit_id, status, reference, dict(carried or ()), booking_id or "")
            deliveries.setdefault(order_of[unit_id], []).append(made)
        return {
            row[1]: OurOrder(
                id=row[0],
                external_id=row[1],
                status=row[2],
                updated_at=row[3],
                placed_at=row[4],
                raw_status=row[5],
                lines=dict(zip(row[6], row[7], strict=True)),
                destination=row[8] or {},
                units=units.get(row[0], ()),
                deliveries=deliveries.get(row[0], ()),
            )
            for row in await self._rows(_ORDERS, store_id)
        }

    async def _rows(self, query: str, *values: object) -> Sequence[tuple[Any, ...]]:
        cursor = await self._connection.execute(query, values)
        return await cursor.fetchall()

    async def _count(self, query: str) -> int:
        return int((await self._rows(query))[0][0])
