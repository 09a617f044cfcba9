"""Answer: somebody has seen an exception, says something about it, closes it or opens it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Author
from doorstep.errors import InvalidInput, StateConflict
from doorstep.events import IncidentRaised
from doorstep.incident import Incident, IncidentStatus, Resolution
from gateway.flow.desk.escalate import back_in_queue
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching import incidents

MOST_LINES = 500
"""Lines that the history of one exception has when people may add no more to it."""


async def acknowledge(work: UnitOfWork, incident: Incident, by: Author, note: str, now: datetime) -> Incident:
    """A person has seen it: the timer stops."""
    changed = replace(
        incident,
        status=IncidentStatus.ACKNOWLEDGED,
        acknowledged_at=incident.acknowledged_at or now,
        waiting_for="",
        waiting_until=None,
        history=(*incident.history, by.entry(now, note or "Acknowledged.")),
        version=incident.version + 1,
    )
    await incidents.keep(work, changed)
    return changed


async def comment(work: UnitOfWork, incident: Incident, by: Author, text: str, now: datetime) -> Incident:
    """Add a line to its history, also when it is over.

    Raises
    ------
    InvalidInput
        If nothing is said, or the history is full.
    """
    if not text:
        raise InvalidInput("text must not be empty.", path=("input", "text"))
    if len(incident.history) >= MOST_LINES:
        raise InvalidInput(f"The history of this exception has {MOST_LINES} lines already.")
    line = by.entry(now, text)
    changed = replace(incident, history=(*incident.history, line), version=incident.version + 1)
    await incidents.keep(work, changed)
    return changed


async def resolve(
    work: UnitOfWork, incident: Incident, by: Author, resolution: Resolution, note: str, now: datetime
) -> Incident:
    """It is over."""
    return await incidents.resolve(work, incident, by, resolution, note or "Resolved.", now)


async def reopen(work: UnitOfWork, incident: Incident, by: Author, note: str, now: datetime) -> Incident:
    """It is not over after all: somebody has to answer anew.

    Raises
    ------
    StateConflict
        If it is not over, or a newer one of the same kind about the same thing is open.
    """
    if incident.is_live:
        text = "This exception is not resolved."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    newer = await work.incidents.live(incident.kind, incident.subject)
    if newer is not None:
        text = f"A newer exception about the same is open: {newer.id}."
        raise StateConflict(text, current_id=newer.id, current_version=newer.version)
    changed = replace(
        back_in_queue(incident),
        due_at=now + incident.severity.response_time,
        resolved_at=None,
        resolved_by=None,
        resolution=None,
        missed=(),
        history=(*incident.history, by.entry(now, note or "Opened again.")),
        version=incident.version + 1,
    )
    await incidents.keep(work, changed)
    await work.emit(IncidentRaised(work.merchant_id, incident.id))
    return changed
