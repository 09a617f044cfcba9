"""Orders that wait for company and go together with one courier: the real flow and database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from doorstep.booking import Booking, StackOffer, StackRequest
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, StackRules
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.events import WaitOver
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.stack import Stack
from gateway.flow.dispatching.begin_stack import begin_stack
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from gateway.flow.stacking.company import find_company
from gateway.flow.stacking.leaving import end_waits, leave
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import HOME, MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

STREETS = {
    "1 Near": LatLng(39.905, -71.505),
    "2 Near": LatLng(39.906, -71.506),
    "3 Near": LatLng(39.907, -71.5),
}


@dataclass
class TourCarrier(FakeCarrier):
    """Takes several doors in one tour: the price of one, and 1.00 for each further door."""

    stack_errors: list[RemoteError] = field(default_factory=list)
    slips: bool = False
    requests: list[StackRequest] = field(default_factory=list)
    tours: list[tuple[str, ...]] = field(default_factory=list)
    loses_answer: bool = False

    async def quote_stack(self, stack: StackRequest, budget_s: float) -> StackOffer:
        if self.slips:
            raise KeyError("a slip of the connector's author")
        return StackOffer(self._whole(stack))

    async def book_stack(self, stack: StackRequest, budget_s: float) -> tuple[Booking, ...]:
        self.requests.append(stack)
        if self.stack_errors:
            raise self.stack_errors.pop(0)
        keys = tuple(stop.booking_key for stop in stack.stops)
        if keys not in self.tours:
            self.tours.append(keys)
        bookings = [
            replace(await self.book(stop, budget_s), price=self._whole(stack)) for stop in stack.stops
        ]
        if self.loses_answer:
            self.loses_answer = False
            raise UnknownOutcome("nobody knows", system=self.carrier)
        return tuple(bookings)

    def _whole(self, stack: StackRequest) -> Money:
        return Money(self.price + 100 * (len(stack.stops) - 1), "USD")


@pytest.fixture
async def tourer(stage: Stage) -> TourCarrier:
    """The cheapest of all, whose couriers take four doors; the merchant lets orders wait half an hour."""
    carrier = TourCarrier("tourer", stage.clock, 450)
    account = await stage.link(carrier)
    linked = stage.links.linked
    linked[:] = [replace(one, most_stops=4) if one.account.id == account.id else one for one in linked]
    stage.geocoder.places.update(STREETS)
    await _set(stage, StackRules(most_stops=3, longest_wait_s=1800, spare_s=300))
    return carrier


async def _set(
    stage: Stage, rules: StackRules, strategy: DispatchStrategy = DispatchStrategy.CHEAPEST
) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, stacking=rules, dispatch=DispatchRules(strategy)))


async def orders_that_wait(stage: Stage, *external_ids: str) -> None:
    """Orders come in, each to a street of its own near the others."""
    for external_id, street in zip(external_ids, STREETS, strict=False):
        stage.shop.put(external_id, street=street)
    await stage.take_in()
    await stage.settle()


async def _leave(stage: Stage, minutes: float = 31) -> None:
    stage.clock.advance(minutes=minutes)
    await end_waits(stage.means, MERCHANT_ID)
    await stage.settle()


async def _deliveries(stage: Stage, *external_ids: str) -> Sequence[Delivery]:
    return [await stage.delivery_of(external_id) for external_id in external_ids]


async def _stack(stage: Stage, delivery: Delivery) -> Stack:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.stacks.get(delivery.legs[0].stack_id)
    assert found is not None
    return found


async def _waiting(stage: Stage, external_id: str) -> bool:
    unit_id = (await stage.order(external_id)).fulfillment_orders[0].id
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.stacks.waiting(unit_id) is not None


async def test_orders_wait_and_go_together_with_one_courier_each_with_a_booking_of_its_own(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002", "1003")
    assert (tourer.booked, stage.cheap.booked) == ({}, {}), "all three wait"
    stage.clock.advance(minutes=10)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert tourer.booked == {}, "who waits is not forgotten"
    await _leave(stage, 21)
    deliveries = await _deliveries(stage, "1001", "1002", "1003")
    assert len(tourer.tours) == 1
    assert len(tourer.booked) == 3
    legs = [delivery.legs[0] for delivery in deliveries]
    assert len({leg.external_id for leg in legs}) == 3
    assert sum(leg.price.minor for leg in legs) == 650, "the price of the tour, divided"
    assert legs[0].why == "Goes with 2 others: 6.50 USD together, 13.50 USD one by one."
    stack = await _stack(stage, deliveries[0])
    assert stack.saving == Money(700, "USD")
    assert [stop.arrives_at for stop in stack.stops] == sorted(stop.arrives_at for stop in stack.stops)
    assert not any([await _waiting(stage, external_id) for external_id in ("1001", "1002", "1003")])


async def test_nobody_waits_where_the_merchant_wants_none_or_the_fastest(
    stage: Stage, tourer: TourCarrier
) -> None:
    await _set(stage, StackRules(most_stops=3), DispatchStrategy.FASTEST)
    await orders_that_wait(stage, "1001")
    assert (await stage.delivery_of("1001")).legs[0].external_id
    await _set(stage, StackRules())
    await orders_that_wait(stage, "1002")
    assert (await stage.delivery_of("1002")).legs[0].carrier == "tourer"


async def test_who_finds_no_company_goes_alone_with_whoever_is_best(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001")
    await _leave(stage)
    (leg,) = (await stage.delivery_of("1001")).legs
    assert (leg.carrier, leg.stack_id, tourer.tours) == ("tourer", "", [])
    assert not await _waiting(stage, "1001")


async def test_whom_the_carrier_does_not_take_together_goes_alone(stage: Stage, tourer: TourCarrier) -> None:
    await orders_that_wait(stage, "1001", "1002")
    tourer.stack_errors = [RemoteRefused("too far apart", system="tourer")]
    await _leave(stage)
    for delivery in await _deliveries(stage, "1001", "1002"):
        refused, alone = delivery.legs
        assert (refused.status, alone.carrier, alone.stack_id) == (DeliveryStatus.FAILED, "tourer", "")
        assert alone.external_id
    assert tourer.tours == []
    assert len(tourer.booked) == 2


async def test_a_lost_answer_is_asked_for_again_whoever_repeats_it_and_books_nobody_twice(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    tourer.loses_answer = True
    stage.clock.advance(minutes=31)
    await end_waits(stage.means, MERCHANT_ID)
    await stage.settle()
    unit_id = (await stage.order("1002")).fulfillment_orders[0].id
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    deliveries = await _deliveries(stage, "1001", "1002")
    assert all(len(delivery.legs) == 1 and delivery.legs[0].external_id for delivery in deliveries)
    assert len(tourer.tours) == 1
    assert len(tourer.booked) == 2


async def test_a_person_who_books_one_that_waits_takes_it_out_of_every_stack(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002", "1003")
    unit_id = (await stage.order("1002")).fulfillment_orders[0].id
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    await _leave(stage)
    stacks = [delivery.legs[0].stack_id for delivery in await _deliveries(stage, "1001", "1002", "1003")]
    assert stacks[0] == stacks[2] != ""
    assert stacks[1] == ""
    assert len(tourer.booked) == 3
    assert not await _waiting(stage, "1002")


async def test_what_is_called_off_or_lost_of_a_stack_leaves_the_others_alone(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002", "1003")
    await _leave(stage)
    off, lost, kept = await _deliveries(stage, "1001", "1002", "1003")
    await cancel_delivery(stage.means, MERCHANT_ID, off.id, "somebody said so", by_person=True)
    assert tourer.cancelled == [off.legs[0].external_id]
    gone = tourer.update(lost.legs[0].external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "tourer", gone)
    await stage.settle()
    again = await stage.kept(lost.id)
    assert (again.legs[-1].stack_id, bool(again.legs[-1].external_id)) == ("", True)
    assert (await stage.kept(kept.id)).legs == kept.legs


async def test_what_is_cancelled_in_the_store_while_it_waits_goes_with_nobody(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    stage.shop.put("1001", status="CANCELLED")
    await stage.take_in()
    await stage.settle()
    await _leave(stage)
    assert tourer.tours == []
    assert len(tourer.booked) == 1
    assert not await _waiting(stage, "1001")


async def test_who_has_no_time_goes_at_once_and_takes_along_who_waits(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001")
    cart = Cart([CartItem(quantity=1)], currency="USD")
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)
    wanted = next(quote for quote in options.quotes if quote.offer.carrier == "tourer")
    choice = await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, wanted.id, "cart-1")
    await _set(stage, StackRules(most_stops=3, longest_wait_s=1800, spare_s=0, handover_s=0))
    stage.shop.put("1002", street="1 Near", choice=choice.id)
    await stage.take_in()
    await stage.settle()
    first, second = await _deliveries(stage, "1001", "1002")
    assert first.legs[0].stack_id == second.legs[0].stack_id != ""


async def test_two_stacks_that_want_the_same_order_book_it_once(stage: Stage, tourer: TourCarrier) -> None:
    await orders_that_wait(stage, "1001", "1002", "1003")
    stage.clock.advance(minutes=31)
    # Every wait ends at the same time, and several workers take the jobs.
    await end_waits(stage.means, MERCHANT_ID)
    await stage.queue.run_worker_async(wait=False, install_signal_handlers=False, concurrency=4)
    deliveries = await _deliveries(stage, "1001", "1002", "1003")
    assert [len(delivery.legs) for delivery in deliveries] == [1, 1, 1]
    assert len(tourer.booked) == 3


async def test_a_connector_that_slips_costs_its_tour_and_holds_nobody_up(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    tourer.slips = True
    await _leave(stage)
    assert [len(one.legs) for one in await _deliveries(stage, "1001", "1002")] == [1, 1]
    assert not await _waiting(stage, "1001")


async def test_what_the_carrier_refuses_together_leaves_no_promise_behind(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    tourer.stack_errors = [RemoteRefused("too far apart", system="tourer")]
    await _leave(stage)
    for delivery in await _deliveries(stage, "1001", "1002"):
        assert delivery.promise is not None
        assert delivery.promise.window.end == stage.clock.now() + timedelta(minutes=60), "that of going alone"


async def test_a_mate_that_the_store_moves_while_the_carrier_is_asked_takes_nobody_along(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    tourer.stack_errors = [UnknownOutcome("nobody knows", system="tourer")]
    stage.clock.advance(minutes=31)
    unit_id = (await stage.order("1001")).fulfillment_orders[0].id
    # Not by the queue, which would keep what follows of this order behind the job that is tried again.
    with pytest.raises(UnknownOutcome):
        await leave(WaitOver(MERCHANT_ID, unit_id), stage.means)
    async with stage.means.begin(MERCHANT_ID) as work:
        (shop,) = await work.accounts.locations()
        hill = replace(shop.address, line1="9 Hill").at(LatLng(39.91, -71.51))
        other = replace(shop, id=new_id("loc"), name="Hill", address=hill, external_ids=("hill",))
        await work.accounts.put_location(other)
    stage.shop.put("1001", place="hill")
    await stage.take_in()
    await stage.settle()
    assert all({stop.pickup.line1 for stop in asked.stops} == {"1 Quay"} for asked in tourer.requests)
    moved, kept = await _deliveries(stage, "1001", "1002")
    assert kept.legs[0].external_id
    assert moved.origin_id == other.id, "what went from the old place was called off, and booked anew"
    assert len(tourer.cancelled) == 1


async def test_goods_that_change_while_they_wait_go_as_they_are_now(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    stage.clock.advance(minutes=5)
    stage.shop.put("1002", left=1)
    await stage.take_in()
    await stage.settle()
    await _leave(stage, 26)
    (asked,) = tourer.requests
    assert sorted(stop.items[0][1] for stop in asked.stops) == [1, 2]
    assert len({sum(parcel.weight_g or 0 for parcel in stop.parcels) for stop in asked.stops}) == 2


async def test_a_worker_that_dies_once_a_stack_is_written_down_leaves_it_to_the_next(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    stage.clock.advance(minutes=31)
    unit_id = (await stage.order("1001")).fulfillment_orders[0].id
    async with stage.means.begin(MERCHANT_ID) as work:
        waiting = await work.stacks.waiting(unit_id)
    assert waiting is not None
    found = await find_company(stage.means, waiting, ())
    assert found.price is not None
    # Nobody works on it for longer than a call may take: 0 seconds here.
    await begin_stack(replace(stage.means, booking_budget_s=0.0), found.passengers, found.price)
    await end_waits(stage.means, MERCHANT_ID)
    await stage.settle()
    assert [len(one.legs) for one in await _deliveries(stage, "1001", "1002")] == [1, 1]
    assert len(tourer.tours) == 1
    assert not await _waiting(stage, "1002")


async def test_an_order_that_is_cancelled_as_the_courier_is_chosen_goes_with_nobody(
    stage: Stage, tourer: TourCarrier
) -> None:
    await orders_that_wait(stage, "1001", "1002")
    stage.clock.advance(minutes=31)
    stage.shop.put("1002", status="CANCELLED")
    await stage.take_in()  # what follows from it waits in the queue
    unit_id = (await stage.order("1001")).fulfillment_orders[0].id
    await leave(WaitOver(MERCHANT_ID, unit_id), stage.means)
    assert (tourer.tours, len(tourer.booked)) == ([], 1)
