"""A person takes a remedy with its price before them, approves what a machine may not, and takes it back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from doorstep.audit import Actor, Author
from doorstep.errors import (
    ApprovalRequired,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    RemoteUnavailable,
    StateConflict,
)
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import StepTemplate
from gateway.flow.mending.action import Foresight, Outcome
from gateway.flow.mending.apply import Press, apply_remedy
from gateway.flow.mending.book import open_book
from gateway.flow.mending.remedies import remedies_of
from gateway.flow.mending.save import archive_playbook, save_playbook
from gateway.flow.mending.standard import standard_id, standard_playbook
from gateway.flow.mending.take_back import take_back
from gateway.flow.watching.incidents import resolve
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.mending import Actions, LaidOut, kept, run, save_own, stalled
from tests.integration.flow.stage import Stage

PING, REROUTE = StepAction.PING_DRIVER, StepAction.REROUTE
ANN = Author(Actor.PERSON, "per_1", "key_1")
KEY = "0123456789"


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def _costs(minor: int) -> LaidOut:
    return LaidOut(
        foresight=Foresight(True, "It would help.", cost=usd(minor)),
        outcome=Outcome(StepStatus.DONE, "It helped.", cost=usd(minor), undo={"it": "1"}),
    )


async def _press(
    stage: Stage,
    incident: Incident,
    actions: Actions,
    *,
    remedy: str = "",
    most: Money | None = None,
    key: str = KEY,
) -> tuple[Incident, Step]:
    press = Press(incident.id, remedy or f"{incident.id}.{PING}", ANN, most)
    return await apply_remedy(stage.means, MERCHANT_ID, key, press, actions)


async def test_what_is_possible_is_offered_and_what_waits_for_a_person_comes_first(stage: Stage) -> None:
    await save_own(stage, StepTemplate(REROUTE, needs_approval=True))
    actions: Actions = {
        REROUTE: LaidOut(foresight=Foresight(True, "The tours are planned again.")),
        PING: LaidOut(foresight=Foresight(True, "The driver reads it.", cost=usd(5))),
        StepAction.NOTIFY_OPERATOR: LaidOut(foresight=Foresight(False, "Nobody listens.")),
    }
    incident = await run(stage, await stalled(stage), actions)
    (step,) = incident.steps
    assert step.status is StepStatus.NEEDS_APPROVAL
    offered = await remedies_of(stage.means, incident, actions)
    assert [(one.id, one.action, one.needs_approval) for one in offered] == [
        (step.id, REROUTE, True),
        (f"{incident.id}.{PING}", PING, True),
    ]
    assert (offered[1].label, offered[1].effect, offered[1].cost) == (
        "Write to the driver",
        "The driver reads it.",
        usd(5),
    )
    assert await kept(stage, incident.id) == incident, "nothing is changed by looking"


async def test_a_remedy_is_taken_once_for_a_key_and_says_who_took_it(stage: Stage) -> None:
    incident, laid = await stalled(stage), LaidOut()
    after, step = await _press(stage, incident, {PING: laid})
    assert (step.status, step.by, step.reason, step.place) == (
        StepStatus.DONE,
        Actor.PERSON,
        "It helped.",
        None,
    )
    said = [(line.text, line.by, line.person_id, line.key_id) for line in after.history[-2:]]
    assert said == [
        ("Write to the driver.", Actor.PERSON, "per_1", "key_1"),
        ("It helped.", Actor.PERSON, "per_1", "key_1"),
    ]
    assert await _press(stage, incident, {PING: laid}) == (after, step)
    assert len(laid.done) == 1
    with pytest.raises(IdempotencyConflict):
        await _press(stage, incident, {PING: laid}, most=usd(1))


async def test_what_costs_something_needs_somebody_who_says_how_much(stage: Stage) -> None:
    incident, laid = await stalled(stage), _costs(500)
    with pytest.raises(ApprovalRequired) as refusal:
        await _press(stage, incident, {PING: laid})
    assert (refusal.value.cost, refusal.value.cap) == (usd(500), usd(0))
    with pytest.raises(ApprovalRequired) as refusal:
        await _press(stage, incident, {PING: laid}, most=usd(499))
    assert refusal.value.cap == usd(499)
    assert (await kept(stage, incident.id)).steps == ()
    _, step = await _press(stage, incident, {PING: laid}, most=usd(500), key="another-key")
    assert (step.status, step.cost) == (StepStatus.DONE, usd(500))
    assert laid.done[0].may_spend == usd(500)
    assert laid.done[0].by is Actor.PERSON


async def test_within_the_cap_of_the_playbook_nobody_has_to_say_how_much(stage: Stage) -> None:
    await save_own(stage, cap=usd(500))
    incident = await stalled(stage)
    _, step = await _press(stage, incident, {PING: _costs(500)})
    assert step.status is StepStatus.DONE


async def test_an_approved_step_is_the_one_that_waited(stage: Stage) -> None:
    playbook = await save_own(stage, StepTemplate(PING, template="Are you well?"), cap=usd(100))
    laid = _costs(500)
    incident = await run(stage, await stalled(stage), {PING: laid})
    (waiting,) = incident.steps
    after, step = await _press(stage, incident, {PING: laid}, remedy=waiting.id, most=usd(500))
    assert [one.id for one in after.steps] == [step.id] == [waiting.id]
    assert (step.status, step.by, step.place, step.playbook_id) == (
        StepStatus.DONE,
        Actor.PERSON,
        0,
        playbook.id,
    )
    assert laid.done[0].template == "Are you well?"
    with pytest.raises(NotFound):
        await _press(stage, incident, {PING: laid}, remedy=waiting.id, most=usd(500), key="another-key")


async def test_after_a_lost_answer_the_same_press_goes_on(stage: Stage) -> None:
    incident = await stalled(stage)
    laid = LaidOut(errors=[RemoteUnavailable("Nobody answered.", system="x")])
    with pytest.raises(RemoteUnavailable):
        await _press(stage, incident, {PING: laid})
    (step,) = (await kept(stage, incident.id)).steps
    assert step.status is StepStatus.RUNNING
    await run(stage, incident, {PING: laid})
    assert len(laid.done) == 1, "no machine goes on with what a person began"
    after, done = await _press(stage, incident, {PING: laid})
    assert (
        [(one.id, one.status) for one in after.steps]
        == [(step.id, StepStatus.DONE)]
        == [(done.id, done.status)]
    )


async def test_an_approved_step_whose_answer_was_lost_is_gone_on_with(stage: Stage) -> None:
    await save_own(stage, StepTemplate(PING, needs_approval=True))
    laid = LaidOut(errors=[RemoteUnavailable("Nobody answered.", system="x")])
    incident = await run(stage, await stalled(stage), {PING: laid})
    (waiting,) = incident.steps
    with pytest.raises(RemoteUnavailable):
        await _press(stage, incident, {PING: laid}, remedy=waiting.id)
    # It may have happened, so that it looks as if it could not be done any more.
    laid.foresight = Foresight(False, "It was done.")
    _, step = await _press(stage, incident, {PING: laid}, remedy=waiting.id)
    assert (step.id, step.status) == (waiting.id, StepStatus.DONE)
    assert {scene.step_id for scene in laid.done} == {waiting.id}


async def test_two_who_press_at_once_do_it_once(stage: Stage) -> None:
    incident, laid = await stalled(stage), LaidOut()
    await asyncio.gather(*(_press(stage, incident, {PING: laid}, key=f"key-{n:06}") for n in range(2)))
    assert len({scene.step_id for scene in laid.done}) == len((await kept(stage, incident.id)).steps)


async def test_what_came_of_a_press_stays_when_another_one_ends_later(stage: Stage) -> None:
    incident, quick = await stalled(stage), _costs(5)

    class Slow(LaidOut):
        async def carry_out(self, scene, means):  # type: ignore[no-untyped-def]
            await _press(stage, incident, {PING: quick}, most=usd(5), key="another-key")
            return self.outcome

    slow = Slow(outcome=Outcome(StepStatus.SKIPPED, "It was done meanwhile."))
    after, step = await _press(stage, incident, {PING: slow})
    assert after.steps == (step,)
    assert (step.status, step.cost, step.can_undo) == (StepStatus.DONE, usd(5), True)


async def test_remedies_are_looked_at_one_after_the_other(stage: Stage) -> None:
    # Each look takes a connection to the database, which are few.
    at_once = [0, 0]

    class Counts(LaidOut):
        async def foresee(self, scene, means):  # type: ignore[no-untyped-def]
            at_once[0] += 1
            at_once[1] = max(at_once)
            await asyncio.sleep(0)
            at_once[0] -= 1
            return self.foresight

    offered = await remedies_of(stage.means, await stalled(stage), {PING: Counts(), REROUTE: Counts()})
    assert (len(offered), at_once) == (2, [0, 1])


async def test_what_a_remedy_mends_is_over(stage: Stage) -> None:
    mends = LaidOut(outcome=Outcome(StepStatus.DONE, "It drives.", is_mended=True))
    after, _ = await _press(stage, await stalled(stage), {PING: mends})
    assert (after.status, after.resolved_by) == (IncidentStatus.RESOLVED, Actor.PERSON)


async def test_what_is_over_not_possible_or_unknown_is_refused(stage: Stage) -> None:
    incident = await stalled(stage)
    laid = LaidOut(foresight=Foresight(False, "No driver has it."))
    with pytest.raises(StateConflict, match="No driver has it"):
        await _press(stage, incident, {PING: laid})
    with pytest.raises(NotFound):
        await _press(stage, incident, {PING: LaidOut()}, remedy=f"{incident.id}.{StepAction.CLAIM}")
    with pytest.raises(NotFound):
        await _press(stage, replace(incident, id="exc_01jdm3y5x8e3s9v2k7q4c6b0an"), {PING: LaidOut()})
    async with stage.means.begin(MERCHANT_ID) as work:
        over = await resolve(work, incident, Actor.DRIVER, Resolution.FIXED, "It drives.", stage.clock.now())
    assert await remedies_of(stage.means, over, {PING: LaidOut()}) == ()
    with pytest.raises(StateConflict, match="is over"):
        await _press(stage, over, {PING: LaidOut()})


async def test_a_step_is_taken_back_once(stage: Stage) -> None:
    laid = _costs(500)
    after, step = await _press(stage, await stalled(stage), {PING: laid}, most=usd(500))
    for _ in range(2):
        after = await take_back(stage.means, MERCHANT_ID, step.id, ANN, "Wrong van.", {PING: laid})
        assert [one.status for one in after.steps] == [StepStatus.UNDONE]
    assert laid.undone == [{"it": "1"}]
    assert after.history[-1].text == "It is as it was.: Wrong van."


async def test_what_cannot_be_taken_back_says_so(stage: Stage) -> None:
    _, step = await _press(stage, await stalled(stage), {PING: LaidOut()})
    with pytest.raises(StateConflict, match="cannot be taken back"):
        await take_back(stage.means, MERCHANT_ID, step.id, ANN, "", {PING: LaidOut()})
    with pytest.raises(NotFound):
        await take_back(stage.means, MERCHANT_ID, "pbs_01jdm3y5x8e3s9v2k7q4c6b0an", ANN, "", {})


async def test_what_it_is_too_late_to_take_back_stays(stage: Stage) -> None:
    class Late(LaidOut):
        async def undo(self, scene, undo, means):  # type: ignore[no-untyped-def]
            return Outcome(StepStatus.FAILED, "The driver has read it.")

    done = Outcome(StepStatus.DONE, "Written.", undo={"it": "1"})
    incident, step = await _press(stage, await stalled(stage), {PING: Late(outcome=done)})
    with pytest.raises(StateConflict, match="has read it"):
        await take_back(stage.means, MERCHANT_ID, step.id, ANN, "", {PING: Late()})
    assert (await kept(stage, incident.id)).steps == (step,)


async def test_a_standard_playbook_is_saved_as_an_own_one_and_comes_back(stage: Stage) -> None:
    kind = IncidentKind.STALLED
    standard = standard_playbook(kind, MERCHANT_ID)
    assert standard is not None
    async with stage.means.begin(MERCHANT_ID) as work:
        own = await save_playbook(work, replace(standard, name="Ours"), 0, stage.clock.now())
        assert (own.name, own.version, own.id == standard.id) == ("Ours", 1, False)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert (await open_book(work)).of(kind) == own
        with pytest.raises(StateConflict):
            await save_playbook(work, own, 2, stage.clock.now())
        with pytest.raises(NotFound):
            await archive_playbook(work, standard_id(kind), 0, stage.clock.now())
        await archive_playbook(work, own.id, 1, stage.clock.now())
        assert (await open_book(work)).of(kind) == standard
        with pytest.raises(InvalidInput) as wrong:
            await save_playbook(work, replace(own, name=""), 1, stage.clock.now())
    assert wrong.value.path == ("input", "name")
