"""Wait: while a shopper is asked, nobody at the desk has to answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Author
from doorstep.incident import Incident, IncidentStatus
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import keep


async def wait(
    work: UnitOfWork, incident: Incident, by: Author, reason: str, until: datetime, now: datetime
) -> Incident:
    """Stop the timer until an answer comes, at most until then: it is due as much later.

    Parameters
    ----------
    reason
        What is waited for, a sentence for a dispatcher without personal data.
    """
    if not incident.is_live or until <= now:
        return incident
    running = go_on(incident, now)
    changed = replace(
        running,
        status=IncidentStatus.WAITING,
        due_at=until + (running.due_at - now),
        waiting_for=reason,
        waiting_until=until,
        history=(*incident.history, by.entry(now, reason)),
        version=incident.version + 1,
    )
    await keep(work, changed)
    return changed


async def end_wait(work: UnitOfWork, incident: Incident, by: Author, note: str, now: datetime) -> Incident:
    """The timer goes on with what was left of it."""
    if incident.status is not IncidentStatus.WAITING:
        return incident
    changed = replace(
        go_on(incident, now),
        history=(*incident.history, by.entry(now, note)),
        version=incident.version + 1,
    )
    await keep(work, changed)
    return changed


def go_on(incident: Incident, now: datetime) -> Incident:
    """The same with its timer running, where it waits."""
    until = incident.waiting_until
    if incident.status is not IncidentStatus.WAITING or until is None:
        return incident
    status = IncidentStatus.OPEN if incident.acknowledged_at is None else IncidentStatus.ACKNOWLEDGED
    # What came sooner than it had to leaves the desk the time that it had.
    due_at = incident.due_at - max(until - now, until - until)
    return replace(incident, status=status, due_at=due_at, waiting_for="", waiting_until=None)
