"""Reads of waves for the API: who was chosen for an order, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select

from doorstep.delivery import Delivery
from doorstep.mode_wave import KeptChoice, ModeWave
from gateway.store.codec import from_json
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, page_of
from gateway.store.tables import mode_choices, mode_waves


class SqlModeReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def mode_choices(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, KeptChoice]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, mode_choices, KeptChoice, fulfillment_order_ids)

    async def mode_waves(self, ids: Sequence[str]) -> Mapping[str, ModeWave]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, mode_waves, ModeWave, ids)

    async def waves_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, ModeWave]:
        c = mode_waves.c
        query = (
            select(c.plan_id, c.doc)
            .where(c.plan_id.in_(plan_ids), c.plan_id != "")
            .order_by(c.created_at, c.id)  # of several of one plan the newest stays
        )
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(query)
            return {plan_id: from_json(doc, ModeWave) for plan_id, doc in rows}

    async def drafts(self, plan_ids: Sequence[str], delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        c = mode_choices.c
        id_ = c.doc["draft"]["id"].astext
        query = select(c.doc["draft"]).where(_of_plans(plan_ids), id_.in_(delivery_ids))
        async with self._database.tenant(self._merchant_id) as connection:
            drafts = [from_json(doc, Delivery) for doc in await connection.scalars(query)]
            return {draft.id: draft for draft in drafts}

    async def choices_for_plan(self, plan_id: str, page: s.PageRequest) -> s.Page[KeptChoice]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(
                connection, mode_choices, KeptChoice, [_of_plans([plan_id])], mode_choices.c.id, page
            )

    async def count_choices_for_plan(self, plan_id: str, up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, mode_choices, [_of_plans([plan_id])], up_to)


def _of_plans(plan_ids: Sequence[str]) -> ColumnElement[bool]:
    waves = select(mode_waves.c.id).where(mode_waves.c.plan_id.in_(plan_ids), mode_waves.c.plan_id != "")
    return mode_choices.c.wave_id.in_(waves)
