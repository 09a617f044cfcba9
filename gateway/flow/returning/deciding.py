"""Decide: a shopper, a person or a rule chooses what follows a failed attempt; a job then does it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.audit import Actor
from doorstep.errors import NotFound, StateConflict
from doorstep.events import AttemptDecided
from doorstep.failed_attempt import AttemptChoice, AttemptState, FailedAttempt
from doorstep.incident import StepAction, StepStatus
from doorstep.window import Window
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.choices import by_rule
from gateway.flow.returning.noting import note_step
from gateway.flow.returning.refunding import refund_of, said_of_refund
from gateway.flow.returning.slots import move_slot
from gateway.flow.returning.states import after, step_of_choice
from gateway.flow.returning.word import Word


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody wants.

    Attributes
    ----------
    window, slot_id
        When it shall be tried again: a window, or a slot of the own vans; neither for as soon as possible.
    key, zones
        What the place in the slot is asked for with, the same key is the same place; and the zones that the
        door lies in, None where they need not be looked at.
    word
        Where it shall be left, and how to find the door. Personal data: it goes to the delivery alone.
    """

    choice: AttemptChoice
    by: Actor
    window: Window | None = None
    slot_id: str = ""
    key: str = ""
    zones: frozenset[str] | None = None
    word: Word | None = None


async def decide(means: Means, merchant_id: str, attempt_id: str, decision: Decision) -> FailedAttempt:
    """Choose what follows, and let a job carry it out; the same choice again changes nothing.

    Raises
    ------
    NotFound
        If there is no such attempt or slot.
    StateConflict
        If that is not open any more, or not to whoever chooses.
    SlotUnavailable
        If the slot is full, closed, or not for this door.
    """
    async with means.begin(merchant_id) as work:
        return await decide_within(work, means, attempt_id, decision)


async def decide_within(work: UnitOfWork, means: Means, attempt_id: str, decision: Decision) -> FailedAttempt:
    """The same within a transaction that has begun."""
    now = means.clock.now()
    found = await work.returns.attempt(attempt_id)
    if found is None:
        raise NotFound(attempt_id, path=("input", "failedAttemptId"))
    # In the order in which everybody locks: the delivery, then what belongs to it.
    delivery = await work.deliveries.get(found.delivery_id, lock=True)
    attempt = await work.returns.attempt(attempt_id, lock=True)
    if delivery is None or attempt is None:
        raise NotFound(attempt_id)
    rules = (await work.accounts.merchant()).attempts
    is_theirs = decision.by is not Actor.SHOPPER or decision.choice in rules.shopper_may
    state = after(attempt.state, step_of_choice(decision.choice))
    if state is None or decision.choice not in attempt.choices or not is_theirs:
        raise _not_open(attempt, decision)
    window = decision.window
    if decision.slot_id:
        wish = (decision.slot_id, decision.key)
        window = await move_slot(work, delivery, wish, decision.zones, now)
    if decision.word is not None:
        told = decision.word.onto(delivery.destination.instructions)
        door = replace(delivery.destination, instructions=told)
        changed = replace(delivery, destination=door, updated_at=now, version=delivery.version + 1)
        await work.deliveries.put(changed)
    decided = replace(
        attempt,
        state=state,
        decision=decision.choice,
        decided_by=decision.by,
        decided_at=now,
        window=window,
        is_done=False,
        answer_by=None,
        version=attempt.version + 1,
    )
    if decision.choice is AttemptChoice.GIVE_UP:
        decided = await _give_up(work, decided, means)
    await work.returns.put_attempt(decided)
    work.announce("delivery", delivery.id)
    await work.emit(AttemptDecided(attempt.merchant_id, attempt.id))
    return decided


async def take_back_decision(
    work: UnitOfWork, attempt_id: str, decided_at: datetime, state: AttemptState, answer_by: datetime | None
) -> None:
    """Nothing is decided any more, as long as nobody has begun to do it.

    Parameters
    ----------
    decided_at
        Which decision is meant.
    state, answer_by
        How the attempt stood before.

    Raises
    ------
    StateConflict
        If it was carried out, or the goods or somebody's mind have moved on.
    """
    found = await work.returns.attempt(attempt_id)
    delivery = await work.deliveries.get(found.delivery_id, lock=True) if found is not None else None
    attempt = await work.returns.attempt(attempt_id, lock=True)
    if delivery is None or attempt is None:
        raise NotFound(attempt_id)
    decision = attempt.decision if attempt.decided_at == decided_at and not attempt.is_done else None
    if decision is None or after(state, step_of_choice(decision)) is not attempt.state:
        raise StateConflict("It is under way already.", current_id=attempt_id)
    open_again = replace(attempt, state=state, decision=None, decided_by=None, decided_at=None, window=None)
    await work.returns.put_attempt(replace(open_again, answer_by=answer_by, version=attempt.version + 1))
    work.announce("delivery", delivery.id)


async def decide_by_rule(work: UnitOfWork, means: Means, attempt: FailedAttempt) -> None:
    """Nobody chose in time."""
    rules = (await work.accounts.merchant()).attempts
    choice = by_rule(attempt.choices, rules)
    if choice is not None:
        await decide_within(work, means, attempt.id, Decision(choice, Actor.PLAYBOOK))
        return
    await work.returns.put_attempt(replace(attempt, answer_by=None, version=attempt.version + 1))
    text = "Nobody has chosen; a person decides."
    await note_step(work, attempt, StepAction.NOTIFY_OPERATOR, StepStatus.DONE, text, means.clock.now())


async def _give_up(work: UnitOfWork, attempt: FailedAttempt, means: Means) -> FailedAttempt:
    """Draft what the shopper should get back; nobody pays it from here."""
    refund = await refund_of(work, await work.deliveries.get(attempt.delivery_id))
    if refund is not None:
        text = f"Nobody goes again. {said_of_refund(refund)}"
        now = means.clock.now()
        await note_step(work, attempt, StepAction.REFUND_DRAFT, StepStatus.DONE, text, now)
    return replace(attempt, refund=refund, is_done=True, choices=())


def _not_open(attempt: FailedAttempt, decision: Decision) -> StateConflict:
    wanted = decision.choice.replace("_", " ").lower()
    offered = ", ".join(choice for choice in attempt.choices) or "nothing"
    is_over = "" if attempt.state is AttemptState.OPEN else f" ({attempt.state})"
    return StateConflict(
        f"It cannot be settled by {wanted}{is_over}; open is: {offered}.", current_version=attempt.version
    )
