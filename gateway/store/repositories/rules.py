"""Rules, and the versions by which everything is saved that a merchant sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.errors import NotFound, StateConflict
from doorstep.rule import Rule
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.turns import take_turns


async def next_version(connection: AsyncConnection, table: Table, id_: str, expected: int | None) -> int:
    """Which version a change makes that follows on `expected`; nobody else changes it until the commit.

    Raises
    ------
    NotFound
        If there is none of which somebody could have seen a version.
    StateConflict
        If somebody else made one in between, or it is archived.
    """
    # One that is not there yet cannot be locked.
    await take_turns(connection, f"{table.name} {id_}")
    query = select(table.c.version, table.c.archived_at).where(table.c.id == id_)
    kept = (await connection.execute(query)).one_or_none()
    if kept is None:
        if expected is None:
            return 1
        raise NotFound(id_)
    version: int = kept[0]
    if kept[1] is not None:
        message = "It is archived and cannot be changed; make another one."
        raise StateConflict(message, current_id=id_, current_version=version)
    if version != expected:
        message = f"Somebody saved version {version} of it in between; read it again and name that version."
        raise StateConflict(message, current_id=id_, current_version=version)
    return version + 1


_STAMP = Kept(select(func.coalesce(func.sum(t.rules.c.version), 0)))
"""Versions only grow and rules are never deleted, so their sum grows with each commit, whichever of two that
change different rules at once comes first.
"""


class SqlRules:
    """What a merchant has decided; see `gateway.flow.ports.Rules`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._rules = Documents(connection, t.rules, Rule, _columns)

    async def rule(self, rule_id: str) -> Rule | None:
        return await self._rules.get(rule_id)

    async def rules(self) -> Sequence[Rule]:
        in_order = (t.rules.c.priority, t.rules.c.id)
        return await self._rules.find(t.rules.c.archived_at.is_(None), order_by=in_order)

    async def stamp(self) -> int:
        ((stamp,),) = await _STAMP.rows(self._connection, {})
        return int(stamp)

    async def save(self, rule: Rule, expected_version: int | None) -> Rule:
        version = await next_version(self._connection, t.rules, rule.id, expected_version)
        saved = replace(rule, version=version)
        await self._rules.put(saved, archived_at=None)
        return saved

    async def archive(self, rule_id: str, expected_version: int, now: datetime) -> Rule:
        version = await next_version(self._connection, t.rules, rule_id, expected_version)
        rule = await self._rules.get(rule_id)
        assert rule is not None  # noqa: S101 - it has a version
        archived = replace(rule, version=version, updated_at=now, enabled=False)
        await self._rules.put(archived, archived_at=now)
        return archived


def _columns(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "merchant_id": rule.merchant_id,
        "priority": rule.priority,
        "enabled": rule.enabled,
        "version": rule.version,
    }
