"""Timers: what nobody answers in time becomes worse, once for each severity."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.incident import IncidentStatus, Severity
from gateway.flow.desk.escalate import escalate
from gateway.flow.desk.people import free_left_behind
from gateway.flow.desk.wait import end_wait
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import locked

AT_ONCE = 200
"""Exceptions that one look takes up; the next look goes on."""

TIMER = Author(Actor.OTHER)


async def look_after_answers(means: Means, merchant_id: str) -> int:
    """End waits that are over, put back what those have who left, and escalate what nobody has answered.

    Gives how many exceptions changed.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        waited = await work.incidents.waited_out(now, AT_ONCE)
        overdue = await work.incidents.unanswered(now, AT_ONCE)
    changed = await free_left_behind(means, merchant_id)
    for incident_id in waited:
        async with means.begin(merchant_id) as work:
            changed += await _end_wait(work, incident_id, now)
    for incident_id in overdue:
        async with means.begin(merchant_id) as work:
            changed += await _miss(work, incident_id, now)
    return changed


async def _end_wait(work: UnitOfWork, incident_id: str, now: datetime) -> bool:
    incident = await locked(work, incident_id)
    if incident is None or incident.waiting_until is None or incident.waiting_until > now:
        return False
    await end_wait(work, incident, TIMER, "No answer came in time.", now)
    return True


async def _miss(work: UnitOfWork, incident_id: str, now: datetime) -> bool:
    """Escalate it; a CRITICAL one is told of once more, and that is the end."""
    incident = await locked(work, incident_id)
    if incident is None or incident.status is not IncidentStatus.OPEN or incident.due_at > now:
        return False
    severity = incident.severity
    if severity is Severity.LOW or severity in incident.missed:
        return False
    marked = replace(incident, missed=(*incident.missed, severity))
    follows = f"now {severity.above}." if severity.above else "and nothing is worse than CRITICAL."
    note = f"Nobody had answered by {incident.due_at:%H:%M} UTC; {follows}"
    await escalate(work, marked, TIMER, note, now)
    return True
