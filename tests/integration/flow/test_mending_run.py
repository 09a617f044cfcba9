"""Steps of playbooks: written down before they act, taken once, counted, and left to people above the cap."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.audit import Actor, Author
from doorstep.errors import RemoteRefused, StateConflict, UnknownOutcome
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate
from gateway.flow.desk.answer import acknowledge
from gateway.flow.desk.wait import wait
from gateway.flow.mending.action import Foresight, Outcome
from gateway.flow.mending.decide import wanted_steps
from gateway.flow.mending.run import look_for_due_steps
from gateway.flow.mending.writing import MACHINE
from gateway.flow.watching.incidents import resolve
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.mending import Actions, LaidOut, kept, run, save_own, stalled
from tests.integration.flow.stage import Stage

PING, SEND, ESCALATE = StepAction.PING_DRIVER, StepAction.REDISPATCH, StepAction.ESCALATE
DONE, FAILED = StepStatus.DONE, StepStatus.FAILED


def _went(incident: Incident) -> list[tuple[StepAction, StepStatus]]:
    return [(step.action, step.status) for step in incident.steps]


async def test_steps_are_taken_at_their_times(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING), StepTemplate(SEND, 300))
    actions: Actions = {PING: LaidOut(), SEND: LaidOut()}
    incident = await stalled(stage)
    assert _went(await run(stage, incident, actions)) == [(PING, DONE)]
    stage.clock.advance(seconds=299)
    assert _went(await run(stage, incident, actions)) == [(PING, DONE)]
    stage.clock.advance(seconds=1)
    assert _went(await run(stage, incident, actions)) == [(PING, DONE), (SEND, DONE)]


async def test_a_step_says_what_it_did_when_by_whom_and_at_which_cost(stage: Stage) -> None:
    playbook = await save_own(stage, StepTemplate(PING, template="Are you well?"), cap=Money(500, "USD"))
    outcome = Outcome(DONE, "Written.", cost=Money(9, "USD"), undo={"message": "msg_1"})
    laid = LaidOut(outcome=outcome)
    incident = await run(stage, await stalled(stage), {PING: laid})
    now = stage.clock.now()
    (step,) = incident.steps
    expected = Step(PING, DONE, "Written.", now, step.id, now, Money(9, "USD"), {"message": "msg_1"})
    assert step == replace(expected, place=0, playbook_id=playbook.id)
    assert incident.history[-1].text == "Written."
    (scene,) = laid.done
    assert (scene.step_id, scene.template, scene.may_spend) == (step.id, "Are you well?", Money(500, "USD"))


async def test_a_step_is_written_down_before_it_acts(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))

    class Looks(LaidOut):
        async def carry_out(self, scene, means):  # type: ignore[no-untyped-def]
            seen.append(await kept(stage, scene.incident.id))
            return self.outcome

    seen: list[Incident] = []
    await run(stage, await stalled(stage), {PING: Looks()})
    assert _went(seen[0]) == [(PING, StepStatus.RUNNING)]


async def test_a_lost_answer_is_asked_for_again_with_the_same_id(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING), StepTemplate(SEND))
    laid = LaidOut(errors=[UnknownOutcome("Nobody answered.", system="x")])
    actions: Actions = {PING: laid, SEND: LaidOut()}
    incident = await run(stage, await stalled(stage), actions)
    assert _went(incident) == [(PING, StepStatus.RUNNING)], "and nothing goes on before that is known"
    incident = await run(stage, incident, actions)
    assert _went(incident) == [(PING, DONE), (SEND, DONE)]
    assert len({scene.step_id for scene in laid.done}) == 1
    assert len(laid.looked) == 1


async def test_a_step_that_a_crash_cut_short_is_taken_up_by_the_clock(stage: Stage) -> None:
    playbook, incident = await save_own(stage), await stalled(stage)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.playbooks.save(replace(playbook, steps=(StepTemplate(PING),)), playbook.version)
    with pytest.raises(RuntimeError):
        await run(stage, incident, {PING: LaidOut(errors=[RuntimeError("killed")])})
    await look_for_due_steps(stage.means, MERCHANT_ID)
    await stage.settle()
    (begun,) = (await kept(stage, incident.id)).steps
    assert begun.status is StepStatus.RUNNING, "somebody may be at it still"
    stage.clock.advance(minutes=1)
    await look_for_due_steps(stage.means, MERCHANT_ID)
    await stage.settle()
    (step,) = (await kept(stage, incident.id)).steps
    # The real action says that nobody drives here: what counts is that the same step was taken up.
    assert (step.id, step.status) == (begun.id, StepStatus.SKIPPED)


async def test_what_is_never_answered_is_left_to_a_person(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    lost = UnknownOutcome("Nobody answered.", system="x")
    actions: Actions = {PING: LaidOut(errors=[lost] * 9), ESCALATE: LaidOut()}
    incident = await run(stage, await stalled(stage), actions)
    stage.clock.advance(minutes=15)
    incident = await run(stage, incident, actions)
    assert _went(incident) == [(PING, FAILED)]
    assert "a person must look" in incident.steps[0].reason


async def test_a_refusal_is_written_down_and_the_next_step_taken(stage: Stage) -> None:
    await save_own(stage, StepTemplate(SEND), StepTemplate(PING))
    refused = LaidOut(errors=[RemoteRefused("No courier goes there.", system="x")])
    actions: Actions = {SEND: refused, PING: LaidOut(), ESCALATE: LaidOut()}
    incident = await run(stage, await stalled(stage), actions)
    assert _went(incident) == [(SEND, FAILED), (PING, DONE), (ESCALATE, DONE)]
    assert incident.steps[0].reason == "No courier goes there."


async def test_what_cannot_be_done_now_is_left_out_with_the_reason(stage: Stage) -> None:
    await save_own(stage, StepTemplate(SEND), StepTemplate(PING))
    laid = LaidOut(foresight=Foresight(False, "An own van brings it."))
    incident = await run(stage, await stalled(stage), {SEND: laid, PING: LaidOut()})
    assert _went(incident) == [(SEND, StepStatus.SKIPPED), (PING, DONE)]
    assert incident.steps[0].reason == "An own van brings it."
    assert laid.done == []


@pytest.mark.parametrize(("cost", "status"), [(600, DONE), (601, StepStatus.NEEDS_APPROVAL)])
async def test_above_the_cap_a_step_waits_for_a_person(stage: Stage, cost: int, status: StepStatus) -> None:
    # 400 of 1,000 go to the first step.
    await save_own(stage, StepTemplate(PING), StepTemplate(SEND), cap=Money(1000, "USD"))
    first = LaidOut(outcome=Outcome(DONE, "Paid.", cost=Money(400, "USD")))
    second = LaidOut(foresight=Foresight(True, "Another.", cost=Money(cost, "USD")))
    incident = await run(stage, await stalled(stage), {PING: first, SEND: second})
    assert _went(incident) == [(PING, DONE), (SEND, status)]
    assert len(second.done) == (status is DONE)
    again = await run(stage, incident, {PING: first, SEND: second})
    assert again == incident, "it is proposed once"


async def test_what_a_step_mends_is_over_and_ends_its_playbook(stage: Stage) -> None:
    await save_own(stage, StepTemplate(SEND), StepTemplate(PING))
    mends, never = LaidOut(outcome=Outcome(DONE, "It drives.", is_mended=True)), LaidOut()
    incident = await run(stage, await stalled(stage), {SEND: mends, PING: never})
    assert (incident.status, incident.resolved_by) == (IncidentStatus.RESOLVED, Actor.PLAYBOOK)
    assert never.done == []


async def test_what_is_over_is_left_alone(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    incident = await stalled(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await resolve(work, incident, Actor.DRIVER, Resolution.FIXED, "It drives.", stage.clock.now())
    assert (await run(stage, incident, {PING: LaidOut()})).steps == ()


async def test_when_all_was_in_vain_people_are_asked_sooner(stage: Stage) -> None:
    await save_own(stage, StepTemplate(SEND))
    escalating = LaidOut()
    failing = LaidOut(outcome=Outcome(FAILED, "Nobody."))
    incident = await run(stage, await stalled(stage), {SEND: failing, ESCALATE: escalating})
    assert _went(incident) == [(SEND, FAILED), (ESCALATE, DONE)]
    assert len(escalating.done) == 1


async def test_two_workers_take_a_step_once(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    incident, laid = await stalled(stage), LaidOut()
    await asyncio.gather(*(run(stage, incident, {PING: laid}) for _ in range(3)))
    incident = await kept(stage, incident.id)
    # Side by side a step may be tried more than once, always with the same id; it is one step.
    assert _went(incident) == [(PING, DONE)]
    assert {scene.step_id for scene in laid.done} == {incident.steps[0].id}


async def test_a_playbook_that_was_switched_off_takes_no_step(stage: Stage) -> None:
    playbook = await save_own(stage, StepTemplate(PING))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.playbooks.save(replace(playbook, enabled=False), playbook.version)
    assert (await run(stage, await stalled(stage), {PING: LaidOut()})).steps == ()


async def test_no_two_playbooks_are_for_one_kind(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    with pytest.raises(StateConflict, match="is for STALLED already"):
        await save_own(stage, StepTemplate(SEND))


async def test_what_has_become_due_is_found_by_the_clock(stage: Stage) -> None:
    # A van's driver is asked at once, and it becomes more urgent after a quarter of an hour.
    await save_own(stage, StepTemplate(PING), StepTemplate(ESCALATE, 900))
    incident = await stalled(stage)
    await stage.settle()
    assert [step.action for step in (await kept(stage, incident.id)).steps] == [PING]
    await look_for_due_steps(stage.means, MERCHANT_ID)
    await stage.settle()
    assert [step.action for step in (await kept(stage, incident.id)).steps] == [PING]
    stage.clock.advance(minutes=15)
    await look_for_due_steps(stage.means, MERCHANT_ID)
    await stage.settle()
    assert [step.action for step in (await kept(stage, incident.id)).steps] == [PING, ESCALATE]


async def test_a_step_is_found_by_its_id(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    incident = await run(stage, await stalled(stage), {PING: LaidOut()})
    other = await run(stage, await stalled(stage, "drv_2"), {PING: LaidOut()})
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.incidents.of_step(incident.steps[0].id) == incident
        assert await work.incidents.of_step(other.steps[0].id) == other
        assert await work.incidents.of_step(incident.steps[0].id[:-1] + "z") is None


async def test_steps_of_the_house_count_for_the_cap(stage: Stage) -> None:
    await save_own(stage, StepTemplate(SEND), cap=Money(100, "USD"), kind=IncidentKind.STALLED)
    incident = await stalled(stage)
    spent = Step(StepAction.RAISE_OFFER, DONE, "More.", stage.clock.now(), cost=Money(60, "USD"))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.incidents.put(replace(incident, steps=(spent,)))
    laid = LaidOut(foresight=Foresight(True, "Another.", cost=Money(41, "USD")))
    after = await run(stage, incident, {SEND: laid})
    assert after.steps[-1].status is StepStatus.NEEDS_APPROVAL


async def _read(stage: Stage, playbook: Playbook, most: int = 100) -> list[str]:
    """The ids of what is read to see what is due, in parts."""
    ids: list[str] = []
    behind: Incident | None = None
    while True:
        async with stage.means.begin(MERCHANT_ID) as work:
            wanted = list(wanted_steps(playbook))
            found = await work.incidents.with_due_steps(wanted, stage.clock.now(), most, behind)
        ids += [one.id for one in found]
        if len(found) < most:
            return ids
        behind = found[-1]


async def test_what_waits_for_people_alone_is_not_read_to_see_what_is_due(stage: Stage) -> None:
    playbook = await save_own(stage, StepTemplate(PING), StepTemplate(PING, 300), StepTemplate(SEND, 600))
    actions: Actions = {PING: LaidOut(), SEND: LaidOut()}
    first, second = await stalled(stage), await stalled(stage, "drv_2")
    assert await _read(stage, playbook, 1) == [first.id, second.id]
    begun = await run(stage, first, actions)
    assert await _read(stage, playbook) == [second.id], "the next step of the first is not due yet"
    stage.clock.advance(minutes=5)
    assert await _read(stage, playbook) == [first.id, second.id], "the second time that it is wanted"
    running = replace(begun.steps[0], id="pbs_1", status=StepStatus.RUNNING, place=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.incidents.put(replace(begun, steps=(*begun.steps, running), assignee_id="per_1"))
        await work.incidents.put(replace(second, acknowledged_at=stage.clock.now()))
    assert await _read(stage, playbook) == [first.id], "what has begun comes to its end, whoever has it"
    async with stage.means.begin(MERCHANT_ID) as work:
        left_out = Step(PING, StepStatus.SKIPPED, "By the house.", stage.clock.now())
        await work.incidents.put(replace(begun, steps=(*begun.steps, left_out)))
        await work.incidents.put(replace(second, steps=(replace(running, action=SEND, status=FAILED),)))
    assert await _read(stage, playbook) == [first.id, second.id], "what the house left out is still wanted"
    off = replace(playbook, enabled=False)
    assert await _read(stage, off) == [second.id], "what failed may have to be escalated"
    async with stage.means.begin(MERCHANT_ID) as work:
        for one in (begun, second):
            await resolve(work, one, Actor.PERSON, Resolution.FIXED, "It drives.", stage.clock.now())
    assert await _read(stage, playbook) == []


async def test_a_playbook_saved_while_a_step_is_looked_at_is_looked_at_anew(stage: Stage) -> None:
    playbook = await save_own(stage, StepTemplate(PING), cap=Money(10, "USD"))
    incident = await stalled(stage)

    class Saves(LaidOut):
        async def foresee(self, scene, means):  # type: ignore[no-untyped-def]
            async with stage.means.begin(MERCHANT_ID) as work:
                dear = replace(playbook, steps=(StepTemplate(SEND),))
                await work.playbooks.save(dear, playbook.version)
            return self.foresight

    dear = LaidOut(foresight=Foresight(True, "Another.", cost=Money(11, "USD")))
    after = await run(stage, incident, {PING: Saves(), SEND: dear})
    assert _went(after) == [(SEND, StepStatus.NEEDS_APPROVAL)], "its cost is its own"


async def test_no_machine_goes_on_while_a_shopper_is_asked_for_somebody(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING))
    incident, now = await stalled(stage), stage.clock.now()
    async with stage.means.begin(MERCHANT_ID) as work:
        seen = await acknowledge(work, incident, Author(Actor.PERSON, None, "key_1"), "", now)
        await wait(work, seen, MACHINE, "The shopper is asked.", now + timedelta(hours=1), now)
    assert (await run(stage, incident, {PING: LaidOut()})).steps == ()
