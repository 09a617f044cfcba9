"""Asking again: bookings, calling off, doubts and carriers of which nobody heard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind, StepAction, StepStatus
from doorstep.order import OrderStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from tests.integration.flow.acting import Trial, rule, trouble
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

AWAY = RemoteUnavailable("The carrier is away.", system="cheap")
LOST = UnknownOutcome("the answer was lost", system="cheap")


async def _unheard(stage: Stage, answers_lost: int) -> Delivery:
    """A booking whose first answers are lost."""
    await rule(stage, auto_dispatch=False)
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit_id = (await stage.order()).fulfillment_orders[0].id
    stage.cheap.book_errors = [LOST] * answers_lost
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    return await stage.delivery()


async def _about(stage: Stage, delivery: Delivery) -> Trial:
    return Trial(stage, StepAction.RETRY, await trouble(stage, IncidentKind.OTHER, delivery_id=delivery.id))


async def test_a_booking_whose_answer_was_lost_is_asked_for_again_with_its_own_key(stage: Stage) -> None:
    delivery = await _unheard(stage, answers_lost=2)
    trial = await _about(stage, delivery)
    lost = await trial.carry_out()
    assert (lost.status, lost.reason) == (
        StepStatus.FAILED,
        "The answer was lost again: the answer was lost",
    )
    assert (await trial.carry_out()).reason == "cheap has booked it for 5.00 USD."
    assert list(stage.cheap.booked) == [delivery.legs[0].booking_key]
    assert await trial.is_refused() == "Nobody owes an answer about it."


async def test_a_booking_in_doubt_is_found_and_given_back(stage: Stage) -> None:
    delivery = await _unheard(stage, answers_lost=1)
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so")
    trial = await _about(stage, delivery)
    assert (await trial.foresee()).effect.endswith("whether it has a booking, which is then given back.")
    assert (await trial.carry_out()).reason == "It is known what became of the booking in doubt."
    await stage.settle()
    assert set(stage.cheap.cancelled) == {"cheap-1"}
    assert (await stage.kept(delivery.id)).legs[0].doubted_at is None


async def test_what_was_to_be_called_off_is_called_off_once_its_carrier_is_there(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.cancel_error = AWAY
    stage.shop.put("1001", status=OrderStatus.CANCELLED)
    await stage.take_in()
    await stage.settle()
    assert (await stage.kept(delivery.id)).is_cancel_requested
    trial = await _about(stage, delivery)
    away = await trial.carry_out()
    assert (away.status, away.reason) == (StepStatus.FAILED, "The carrier is away.")
    assert await trial.but(action=StepAction.REDISPATCH).is_refused() == "It is being called off."
    stage.cheap.cancel_error = None
    assert (await trial.carry_out()).reason == "It is called off."
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED


class _Ill(FakeCarrier):
    """Does not take our credentials."""

    async def check(self) -> tuple[HealthCheck, ...]:
        return (HealthCheck("credentials", False, "The key was turned away; enter a new one."),)


async def test_a_carrier_that_is_down_is_asked_how_it_is(stage: Stage) -> None:
    account = stage.links.linked[0].account
    incident = await trouble(stage, IncidentKind.CARRIER_DOWN, account_id=account.id)
    trial = Trial(stage, StepAction.RETRY, incident)
    assert (await trial.foresee()).is_possible
    assert (await trial.carry_out()).reason == "cheap answers; it is asked again with the next order."
    stage.links.linked[0] = replace(stage.links.linked[0], connector=_Ill("cheap", stage.clock, 500))
    ill = await trial.carry_out()
    assert (ill.status, ill.reason) == (StepStatus.FAILED, "The key was turned away; enter a new one.")
    stage.links.linked.clear()
    assert (await trial.carry_out()).reason == "The account is linked no longer."
    assert await trial.but(action=StepAction.REDISPATCH).is_refused() == "It is about no order."
