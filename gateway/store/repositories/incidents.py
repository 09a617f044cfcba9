"""The exception queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.incident import Incident, IncidentKind, IncidentStatus, ids_around
from doorstep.playbook import WantedStep
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import write_json
from gateway.store.documents import Documents, among
from gateway.store.kept import Kept
from gateway.store.repositories.turns import take_turns


class SqlIncidents:
    """The exception queue; see `gateway.flow.ports.Incidents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._incidents = Documents(connection, t.incidents, Incident, columns.incident)

    async def get(self, incident_id: str, *, lock: bool = False) -> Incident | None:
        return await self._incidents.get(incident_id, lock=lock)

    async def of_step(self, step_id: str) -> Incident | None:
        least, greatest = ids_around(step_id)
        near = await self._incidents.find(t.incidents.c.id.between(least, greatest))
        return next((one for one in near if any(step.id == step_id for step in one.steps)), None)

    async def live(self, kind: IncidentKind, subject: str) -> Incident | None:
        # One that is not there yet cannot be locked: two alarms about the same thing may come at once.
        await take_turns(self._connection, f"{kind} {subject}")
        found = await self._incidents.ask(_LIVE, kind_=kind, subject_id=subject)
        return found[0] if found else None

    async def live_of(self, subject: str) -> Sequence[Incident]:
        return await self._incidents.ask(_LIVE_OF, subject_id=subject)

    async def live_kinds(self, subjects: Collection[str]) -> Mapping[str, frozenset[IncidentKind]]:
        rows = await _LIVE_KINDS.rows(self._connection, {"subjects": list(subjects)})
        return {subject: frozenset(IncidentKind(kind) for kind in kinds) for subject, kinds in rows}

    async def past(self, kind: IncidentKind, subject: str, limit: int) -> Sequence[Incident]:
        return await self._incidents.ask(_PAST, kind_=kind, subject_id=subject, most=limit)

    async def since(self, raised_at: datetime) -> Sequence[Incident]:
        order = (t.incidents.c.raised_at, t.incidents.c.id)
        return await self._incidents.find(t.incidents.c.raised_at >= raised_at, order_by=order)

    async def over_since(
        self, raised_at: datetime, kinds: Collection[IncidentKind], limit: int
    ) -> Sequence[Incident]:
        c = t.incidents.c
        where = (c.raised_at >= raised_at, c.kind.in_(sorted(kinds)), c.status == IncidentStatus.RESOLVED)
        order = (c.raised_at.desc(), c.id.desc())
        return await self._incidents.find(*where, order_by=order, limit=limit)

    async def with_due_steps(
        self, wanted: Sequence[WantedStep], now: datetime, limit: int, behind: Incident | None = None
    ) -> Sequence[Incident]:
        return await self._incidents.ask(
            _WITH_DUE_STEPS,
            wanted=write_json(wanted),
            now=now,
            most=limit,
            due_at=behind.due_at if behind else datetime.min.replace(tzinfo=UTC),
            id_=behind.id if behind else "",
        )

    async def all_live(self, kinds: Collection[IncidentKind] | None = None) -> Sequence[Incident]:
        if kinds is None:
            return await self._incidents.ask(_ALL_LIVE)
        return await self._incidents.ask(_LIVE_OF_KINDS, ids=sorted(kinds))

    async def unanswered(self, now: datetime, limit: int) -> Sequence[str]:
        rows = await _UNANSWERED.rows(self._connection, {"now": now, "most": limit})
        return [id_ for (id_,) in rows]

    async def waited_out(self, now: datetime, limit: int) -> Sequence[str]:
        rows = await _WAITED_OUT.rows(self._connection, {"now": now, "most": limit})
        return [id_ for (id_,) in rows]

    async def left_behind(self, limit: int) -> Sequence[str]:
        rows = await _LEFT_BEHIND.rows(self._connection, {"most": limit})
        return [id_ for (id_,) in rows]

    async def put(self, incident: Incident) -> None:
        promised_by = None
        if incident.delivery_id is not None:
            rows = await _PROMISED_BY.rows(self._connection, {"delivery": incident.delivery_id})
            promised_by = rows[0][0] if rows else None
        await self._incidents.put(incident, breaches_at=promised_by or incident.due_at)


async def follow_promise(connection: AsyncConnection, delivery_id: str, promised_by: datetime | None) -> None:
    """Sort what is wrong with a delivery by its promise, as that is now."""
    await _FOLLOW_PROMISE.send(connection, {"delivery": delivery_id, "promised_by": promised_by})


def _not_resolved() -> Any:
    return t.incidents.c.status != IncidentStatus.RESOLVED


_ABOUT = select(t.incidents.c.doc).where(t.incidents.c.subject == bindparam("subject_id"), _not_resolved())
_LIVE_SOONEST = select(t.incidents.c.doc).where(_not_resolved()).order_by(t.incidents.c.due_at)
_LIVE_OF = Kept(_ABOUT)
_LIVE = Kept(_ABOUT.where(t.incidents.c.kind == bindparam("kind_")).limit(1).with_for_update())
_ALL_LIVE = Kept(_LIVE_SOONEST)
_LIVE_OF_KINDS = Kept(_LIVE_SOONEST.where(among(t.incidents.c.kind)))
_LIVE_KINDS = Kept(
    text("""
    SELECT subject, array_agg(kind) FROM incidents
    WHERE subject = ANY(:subjects) AND status <> 'RESOLVED'
    GROUP BY subject
    """)
)
_WITH_DUE_STEPS = Kept(
    text("""
    SELECT doc FROM incidents,
        LATERAL (SELECT coalesce(doc -> 'steps', '[]') AS steps) AS of_it,
        LATERAL (
            SELECT coalesce(bool_or(status = 'RUNNING'), false) AS is_begun,
                coalesce(bool_or(status = 'FAILED' AND place IS NOT NULL), false) AS has_failed,
                coalesce(bool_or(action = 'ESCALATE'), false) AS is_escalated
            FROM jsonb_to_recordset(steps) AS one(action text, status text, place integer)
        ) AS went
    WHERE status <> 'RESOLVED' AND (due_at, id) > (:due_at, :id_) AND (
        is_begun
        OR (
            assignee_id IS NULL AND doc ->> 'acknowledged_at' IS NULL AND (
                (has_failed AND NOT is_escalated)
                OR EXISTS (
                    SELECT FROM jsonb_to_recordset(CAST(:wanted AS jsonb))
                        AS step(kind text, action text, times integer, after_s integer)
                    WHERE step.kind = incidents.kind
                        AND raised_at <= :now - make_interval(secs => step.after_s)
                        AND step.times > (
                            SELECT count(*)
                            FROM jsonb_to_recordset(steps) AS one(action text, status text, place integer)
                            WHERE one.action = step.action
                                AND (one.place IS NOT NULL OR one.status <> 'SKIPPED')
                        )
                )
            )
        )
    )
    ORDER BY due_at, id LIMIT :most
    """)
)
_UNANSWERED = Kept(
    text("""
    SELECT id FROM incidents
    WHERE status = 'OPEN' AND due_at <= :now AND severity <> 'LOW'
        AND NOT jsonb_exists(coalesce(doc -> 'missed', '[]'), severity)
    ORDER BY due_at, id LIMIT :most
    """)
)
_LEFT_BEHIND = Kept(
    text("""
    SELECT i.id FROM incidents i JOIN people p ON p.id = i.assignee_id
    WHERE i.status <> 'RESOLVED' AND p.archived_at IS NOT NULL
    ORDER BY i.id LIMIT :most
    """)
)
_WAITED_OUT = Kept(
    text("""
    SELECT id FROM incidents
    WHERE status = 'WAITING' AND CAST(doc ->> 'waiting_until' AS timestamptz) <= :now
    ORDER BY due_at, id LIMIT :most
    """)
)
_PROMISED_BY = Kept(select(t.deliveries.c.promised_by).where(t.deliveries.c.id == bindparam("delivery")))
_FOLLOW_PROMISE = Kept(
    text("""
    UPDATE incidents SET breaches_at = coalesce(CAST(:promised_by AS timestamptz), due_at)
    WHERE subject = :delivery AND status <> 'RESOLVED'
        AND breaches_at <> coalesce(CAST(:promised_by AS timestamptz), due_at)
    """)
)
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
