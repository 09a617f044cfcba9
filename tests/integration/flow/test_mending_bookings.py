"""Actions about bookings: more for a courier, another one, the next in rank, and asking again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from doorstep.audit import Actor
from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import Spending
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.incident import IncidentKind, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.ports import CancelPolicy
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.acting import Trial, rule, trouble, usd
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

FREE = CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED)


@dataclass
class TakesTips(FakeCarrier):
    """Keeps what it is offered; so many answers to offering and calling off are lost, after the deed."""

    offered: list[Money] = field(default_factory=list)
    tip_error: Exception | None = None
    lost: int = 0

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        if isinstance(self.tip_error, RemoteRefused):
            raise self.tip_error
        self.offered.append(extra)
        if self.tip_error is not None:
            raise self.tip_error
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
    tips = TakesTips("cheap", stage.clock, 500)
    accounts = [replace(one, cancelling=FREE) for one in stage.links.linked]
    stage.links.linked[:] = [replace(accounts[0], connector=tips), accounts[1]]
    return tips


async def _late(stage: Stage, action: StepAction) -> tuple[Delivery, Trial]:
    """A booking that nobody was assigned to for ten minutes."""
    delivery = await stage.booked()
    stage.clock.advance(minutes=10)
    incident = await trouble(stage, IncidentKind.NO_COURIER, delivery_id=delivery.id)
    return delivery, Trial(stage, action, incident)


async def _extra(stage: Stage, delivery: Delivery) -> Money | None:
    leg = (await stage.kept(delivery.id)).active_leg
    return leg.extra if leg is not None else None


async def test_a_courier_is_offered_more_once_within_what_may_be_spent(stage: Stage, tips: TakesTips) -> None:
    await rule(stage, spending=Spending(tip_cap=usd(300), tip_step=usd(200)))
    delivery, trial = await _late(stage, StepAction.RAISE_OFFER)
    foreseen = await trial.foresee()
    assert (foreseen.cost, foreseen.can_undo) == (usd(200), False)
    assert foreseen.effect == "The couriers of cheap are offered 2.00 USD beside the price of 5.00 USD."
    assert (await trial.is_done_once()).cost == usd(200)
    assert (tips.offered, await _extra(stage, delivery)) == ([usd(200)], usd(200))
    # The next one may spend 50 cents, where the rules would have offered a dollar.
    second = await trial.but(step_id="pbs_2", by=Actor.PLAYBOOK, may_spend=usd(50)).carry_out()
    assert (second.cost, tips.offered[-1]) == (usd(50), usd(250))
    undone = await trial.undo({})
    assert (undone.status, undone.reason) == (StepStatus.FAILED, "This cannot be taken back.")


async def test_an_offer_whose_answer_was_lost_is_repeated_at_the_same_amount(
    stage: Stage, tips: TakesTips
) -> None:
    await rule(stage, spending=Spending(tip_cap=usd(900), tip_step=usd(200)))
    delivery, trial = await _late(stage, StepAction.RAISE_OFFER)
    tips.tip_error = UnknownOutcome("the answer was lost", system="cheap")
    with pytest.raises(UnknownOutcome):
        await trial.carry_out()
    tips.tip_error = None
    assert (await trial.carry_out()).cost == usd(200)
    assert (tips.offered, await _extra(stage, delivery)) == ([usd(200), usd(200)], usd(200))


async def test_where_no_rule_offers_more_only_a_person_who_says_how_much_can(
    stage: Stage, tips: TakesTips
) -> None:
    delivery, trial = await _late(stage, StepAction.RAISE_OFFER)
    assert (await trial.foresee()).effect == "The couriers of cheap are offered as much more as you agree to."
    machine = trial.but(by=Actor.PLAYBOOK, may_spend=usd(400))
    assert await machine.is_refused() == "The merchant's rules offer couriers nothing more beside the price."
    tips.tip_error = RemoteRefused("no tips here", system="cheap")
    agreed = trial.but(may_spend=usd(400), step_id="pbs_2")
    refused = await agreed.carry_out()
    assert (refused.status, refused.reason) == (
        StepStatus.FAILED,
        "cheap takes no 4.00 USD beside the price: no tips here",
    )
    tips.tip_error = None
    assert (await agreed.but(step_id="pbs_3").carry_out()).cost == usd(400)
    said = tips.update("cheap-1", DeliveryStatus.COURIER_ASSIGNED, "assigned")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    assert await agreed.but(step_id="pbs_4").is_refused() == "A courier has taken the job already."
    assert await _extra(stage, delivery) == usd(400)


async def test_a_late_courier_makes_way_for_one_who_comes_sooner_once(stage: Stage, tips: TakesTips) -> None:
    delivery, trial = await _late(stage, StepAction.REDISPATCH)
    foreseen = await trial.foresee()
    assert foreseen.cost == usd(400)
    assert foreseen.new_eta is not None
    assert "dear comes by" in foreseen.effect
    taken = await trial.carry_out()
    assert (taken.status, taken.cost) == (StepStatus.DONE, usd(400))
    assert taken.reason == "Booked dear for 9.00 USD instead of cheap: 4.00 USD more."
    assert await trial.carry_out() == taken
    await stage.settle()  # what follows by itself finds it done
    assert (tips.cancelled, len(stage.dear.booked)) == (["cheap-1"], 1)
    kept = await stage.kept(delivery.id)
    assert [(leg.carrier, leg.is_live) for leg in kept.legs] == [("cheap", False), ("dear", True)]
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = await work.incidents.get(trial.incident.id)
    assert incident is not None
    assert incident.steps == (), "whoever takes the step writes it down"


async def test_another_courier_costs_no_more_than_may_be_spent(stage: Stage, tips: TakesTips) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        watch = (await work.accounts.merchant()).watch
    await rule(stage, watch=replace(watch, redispatch_cap_percent=179))
    _, trial = await _late(stage, StepAction.REDISPATCH)
    person = await trial.but(may_spend=usd(399)).carry_out()
    assert person.reason == "Looked for another: nobody comes sooner for up to 8.99 USD."
    # 179 % of 5.00 is 8.95: a machine keeps to the merchant's cap, a person to what they agreed to.
    machine = await trial.but(by=Actor.PLAYBOOK, may_spend=usd(400)).carry_out()
    assert machine.reason == "Looked for another: nobody comes sooner for up to 8.95 USD."
    assert (tips.cancelled, stage.dear.booked) == ([], {})
    assert (await trial.but(may_spend=usd(400)).carry_out()).cost == usd(400)


async def test_a_lost_answer_to_calling_off_is_asked_for_again_before_anybody_is_booked(
    stage: Stage, tips: TakesTips
) -> None:
    delivery, trial = await _late(stage, StepAction.REDISPATCH)
    tips.lost = 2
    for _ in range(2):
        with pytest.raises(UnknownOutcome):
            await trial.carry_out()
    assert stage.dear.booked == {}
    assert "being called off" in await trial.but(step_id="pbs_2").is_refused()
    # Another step may do nothing else than ask once more.
    again = trial.but(action=StepAction.RETRY, step_id="pbs_3")
    assert (await again.foresee()).effect == "Its carrier is asked again to give it up for another."
    assert (await again.carry_out()).reason == "cheap has called it off; the other one is booked next."
    assert (await trial.carry_out()).reason.startswith("Booked dear for 9.00 USD")
    assert len((await stage.kept(delivery.id)).legs) == 2


async def test_what_comes_of_a_step_that_was_given_up_is_written_down_all_the_same(
    stage: Stage, tips: TakesTips
) -> None:
    _, trial = await _late(stage, StepAction.REDISPATCH)
    tips.lost = 1
    with pytest.raises(UnknownOutcome):
        await trial.carry_out()
    given_up = Step(trial.action, StepStatus.FAILED, "Nobody answered.", stage.clock.now(), trial.step_id)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.incidents.put(replace(trial.incident, steps=(given_up,)))
    await trial.but(action=StepAction.RETRY, step_id="pbs_2").carry_out()
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = await work.incidents.get(trial.incident.id)
    assert incident is not None
    step = incident.steps[-1]
    assert (step.action, step.status, step.cost) == (StepAction.NEXT_QUOTE, StepStatus.DONE, usd(400))


async def test_who_may_charge_keeps_or_cannot_be_asked_keeps_the_job(stage: Stage, tips: TakesTips) -> None:
    delivery, trial = await _late(stage, StepAction.REDISPATCH)
    tips.cancel_error = RemoteRefused("a courier is there", system="cheap")
    refused = await trial.carry_out()
    assert (refused.status, refused.reason) == (StepStatus.FAILED, "cheap keeps it: a courier is there")
    tips.cancel_error = RemoteUnavailable("down", system="cheap")
    assert (await trial.carry_out()).reason == "cheap could not be asked: down"
    stage.links.linked[:] = [replace(one, cancelling=CancelPolicy()) for one in stage.links.linked]
    assert await trial.is_refused() == "It stays with cheap: calling it off is not free."
    said = tips.update("cheap-1", DeliveryStatus.PICKED_UP, "picked up")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    assert await trial.is_refused() == "cheap has the goods already."
    assert (await stage.kept(delivery.id)).legs[0].giving_up is None
    assert stage.dear.booked == {}


async def _dropped(stage: Stage) -> tuple[Delivery, Trial]:
    """The cheap one has dropped it, where no machine books again."""
    async with stage.means.begin(MERCHANT_ID) as work:
        dispatch = (await work.accounts.merchant()).dispatch
    delivery = await stage.booked()
    await rule(stage, dispatch=replace(dispatch, reassign=False))
    said = stage.cheap.update("cheap-1", DeliveryStatus.CANCELLED, "courier gone")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    await stage.settle()
    (incident,) = await stage.incidents()
    return delivery, Trial(stage, StepAction.NEXT_QUOTE, incident)


async def test_what_a_carrier_dropped_goes_to_the_next_in_rank_if_a_person_says_so(stage: Stage) -> None:
    delivery, trial = await _dropped(stage)
    machine = trial.but(by=Actor.PLAYBOOK)
    assert await machine.is_refused() == "Nobody is booked again by a machine here; a person must decide."
    foreseen = await trial.foresee()
    assert foreseen.effect.endswith("dear is next, for 9.00 USD.")
    assert foreseen.cost == usd(400)
    dear = await trial.but(may_spend=usd(399)).carry_out()
    assert (dear.status, stage.dear.booked) == (StepStatus.DONE, {}), "the cheap one costs nothing more"
    assert (dear.cost, dear.is_mended) == (None, True)
    assert await trial.but(step_id="pbs_2").is_refused() == "cheap has it."
    assert (await stage.kept(delivery.id)).legs[-1].is_live


async def test_where_nobody_takes_it_the_step_fails_and_says_who_said_what(stage: Stage) -> None:
    _, trial = await _dropped(stage)
    stage.cheap.book_errors = [RemoteRefused("no couriers", system="cheap")]
    outcome = await trial.but(may_spend=usd(399)).carry_out()
    assert outcome.status is StepStatus.FAILED
    assert outcome.reason == "Nobody else could take it (cheap: no couriers)."
    # What nobody has is redispatched by the same way.
    redispatch = trial.but(action=StepAction.REDISPATCH, step_id="pbs_2")
    assert (await redispatch.is_done_once()).cost == usd(400)
    assert len(stage.dear.booked) == 1


async def test_an_order_that_waits_is_booked_for_a_person_and_old_prices_are_renewed(
    stage: Stage,
) -> None:
    await rule(stage, auto_dispatch=False)
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit = (await stage.order()).fulfillment_orders[0]
    incident = await trouble(stage, IncidentKind.QUOTE_EXPIRED, fulfillment_order_id=unit.id)
    prices = await Trial(stage, StepAction.RETRY, incident).carry_out()
    assert (prices.reason, prices.is_mended) == (
        "Carriers were asked again: 2 offers, from 5.00 USD.",
        True,
    )
    trial = Trial(stage, StepAction.NEXT_QUOTE, incident)
    machine = trial.but(by=Actor.PLAYBOOK)
    assert await machine.is_refused() == "No machine may book it; a person must decide."
    assert (await trial.but(may_spend=usd(499)).carry_out()).status is StepStatus.FAILED
    assert (await trial.but(may_spend=usd(500)).is_done_once()).reason == "Booked with cheap for 5.00 USD."
