"""Playbooks: what is done about exceptions, step by step, what was done, and what a person may do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import incident as incidents
from doorstep import playbook as ground
from doorstep.audit import Actor
from doorstep.incident import IncidentKind, StepAction, StepStatus
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.node import Node
from gateway.flow.mending import remedy as flow

MOST_KINDS = 30


@shape()
class PlaybookStep:
    """A step that was taken about an exception, waits for a person, or would have been taken."""

    id: strawberry.ID = part("For undoPlaybookStep; for applyRemedy while it NEEDS_APPROVAL.")
    action: StepAction
    status: StepStatus
    reason: str = part("What it did, or why it did not, for a dispatcher.")
    at: datetime = part("When it was begun, or put before a person.")
    ended_at: datetime | None
    by: Actor = part("Who wanted it.")
    cost: Money | None = part("What it cost beside what was to be paid before.")
    can_undo: bool = part("Whether undoPlaybookStep may take it back; the world may have gone on.")

    @staticmethod
    def of(step: incidents.Step, incident_id: str, number: int) -> PlaybookStep:
        return PlaybookStep(
            id=strawberry.ID(step.id or incidents.step_id(incident_id, number)),
            action=step.action,
            status=step.status,
            reason=step.reason,
            at=step.at,
            ended_at=step.ended_at,
            by=step.by,
            cost=Money.maybe(step.cost),
            can_undo=step.can_undo,
        )


@shape()
class Remedy:
    """One click for the dispatcher, with what it would do and cost now."""

    id: strawberry.ID = part("For applyRemedy.")
    action: StepAction
    label: str
    effect: str
    cost: Money | None = part(
        "Beside what was to be paid before; null where it costs nothing, or that is not known yet."
    )
    new_eta: datetime | None
    needs_approval: bool = part("No machine may do it by itself; where it costs something, say maxCost.")

    @staticmethod
    def of(remedy: flow.Remedy) -> Remedy:
        return Remedy(
            id=strawberry.ID(remedy.id),
            action=remedy.action,
            label=remedy.label,
            effect=remedy.effect,
            cost=Money.maybe(remedy.cost),
            new_eta=remedy.new_eta,
            needs_approval=remedy.needs_approval,
        )


@shape()
class PlaybookStepTemplate:
    """One step to take."""

    action: StepAction
    after_seconds: int = part("Not before the exception has stood for so long.")
    needs_approval: bool = part("A machine proposes it and a person takes it.")
    template: str | None = part("Which words to use, for steps that tell somebody.")

    @staticmethod
    def of(step: ground.StepTemplate) -> PlaybookStepTemplate:
        return PlaybookStepTemplate(
            action=step.action,
            after_seconds=step.after_s,
            needs_approval=step.needs_approval,
            template=step.template,
        )


@shape()
class Playbook(Node):
    """Steps for some kinds of exceptions."""

    name: str
    enabled: bool = part("False takes no step: people mend these.")
    version: int = part("0 for what Doorstep does where the merchant has said nothing.")
    updated_at: datetime
    kinds: list[IncidentKind] = part(most=MOST_KINDS, usual=1)
    steps: list[PlaybookStepTemplate] = part(most=ground.MOST_STEPS, usual=3)
    spend_cap: Money | None = part(
        "What a machine may spend on one exception beside what was to be paid before it; null leaves that to "
        "the merchant's spending rules, and what they say nothing of must cost nothing."
    )

    @staticmethod
    def of(kept: ground.Playbook) -> Playbook:
        return Playbook(
            id=strawberry.ID(kept.id),
            name=kept.name,
            enabled=kept.enabled,
            version=kept.version,
            updated_at=kept.updated_at,
            kinds=list(kept.kinds[:MOST_KINDS]),
            steps=[PlaybookStepTemplate.of(step) for step in kept.steps[: ground.MOST_STEPS]],
            spend_cap=Money.maybe(kept.spend_cap),
        )


@entry
class PlaybookStepTemplateInput:
    """One step to take."""

    action: StepAction
    after_seconds: int = part("Since the exception was raised; no less than the step before.", default=0)
    needs_approval: bool = False
    template: str | None = None


@entry
class SavePlaybookInput:
    """A playbook, whole; without an id a new one. One that comes with Doorstep becomes the merchant's own."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    enabled: bool = True
    kinds: list[IncidentKind] = part("Each in one playbook.", most=MOST_KINDS)
    steps: list[PlaybookStepTemplateInput] = part("Empty leaves all to people.", most=ground.MOST_STEPS)
    spend_cap: MoneyInput | None = part("See Playbook.spendCap.", default=None)


@entry
class ArchivePlaybookInput:
    """Put one of the merchant's own away: what comes with Doorstep is done again."""

    id: strawberry.ID
    expected_version: int


@shape()
class SavePlaybookSuccess:
    """The playbook as it is kept."""

    playbook: Playbook


@shape()
class ArchivePlaybookSuccess:
    """The playbook as it was put away."""

    playbook: Playbook


SavePlaybookResult = Annotated[
    SavePlaybookSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SavePlaybookResult", description="What saving a playbook led to."),
]
ArchivePlaybookResult = Annotated[
    ArchivePlaybookSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchivePlaybookResult", description="What putting a playbook away led to."),
]
