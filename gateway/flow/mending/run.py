"""Run: the steps of a playbook are taken one after the other, each written down before it acts.

A step that is written down as running may have acted: after a crash or a lost answer it is tried again with
the same id, and every action does the same once. What stands in an incident is therefore all that there is to
know; the runner keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from doorstep.audit import Actor
from doorstep.errors import DoorstepError
from doorstep.events import IncidentRaised, StepDue
from doorstep.incident import Incident, Resolution, StepAction, StepStatus
from doorstep.playbook import MOST_STEPS, Playbook
from gateway.flow.mending.action import Action, Foresight, Outcome, Scene
from gateway.flow.mending.actions import ACTIONS
from gateway.flow.mending.book import open_book
from gateway.flow.mending.decide import (
    Approve,
    Escalate,
    Facts,
    GiveUp,
    Move,
    Nothing,
    Take,
    Wait,
    begun_step,
    next_step,
    wanted_steps,
)
from gateway.flow.mending.steps import ended, put_step
from gateway.flow.mending.writing import MACHINE, Begun, Page, write_move
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import locked, resolve

ASK_AGAIN = timedelta(minutes=1)
"""A step whose answer was lost is tried again after this."""

AT_ONCE = 200
"""Incidents that are read at once when it is looked what is due."""


async def begin_playbook(event: IncidentRaised, means: Means) -> None:
    """Something is wrong: its playbook begins."""
    async with means.begin(event.merchant_id) as work:
        await work.emit(StepDue(event.merchant_id, event.incident_id))


async def take_due_steps(event: StepDue, means: Means) -> None:
    """Take what is due about an incident, step by step."""
    await Runner(means, ACTIONS).run(event.merchant_id, event.incident_id)


async def look_for_due_steps(means: Means, merchant_id: str) -> None:
    """See which incidents have a step that is due by now, and let it be taken."""
    now = means.clock.now()
    behind: Incident | None = None
    is_more = True
    while is_more:
        # One transaction for each part: what is due at once, after hours without a worker, may be a lot.
        async with means.begin(merchant_id) as work:
            book = await open_book(work)
            wanted = [step for playbook in book.all() for step in wanted_steps(playbook)]
            found = await work.incidents.with_due_steps(wanted, now, AT_ONCE, behind)
            for incident in found:
                begun = begun_step(incident)
                is_young = begun is not None and begun.at + ASK_AGAIN > now
                move = next_step(incident, book.of(incident.kind), Facts(), now)
                if not is_young and not isinstance(move, Wait | Nothing):
                    await work.emit(StepDue(merchant_id, incident.id))
        is_more = len(found) == AT_ONCE
        behind = found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Runner:
    """Takes steps of playbooks.

    Attributes
    ----------
    actions
        What each step does; one that is not among them is left out, and says so.
    """

    means: Means
    actions: Mapping[StepAction, Action]

    async def run(self, merchant_id: str, incident_id: str) -> None:
        """Take all that is due about an incident by now."""
        for _ in range(MOST_STEPS + 1):
            if not await self._take_next(merchant_id, incident_id):
                return

    async def _take_next(self, merchant_id: str, incident_id: str) -> bool:
        """Whether there may be more to do at once."""
        now = self.means.clock.now()
        async with self.means.begin(merchant_id) as work:
            incident, playbook = await _read(work, incident_id)
        if incident is None:
            return False
        move = next_step(incident, playbook, Facts(), now)
        foresight = await self._look(incident, move)
        facts = Facts(foresight.cost) if foresight else Facts()
        async with self.means.begin(merchant_id) as work:
            current = await locked(work, incident_id)
            _, playbook = await _read(work, incident_id)
            if current is None:
                return False
            now = self.means.clock.now()
            again = next_step(current, playbook, facts, now)
            if _place(again) != _place(move):
                return True  # somebody went on with it meanwhile
            page = Page(current, playbook.id if playbook else "", now)
            written = await write_move(work, page, again, foresight)
        if isinstance(written, Begun):
            return await self._act(merchant_id, written)
        return written

    async def _look(self, incident: Incident, move: Move) -> Foresight | None:
        """What a new step would do; None where there is nothing to look at, or nobody can say."""
        if not isinstance(move, Take) or move.begun is not None:
            return None
        action = self.actions.get(move.template.action)
        if action is None:
            return Foresight(False, "Doorstep knows no way to do this.")
        try:
            return await action.foresee(self._scene(incident, incident.next_step_id, move), self.means)
        except DoorstepError:
            return None

    async def _act(self, merchant_id: str, begun: Begun) -> bool:
        action = self.actions.get(begun.step.action)
        try:
            if action is None:
                outcome = Outcome(StepStatus.SKIPPED, "Doorstep knows no way to do this.")
            else:
                scene = self._scene(begun.incident, begun.step.id, begun.take)
                outcome = await action.carry_out(scene, self.means)
        except DoorstepError as error:
            if error.retryable:
                return False  # the next look takes it up, with the same id
            outcome = Outcome(StepStatus.FAILED, error.message)
        async with self.means.begin(merchant_id) as work:
            current = await locked(work, begun.incident.id)
            if current is None:
                return False
            now = self.means.clock.now()
            known = next((one for one in current.steps if one.id == begun.step.id), begun.step)
            if known.status is not StepStatus.RUNNING:
                return True  # somebody else was quicker with the same step
            changed = await put_step(work, current, ended(known, outcome, now), MACHINE, outcome.reason, now)
            if outcome.is_mended:
                await resolve(work, changed, Actor.PLAYBOOK, Resolution.FIXED, outcome.reason, now)
        return outcome.status is not StepStatus.RUNNING

    def _scene(self, incident: Incident, step_id: str, take: Take) -> Scene:
        now = self.means.clock.now()
        return Scene(incident, step_id, now, take.template.template, take.may_spend)


async def _read(work: UnitOfWork, incident_id: str) -> tuple[Incident | None, Playbook | None]:
    incident = await work.incidents.get(incident_id)
    if incident is None:
        return None, None
    return incident, (await open_book(work)).of(incident.kind)


def _place(move: Move) -> str:
    """Which step it is about, whether it is taken or proposed: a playbook may be saved between two looks."""
    match move:
        case Take(begun=begun) if begun is not None:
            return begun.id
        case Take(place, template) | Approve(place, template):
            return f"{place} {template}"
        case Escalate(place):
            return f"{place}"
        case GiveUp(begun):
            return begun.id
        case _:
            return ""
