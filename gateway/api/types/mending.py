"""Taking remedies and steps back, and trying playbooks on the past."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.api.marks import entry, part, shape
from gateway.api.problems import (
    ApprovalRequired,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    RemoteRefused,
    StateConflict,
)
from gateway.api.types.exceptions import DeliveryException, show_exception
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.playbooks import PlaybookStep
from gateway.flow.mending import preview as flow

MOST_STEPS = 30


@entry
class ApplyRemedyInput:
    """One click."""

    idempotency_key: str
    exception_id: strawberry.ID
    remedy_id: strawberry.ID
    max_cost: MoneyInput | None = part(
        "What it may cost beside what was to be paid before; without it what a machine may spend.",
        default=None,
    )


@entry
class UndoPlaybookStepInput:
    """Take a step back."""

    step_id: strawberry.ID
    note: str | None = None


@shape()
class ApplyRemedySuccess:
    """What was done: `step.status` says how it went."""

    exception: DeliveryException
    step: PlaybookStep


@shape()
class UndoPlaybookStepSuccess:
    """It is taken back."""

    exception: DeliveryException


ApplyRemedyResult = Annotated[
    ApplyRemedySuccess
    | InvalidInput
    | NotFound
    | StateConflict
    | RemoteRefused
    | ApprovalRequired
    | IdempotencyConflict,
    strawberry.union("ApplyRemedyResult", description="What a remedy led to."),
]
UndoPlaybookStepResult = Annotated[
    UndoPlaybookStepSuccess | InvalidInput | NotFound | StateConflict | RemoteRefused,
    strawberry.union("UndoPlaybookStepResult", description="What taking a step back led to."),
]


@shape()
class PlaybookPreviewExample:
    """One past exception under the draft."""

    exception: DeliveryException
    steps: list[PlaybookStep] = part(
        "Those that would have been taken; PENDING where nobody knows how they would have gone.",
        most=MOST_STEPS,
        usual=3,
    )
    outcome: str

    @staticmethod
    def of(example: flow.Example) -> PlaybookPreviewExample:
        incident_id = example.incident.id
        return PlaybookPreviewExample(
            exception=show_exception(example.incident),
            steps=[
                PlaybookStep.of(step, incident_id, number)
                for number, step in enumerate(example.steps[:MOST_STEPS])
            ],
            outcome=example.outcome,
        )


@shape()
class PlaybookPreview:
    """What a draft would have done to past exceptions, as far as that can be known."""

    considered: int = part("Of its kinds, raised within the days and over.")
    closed_by_itself: int = part("That would have ended without a person, as far as is known.")
    closed_by_itself_now: int = part("That did.")
    cost: Money = part("Of steps whose cost is known.")
    examples: list[PlaybookPreviewExample] = part(
        "Those first that would have ended otherwise.", most=flow.MOST_EXAMPLES, usual=10
    )

    @staticmethod
    def of(preview: flow.Preview) -> PlaybookPreview:
        return PlaybookPreview(
            considered=preview.considered,
            closed_by_itself=preview.closed_by_itself,
            closed_by_itself_now=preview.closed_by_itself_now,
            cost=Money.of(preview.cost),
            examples=[PlaybookPreviewExample.of(one) for one in preview.examples],
        )


PlaybookPreviewResult = Annotated[
    PlaybookPreview | InvalidInput,
    strawberry.union("PlaybookPreviewResult", description="What trying a playbook led to."),
]
