"""Playbooks that a merchant has saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.errors import StateConflict
from doorstep.incident import IncidentKind
from doorstep.playbook import Playbook
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.repositories.rules import next_version
from gateway.store.repositories.turns import take_turns


class SqlPlaybooks:
    """See `gateway.flow.ports.playbooks.Playbooks`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._playbooks = Documents(connection, t.playbooks, Playbook, _columns)

    async def playbook(self, playbook_id: str) -> Playbook | None:
        return await self._playbooks.get(playbook_id)

    async def playbooks(self) -> Sequence[Playbook]:
        return await self._playbooks.find(t.playbooks.c.archived_at.is_(None), order_by=t.playbooks.c.id)

    async def of_kind(self, kind: IncidentKind) -> Playbook | None:
        # There are never more than there are kinds.
        return next((one for one in await self.playbooks() if kind in one.kinds), None)

    async def save(self, playbook: Playbook, expected_version: int | None) -> Playbook:
        version = await next_version(self._connection, t.playbooks, playbook.id, expected_version)
        await self._require_free_kinds(playbook)
        saved = replace(playbook, version=version)
        await self._playbooks.put(saved, archived_at=None)
        return saved

    async def archive(self, playbook_id: str, expected_version: int, now: datetime) -> Playbook:
        version = await next_version(self._connection, t.playbooks, playbook_id, expected_version)
        playbook = await self._playbooks.get(playbook_id)
        assert playbook is not None  # noqa: S101 - it has a version
        archived = replace(playbook, version=version, updated_at=now, enabled=False)
        await self._playbooks.put(archived, archived_at=now)
        return archived

    async def _require_free_kinds(self, playbook: Playbook) -> None:
        """Of two that save at once for the same kind the second sees the first."""
        await take_turns(self._connection, f"playbooks {playbook.merchant_id}")
        for other in await self.playbooks():
            shared = sorted(set(other.kinds) & set(playbook.kinds))
            if shared and other.id != playbook.id:
                text = f"“{other.name}” is for {', '.join(shared)} already; take them out of it first."
                raise StateConflict(text, current_id=other.id, current_version=other.version)


def _columns(playbook: Playbook) -> dict[str, object]:
    return {
        "id": playbook.id,
        "merchant_id": playbook.merchant_id,
        "version": playbook.version,
    }
