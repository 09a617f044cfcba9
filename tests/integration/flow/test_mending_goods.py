"""Actions about the goods: another try, the way back, a refund, a claim."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.failed_attempt import AttemptChoice, AttemptState, FailedAttempt
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Step, StepAction, StepStatus
from doorstep.loss_claim import ClaimStatus
from doorstep.notice import NoticeEvent
from doorstep.return_request import ReturnReason, ReturnStatus
from gateway.flow.returning.claiming import record_claim
from gateway.flow.returning.deciding import Decision, decide
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.acting import Trial, tells, told, trouble, usd
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def _hear(stage: Stage, status: DeliveryStatus, raw: str, trouble: IncidentKind | None = None) -> None:
    update = stage.cheap.update("cheap-1", status, raw, trouble=trouble)
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    await stage.settle()


async def _not_home(stage: Stage) -> tuple[Delivery, Incident]:
    """The courier stood at the door and nobody opened."""
    delivery = await stage.booked()
    await _hear(stage, DeliveryStatus.OUT_FOR_DELIVERY, "dropoff")
    stage.clock.advance(minutes=10)
    await _hear(stage, DeliveryStatus.ATTEMPT_FAILED, "failed", IncidentKind.RECIPIENT_UNAVAILABLE)
    (incident,) = await stage.incidents()
    return delivery, incident


async def _attempt(stage: Stage, delivery: Delivery) -> FailedAttempt:
    async with stage.means.begin(MERCHANT_ID) as work:
        (found,) = await work.returns.attempts_of(delivery.id)
    return found


async def test_another_try_on_another_day_is_open_again_until_somebody_goes_for_it(stage: Stage) -> None:
    delivery, incident = await _not_home(stage)
    before = await _attempt(stage, delivery)
    trial = Trial(stage, StepAction.RESCHEDULE, incident)
    taken = await trial.is_done_once()
    decided = await _attempt(stage, delivery)
    assert (decided.state, decided.decision) == (AttemptState.TRYING_AGAIN, AttemptChoice.TRY_AGAIN)
    assert decided.decided_by is Actor.PERSON
    assert delivery.promise is not None
    assert decided.window is not None
    assert decided.window.start == delivery.promise.window.start + timedelta(days=1)
    assert (await trial.undo(taken.undo)).reason == "It is open again what follows."
    back = await _attempt(stage, delivery)
    assert (back.state, back.decision, back.window) == (before.state, None, None)
    assert back.answer_by == before.answer_by

    second = trial.but(step_id="pbs_2")
    again = await second.carry_out()
    await stage.settle()
    await _hear(stage, DeliveryStatus.RETURNING, "returning")  # the goods have moved on
    assert (await second.undo(again.undo)).reason == "It is under way already."
    # Whoever was not told that the first was taken back, before a crash, hears it again; nothing changes.
    assert (await trial.undo(taken.undo)).reason == "It is open again what follows."
    assert (await _attempt(stage, delivery)).decision is AttemptChoice.TRY_AGAIN


async def test_a_shopper_who_did_not_choose_is_asked_once_more(stage: Stage) -> None:
    await tells(stage, NoticeEvent.ATTEMPT_FAILED)
    delivery, incident = await _not_home(stage)
    stage.clock.advance(hours=3)
    trial = Trial(stage, StepAction.ASK_SHOPPER, incident)
    said = (await trial.is_done_once()).reason
    assert said == "The shopper may choose until 24 Nov 00:10 UTC: try again."
    assert (await _attempt(stage, delivery)).answer_by == stage.clock.now() + timedelta(hours=4)
    assert [event for event, _ in await told(stage, delivery.id)] == [NoticeEvent.ATTEMPT_FAILED] * 2
    (waiting,) = await stage.incidents()
    assert waiting.status is IncidentStatus.WAITING


async def test_what_nobody_took_in_comes_back_once(stage: Stage) -> None:
    delivery, incident = await _not_home(stage)
    trial = Trial(stage, StepAction.RETURN, incident, by=Actor.PLAYBOOK)
    taken = await trial.is_done_once()
    assert (await _attempt(stage, delivery)).state is AttemptState.GOING_BACK
    assert (await trial.undo(taken.undo)).reason == "This cannot be taken back."


async def test_what_was_delivered_is_fetched_if_a_person_says_so_and_called_off_again(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.RETURN, incident)
    assert (await trial.is_refused()).startswith("Nobody has failed to hand it over")
    await _hear(stage, DeliveryStatus.DELIVERED, "delivered")
    machine = await trial.but(by=Actor.PLAYBOOK).is_refused()
    assert machine == "What the way back costs is not known before it is booked; a person decides."
    taken = await trial.is_done_once()

    async def back() -> tuple[ReturnStatus, ReturnReason]:
        async with stage.means.begin(MERCHANT_ID) as work:
            (request,) = await work.returns.requests((), "", 10)
        return request.status, request.reason

    await stage.settle()
    assert await back() == (ReturnStatus.APPROVED, ReturnReason.DAMAGED)
    for _ in range(2):
        assert (await trial.undo(taken.undo)).reason == "The return is called off."
    assert (await back())[0] is ReturnStatus.CANCELLED
    assert stage.cheap.cancelled == ["cheap-2"]


async def test_nobody_fetches_goods_for_more_than_a_person_has_said(stage: Stage) -> None:
    delivery = await stage.booked()
    await _hear(stage, DeliveryStatus.DELIVERED, "delivered")
    incident = await trouble(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    # The way back costs 5.00.
    await Trial(stage, StepAction.RETURN, incident, max_cost=usd(499)).carry_out()
    await stage.settle()
    assert len(stage.cheap.booked) == 1
    kinds = {one.kind for one in await stage.incidents()}
    assert IncidentKind.NO_COURIER in kinds, "a person hears that nobody comes for so little"


async def test_goods_are_fetched_for_as_much_as_a_person_has_said(stage: Stage) -> None:
    delivery = await stage.booked()
    await _hear(stage, DeliveryStatus.DELIVERED, "delivered")
    incident = await trouble(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    await Trial(stage, StepAction.RETURN, incident, max_cost=usd(500)).carry_out()
    await stage.settle()
    assert len(stage.cheap.booked) == 2


async def test_a_return_that_nobody_has_booked_is_called_off_with_nobody(stage: Stage) -> None:
    delivery = await stage.booked()
    await _hear(stage, DeliveryStatus.DELIVERED, "delivered")
    incident = await trouble(stage, IncidentKind.ITEM_MISMATCH, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.RETURN, incident)
    taken = await trial.carry_out()
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    await stage.settle()
    assert (stage.cheap.cancelled, len(stage.cheap.booked)) == ([], 1)


async def test_a_refund_is_drafted_once_and_struck_out(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.LOST, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.REFUND_DRAFT, incident)
    taken = await trial.is_done_once()
    assert (taken.reason, taken.cost) == ("Draft of a refund: 42.00 USD; pay it in the store.", None)
    assert (
        await trial.undo(taken.undo)
    ).reason == "The draft of 42.00 USD is void; nothing was paid from here."


async def test_of_two_workers_who_draft_a_refund_at_once_one_does(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.LOST, delivery_id=delivery.id)
    # Both have begun: a person pressed it while the playbook came to it.
    begun = tuple(
        Step(StepAction.REFUND_DRAFT, StepStatus.RUNNING, "", stage.clock.now(), id_)
        for id_ in ("pbs_1", "pbs_2")
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = replace(incident, steps=begun)
        await work.incidents.put(incident)
    trials = [Trial(stage, StepAction.REFUND_DRAFT, incident, step_id=step.id) for step in begun]
    outcomes = await asyncio.gather(*(one.carry_out() for one in trials))
    assert sorted(one.status for one in outcomes) == [StepStatus.DONE, StepStatus.SKIPPED]
    assert {one.reason for one in outcomes} >= {"A refund is drafted already."}


async def test_a_refund_that_somebody_drafted_is_not_drafted_again(stage: Stage) -> None:
    delivery, incident = await _not_home(stage)
    attempt = await _attempt(stage, delivery)
    await decide(stage.means, MERCHANT_ID, attempt.id, Decision(AttemptChoice.GIVE_UP, Actor.PERSON))
    refused = await Trial(stage, StepAction.REFUND_DRAFT, incident).is_refused()
    assert refused == "A refund is drafted already."


async def test_a_claim_is_drafted_once_thrown_away_and_drafted_anew_until_it_is_filed(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.LOST, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.CLAIM, incident)
    foreseen = await trial.foresee()
    assert foreseen.effect == "A claim of 47.00 USD is drafted, to be filed with cheap by 07 Dec."
    taken = await trial.is_done_once()
    second = trial.but(step_id="pbs_2")
    assert await second.is_refused() == "A claim of 47.00 USD is draft already."
    assert (await trial.undo(taken.undo)).reason == "The draft is thrown away."
    anew = await second.is_done_once()
    await record_claim(stage.means, MERCHANT_ID, anew.undo["claim"], ClaimStatus.FILED)
    late = await second.undo(anew.undo)
    assert (late.status, late.reason) == (StepStatus.FAILED, "The claim is FILED already.")


async def test_what_is_about_no_delivery_has_no_goods(stage: Stage) -> None:
    incident = await trouble(stage, IncidentKind.RETURN_OVERDUE, fulfillment_order_id="ful_1")
    for action in (StepAction.CLAIM, StepAction.REFUND_DRAFT, StepAction.RETURN):
        await Trial(stage, action, incident).is_refused()
