"""Playbooks and actions for tests: what a step does is laid out, and every call is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.run import Runner
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


@dataclass
class LaidOut:
    """An action that answers as it was laid out; errors are raised once."""

    foresight: Foresight = field(default_factory=lambda: Foresight(True, "It would help."))
    outcome: Outcome = field(default_factory=lambda: Outcome(StepStatus.DONE, "It helped."))
    errors: list[Exception] = field(default_factory=list)
    looked: list[Scene] = field(default_factory=list)
    done: list[Scene] = field(default_factory=list)
    undone: list[Mapping[str, str]] = field(default_factory=list)

    async def foresee(self, scene: Scene, means: Means) -> Foresight:
        self.looked.append(scene)
        return self.foresight

    async def carry_out(self, scene: Scene, means: Means) -> Outcome:
        self.done.append(scene)
        if self.errors:
            raise self.errors.pop(0)
        return self.outcome

    async def undo(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        self.undone.append(undo)
        return Outcome(StepStatus.UNDONE, "It is as it was.")


Actions = dict[StepAction, LaidOut]


async def stalled(stage: Stage, driver_id: str = "drv_1") -> Incident:
    """A van that stands still."""
    alarm = Alarm(IncidentKind.STALLED, "A van stands", "It does.", driver_id=driver_id)
    async with stage.means.begin(MERCHANT_ID) as work:
        return await raise_incident(work, alarm, stage.clock.now())


async def save_own(
    stage: Stage, *steps: StepTemplate, cap: Money | None = None, kind: IncidentKind = IncidentKind.STALLED
) -> Playbook:
    """The merchant's own playbook for a kind."""
    playbook = Playbook(new_id("pbk"), MERCHANT_ID, "Ours", (kind,), steps, stage.clock.now(), cap)
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.playbooks.save(playbook, None)


async def run(stage: Stage, incident: Incident, actions: Actions) -> Incident:
    """Take what is due, and give the incident as it is then."""
    await Runner(stage.means, actions).run(MERCHANT_ID, incident.id)
    return await kept(stage, incident.id)


async def kept(stage: Stage, incident_id: str) -> Incident:
    """The incident as it stands."""
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.incidents.get(incident_id)
    assert found is not None
    return found
