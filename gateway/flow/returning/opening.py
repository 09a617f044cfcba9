"""Open: an attempt that failed, why, what can be done about it, and until when the shopper may choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.audit import Actor, Author
from doorstep.delivery import Delivery, DeliveryEvent, Leg
from doorstep.failed_attempt import (
    FAILURE_OF,
    INCIDENT_OF,
    OPEN_ATTEMPTS,
    AttemptChoice,
    AttemptFailure,
    AttemptState,
    FailedAttempt,
)
from doorstep.goods import Goods
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.merchant import AttemptRules
from gateway.flow.desk.wait import wait
from gateway.flow.ports import UnitOfWork
from gateway.flow.returning.choices import Situation, by_rule, open_choices
from gateway.flow.returning.states import after, step_of_status
from gateway.flow.watching.incidents import Alarm, add_step, raise_incident


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known where an attempt is looked at.

    Attributes
    ----------
    takes_changes
        The carrier can be asked to change the booking.
    """

    delivery: Delivery
    leg: Leg
    rules: AttemptRules
    goods: Goods
    takes_changes: bool
    now: datetime


async def open_attempt(work: UnitOfWork, seen: Seen, event: DeliveryEvent, number: int) -> FailedAttempt:
    """Write the attempt down and let a person, the shopper or a rule answer it."""
    doors = [one for one in await work.incidents.live_of(seen.delivery.id) if one.kind in FAILURE_OF]
    failure = _failure(doors)
    state = _state(seen.delivery)
    choices = choices_of(seen, state, failure, number)
    is_news = state in OPEN_ATTEMPTS
    incident = await _incident(work, seen, failure, doors, number) if is_news else None
    attempt = FailedAttempt(
        id=new_id("att"),
        merchant_id=seen.delivery.merchant_id,
        order_id=seen.delivery.order_id,
        delivery_id=seen.delivery.id,
        leg_id=event.leg_id or seen.leg.id,
        event_id=event.id,
        number=number,
        failure=failure,
        failed_at=event.occurred_at,
        state=state,
        choices=choices,
        answer_by=_answer_by(seen, choices),
        incident_id=incident.id if incident else "",
        paid_by=seen.rules.paid_by,
    )
    await work.returns.put_attempt(attempt)
    if incident is not None:
        await _note(work, incident, attempt, seen)
    return attempt


def choices_of(
    seen: Seen, state: AttemptState, failure: AttemptFailure, number: int
) -> tuple[AttemptChoice, ...]:
    """What is open for an attempt in this state."""
    situation = Situation(
        state=state,
        failure=failure,
        mode=seen.leg.mode,
        takes_changes=seen.takes_changes,
        number=number,
        goods=seen.goods,
        requirements=seen.delivery.requirements,
    )
    return open_choices(situation, seen.rules)


def _state(delivery: Delivery) -> AttemptState:
    """Where it begins: by the time somebody looks the goods may have moved on."""
    step = step_of_status(delivery.status)
    state = (after(AttemptState.OPEN, step) if step else None) or AttemptState.OPEN
    # That it is back is a step of its own, with its price.
    return AttemptState.GOING_BACK if state is AttemptState.BACK else state


def _failure(doors: Sequence[Incident]) -> AttemptFailure:
    """Why, as the incidents about the delivery tell: what names a reason before what names none."""
    told = sorted(doors, key=lambda one: (one.kind is IncidentKind.OTHER, -one.raised_at.timestamp()))
    if not told:
        return AttemptFailure.OTHER
    # Whoever told of it in our own words was more exact than the kind of the incident is.
    own = told[0].raw_code
    return AttemptFailure(own) if own in AttemptFailure.__members__ else FAILURE_OF[told[0].kind]


async def _incident(
    work: UnitOfWork, seen: Seen, failure: AttemptFailure, doors: Sequence[Incident], number: int
) -> Incident:
    reference, kind = seen.delivery.reference, INCIDENT_OF[failure]
    alarm = Alarm(
        kind,
        title=f"{reference}: {failure.replace('_', ' ').lower()}",
        evidence=f"Attempt {number} failed.",
        delivery_id=seen.delivery.id,
        leg_id=seen.leg.id,
    )
    found = next((one for one in doors if one.kind is kind), None)
    incident = found or await raise_incident(work, alarm, seen.now)
    if number == 1:
        return incident
    again = replace(
        alarm,
        kind=IncidentKind.SECOND_FAILED_ATTEMPT,
        title=f"{reference}: nobody took it in again",
        evidence=f"Attempt {number} of {seen.rules.max_attempts} failed: {failure}.",
    )
    return await raise_incident(work, again, seen.now)


def _answer_by(seen: Seen, choices: Sequence[AttemptChoice]) -> datetime | None:
    """Until when somebody may choose before a rule does; None where no rule will."""
    asks_shopper = any(choice in seen.rules.shopper_may for choice in choices)
    if by_rule(choices, seen.rules) is None and not asks_shopper:
        return None
    return seen.now + timedelta(seconds=seen.rules.answer_s if asks_shopper else 0)


async def _note(work: UnitOfWork, incident: Incident, attempt: FailedAttempt, seen: Seen) -> None:
    """The first step of the playbook: who is asked, and what follows without an answer."""
    asked = [choice for choice in attempt.choices if choice in seen.rules.shopper_may]
    otherwise = by_rule(attempt.choices, seen.rules)
    follows = f"Without an answer: {_words(otherwise)}." if otherwise else "A person decides."
    if asked and attempt.answer_by is not None:
        offered = ", ".join(_words(choice) for choice in asked)
        text = f"The shopper may choose until {attempt.answer_by:%d %b %H:%M} UTC: {offered}. {follows}"
        asking = await add_step(work, incident, StepAction.ASK_SHOPPER, StepStatus.RUNNING, text, seen.now)
        reason = "The shopper was asked what follows."
        await wait(work, asking, Author(Actor.PLAYBOOK), reason, attempt.answer_by, seen.now)
        return
    await add_step(work, incident, StepAction.NOTIFY_OPERATOR, StepStatus.DONE, follows, seen.now)


def _words(choice: AttemptChoice) -> str:
    return choice.replace("_", " ").lower()
