"""Writing: what comes next stands in the incident before anything acts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.incident import Incident, Step, StepAction, StepStatus
from doorstep.playbook import StepTemplate
from gateway.flow.mending.action import Foresight
from gateway.flow.mending.decide import Approve, Escalate, GiveUp, Move, Take
from gateway.flow.mending.steps import put_step
from gateway.flow.mending.words import label_of
from gateway.flow.ports import UnitOfWork

MACHINE = Author(Actor.PLAYBOOK)


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that is written down and is now to act."""

    incident: Incident
    step: Step
    take: Take


@dataclass(frozen=True, slots=True)
class Page:
    """An incident, locked, and whose playbook it is worked through by."""

    incident: Incident
    playbook_id: str
    now: datetime

    def step(self, action: StepAction, place: int, status: StepStatus, reason: str) -> Step:
        """A step behind all others."""
        ended_at = None if status is StepStatus.RUNNING else self.now
        id_ = self.incident.next_step_id
        return Step(
            action, status, reason, self.now, id_, ended_at, place=place, playbook_id=self.playbook_id
        )


async def write_move(work: UnitOfWork, page: Page, move: Move, foresight: Foresight | None) -> Begun | bool:
    """Write down what comes next; gives the step that is to act, else whether there may be more to do."""
    match move:
        case Take(begun=begun) if begun is not None:
            return Begun(page.incident, begun, move)
        case Take(place, template) if foresight is not None and not foresight.is_possible:
            step = page.step(template.action, place, StepStatus.SKIPPED, foresight.effect)
            await put_step(work, page.incident, step, MACHINE, foresight.effect, page.now)
        case Take(place, template):
            text = foresight.effect if foresight else ""
            step = page.step(template.action, place, StepStatus.RUNNING, text)
            return Begun(await put_step(work, page.incident, step, MACHINE, "", page.now), step, move)
        case Approve(place, template, why):
            step = page.step(template.action, place, StepStatus.NEEDS_APPROVAL, why)
            text = f"{label_of(template.action)}: {why}"
            await put_step(work, page.incident, step, MACHINE, text, page.now)
        case GiveUp(begun, why):
            failed = replace(begun, status=StepStatus.FAILED, reason=why, ended_at=page.now)
            await put_step(work, page.incident, failed, MACHINE, why, page.now)
        case Escalate(place, why):
            step = page.step(StepAction.ESCALATE, place, StepStatus.RUNNING, why)
            changed = await put_step(work, page.incident, step, MACHINE, why, page.now)
            return Begun(changed, step, Take(place, StepTemplate(StepAction.ESCALATE), None))
        case _:
            return False
    return True
