"""Note: what was done about a failed attempt, in the audit trail of its incident."""

from __future__ import annotations

from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.failed_attempt import FailedAttempt
from doorstep.incident import Resolution, StepAction, StepStatus
from gateway.flow.desk.wait import end_wait
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import add_step, resolve


async def note_step(
    work: UnitOfWork,
    attempt: FailedAttempt,
    action: StepAction,
    status: StepStatus,
    text: str,
    now: datetime,
    *,
    mends: bool = False,
) -> None:
    """Write a step down; nothing where the incident is over.

    Parameters
    ----------
    mends
        That was all there was to do: the incident is resolved.
    """
    if attempt.incident_id:
        # In the order in which everybody locks: the delivery, then what is wrong with it.
        await work.deliveries.get(attempt.delivery_id, lock=True)
    incident = await work.incidents.get(attempt.incident_id, lock=True) if attempt.incident_id else None
    if incident is None or not incident.is_live:
        return
    by = attempt.decided_by or Actor.PLAYBOOK
    incident = await end_wait(work, incident, Author(by), "It was decided what follows.", now)
    incident = await add_step(work, incident, action, status, text, now)
    if mends:
        await resolve(work, incident, by, Resolution.FIXED, text, now)
