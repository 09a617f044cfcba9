"""Steps in an incident: begun, ended, proposed and taken back, each with a line in its audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Author
from doorstep.incident import Incident, Step, StepStatus
from gateway.flow.mending.action import Outcome
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import keep


async def put_step(
    work: UnitOfWork, incident: Incident, step: Step, author: Author, text: str, now: datetime
) -> Incident:
    """Write a step down: in the place of the one with its id, else behind all others.

    Parameters
    ----------
    text
        What the audit trail says of it; empty says nothing.
    """
    is_known = any(one.id == step.id for one in incident.steps)
    steps = tuple(step if one.id == step.id else one for one in incident.steps)
    changed = replace(
        incident,
        steps=steps if is_known else (*steps, step),
        history=(*incident.history, author.entry(now, text)) if text else incident.history,
        version=incident.version + 1,
    )
    await keep(work, changed)
    return changed


def ended(step: Step, outcome: Outcome, now: datetime) -> Step:
    """The step with what came of it."""
    return replace(
        step,
        status=outcome.status,
        reason=outcome.reason,
        ended_at=None if outcome.status is StepStatus.RUNNING else now,
        cost=outcome.cost,
        undo=dict(outcome.undo),
    )
