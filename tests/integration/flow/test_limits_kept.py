"""What a person allowed who dispatched holds for machines that go on with it."""

from __future__ import annotations

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchLimits
from doorstep.errors import RemoteRefused, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.money import Money
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

NO = RemoteRefused("no courier", system="cheap")


async def _unit(stage: Stage) -> str:
    stage.shop.put("1001")
    await stage.take_in()
    unit_id = (await find_place(await stage.order(), stage.means)).fulfillment_orders[0].id
    await quote_unit(stage.means, MERCHANT_ID, unit_id, 1.0)
    return unit_id


async def _lost(stage: Stage, unit_id: str, wish: Wish) -> Delivery:
    stage.cheap.book_errors = [UnknownOutcome("lost", system="cheap")]
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, wish)
    return await stage.delivery()


async def _look(stage: Stage) -> None:
    stage.clock.advance(minutes=4)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()


async def test_a_lost_answer_that_turns_out_a_no_is_followed_by_nobody_else(stage: Stage) -> None:
    unit_id = await _unit(stage)
    delivery = await _lost(stage, unit_id, Wish(allow_fallback=False))
    stage.cheap.book_errors = [NO]
    for _ in range(3):
        await _look(stage)
    kept = await stage.kept(delivery.id)
    assert kept.limits == DispatchLimits(allow_fallback=False)
    assert (kept.status, len(kept.legs), stage.dear.booked) == (DeliveryStatus.SEARCHING, 1, {})
    (incident,) = [one for one in await stage.incidents() if one.kind is IncidentKind.NO_COURIER]
    assert "nobody else" in incident.evidence

    # A person may say otherwise.
    outcome = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert outcome.delivery is not None
    assert outcome.delivery.limits == DispatchLimits()


async def test_a_lost_answer_that_turns_out_a_yes_is_taken(stage: Stage) -> None:
    delivery = await _lost(stage, await _unit(stage), Wish(allow_fallback=False))
    await _look(stage)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.BOOKED


@pytest.mark.parametrize(("cents", "has_another"), [(899, False), (900, True)])
async def test_a_dropped_booking_is_not_replaced_for_more_than_was_allowed(
    stage: Stage, cents: int, has_another: bool
) -> None:
    unit_id = await _unit(stage)
    wish = Wish(max_price=Money(cents, "USD"))
    outcome = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, wish)
    assert outcome.delivery is not None
    stage.cheap.book_errors = [NO] * 9
    dropped = stage.cheap.update(
        "cheap-1", DeliveryStatus.CANCELLED, "canceled", trouble=IncidentKind.COURIER_CANCELLED
    )
    await apply_update(stage.means, MERCHANT_ID, "cheap", dropped)
    for _ in range(2):
        await stage.settle()
        await _look(stage)
    assert bool(stage.dear.booked) is has_another


async def test_what_was_dropped_and_nobody_else_may_take_is_left_to_people(stage: Stage) -> None:
    unit_id = await _unit(stage)
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish(allow_fallback=False))
    dropped = stage.cheap.update(
        "cheap-1", DeliveryStatus.CANCELLED, "canceled", trouble=IncidentKind.COURIER_CANCELLED
    )
    await apply_update(stage.means, MERCHANT_ID, "cheap", dropped)
    for _ in range(2):
        await stage.settle()
        await _look(stage)
    assert (len(stage.cheap.booked), stage.dear.booked) == (1, {})
    (incident,) = [one for one in await stage.incidents() if one.kind is IncidentKind.COURIER_CANCELLED]
    assert [step.reason for step in incident.steps] == [
        "Whoever dispatched it wanted one carrier and nobody else; a person must decide."
    ]
