"""Apply: a person takes a remedy; that it was taken stands in the incident, with who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.audit import Actor, Author
from doorstep.errors import ApprovalRequired, DoorstepError, NotFound, StateConflict
from doorstep.incident import Incident, Resolution, Step, StepAction, StepStatus
from doorstep.money import Money, zero
from doorstep.playbook import Playbook
from gateway.flow.idempotency import once
from gateway.flow.mending.action import Action, Foresight, Outcome, Scene
from gateway.flow.mending.actions import ACTIONS
from gateway.flow.mending.book import open_book
from gateway.flow.mending.remedies import Wanted, look, what_makes_sense
from gateway.flow.mending.spending import left_of
from gateway.flow.mending.steps import ended, put_step
from gateway.flow.mending.words import label_of
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import locked, resolve

_REMEDY_AT = ("input", "remedyId")


@dataclass(frozen=True, slots=True)
class Press:
    """What a person wants done.

    Attributes
    ----------
    max_cost
        What it may cost beside what was to be paid before; None for what the playbook lets a machine spend.
    """

    incident_id: str
    remedy_id: str
    author: Author
    max_cost: Money | None = None


async def apply_remedy(
    means: Means,
    merchant_id: str,
    key: str,
    press: Press,
    actions: Mapping[StepAction, Action] = ACTIONS,
) -> tuple[Incident, Step]:
    """Do it, once for a key; gives the incident after it and the step.

    Raises
    ------
    NotFound
        If there is no such incident, or no such remedy for it.
    StateConflict
        If it is over, or cannot be done any more.
    ApprovalRequired
        If it costs more than `max_cost`, or without one than a machine may spend.
    RemoteError
        If somebody outside refused or could not be asked.
    IdempotencyConflict
        If the key came with something else before.
    """

    async def act() -> str:
        return await _apply(means, merchant_id, press, actions)

    question = (press.incident_id, press.remedy_id, press.max_cost)
    step_id = await once(means, merchant_id, "applyRemedy", key, question, act)
    async with means.begin(merchant_id) as work:
        incident = await work.incidents.get(press.incident_id)
    if incident is None:
        raise NotFound(press.incident_id, path=("input", "exceptionId"))
    return incident, next(one for one in incident.steps if one.id == step_id)


async def _apply(means: Means, merchant_id: str, press: Press, actions: Mapping[StepAction, Action]) -> str:
    async with means.begin(merchant_id) as work:
        incident = await work.incidents.get(press.incident_id)
        currency = (await work.accounts.merchant()).currency
        playbook = (await open_book(work)).of(incident.kind) if incident else None
    if incident is None:
        raise NotFound(press.incident_id, path=("input", "exceptionId"))
    wanted = _wanted(incident, playbook, press.remedy_id)
    foresight = await look(means, actions, incident, wanted)
    limit = press.max_cost or _limit(playbook, incident, foresight, currency)
    if not any(_is_begun(step, wanted) for step in incident.steps):
        # What has begun is brought to its end, though it could not begin any more.
        _require_possible(incident, foresight, limit)
    incident, step = await _begin(means, incident, wanted, press.author)
    now = means.clock.now()
    scene = Scene(incident, step.id, now, wanted.template, limit, Actor.PERSON, press.max_cost)
    try:
        outcome = await actions[wanted.action].carry_out(scene, means)
    except DoorstepError as error:
        # Where it may have happened the step stays as it is: the same press goes on with it.
        if not error.retryable:
            await _end(means, incident, step, Outcome(StepStatus.FAILED, error.message), press.author)
        raise
    await _end(means, incident, step, outcome, press.author)
    return step.id


def _wanted(incident: Incident, playbook: Playbook | None, remedy_id: str) -> Wanted:
    found = next(
        (one for one in what_makes_sense(incident, playbook) if one.id_for(incident) == remedy_id), None
    )
    if not incident.is_live:
        text = "This exception is over."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    if found is None:
        raise NotFound(remedy_id, path=_REMEDY_AT)
    return found


def _limit(
    playbook: Playbook | None, incident: Incident, foresight: Foresight | None, currency: str
) -> Money:
    """What it may cost where the person says nothing of that."""
    left = left_of(playbook, incident) if playbook else None
    if left is not None:
        return left
    return zero(foresight.cost.currency if foresight and foresight.cost else currency)


def _require_possible(incident: Incident, foresight: Foresight | None, limit: Money) -> None:
    if foresight is None or not foresight.is_possible:
        text = foresight.effect if foresight else "It cannot be said now what this would do."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    cost = foresight.cost
    if cost is None or cost.minor <= 0:
        return
    if cost.currency != limit.currency or cost > limit:
        text = f"It costs {cost}, and {limit} may be spent; say what it may cost with maxCost."
        raise ApprovalRequired(text, cost=cost, cap=limit, path=("input", "maxCost"))


async def _begin(means: Means, incident: Incident, wanted: Wanted, author: Author) -> tuple[Incident, Step]:
    """Write the step down; one that a person began before and that has not ended is gone on with."""
    async with means.begin(incident.merchant_id) as work:
        current, now = await locked(work, incident.id), means.clock.now()
        if current is None or not current.is_live:
            raise StateConflict("This exception is over.", current_id=incident.id)
        begun = next((one for one in current.steps if _is_begun(one, wanted)), None)
        if begun is not None:
            return current, begun
        waiting = wanted.step
        if waiting is not None and waiting not in current.steps:
            raise StateConflict("Somebody has done this already.", current_id=incident.id)
        step = Step(
            wanted.action,
            StepStatus.RUNNING,
            "",
            now,
            waiting.id if waiting else current.next_step_id,
            place=waiting.place if waiting else None,
            playbook_id=waiting.playbook_id if waiting else "",
            by=author.actor,
        )
        return await put_step(work, current, step, author, f"{label_of(wanted.action)}.", now), step


def _is_begun(step: Step, wanted: Wanted) -> bool:
    is_same = step.id == wanted.step.id if wanted.step else step.action is wanted.action
    return is_same and step.status is StepStatus.RUNNING and step.by is Actor.PERSON


async def _end(means: Means, incident: Incident, step: Step, outcome: Outcome, author: Author) -> None:
    async with means.begin(incident.merchant_id) as work:
        current, now = await locked(work, incident.id), means.clock.now()
        if current is None:
            return
        known = next((one for one in current.steps if one.id == step.id), step)
        if known.status is not StepStatus.RUNNING:
            return  # somebody who pressed the same was quicker, and may have taken it back by now
        changed = await put_step(work, current, ended(known, outcome, now), author, outcome.reason, now)
        if outcome.is_mended:
            await resolve(work, changed, author, Resolution.FIXED, outcome.reason, now)
