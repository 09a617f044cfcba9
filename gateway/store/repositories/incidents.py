"""The exception queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.incident import Incident, IncidentKind, IncidentStatus
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.turns import take_turns


class SqlIncidents:
    """The exception queue; see `gateway.flow.ports.Incidents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._incidents = Documents(connection, t.incidents, Incident, columns.incident)

    async def get(self, incident_id: str, *, lock: bool = False) -> Incident | None:
        return await self._incidents.get(incident_id, lock=lock)

    async def live(self, kind: IncidentKind, subject: str) -> Incident | None:
        # One that is not there yet cannot be locked: two alarms about the same thing may come at once.
        await take_turns(self._connection, f"{kind} {subject}")
        found = await self._incidents.ask(_LIVE, kind_=kind, subject_id=subject)
        return found[0] if found else None

    async def live_of(self, subject: str) -> Sequence[Incident]:
        return await self._incidents.ask(_LIVE_OF, subject_id=subject)

    async def past(self, kind: IncidentKind, subject: str, limit: int) -> Sequence[Incident]:
        return await self._incidents.ask(_PAST, kind_=kind, subject_id=subject, most=limit)

    async def since(self, raised_at: datetime) -> Sequence[Incident]:
        order = (t.incidents.c.raised_at, t.incidents.c.id)
        return await self._incidents.find(t.incidents.c.raised_at >= raised_at, order_by=order)

    async def all_live(self) -> Sequence[Incident]:
        return await self._incidents.find(_not_resolved(), order_by=t.incidents.c.due_at)

    async def put(self, incident: Incident) -> None:
        await self._incidents.put(incident)


def _not_resolved() -> Any:
    return t.incidents.c.status != IncidentStatus.RESOLVED


_ABOUT = select(t.incidents.c.doc).where(t.incidents.c.subject == bindparam("subject_id"), _not_resolved())
_LIVE_OF = Kept(_ABOUT)
_LIVE = Kept(_ABOUT.where(t.incidents.c.kind == bindparam("kind_")).limit(1).with_for_update())
_PAST = Kept(
    select(t.incidents.c.doc)
    .where(
        t.incidents.c.subject == bindparam("subject_id"),
        t.incidents.c.kind == bindparam("kind_"),
        t.incidents.c.status == IncidentStatus.RESOLVED,
    )
    .order_by(t.incidents.c.raised_at.desc(), t.incidents.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
