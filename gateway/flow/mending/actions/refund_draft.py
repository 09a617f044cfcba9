"""REFUND_DRAFT: what the shopper should get back is written down; a person pays it in the store."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.errors import StateConflict
from doorstep.incident import StepAction, StepStatus
from doorstep.money import Money
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once
from gateway.flow.mending.actions.seen import look
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.refunding import refund_of, said_of_refund


class RefundDraft(Deed):
    """See the module; the draft is the step itself, and costs nothing until somebody pays it."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            refund = await _refund(work, scene)
        return possible(said_of_refund(refund), can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            refund = await _refund(work, scene)
            undo = {"minor": str(refund.minor), "currency": refund.currency}
            return done(said_of_refund(refund), undo=undo)

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:  # noqa: ARG002 - the contract's
        refund = Money(int(undo["minor"]), undo["currency"])
        return undone(f"The draft of {refund} is void; nothing was paid from here.")


async def _refund(work: UnitOfWork, scene: Scene) -> Money:
    """What it comes to; raises `StateConflict` where nobody knows, or a draft is there already."""
    seen = await look(work, scene)
    refund = await refund_of(work, seen.about)
    if refund is None or refund.minor == 0:
        raise StateConflict("What the goods are worth is not known.")
    attempts = await work.returns.attempts_of(seen.about.id)
    is_drafted = any(attempt.refund is not None for attempt in attempts) or any(
        step.action is StepAction.REFUND_DRAFT and step.status is StepStatus.DONE and step.id != scene.step_id
        for step in seen.incident.steps
    )
    if is_drafted:
        raise StateConflict("A refund is drafted already.")
    return refund
