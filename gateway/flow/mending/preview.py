"""Preview: what a playbook would have done to exceptions of the past. Reads, changes nothing.

The same decision as the runner's is asked at each moment of an incident's life. How a step would have gone
is known only where the same was done then, by whomever; of anything else a dry run says that it is not known,
and counts it neither as mended nor as paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.audit import Actor
from doorstep.incident import Incident, IncidentStatus, Resolution, Step, StepAction, StepStatus
from doorstep.money import Money, zero
from doorstep.playbook import MOST_STEPS, Playbook
from gateway.flow.mending.decide import Approve, Facts, Take, Wait, next_step
from gateway.flow.mending.save import require_sound
from gateway.flow.mending.standard import BY_ITSELF
from gateway.flow.mending.words import label_of
from gateway.flow.ports import Means

MOST_EXAMPLES = 50
MOST_TRIED = 2000
"""Incidents, the newest: more of them say the same, and somebody waits for the answer."""

_NOT_KNOWN = "It would have been taken; how it would have gone is not known."
_TELLS_NOTHING = frozenset(
    {StepAction.WAIT, StepAction.ESCALATE, StepAction.NOTIFY_OPERATOR, StepAction.NOTIFY_STORE}
)
"""Steps that never are why an exception ended."""


@dataclass(frozen=True, slots=True)
class Example:
    """One past incident under the draft.

    Attributes
    ----------
    steps
        Those that would have been taken, in order; PENDING where nobody knows how they would have gone.
    outcome
        What would have come of it, for a dispatcher.
    closes, closed
        Whether it would have ended without a person, as far as is known, and whether it did.
    """

    incident: Incident
    steps: tuple[Step, ...]
    outcome: str
    closes: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would have done.

    Attributes
    ----------
    closed_by_itself, closed_by_itself_now
        Without a person: under the draft as far as is known, and as it was.
    cost
        Of steps of the draft whose cost is known, in the merchant's currency.
    examples
        Those first that would have ended otherwise; at most `MOST_EXAMPLES`.
    """

    considered: int
    closed_by_itself: int
    closed_by_itself_now: int
    cost: Money
    examples: tuple[Example, ...]


async def preview_playbook(means: Means, draft: Playbook, past: timedelta) -> Preview:
    """Try a draft on the incidents of its kinds that were raised since then and are over, the newest first.

    Raises
    ------
    InvalidInput
        If the draft makes no sense.
    """
    now = means.clock.now()
    async with means.begin(draft.merchant_id) as work:
        currency = (await work.accounts.merchant()).currency
        require_sound(draft, currency, ("draft",))
        over = await work.incidents.over_since(now - past, draft.kinds, MOST_TRIED)
    return _sum_up([would_have(one, draft) for one in over], currency)


def would_have(incident: Incident, draft: Playbook) -> Example:
    """What would have become of one incident that is over."""
    steps = tuple(
        sorted([*_by_itself(incident, draft), *_by_runner(incident, draft)], key=lambda one: one.at)
    )
    closes, outcome = _outcome(incident, steps)
    return Example(incident, steps, outcome, closes, _closed_without_person(incident))


def _by_itself(incident: Incident, draft: Playbook) -> Iterator[Step]:
    """What the house did without the runner, where the draft lets it."""
    for step in incident.steps:
        is_free = step.place is None and step.by is not Actor.PERSON
        if is_free and step.action in BY_ITSELF.get(incident.kind, ()) and draft.names(step.action):
            yield step


def _by_runner(incident: Incident, draft: Playbook) -> Sequence[Step]:
    """What the runner would have done until somebody took it, or it was over."""
    end = min(at for at in (incident.resolved_at, incident.acknowledged_at) if at is not None)
    playing = replace(incident, status=IncidentStatus.OPEN, acknowledged_at=None, assignee_id=None, steps=())
    known, at = list(incident.steps), incident.raised_at
    for _ in range(2 * MOST_STEPS):
        move = next_step(playing, draft, Facts(), at)
        if isinstance(move, Wait) and move.until < end:
            at = move.until
            continue
        if not isinstance(move, Take | Approve):
            break
        record = next((one for one in known if one.action is move.template.action and _has_ended(one)), None)
        if record is not None:
            known.remove(record)
            move = next_step(playing, draft, Facts(record.cost), at)
        playing = replace(playing, steps=(*playing.steps, _would_be(playing, move, record, at)))
    return playing.steps


def _has_ended(step: Step) -> bool:
    return step.status in (StepStatus.DONE, StepStatus.FAILED, StepStatus.SKIPPED)


def _would_be(playing: Incident, move: object, record: Step | None, at: datetime) -> Step:
    assert isinstance(move, Take | Approve)  # noqa: S101 - nothing else is played
    step = Step(
        move.template.action, StepStatus.PENDING, _NOT_KNOWN, at, playing.next_step_id, place=move.place
    )
    if isinstance(move, Approve):
        return replace(step, status=StepStatus.NEEDS_APPROVAL, reason=move.why)
    if record is None:
        return step
    return replace(step, status=record.status, reason=record.reason, cost=record.cost, ended_at=at)


def _closed_without_person(incident: Incident) -> bool:
    by_hand = any(one.by is Actor.PERSON and one.status is StepStatus.DONE for one in incident.steps)
    return incident.resolved_by is not Actor.PERSON and not by_hand


def _outcome(incident: Incident, steps: Sequence[Step]) -> tuple[bool, str]:
    """Whether it would have ended without a person, as far as is known, and why."""
    done = {one.action for one in steps if one.status is StepStatus.DONE}
    deeds = [
        one for one in incident.steps if one.status is StepStatus.DONE and one.action not in _TELLS_NOTHING
    ]
    missing = {one.action for one in deeds if one.action not in done}
    if missing:
        words = ", ".join(sorted(label_of(action) for action in missing)).lower()
        if missing <= {one.action for one in steps if one.status is StepStatus.NEEDS_APPROVAL}:
            return False, f"It would have been put before a person: {words}."
        return False, f"Not known: {words} was part of it, and this would not have."
    if _closed_without_person(incident):
        return True, "It would have ended as it did, without a person."
    by_hand = {label_of(one.action) for one in deeds if one.by is Actor.PERSON}
    if by_hand and incident.resolution is Resolution.FIXED:
        words = ", ".join(sorted(by_hand)).lower()
        return True, f"A machine would have done what a person did: {words}."
    return False, "It would have stayed with a person, as it did."


def _sum_up(tried: Sequence[Example], currency: str) -> Preview:
    costs = (step.cost for one in tried for step in one.steps)
    cost = sum((one for one in costs if one and one.currency == currency), zero(currency))
    examples = sorted(tried, key=lambda one: (one.closes is one.closed, -one.incident.raised_at.timestamp()))
    return Preview(
        considered=len(tried),
        closed_by_itself=sum(one.closes for one in tried),
        closed_by_itself_now=sum(one.closed for one in tried),
        cost=cost,
        examples=tuple(examples[:MOST_EXAMPLES]),
    )
