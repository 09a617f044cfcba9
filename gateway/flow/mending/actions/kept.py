"""Kept: what a step has done is remembered with what it did, so that the same step does it once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

from doorstep.errors import StateConflict
from doorstep.incident import StepStatus
from doorstep.money import Money
from gateway.flow.mending.action import Outcome, Scene
from gateway.flow.mending.actions.answers import undone
from gateway.flow.mending.actions.seen import look
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import Remembered

_DONE, _BEGUN, _UNDONE = "mending done", "mending begun", "mending undone"
"""Operations under which steps are remembered."""


async def once(means: Means, scene: Scene, act: Callable[[UnitOfWork], Awaitable[Outcome]]) -> Outcome:
    """Take a step that is one transaction; a step that was taken before answers what it answered then.

    Raises
    ------
    StateConflict
        If somebody else takes the same step at the same moment; nothing was done.
    """
    async with means.begin(scene.incident.merchant_id) as work:
        known = await recall(work, scene)
        if known is not None:
            return known
        outcome = await act(work)
        return await keep(work, scene, outcome)


async def undo_once(means: Means, scene: Scene, act: Callable[[UnitOfWork], Awaitable[Outcome]]) -> Outcome:
    """Take a step back in one transaction; one that was taken back before answers what it answered then.

    The step itself says so in a transaction after this one, which a crash may prevent.
    """
    async with means.begin(scene.incident.merchant_id) as work:
        # Two who take the same step back at once: the second waits, and finds what the first has done.
        await look(work, scene, lock=True)
        known = await work.memory.recall(_UNDONE, scene.step_id)
        if known is not None:
            return undone(known.answer)
        outcome = await act(work)
        if outcome.status is StepStatus.UNDONE:
            fresh = Remembered(_UNDONE, scene.step_id, "", outcome.reason, scene.now)
            await work.memory.remember(fresh)
        return outcome


async def recall(work: UnitOfWork, scene: Scene) -> Outcome | None:
    """What the step has done; None where it has not, as far as anybody wrote down."""
    known = await work.memory.recall(_DONE, scene.step_id)
    return _read(known.answer) if known is not None else None


async def keep(work: UnitOfWork, scene: Scene, outcome: Outcome) -> Outcome:
    """Remember what the step did, within the transaction that does it; what did nothing may be tried anew.

    Raises
    ------
    StateConflict
        If somebody else was faster: this transaction is to be given up.
    """
    if outcome.status is not StepStatus.DONE:
        return outcome
    fresh = Remembered(_DONE, scene.step_id, "", _write(outcome), scene.now)
    if not await work.memory.remember(fresh):
        raise StateConflict("The same step is being taken; look again.", current_id=scene.incident.id)
    return outcome


async def begun(work: UnitOfWork, scene: Scene) -> Mapping[str, str] | None:
    """What the step was about to ask of somebody outside; None where it has not begun."""
    known = await work.memory.recall(_BEGUN, scene.step_id)
    return dict(json.loads(known.answer)) if known is not None else None


async def begin(work: UnitOfWork, scene: Scene, intent: Mapping[str, str]) -> Mapping[str, str]:
    """Write down what is about to be asked of somebody outside; gives what the step meant the first time."""
    fresh = Remembered(_BEGUN, scene.step_id, "", json.dumps(dict(intent)), scene.now)
    return intent if await work.memory.remember(fresh) else await begun(work, scene) or intent


def _write(outcome: Outcome) -> str:
    cost = outcome.cost
    return json.dumps(
        {
            "reason": outcome.reason,
            "cost": [cost.minor, cost.currency] if cost else None,
            "undo": dict(outcome.undo),
            "is_mended": outcome.is_mended,
        }
    )


def _read(answer: str) -> Outcome:
    said = json.loads(answer)
    return Outcome(
        StepStatus.DONE,
        said["reason"],
        cost=Money(*said["cost"]) if said["cost"] else None,
        undo=said["undo"],
        is_mended=said["is_mended"],
    )
