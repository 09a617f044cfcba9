"""A late courier is offered more, then replaced while that is free; one carrier at a time has the goods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import Spending
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.events import CourierLate
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.money import Money
from doorstep.ports import CancelPolicy
from doorstep.scorecard import CarrierCounts
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.hurry import hurry
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

FREE = CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED)


@dataclass
class TakesTips(FakeCarrier):
    """Keeps what it is offered beside its price, and has one booking at a time for sure.

    Attributes
    ----------
    lost
        So many answers to calling off are lost, after the deed.
    """

    offered: list[Money] = field(default_factory=list)
    tip_error: RemoteRefused | None = None
    lost: int = 0

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        if self.tip_error is not None:
            raise self.tip_error
        self.offered.append(extra)
        return extra

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        said = await super().cancel(external_id, reason, budget_s)
        if self.lost:
            self.lost -= 1
            raise UnknownOutcome("the answer was lost", system=self.carrier)
        return said


@pytest.fixture
async def tips(stage: Stage) -> TakesTips:
    """The cheap carrier, who takes tips and may be called off until somebody is assigned."""
    stage.cheap.__class__ = TakesTips
    cheap = stage.cheap
    assert isinstance(cheap, TakesTips)
    cheap.offered, cheap.tip_error, cheap.lost = [], None, 0
    stage.links.linked[:] = [replace(linked, cancelling=FREE) for linked in stage.links.linked]
    return cheap


async def _spend(stage: Stage, spending: Spending) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, spending=spending))


async def _look(stage: Stage, **later: float) -> None:
    stage.clock.advance(**later)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()


async def _steps(stage: Stage, kind: IncidentKind) -> list[tuple[StepAction, StepStatus]]:
    """Of the newest incident of a kind, over or not, without what its playbook's runner took."""
    incident = await _incident(stage, kind)
    return [(step.action, step.status) for step in incident.steps if step.place is None]


async def _incident(stage: Stage, kind: IncidentKind) -> Incident:
    live = [one for one in await stage.incidents() if one.kind is kind]
    if live:
        return live[0]
    async with stage.database.tenant(MERCHANT_ID) as connection:
        query = f"SELECT id FROM incidents WHERE doc ->> 'kind' = '{kind}' ORDER BY id DESC LIMIT 1"  # noqa: S608 - an enum's value
        (found,) = (await connection.exec_driver_sql(query)).one()
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = await work.incidents.get(found)
    assert incident is not None
    return incident


def _legs(delivery: Delivery) -> list[tuple[str, DeliveryStatus]]:
    return [(leg.carrier, leg.status) for leg in delivery.legs]


async def test_a_courier_whom_nobody_sends_is_offered_more_and_then_replaced(
    stage: Stage, tips: TakesTips
) -> None:
    await _spend(stage, Spending(tip_cap=Money(300, "USD"), tip_step=Money(200, "USD")))
    delivery = await stage.booked()

    # Pickup is due after 20 minutes: ten before that somebody must be assigned.
    await _look(stage, minutes=10, seconds=1)
    await _look(stage, minutes=1)
    assert tips.offered == [Money(200, "USD")], "a step is given two minutes to work"
    await _look(stage, minutes=1)
    assert tips.offered == [Money(200, "USD"), Money(300, "USD")]
    assert (await stage.delivery()).legs[0].extra == Money(300, "USD")
    await _look(stage, minutes=2)

    kept = await stage.kept(delivery.id)
    assert _legs(kept) == [("cheap", DeliveryStatus.CANCELLED), ("dear", DeliveryStatus.BOOKED)]
    assert (tips.cancelled, len(stage.dear.booked)) == (["cheap-1"], 1)
    assert kept.promise == delivery.promise
    incident = await _incident(stage, IncidentKind.NO_COURIER)
    assert [(step.action, step.status) for step in incident.steps] == [
        (StepAction.RAISE_OFFER, StepStatus.DONE),
        (StepAction.RAISE_OFFER, StepStatus.DONE),
        (StepAction.REDISPATCH, StepStatus.RUNNING),
        (StepAction.NEXT_QUOTE, StepStatus.DONE),
    ]
    assert "3.00 USD beside the price of 5.00 USD" in incident.steps[1].reason
    assert "comes by" in incident.steps[2].reason
    assert incident.steps[3].reason == "Booked dear for 9.00 USD instead of cheap: 4.00 USD more."
    assert not incident.is_live


async def test_calling_a_late_courier_off_does_not_count_against_its_carrier(
    stage: Stage, tips: TakesTips
) -> None:
    delivery = await stage.booked()
    await _look(stage, minutes=11)
    # The webhook about our own calling off comes after the answer.
    said = tips.update("cheap-1", DeliveryStatus.CANCELLED, "canceled by merchant")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        counts: list[CarrierCounts] = list(await work.scores.counts(stage.clock.now().date()))
        events = await work.deliveries.events(delivery.id)
    assert sum(one.cancelled for one in counts) == 0
    assert [event.text for event in events if event.source is EventSource.RULE] == [
        "Called off in time, so that somebody comes sooner."
    ]
    assert len((await stage.kept(delivery.id)).legs) == 2


async def test_nobody_else_is_booked_until_a_lost_answer_is_known(stage: Stage, tips: TakesTips) -> None:
    delivery = await stage.booked()
    tips.lost = 2
    await _look(stage, minutes=11)
    kept = await stage.kept(delivery.id)
    assert kept.legs[0].is_live
    assert kept.legs[0].giving_up is not None
    assert stage.dear.booked == {}

    # A sweep asks again, as nobody knows whether the first one got through, and a person hears of it.
    await _look(stage, minutes=16)
    titles = {one.title.partition(": ")[2] for one in await stage.incidents()}
    assert "not known whether it is called off" in titles
    assert (len(tips.cancelled), stage.dear.booked) == (2, {})
    await _look(stage, minutes=2)

    assert _legs(await stage.kept(delivery.id)) == [
        ("cheap", DeliveryStatus.CANCELLED),
        ("dear", DeliveryStatus.BOOKED),
    ]
    assert len(stage.dear.booked) == 1


async def test_a_webhook_that_is_faster_than_the_answer_has_the_other_one_booked(
    stage: Stage, tips: TakesTips
) -> None:
    delivery = await stage.booked()
    tips.lost = 1
    await _look(stage, minutes=11)
    said = tips.update("cheap-1", DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.SEARCHING
    await stage.settle()

    assert _legs(await stage.kept(delivery.id)) == [
        ("cheap", DeliveryStatus.CANCELLED),
        ("dear", DeliveryStatus.BOOKED),
    ]
    assert [one.kind for one in await stage.incidents()] == [], "nobody dropped anything"
    await hurry(CourierLate(MERCHANT_ID, delivery.id, delivery.legs[0].id), stage.means)
    assert len((await stage.kept(delivery.id)).legs) == 2


async def test_a_carrier_who_keeps_the_job_is_left_alone(stage: Stage, tips: TakesTips) -> None:
    delivery = await stage.booked()
    tips.cancel_error = RemoteRefused("a courier is there", system="cheap")
    for _ in range(4):
        await _look(stage, minutes=11)
    assert (tips.cancelled, stage.dear.booked) == (["cheap-1"], {})
    kept = await stage.kept(delivery.id)
    assert (kept.legs[0].is_live, kept.legs[0].giving_up) == (True, None)
    assert await _steps(stage, IncidentKind.NO_COURIER) == [
        (StepAction.REDISPATCH, StepStatus.RUNNING),
        (StepAction.REDISPATCH, StepStatus.FAILED),
    ]


async def test_a_carrier_that_is_down_is_called_off_at_another_time(stage: Stage, tips: TakesTips) -> None:
    delivery = await stage.booked()
    tips.cancel_error = RemoteUnavailable("down", system="cheap")
    await _look(stage, minutes=11)
    assert (await stage.kept(delivery.id)).legs[0].giving_up is None, "nothing was done for sure"
    tips.cancel_error = None
    await _look(stage, minutes=3)
    assert [leg.carrier for leg in (await stage.kept(delivery.id)).legs] == ["cheap", "dear"]


async def test_when_nobody_comes_sooner_the_late_one_is_kept_and_a_person_sees_it(
    stage: Stage, tips: TakesTips
) -> None:
    delivery = await stage.booked()
    stage.dear.price = 1501  # 300 % of 5.00 is the most
    for _ in range(5):
        await _look(stage, minutes=11)
    assert tips.cancelled == []
    assert _legs(await stage.kept(delivery.id)) == [("cheap", DeliveryStatus.BOOKED)]
    assert await _steps(stage, IncidentKind.NO_COURIER) == [(StepAction.REDISPATCH, StepStatus.SKIPPED)] * 3


async def test_what_costs_is_not_called_off_and_says_so(stage: Stage) -> None:
    await stage.booked()
    await _look(stage, minutes=11)
    incident = await _incident(stage, IncidentKind.NO_COURIER)
    assert [step.reason for step in incident.steps] == [
        "It stays with cheap: calling it off is not free.",
    ]
    assert stage.cheap.cancelled == []


async def test_a_tip_that_is_refused_does_not_hold_the_next_step_up(stage: Stage, tips: TakesTips) -> None:
    await _spend(stage, Spending(tip_cap=Money(300, "USD")))
    await stage.booked()
    tips.tip_error = RemoteRefused("no tips here", system="cheap")
    await _look(stage, minutes=11)
    await _look(stage, minutes=2)
    assert await _steps(stage, IncidentKind.NO_COURIER) == [
        (StepAction.RAISE_OFFER, StepStatus.FAILED),
        (StepAction.REDISPATCH, StepStatus.RUNNING),
        (StepAction.NEXT_QUOTE, StepStatus.DONE),
    ]


async def test_one_who_is_on_the_way_and_breaks_the_promise_is_replaced_while_that_is_free(
    stage: Stage, tips: TakesTips
) -> None:
    stage.links.linked[:] = [
        replace(linked, cancelling=CancelPolicy(free_for_s=600)) for linked in stage.links.linked
    ]
    delivery = await stage.booked()
    assert delivery.promise is not None
    eta = delivery.promise.window.end + timedelta(minutes=30)
    stage.clock.advance(minutes=4)
    told = tips.update("cheap-1", DeliveryStatus.COURIER_ASSIGNED, "assigned", dropoff_eta=eta)
    await apply_update(stage.means, MERCHANT_ID, "cheap", told)
    await _look(stage)

    assert _legs(await stage.kept(delivery.id)) == [
        ("cheap", DeliveryStatus.CANCELLED),
        ("dear", DeliveryStatus.BOOKED),
    ]
    assert await _steps(stage, IncidentKind.ETA_PAST_PROMISE) == [
        (StepAction.REDISPATCH, StepStatus.RUNNING),
        (StepAction.NEXT_QUOTE, StepStatus.DONE),
    ]
    await _look(stage, minutes=1)
    assert await stage.incidents() == []


async def test_where_the_one_to_come_instead_says_no_all_are_asked_again(
    stage: Stage, tips: TakesTips
) -> None:
    delivery = await stage.booked()
    await stage.link(FakeCarrier("third", stage.clock, 1000, minutes=56))
    stage.dear.book_errors = [RemoteRefused("no couriers", system="dear")]
    await _look(stage, minutes=11)
    kept = await stage.kept(delivery.id)
    assert _legs(kept)[:2] == [("cheap", DeliveryStatus.CANCELLED), ("dear", DeliveryStatus.FAILED)]
    assert [leg.is_live for leg in kept.legs] == [False, False, True]


async def test_a_person_who_calls_off_in_between_has_the_last_word(stage: Stage, tips: TakesTips) -> None:
    delivery = await stage.booked()
    stage.clock.advance(minutes=11)
    await sweep(stage.means, MERCHANT_ID)  # its job waits
    leg = delivery.legs[0]
    await hurry(CourierLate(MERCHANT_ID, delivery.id, leg.id), stage.means)  # and so does what follows
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so", by_person=True)
    await stage.settle()
    assert stage.dear.booked == {}
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED
