"""Reads of rules and boxes for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select

from doorstep.packing import Box
from doorstep.rule import ConditionField, Rule, RuleAction
from gateway.flow.ports import KeptBox
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, page_of


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules; values of one field are OR, fields are AND, empty means any. `search` is in the name."""

    enabled: bool | None = None
    fields: tuple[ConditionField, ...] = ()
    actions: tuple[RuleAction, ...] = ()
    search: str = ""


class SqlRuleReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def rules(self, ids: Sequence[str]) -> Mapping[str, Rule]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, t.rules, Rule, ids)

    async def find_rules(self, which: RuleFilter, page: s.PageRequest) -> s.Page[Rule]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(connection, t.rules, Rule, _rules(which), t.rules.c.priority, page)

    async def count_rules(self, which: RuleFilter, up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, t.rules, _rules(which), up_to)

    async def boxes(self, ids: Sequence[str]) -> Mapping[str, KeptBox]:
        c = t.boxes.c
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(select(c.id, c.doc, c.version, c.updated_at).where(c.id.in_(ids)))
            return {row.id: KeptBox(from_json(row.doc, Box), row.version, row.updated_at) for row in rows}

    async def find_boxes(self, page: s.PageRequest) -> s.Page[KeptBox]:
        c = t.boxes.c
        async with self._database.tenant(self._merchant_id) as connection:
            found = await page_of(connection, t.boxes, Box, [c.archived_at.is_(None)], c.id, page)
        kept = await self.boxes([box.id for box in found.items])
        # One that was archived between the two reads is left where it was found, as it was.
        return s.Page(tuple(kept[box.id] for box in found.items), found.positions, found.has_next)

    async def count_boxes(self, up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, t.boxes, [t.boxes.c.archived_at.is_(None)], up_to)


def _rules(which: RuleFilter) -> list[ColumnElement[bool]]:
    c = t.rules.c
    found: list[ColumnElement[bool]] = [c.archived_at.is_(None)]
    if which.enabled is not None:
        found.append(c.enabled == which.enabled)
    if which.fields:
        found.append(or_(*(c.doc.contains({"groups": [{"all": [{"field": one}]}]}) for one in which.fields)))
    if which.actions:
        found.append(or_(*(c.doc.contains({"effects": [{"action": one}]}) for one in which.actions)))
    if "\0" in which.search:
        found.append(false())  # PostgreSQL's texts hold no nought, so no name has one
    elif which.search:
        found.append(c.doc["name"].astext.icontains(which.search, autoescape=True))
    return found
