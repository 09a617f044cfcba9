"""What the merchant lets carriers have on a day holds for orders that go together, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.events import WaitOver
from doorstep.mode_rules import CarrierPool, ModeRules
from gateway.flow.dispatching.begin_stack import begin_stack
from gateway.flow.dispatching.pools import NoRoom
from gateway.flow.stacking.company import find_company
from gateway.flow.stacking.leaving import leave
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.test_stacks import TourCarrier, orders_that_wait, tourer

__all__ = ["tourer"]


async def _pool(stage: Stage, most: int) -> None:
    """The carrier that takes several doors takes so many parcels a day from here on."""
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        rules = ModeRules(is_on=True, pools=(CarrierPool("Tours", carriers=("tourer",), most=most),))
        await work.accounts.put_merchant(replace(merchant, modes=rules))


async def _leave(stage: Stage, *numbers: str) -> None:
    stage.clock.advance(minutes=31)
    for number in numbers:
        unit_id = (await stage.order(number)).fulfillment_orders[0].id
        await leave(WaitOver(MERCHANT_ID, unit_id), stage.means)


async def test_no_more_go_together_than_the_carrier_may_have_today(stage: Stage, tourer: TourCarrier) -> None:
    await orders_that_wait(stage, "1001", "1002", "1003")
    await _pool(stage, 2)
    await _leave(stage, "1001", "1002", "1003")
    (pair,) = tourer.tours
    carriers = [(await stage.delivery_of(number)).legs[-1].carrier for number in ("1001", "1002", "1003")]
    assert len(pair) == 2
    assert sorted(carriers) == ["cheap", "tourer", "tourer"]


async def test_a_stack_for_which_too_little_is_left_meanwhile_is_not_begun(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    await _pool(stage, 2)
    stage.clock.advance(minutes=31)
    unit_id = (await stage.order("1001")).fulfillment_orders[0].id
    async with stage.means.begin(MERCHANT_ID) as work:
        waiting = await work.stacks.waiting(unit_id)
    assert waiting is not None
    found = await find_company(stage.means, waiting, ())
    assert found.price is not None
    await _pool(stage, 1)
    with pytest.raises(NoRoom, match="Tours has nothing left today"):
        await begin_stack(stage.means, found.passengers, found.price)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.deliveries.latest_of(unit_id) is None
