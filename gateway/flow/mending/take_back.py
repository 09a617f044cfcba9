"""Take back: a step is undone where the world still allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from doorstep.audit import Author
from doorstep.errors import NotFound, StateConflict
from doorstep.incident import Incident, Step, StepAction, StepStatus
from gateway.flow.mending.action import Action, Scene
from gateway.flow.mending.actions import ACTIONS
from gateway.flow.mending.steps import put_step
from gateway.flow.mending.words import label_of
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import locked


async def take_back(
    means: Means,
    merchant_id: str,
    step_id: str,
    author: Author,
    note: str,
    actions: Mapping[StepAction, Action] = ACTIONS,
) -> Incident:
    """Undo a step; one that is undone already stays so.

    Raises
    ------
    NotFound
        If there is no such step.
    StateConflict
        If it is of a kind, or at a point, that cannot be taken back.
    RemoteError
        If somebody outside refused or could not be asked.
    """
    async with means.begin(merchant_id) as work:
        incident = await work.incidents.of_step(step_id)
    step = _step(incident, step_id)
    if incident is None or step is None:
        raise NotFound(step_id, path=("input", "stepId"))
    if step.status is StepStatus.UNDONE:
        return incident
    action = actions.get(step.action)
    if action is None or not step.can_undo:
        raise _conflict(incident, f"{label_of(step.action)}: this cannot be taken back.")
    scene = Scene(incident, step.id, means.clock.now(), by=author.actor)
    outcome = await action.undo(scene, step.undo, means)
    if outcome.status not in (StepStatus.DONE, StepStatus.UNDONE):
        raise _conflict(incident, outcome.reason)
    async with means.begin(merchant_id) as work:
        current, now = await locked(work, incident.id), means.clock.now()
        known = _step(current, step_id)
        if current is None or known is None or known.status is StepStatus.UNDONE:
            return current or incident
        undone = replace(known, status=StepStatus.UNDONE, ended_at=now, undo={})
        said = ": ".join(part for part in (outcome.reason, note) if part)
        return await put_step(work, current, undone, author, said, now)


def _step(incident: Incident | None, step_id: str) -> Step | None:
    steps = incident.steps if incident else ()
    return next((one for one in steps if one.id == step_id), None)


def _conflict(incident: Incident, text: str) -> StateConflict:
    return StateConflict(text, current_id=incident.id, current_version=incident.version)
