"""Actions that tell or ask somebody: shoppers, operators, stores; and those that wait or escalate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from doorstep.audit import Actor
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity, StepAction, StepStatus
from doorstep.notice import NoticeEvent, NoticeStatus
from doorstep.thread import Participant
from gateway.flow.messaging.threads.write import write
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.acting import Trial, tells, told, trouble
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.receiver import calling, listen
from tests.integration.flow.stage import Stage

S = NoticeStatus


@dataclass
class Operators:
    """Listen to what is HIGH or worse."""

    heard: list[tuple[str, str]] = field(default_factory=list)

    def listen_to(self, severity: Severity) -> bool:
        return severity in (Severity.CRITICAL, Severity.HIGH)

    async def tell(self, severity: Severity, title: str, text: str) -> None:
        self.heard.append((title, text))


async def _kept(stage: Stage, incident: Incident) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.incidents.get(incident.id)
    assert found is not None
    return found


async def test_a_shopper_is_told_of_a_delay_once_and_not_of_one_that_was_taken_back(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.NOTIFY_SHOPPER, incident)
    refused = await trial.is_refused()
    assert refused.startswith("The merchant has no way to tell the shopper (delayed)")
    await tells(stage, NoticeEvent.DELAYED)
    taken = await trial.is_done_once()
    assert await told(stage, delivery.id) == [(NoticeEvent.DELAYED, S.WAITING)]
    again = await trial.but(step_id="pbs_2").carry_out()
    assert (again.status, again.reason) == (StepStatus.SKIPPED, "The shopper was told of it already.")
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE
    assert await told(stage, delivery.id) == [(NoticeEvent.DELAYED, S.DROPPED)]
    assert (await trial.undo(taken.undo)).status is StepStatus.UNDONE, "a crash may ask for it again"
    gone_out = trial.but(step_id="pbs_3")
    assert (await gone_out.undo(taken.undo)).reason == "It has gone out already."


async def test_what_no_notice_says_the_desk_writes_in_the_shoppers_words(stage: Stage) -> None:
    delivery = await stage.booked()
    await tells(stage, NoticeEvent.MESSAGE, NoticeEvent.RESCHEDULED)
    incident = await trouble(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.NOTIFY_SHOPPER, incident)
    said = (await trial.is_done_once()).reason
    assert said.startswith("Written to the shopper: Something went wrong with your order.")
    own = trial.but(step_id="pbs_2", template="We send another one tomorrow.")
    assert (await own.foresee()).effect == (
        "The shopper reads on the tracking page, and by sms: We send another one tomorrow."
    )
    await own.carry_out()
    named = trial.but(step_id="pbs_3", template="RESCHEDULED")
    assert (await named.is_done_once()).reason == "The shopper is told by sms: rescheduled."
    events = [event for event, _ in await told(stage, delivery.id)]
    assert events == [NoticeEvent.MESSAGE, NoticeEvent.MESSAGE, NoticeEvent.RESCHEDULED]
    async with stage.means.begin(MERCHANT_ID) as work:
        messages = await work.threads.of_delivery(delivery.id, 10)
    assert [one.to for one in messages] == [Participant.SHOPPER] * 2


async def test_a_shopper_is_asked_how_the_door_is_found_and_the_desk_waits_for_the_answer(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.ADDRESS_PROBLEM, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.ASK_SHOPPER, incident)
    said = (await trial.is_done_once()).reason
    assert said.startswith("The shopper was asked: We cannot find the door.")
    waiting = await _kept(stage, incident)
    assert waiting.status is IncidentStatus.WAITING
    assert waiting.waiting_until == stage.clock.now() + timedelta(hours=4)
    shopper = Participant.SHOPPER
    await write(stage.means, MERCHANT_ID, delivery.id, shopper, "The blue door behind the shop.", "1")
    answered = await _kept(stage, incident)
    assert (answered.status, answered.due_at) == (IncidentStatus.OPEN, incident.due_at)
    assert answered.history[-1].text == "The shopper has written."
    stalled = await trouble(stage, IncidentKind.STALLED, delivery_id=delivery.id)
    assert await trial.but(incident=stalled, step_id="pbs_2").is_refused() == (
        "There is nothing about it that a shopper could know."
    )


async def test_operators_are_told_by_machines_once_in_a_while_and_by_people_whenever(stage: Stage) -> None:
    operators = Operators()
    means = replace(stage.means, operators=operators)
    incident = await trouble(stage, IncidentKind.NO_COURIER, fulfillment_order_id="ful_1")
    trial = Trial(stage, StepAction.NOTIFY_OPERATOR, incident, by=Actor.PLAYBOOK, means=means)
    await trial.is_done_once()
    assert len(operators.heard) == 1
    assert await trial.but(step_id="pbs_2").is_refused() == (
        "Operators heard of this kind within the last half hour."
    )
    person = trial.but(step_id="pbs_3", by=Actor.PERSON, template="Call the shop.")
    await person.is_done_once()
    assert operators.heard[-1][1].startswith("Call the shop. Something is wrong. A person answers by")
    low = await trouble(stage, IncidentKind.QUOTE_EXPIRED, fulfillment_order_id="ful_1")
    assert await trial.but(incident=low, step_id="pbs_4").is_refused() == (
        "No operator listens to low incidents."
    )


async def test_the_store_is_asked_to_show_it_and_systems_hear_of_what_they_do_not_know(stage: Stage) -> None:
    loose = await trouble(stage, IncidentKind.CARRIER_DOWN, account_id="acc_1")
    nobody = await Trial(stage, StepAction.NOTIFY_STORE, loose).is_refused()
    assert nobody == "It is about no order of a store, and no system of the merchant wants to know."
    stage.shop.put("1001", street="Nowhere")
    stage.shop.report_errors = [RemoteRefused("this order is locked", system="shop")]
    await stage.take_in()
    await stage.settle()
    (incident,) = [one for one in await stage.incidents() if one.kind is IncidentKind.ADDRESS_PROBLEM]
    trial = Trial(stage, StepAction.NOTIFY_STORE, incident)
    stage.clock.advance(hours=6)
    said = (await trial.is_done_once()).reason
    assert said == "The store was asked to show how the order stands."
    await stage.settle()
    assert [report.hold is not None for report, _, _ in stage.shop.reports] == [True, True]
    await listen(calling(stage), "http://127.0.0.1:9/hook")
    told_too = await trial.but(incident=loose, step_id="pbs_2").is_done_once()
    assert told_too.reason == "1 of the merchant's systems are called."


async def test_escalating_makes_it_worse_and_due_anew_once(stage: Stage) -> None:
    incident = await trouble(stage, IncidentKind.STALLED, driver_id=new_id("drv"))
    trial = Trial(stage, StepAction.ESCALATE, incident, by=Actor.PLAYBOOK)
    foreseen = await trial.foresee()
    assert foreseen.effect == "It becomes HIGH; a person answers within 15 minutes, and operators are told."
    stage.clock.advance(minutes=30)
    await trial.is_done_once()
    worse = await _kept(stage, incident)
    assert (worse.severity, worse.due_at) == (Severity.HIGH, stage.clock.now() + timedelta(minutes=15))
    assert worse.escalations == 1
    assert (await trial.undo({})).status is StepStatus.FAILED


async def test_waiting_does_nothing_and_says_until_when(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.MERCHANT_NOT_READY, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.WAIT, incident)
    assert (await trial.foresee()).effect == "Nothing is done for now; a person answers by 23 Nov 18:00 UTC."
    await trial.is_done_once()
    assert await _kept(stage, incident) == incident


async def test_a_delivery_that_is_over_for_days_has_nobody_to_ask_by_its_page(stage: Stage) -> None:
    delivery = await stage.booked()
    incident = await trouble(stage, IncidentKind.PROOF_MISMATCH, delivery_id=delivery.id)
    trial = Trial(stage, StepAction.ASK_SHOPPER, incident)
    said = stage.cheap.update("cheap-1", DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    assert (await trial.carry_out()).reason.startswith("The shopper was asked: Has your order arrived?")
    stage.clock.advance(days=4)
    assert await trial.but(step_id="pbs_2").is_refused() == (
        "The delivery has been over for days; ask the shopper by other means."
    )
