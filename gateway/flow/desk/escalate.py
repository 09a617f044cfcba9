"""Escalate: an exception becomes worse, is due anew, and operators hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.errors import StateConflict
from doorstep.events import IncidentEscalated
from doorstep.incident import Incident, IncidentStatus, Severity
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import keep

_WORST_FIRST = tuple(Severity)


async def escalate(
    work: UnitOfWork,
    incident: Incident,
    by: Author,
    note: str,
    now: datetime,
    *,
    severity: Severity | None = None,
) -> Incident:
    """Make it worse, and tell operators; a CRITICAL one stays as bad as it is.

    A person, a driver or the timer puts it back into the queue for somebody else to take. What a playbook
    escalates stays with the person who looks at it already.

    Parameters
    ----------
    severity
        How bad it is from now on; one worse than it was where nothing is said.

    Raises
    ------
    StateConflict
        If it is as bad already.
    """
    if not incident.is_live:
        return incident
    if severity is not None and _WORST_FIRST.index(severity) >= _WORST_FIRST.index(incident.severity):
        text = f"This exception is {incident.severity} already."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    worse = severity or incident.severity.above or incident.severity
    is_by_hand = by.actor in {Actor.PERSON, Actor.DRIVER}
    is_due_anew = worse is not incident.severity or is_by_hand
    changed = replace(
        incident,
        severity=worse,
        due_at=now + worse.response_time if is_due_anew else incident.due_at,
        escalations=incident.escalations + 1,
        history=(*incident.history, by.entry(now, note or f"Escalated to {worse}.")),
        version=incident.version + 1,
    )
    if by.actor is not Actor.PLAYBOOK or incident.status is not IncidentStatus.ACKNOWLEDGED:
        changed = back_in_queue(changed)
    await keep(work, changed)
    await work.emit(
        IncidentEscalated(work.merchant_id, incident.id, changed.escalations, is_by_hand=is_by_hand)
    )
    return changed


def back_in_queue(incident: Incident) -> Incident:
    """The same, as nobody has it."""
    return replace(
        incident,
        status=IncidentStatus.OPEN,
        acknowledged_at=None,
        assignee_id=None,
        waiting_for="",
        waiting_until=None,
    )
