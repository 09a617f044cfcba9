"""A draft is tried on the incidents that are kept, and nothing of them changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.audit import Actor
from doorstep.errors import InvalidInput
from doorstep.ids import new_id
from doorstep.incident import IncidentKind, Resolution, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate
from gateway.flow.mending.action import Outcome
from gateway.flow.mending.preview import preview_playbook
from gateway.flow.watching.incidents import resolve
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.mending import LaidOut, kept, run, save_own, stalled
from tests.integration.flow.stage import Stage

PING = StepAction.PING_DRIVER


def _draft(stage: Stage, *steps: StepTemplate, kind: IncidentKind = IncidentKind.STALLED) -> Playbook:
    return Playbook(new_id("pbk"), MERCHANT_ID, "Draft", (kind,), steps, stage.clock.now(), Money(50, "USD"))


async def test_a_draft_is_tried_on_what_is_over(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING), cap=Money(50, "USD"))
    paid = LaidOut(outcome=Outcome(StepStatus.DONE, "Written.", cost=Money(9, "USD")))
    by_hand, by_itself, live = [await stalled(stage, f"drv_{n}") for n in range(3)]
    for incident in (by_hand, by_itself, live):
        await run(stage, incident, {PING: paid})
    for incident, by in ((by_hand, Actor.PERSON), (by_itself, Actor.DRIVER)):
        async with stage.means.begin(MERCHANT_ID) as work:
            current = await work.incidents.get(incident.id, lock=True)
            assert current is not None
            await resolve(work, current, by, Resolution.FIXED, "It drives.", stage.clock.now())
        stage.clock.advance(minutes=1)
    before = [await kept(stage, one.id) for one in (by_hand, by_itself, live)]
    # They were over at the moment at which they were raised: a step at once would have been taken.
    same = await preview_playbook(stage.means, _draft(stage, StepTemplate(PING)), timedelta(days=1))
    assert (same.considered, same.closed_by_itself, same.closed_by_itself_now) == (2, 1, 1)
    assert same.cost == Money(18, "USD")
    assert [one.steps[0].status for one in same.examples] == [StepStatus.DONE] * 2
    none = await preview_playbook(stage.means, _draft(stage), timedelta(days=1))
    assert (none.closed_by_itself, none.cost) == (0, Money(0, "USD"))
    other = _draft(stage, kind=IncidentKind.LOST)
    assert (await preview_playbook(stage.means, other, timedelta(days=1))).considered == 0
    stage.clock.advance(days=2)
    assert (await preview_playbook(stage.means, _draft(stage), timedelta(days=1))).considered == 0
    assert [await kept(stage, one.id) for one in (by_hand, by_itself, live)] == before


async def test_a_draft_that_makes_no_sense_is_refused(stage: Stage) -> None:
    draft = _draft(stage, StepTemplate(StepAction.OTHER))
    with pytest.raises(InvalidInput) as wrong:
        await preview_playbook(stage.means, draft, timedelta(days=1))
    assert wrong.value.path == ("draft", "steps", "0", "action")
