"""What comes next about an incident, from its playbook and what was done. Pure; a dry run asks the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.audit import Actor
from doorstep.incident import Incident, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate, WantedStep
from gateway.flow.mending.spending import left_of, why_not
from gateway.flow.mending.standard import is_taken_by_itself

GIVE_UP_AFTER = timedelta(minutes=15)
"""So long it is asked again whether a step happened whose answer was lost; then a person looks."""

_QUIET = frozenset(
    {
        StepAction.WAIT,
        StepAction.NOTIFY_SHOPPER,
        StepAction.NOTIFY_OPERATOR,
        StepAction.NOTIFY_STORE,
        StepAction.PING_DRIVER,
        StepAction.ESCALATE,
    }
)
"""Steps that mend nothing by themselves: that they were taken says nothing of what is left to try."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the incident and its playbook.

    Attributes
    ----------
    cost
        Of the step that is next, foreseen; None where nobody has looked, or it costs nothing.
    """

    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Take this step.

    Attributes
    ----------
    begun
        The step as it was begun before, to be tried again with its id; None for one that is new.
    may_spend
        None where the playbook has no cap, and the merchant's rules say.
    """

    place: int
    template: StepTemplate
    may_spend: Money | None
    begun: Step | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """It is too early for what comes next."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Approve:
    """A machine may not take this step; a person may."""

    place: int
    template: StepTemplate
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody knows whether this step happened, and asking again has not helped."""

    begun: Step
    why: str


@dataclass(frozen=True, slots=True)
class Escalate:
    """Everything was tried in vain: people, and sooner."""

    place: int
    why: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No machine does anything about it."""

    why: str


Move = Take | Wait | Approve | GiveUp | Escalate | Nothing


def next_step(incident: Incident, playbook: Playbook | None, facts: Facts, now: datetime) -> Move:
    """What is to be done at this moment.

    Steps are counted by what was done, not by their places, so that a playbook that is changed while it runs
    goes on with what it has not done. What a person has done by hand counts as done.
    """
    if not incident.is_live:
        return Nothing("It is over.")
    if (begun := begun_step(incident)) is not None:
        return _again(incident, playbook, begun, now)
    if playbook is None or not playbook.enabled:
        return Nothing("No playbook is switched on for it.")
    if incident.acknowledged_at is not None or incident.assignee_id is not None:
        # Also while a shopper is asked: the wait goes back to whoever has answered.
        return Nothing("A person has taken it.")
    place = next(_open_places(incident, playbook), None)
    return _at_the_end(incident, playbook) if place is None else _at(incident, playbook, place, facts, now)


def wanted_steps(playbook: Playbook) -> Iterator[WantedStep]:
    """What the runner wants done about incidents of each of its kinds: `_open_places` for a query."""
    for kind in playbook.kinds if playbook.enabled else ():
        counted: Counter[StepAction] = Counter()
        for template in playbook.steps:
            if not is_taken_by_itself(kind, template):
                counted[template.action] += 1
                yield WantedStep(kind, template.action, counted[template.action], template.after_s)


def begun_step(incident: Incident) -> Step | None:
    """The step of the runner of which nobody knows yet how it went."""
    return next((one for one in incident.steps if _is_begun(one)), None)


def _is_begun(step: Step) -> bool:
    is_running = step.status is StepStatus.RUNNING
    return is_running and step.place is not None and step.by is not Actor.PERSON


def _at(incident: Incident, playbook: Playbook, place: int, facts: Facts, now: datetime) -> Move:
    template = playbook.steps[place]
    due = incident.raised_at + template.after
    if due > now:
        return Wait(due)
    if template.needs_approval:
        return Approve(place, template, "The playbook leaves this to a person.")
    if why := why_not(playbook, incident, template.action, facts.cost):
        return Approve(place, template, why)
    return Take(place, template, left_of(playbook, incident))


def _again(incident: Incident, playbook: Playbook | None, begun: Step, now: datetime) -> Move:
    """A step that has begun comes to its end, whatever became of its playbook."""
    if playbook is None or begun.at + GIVE_UP_AFTER <= now:
        return GiveUp(begun, "Nobody answered whether it happened; a person must look.")
    place = begun.place or 0
    known = playbook.steps[place] if place < len(playbook.steps) else None
    template = known if known and known.action is begun.action else StepTemplate(begun.action)
    return Take(place, template, left_of(playbook, incident), begun)


def _open_places(incident: Incident, playbook: Playbook) -> Iterator[int]:
    """Places whose step nobody has taken, without those that are taken without the runner."""
    taken = [one.action for one in incident.steps if _was_taken(one)]
    for place, template in enumerate(playbook.steps):
        if is_taken_by_itself(incident.kind, template):
            continue
        if template.action in taken:
            taken.remove(template.action)
        else:
            yield place


def _was_taken(step: Step) -> bool:
    # What somebody else than the runner left out may still be the runner's.
    return step.place is not None or step.status is not StepStatus.SKIPPED


def _at_the_end(incident: Incident, playbook: Playbook) -> Move:
    tried = [one for one in incident.steps if one.action not in _QUIET]
    was_escalated = any(one.action is StepAction.ESCALATE for one in incident.steps)
    in_vain = {StepStatus.FAILED, StepStatus.SKIPPED}
    has_failed = any(one.place is not None and one.status is StepStatus.FAILED for one in tried)
    if has_failed and not was_escalated and all(one.status in in_vain for one in tried):
        return Escalate(len(playbook.steps), "Everything that the playbook knows was tried in vain.")
    return Nothing("Everything that the playbook knows was done.")
