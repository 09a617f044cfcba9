"""A carrier's no to a tour is a no to all of it: nobody asks again for those who go otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from doorstep.booking import Booking, StackOffer, StackRequest
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, StackRules
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.events import BookingInDoubt, WaitOver
from doorstep.geo import LatLng
from doorstep.money import Money
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.doubt import clear_doubt
from gateway.flow.ports import UnitOfWork
from gateway.flow.stacking.leaving import leave
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

NO = RemoteRefused("too far apart", system="tourer")
LOST = UnknownOutcome("nobody knows", system="tourer")
ORDERS = ("1001", "1002", "1003")


class Killed(Exception):
    """The worker is gone."""


@dataclass
class Tourer(FakeCarrier):
    """Takes three doors for little more than one, unless it is told otherwise."""

    tour_errors: list[RemoteError] = field(default_factory=list)
    tours_asked: int = 0

    async def quote_stack(self, stack: StackRequest, budget_s: float) -> StackOffer:
        return StackOffer(Money(self.price + 100, "USD"))

    async def book_stack(self, stack: StackRequest, budget_s: float) -> tuple[Booking, ...]:
        self.tours_asked += 1
        if self.tour_errors:
            raise self.tour_errors.pop(0)
        return tuple([await self.book(stop, budget_s) for stop in stack.stops])


@pytest.fixture
async def tourer(stage: Stage) -> Tourer:
    """The cheapest, for whom three orders wait whose time is over."""
    carrier = Tourer("tourer", stage.clock, 450)
    account = await stage.link(carrier)
    linked = stage.links.linked
    linked[:] = [replace(one, most_stops=4) if one.account.id == account.id else one for one in linked]
    rules = StackRules(most_stops=3, spare_s=300)
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        cheapest = DispatchRules(DispatchStrategy.CHEAPEST)
        await work.accounts.put_merchant(replace(merchant, stacking=rules, dispatch=cheapest))
    for number, external_id in enumerate(ORDERS):
        street = f"{number} Near"
        stage.geocoder.places[street] = LatLng(39.905 + number / 1000, -71.505)
        stage.shop.put(external_id, street=street)
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(minutes=31)
    return carrier


async def _leave(stage: Stage, external_id: str) -> None:
    unit_id = (await stage.order(external_id)).fulfillment_orders[0].id
    await leave(WaitOver(MERCHANT_ID, unit_id), stage.means)


async def _deliveries(stage: Stage) -> Sequence[Delivery]:
    return [await stage.delivery_of(external_id) for external_id in ORDERS]


async def test_a_worker_that_dies_with_a_no_in_hand_has_written_it_down_for_all_or_for_nobody(
    stage: Stage, tourer: Tourer
) -> None:
    # Given a worker that dies in the transaction after the first one in which it wrote that down
    tourer.tour_errors = [NO]
    begun = 0

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        nonlocal begun
        begun += tourer.tours_asked
        if begun > 1:
            raise Killed
        async with stage.means.begin(merchant_id) as work:
            yield work

    unit_id = (await stage.order("1001")).fulfillment_orders[0].id
    means = replace(stage.means, begin=begin)
    with pytest.raises(Killed):
        await leave(WaitOver(MERCHANT_ID, unit_id), means)
    assert {delivery.legs[0].status for delivery in await _deliveries(stage)} == {DeliveryStatus.FAILED}

    # Then the tour is asked for no more, and each is booked once
    for external_id in ORDERS:
        await _leave(stage, external_id)
    assert (tourer.tours_asked, len(tourer.booked)) == (1, len(ORDERS))


async def test_one_that_was_called_off_asks_for_the_tour_no_more_once_the_carrier_has_said_no(
    stage: Stage, tourer: Tourer
) -> None:
    # Given a tour whose answer is lost, and one of it that is called off
    tourer.tour_errors = [LOST, NO]
    with pytest.raises(UnknownOutcome):
        await _leave(stage, "1001")
    gone = await stage.delivery_of("1002")
    await cancel_delivery(stage.means, MERCHANT_ID, gone.id, "somebody said so", by_person=True)

    # When the carrier has said no to another one, who goes alone
    await _leave(stage, "1001")
    assert tourer.tours_asked == 2

    # Then nobody asks for the tour again
    await clear_doubt(BookingInDoubt(MERCHANT_ID, gone.id, gone.legs[0].id), stage.means)
    kept = await stage.kept(gone.id)
    assert (tourer.tours_asked, kept.legs[0].doubted_at) == (2, None)
    assert len(tourer.booked) == 1
