"""Reads of plans for the API: what the last one found no place for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from doorstep.route import RoutePlanStatus
from doorstep.route_solution import UnassignedVisit
from gateway.store.codec import from_json
from gateway.store.database import Database
from gateway.store.kept import Kept
from gateway.store.queries import shapes as s

_MOST_RECENT = 500
"""Plans that are looked through: what waits is in every plan of its day anew."""

_SOLVED = (RoutePlanStatus.READY, RoutePlanStatus.PUBLISHED, RoutePlanStatus.SUPERSEDED)

# A plan of a day is large, and a page of deliveries is in many: only what is said of each is sent.
_SAID = Kept(
    text("""
    WITH recent AS (
        SELECT id, created_at, doc FROM route_plans WHERE status = ANY(CAST(:statuses AS text[]))
        ORDER BY created_at DESC, id DESC LIMIT :most
    ), said AS (
        SELECT planned.id AS delivery_id, recent.id AS plan_id, recent.created_at, NULL AS visit
        FROM recent, jsonb_array_elements_text(recent.doc -> 'delivery_ids') AS planned (id)
        WHERE planned.id = ANY(CAST(:ids AS text[]))
        UNION ALL
        SELECT left_out.visit ->> 'visit_id', recent.id, recent.created_at, left_out.visit
        FROM recent, jsonb_array_elements(recent.doc -> 'unassigned') AS left_out (visit)
        WHERE left_out.visit ->> 'visit_id' = ANY(CAST(:ids AS text[]))
    ), newest AS (
        SELECT DISTINCT ON (delivery_id) delivery_id, plan_id, visit FROM said
        ORDER BY delivery_id, created_at DESC, plan_id DESC, visit NULLS LAST
    )
    SELECT newest.delivery_id, recent.doc ->> 'currency', newest.visit
    FROM newest JOIN recent ON recent.id = newest.plan_id WHERE newest.visit IS NOT NULL
    """)
)


class SqlPlanReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def left_out_of(self, delivery_ids: Sequence[str]) -> Mapping[str, s.LeftOut]:
        if not delivery_ids:
            return {}
        values = {"ids": list(delivery_ids), "statuses": list(_SOLVED), "most": _MOST_RECENT}
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await _SAID.rows(connection, values)
        return {id_: s.LeftOut(currency, from_json(visit, UnassignedVisit)) for id_, currency, visit in rows}
