"""Actions about own vans and times: tours planned again, other days, other promises, a word to the driver."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.events import PlanRequested
from doorstep.incident import IncidentKind, StepAction, StepStatus
from doorstep.notice import NoticeEvent, NoticeStatus
from doorstep.route import RoutePlanStatus
from doorstep.scorecard import CarrierCounts
from doorstep.thread import Participant
from doorstep.window import Window
from gateway.flow.messaging.threads.write import read
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.tracking.track import apply_update
from gateway.store.queries.shapes import PageRequest
from gateway.store.queries.threads import SqlThreadReads
from tests.integration.flow.acting import Trial, tells, told, trouble
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import kept_plan, planned, shop_with_vans
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, north, order_to, own_fleet

R, S = NoticeEvent.RESCHEDULED, NoticeStatus


async def test_tours_are_planned_again_until_drivers_are_told_it_can_be_taken_back(stage: Stage) -> None:
    await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    incident = await trouble(stage, IncidentKind.LATE_RISK, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.REROUTE, incident)
    assert await trial.is_refused() == "No own van was told to bring it."
    await planned(stage)
    taken = await trial.is_done_once()
    plan_id = taken.undo["plan"]
    assert await trial.but(step_id="pbs_2").is_refused() == "The tours are being planned again already."
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    assert (await kept_plan(stage, plan_id)).status is RoutePlanStatus.CANCELLED
    # A machine leaves drivers alone for ten minutes; a person need not.
    machine = trial.but(step_id="pbs_3", by=Actor.PLAYBOOK)
    assert await machine.is_refused() == "The tours were planned again at 17:00 UTC."
    second = await trial.but(step_id="pbs_4").is_done_once()
    await plan_routes(PlanRequested(MERCHANT_ID, second.undo["plan"]), stage.means)
    late = await trial.undo(second.undo)
    assert (late.status, late.reason) == (
        StepStatus.FAILED,
        "This plan is PUBLISHED and cannot be called off.",
    )


async def _expected_late(stage: Stage, minutes: int) -> Delivery:
    """Its courier comes so much after the end of the promise, give or take seven minutes."""
    delivery = await stage.booked()
    assert delivery.promise is not None
    late = _later(delivery, delivery.promise.window.end + timedelta(minutes=minutes))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(late)
    return late


def _later(delivery: Delivery, at: datetime) -> Delivery:
    """The same, as it is expected now."""
    around = Window.around(at, before_s=420, after_s=420)
    return replace(delivery, eta=Eta(at, around, 0.9, EtaBasis.CARRIER, delivery.updated_at), late_risk=1.0)


async def test_a_later_time_is_promised_and_told_and_the_old_one_promised_back(stage: Stage) -> None:
    delivery = await _expected_late(stage, 30)
    before, eta = delivery.promise, delivery.eta
    assert before is not None
    assert eta is not None
    await tells(stage, R)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.REPROMISE, incident)
    foreseen = await trial.foresee()
    # Noon and an hour in New York is 18:00 UTC; half an hour more and seven minutes, rounded up to five.
    said = "The shopper is promised 23 Nov 18:20 to 18:40 UTC instead and is told."
    assert (foreseen.effect, foreseen.new_eta) == (said, eta.at)
    taken = await trial.is_done_once()
    kept = await stage.kept(delivery.id)
    assert kept.promise is not None
    assert kept.promise.window.end == eta.at + timedelta(minutes=10)
    assert kept.promised_first == before
    assert kept.late_risk is not None
    assert kept.late_risk < 0.02, "the whole interval lies within it"
    assert await told(stage, delivery.id) == [(R, S.WAITING)]
    assert (
        await trial.but(step_id="pbs_2").is_refused() == "It is expected within the time that was promised."
    )

    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    back = await stage.kept(delivery.id)
    assert (back.promise, back.promised_first, back.late_risk) == (before, None, 1.0)
    assert await told(stage, delivery.id) == [(R, S.DROPPED)], "who has not read it reads neither"
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE, "a crash may ask for it again"
    since = await trial.but(step_id="pbs_2").undo(taken.undo)
    assert since.reason == "Another time was promised since."


async def test_a_machine_promises_another_time_once_and_a_person_again(stage: Stage) -> None:
    delivery = await _expected_late(stage, 30)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    machine = Trial(stage, StepAction.REPROMISE, incident, by=Actor.PLAYBOOK)
    await machine.is_done_once()
    kept = await stage.kept(delivery.id)
    assert kept.promise is not None
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(_later(kept, kept.promise.window.end + timedelta(minutes=30)))
    again = machine.but(step_id="pbs_2")
    assert await again.is_refused() == "Another time was promised once already; a person may do so again."
    await again.but(by=Actor.PERSON).is_done_once()


@pytest.mark.parametrize("action", [StepAction.REPROMISE, StepAction.REROUTE])
async def test_one_step_that_two_take_at_once_is_taken_once(stage: Stage, action: StepAction) -> None:
    if action is StepAction.REPROMISE:
        delivery = await _expected_late(stage, 30)
    else:
        await shop_with_vans(stage)
        (delivery,) = await order_to(stage, a=north(1000))
        await planned(stage)
    await tells(stage, R)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    trial = Trial(stage, action, incident)
    one, other = await asyncio.gather(trial.carry_out(), trial.carry_out())
    assert one.status is StepStatus.DONE
    assert one == other
    assert len(await told(stage, delivery.id)) == (action is StepAction.REPROMISE)


async def test_who_has_read_of_a_later_time_reads_of_the_old_one_again(stage: Stage) -> None:
    delivery = await _expected_late(stage, 30)
    await tells(stage, R)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.REPROMISE, incident)
    taken = await trial.carry_out()
    async with stage.means.begin(MERCHANT_ID) as work:
        (notice,) = await work.notices.of_delivery(delivery.id)
        await work.notices.put(replace(notice, status=S.SENT, due_at=None))
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    assert await told(stage, delivery.id) == [(R, S.SENT), (R, S.WAITING)]


async def test_a_carrier_is_measured_by_what_was_promised_first(stage: Stage) -> None:
    delivery = await _expected_late(stage, 30)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    outcome = await Trial(stage, StepAction.REPROMISE, incident).carry_out()
    assert outcome.reason.endswith("the shopper sees it on the tracking page alone.")
    stage.clock.advance(minutes=95)
    said = stage.cheap.update("cheap-1", DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    async with stage.means.begin(MERCHANT_ID) as work:
        counts: list[CarrierCounts] = list(await work.scores.counts(stage.clock.now().date()))
    assert [one.on_time for one in counts if one.delivered] == [0]
    over = Trial(stage, StepAction.REPROMISE, incident, step_id="pbs_2")
    assert await over.is_refused() == "The delivery is over: delivered."


async def test_what_lies_at_the_depot_comes_another_day_until_the_shopper_has_read_of_it(
    stage: Stage,
) -> None:
    await own_fleet(stage, opens_in_minutes=120)
    (delivery,) = await order_to(stage, a=north(1000))
    assert delivery.promise is not None
    await tells(stage, R)
    incident = await trouble(stage, IncidentKind.LATE_RISK, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.RESCHEDULE, incident)
    window, day = delivery.promise.window, timedelta(days=1)
    taken = await trial.is_done_once()
    kept = await stage.kept(delivery.id)
    assert kept.promise is not None
    assert kept.promise.window == Window(window.start + day, window.end + day)
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    assert (await stage.kept(delivery.id)).promise == delivery.promise
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(await stage.kept(delivery.id), driver_id="drv_1"))
    refused = await trial.but(step_id="pbs_2").is_refused()
    assert refused == "It is on a driver's tour; take it off first."


async def test_what_a_courier_brings_today_does_not_come_another_day(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.LATE_RISK, delivery_id=delivery.id)
    refused = await Trial(stage, StepAction.RESCHEDULE, incident).is_refused()
    assert refused == "Only what an own van brings, or what nobody took in, can come another day."


async def test_a_driver_is_asked_once_where_no_shopper_reads_it(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    nobody = await add_van(stage, "Bob")
    (delivery,) = await order_to(stage, a=north(1000))
    await planned(stage)
    await tells(stage, NoticeEvent.MESSAGE)
    incident = await trouble(stage, IncidentKind.STALLED, driver_id=ann.id)
    trial = Trial(stage, StepAction.PING_DRIVER, incident)
    said = await trial.is_done_once()
    words = "Is everything all right? Please answer here or call the shop."
    assert said.reason == f"Van of A was asked: {words}"
    own = await trial.but(step_id="pbs_2", template="Where are you?").is_done_once()
    assert own.reason == "Van of A was asked: Where are you?"
    assert await told(stage, delivery.id) == [], "it is none of the shopper's business"

    reads, page = SqlThreadReads(stage.database, MERCHANT_ID), PageRequest(10)
    seen = {
        side: [one.body for one in (await reads.find_thread_messages(delivery.id, side, page)).items]
        for side in Participant
    }
    both = ["Where are you?", words]
    assert seen == {Participant.SHOPPER: [], Participant.DRIVER: both, Participant.DESK: both}
    assert await reads.unread_of([delivery.id]) == {delivery.id: {Participant.DRIVER: 2}}
    assert await reads.count_thread_messages(delivery.id, Participant.SHOPPER, 10) == 0
    assert await read(stage.means, MERCHANT_ID, delivery.id, Participant.SHOPPER) == 0
    assert await read(stage.means, MERCHANT_ID, delivery.id, Participant.DRIVER) == 2

    idle = await trouble(stage, IncidentKind.GPS_SILENT, driver_id=nobody.id)
    assert (
        await trial.but(incident=idle, step_id="pbs_3").is_refused() == "No driver goes to a door for it now."
    )


async def test_a_couriers_driver_is_not_ours_to_ask(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.STALLED, delivery_id=delivery.id)
    refused = await Trial(stage, StepAction.PING_DRIVER, incident).is_refused()
    assert refused == "None of the merchant's own drivers has it; a courier is asked by its carrier."
