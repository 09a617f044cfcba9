"""REFUND_DRAFT: what the shopper should get back is written down; a person pays it in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from doorstep.errors import StateConflict
from doorstep.incident import Incident, StepAction, StepStatus
from doorstep.money import Money
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once, recall
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
            # Two workers with two steps: the second waits here and finds what the first has drafted.
            refund = await _refund(work, scene, lock=True)
            undo = {"minor": str(refund.minor), "currency": refund.currency}
            return done(said_of_refund(refund), undo=undo)

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:  # noqa: ARG002 - the contract's
        refund = Money(int(undo["minor"]), undo["currency"])
        return undone(f"The draft of {refund} is void; nothing was paid from here.")


async def _refund(work: UnitOfWork, scene: Scene, *, lock: bool = False) -> Money:
    """What it comes to; raises `StateConflict` where nobody knows, or a draft is there already."""
    seen = await look(work, scene, lock=lock)
    refund = await refund_of(work, seen.about)
    if refund is None or refund.minor == 0:
        raise StateConflict("What the goods are worth is not known.")
    attempts = await work.returns.attempts_of(seen.about.id)
    is_agreed = any(attempt.refund is not None for attempt in attempts)
    if is_agreed or await _has_draft(work, scene, seen.incident):
        raise StateConflict("A refund is drafted already.")
    return refund


async def _has_draft(work: UnitOfWork, scene: Scene, incident: Incident) -> bool:
    """Whether another step has drafted one; what a step has done is kept before the step says so."""
    others = [
        step
        for step in incident.steps
        if step.action is StepAction.REFUND_DRAFT and step.id and step.id != scene.step_id
    ]
    is_running = [one for one in others if one.status is StepStatus.RUNNING]
    return any(one.status is StepStatus.DONE for one in others) or any(
        [await recall(work, replace(scene, step_id=one.id)) is not None for one in is_running]
    )
