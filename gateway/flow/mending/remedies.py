"""Remedies: what a person may do about an incident with one click, with what it would do and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.audit import Actor
from doorstep.errors import DoorstepError
from doorstep.incident import Incident, Step, StepAction, StepStatus
from doorstep.playbook import Playbook
from gateway.flow.mending.action import Action, Foresight, Scene
from gateway.flow.mending.actions import ACTIONS, SENSIBLE
from gateway.flow.mending.book import open_book
from gateway.flow.mending.remedy import Remedy
from gateway.flow.mending.spending import why_not
from gateway.flow.mending.words import label_of
from gateway.flow.ports import Means

MOST_REMEDIES = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a person may do about an incident.

    Attributes
    ----------
    step
        The one of the playbook that waits for a person; None where the person had the idea.
    """

    action: StepAction
    step: Step | None = None
    template: str | None = None

    def id_for(self, incident: Incident) -> str:
        """See `Remedy.id`."""
        return self.step.id if self.step else f"{incident.id}.{self.action}"


async def remedies_of(
    means: Means, incident: Incident, actions: Mapping[StepAction, Action] = ACTIONS
) -> Sequence[Remedy]:
    """What makes sense and is possible now; those that wait for a person come first."""
    if not incident.is_live:
        return ()
    async with means.begin(incident.merchant_id) as work:
        playbook = (await open_book(work)).of(incident.kind)
    wanted = what_makes_sense(incident, playbook)
    # One after the other: each look takes a connection, and there are few of them for everybody.
    seen = [(one, await look(means, actions, incident, one)) for one in wanted]
    return [
        _remedy(incident, playbook, one, foresight)
        for one, foresight in seen
        if foresight is not None and foresight.is_possible
    ][:MOST_REMEDIES]


def what_makes_sense(incident: Incident, playbook: Playbook | None) -> Sequence[Wanted]:
    """What a person may do about an incident of its kind: what waits for them, then the rest."""
    waiting = [
        Wanted(step.action, step, _template_of(playbook, step))
        for step in incident.steps
        if step.status is StepStatus.NEEDS_APPROVAL or _is_being_approved(step)
    ]
    named = {one.action for one in waiting}
    rest = [Wanted(action) for action in SENSIBLE.get(incident.kind, ()) if action not in named]
    return [*waiting, *rest]


async def look(
    means: Means, actions: Mapping[StepAction, Action], incident: Incident, wanted: Wanted
) -> Foresight | None:
    """What it would do; None where nobody can say."""
    action = actions.get(wanted.action)
    if action is None:
        return None
    step_id = wanted.step.id if wanted.step else incident.next_step_id
    scene = Scene(incident, step_id, means.clock.now(), wanted.template, by=Actor.PERSON)
    try:
        return await action.foresee(scene, means)
    except DoorstepError:
        return None


def _remedy(incident: Incident, playbook: Playbook | None, wanted: Wanted, foresight: Foresight) -> Remedy:
    cost = foresight.cost
    is_dear = cost is not None and cost.minor > 0
    if playbook is not None:
        is_dear = bool(why_not(playbook, incident, wanted.action, cost))
    return Remedy(
        wanted.id_for(incident),
        wanted.action,
        label_of(wanted.action),
        foresight.effect,
        cost,
        foresight.new_eta,
        needs_approval=is_dear or wanted.step is not None,
    )


def _is_being_approved(step: Step) -> bool:
    """Whether a person has approved it and nobody knows yet how it went."""
    is_of_playbook = step.place is not None and step.by is Actor.PERSON
    return is_of_playbook and step.status is StepStatus.RUNNING


def _template_of(playbook: Playbook | None, step: Step) -> str | None:
    if playbook is None or step.place is None or step.place >= len(playbook.steps):
        return None
    template = playbook.steps[step.place]
    return template.template if template.action is step.action else None
