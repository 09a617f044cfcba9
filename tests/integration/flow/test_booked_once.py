"""One delivery, one booking: lost answers, two callers at once, and orders called off in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from doorstep.booking import Booking, BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable, StateConflict, UnknownOutcome
from doorstep.events import OrderCancelled
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus
from doorstep.quote import CarrierAnswer, QuoteRequest, QuoteSet
from gateway.flow.dispatching.cancel import cancel_delivery, cancel_for_order
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage


@dataclass
class LosesAnswers(FakeCarrier):
    """Books, and then nobody hears of it, `losses` times."""

    losses: int = 1
    requests: list[BookingRequest] = field(default_factory=list)

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        self.requests.append(request)
        booking = await super().book(request, budget_s)
        if self.losses:
            self.losses -= 1
            raise UnknownOutcome("the answer was lost", system=self.carrier)
        return booking


@dataclass
class AsksSlowly(FakeCarrier):
    """Something else happens while it is asked for a price the next time."""

    in_between: Callable[[], Awaitable[object]] | None = None

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        act, self.in_between = self.in_between, None
        if act is not None:
            await act()
        return await super().quote(request, budget_s)


@pytest.fixture
def lossy(stage: Stage) -> LosesAnswers:
    """The cheap carrier, as one whose first answer gets lost."""
    stage.cheap.__class__ = LosesAnswers
    assert isinstance(stage.cheap, LosesAnswers)
    stage.cheap.requests = []
    return stage.cheap


async def _retry_jobs(stage: Stage) -> None:
    async with stage.database.doors() as connection:
        await connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await stage.settle()


async def _quoted(stage: Stage) -> tuple[str, QuoteSet]:
    """A fulfillment order with quotes, not yet booked."""
    stage.shop.put("1001")
    await stage.take_in()
    order = await find_place(await stage.order(), stage.means)
    unit_id = order.fulfillment_orders[0].id
    quote_set = await quote_unit(stage.means, MERCHANT_ID, unit_id, 1.0)
    assert quote_set is not None
    return unit_id, quote_set


async def test_a_lost_answer_is_asked_for_again_though_its_carrier_quotes_no_more(
    stage: Stage, lossy: LosesAnswers
) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(minutes=20)
    lossy.quote_error = RemoteUnavailable("down", system="cheap")
    await _retry_jobs(stage)
    assert [leg.external_id for leg in (await stage.delivery()).legs] == ["cheap-1"]
    assert stage.dear.booked == {}
    first, second = lossy.requests
    assert (first.booking_key, first.booking_data) == (second.booking_key, second.booking_data)


async def test_an_attempt_that_nobody_goes_on_with_is_taken_up(stage: Stage, lossy: LosesAnswers) -> None:
    unit_id, quote_set = await _quoted(stage)
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    stage.clock.advance(minutes=5)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (await stage.delivery()).status is DeliveryStatus.BOOKED
    assert len(lossy.booked) == 1


async def test_an_open_attempt_is_taken_up_also_where_somebody_has_searched_in_vain(
    stage: Stage, lossy: LosesAnswers
) -> None:
    unit_id, quote_set = await _quoted(stage)
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    async with stage.means.begin(MERCHANT_ID) as work:
        delivery = await work.deliveries.live_of(unit_id, lock=True)
        assert delivery is not None
        await work.deliveries.put(replace(delivery, status=DeliveryStatus.SEARCHING))
    stage.clock.advance(minutes=5)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (await stage.delivery()).status is DeliveryStatus.BOOKED
    assert len(lossy.booked) == 1


async def test_whoever_finds_nobody_leaves_alone_what_another_has_booked_meanwhile(
    stage: Stage,
) -> None:
    unit_id, expired = await _quoted(stage)
    stage.clock.advance(minutes=60)
    fresh = await quote_unit(stage.means, MERCHANT_ID, unit_id, 1.0)
    assert fresh is not None

    async def book_in_between() -> None:
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, fresh.id, Wish())

    stage.cheap.__class__ = AsksSlowly
    assert isinstance(stage.cheap, AsksSlowly)
    stage.cheap.in_between = book_in_between
    wish = Wish(max_price=Money(1, "USD"))
    found = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, expired.id, wish)
    assert found.problem is None
    assert (await stage.delivery()).status is DeliveryStatus.BOOKED
    assert len(stage.cheap.booked) == 1
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.incidents.live_of(unit_id) == []


async def test_what_is_called_off_in_doubt_is_given_back_and_not_booked_again(
    stage: Stage, lossy: LosesAnswers
) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    delivery = await stage.delivery()
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "a person said so")
    await _retry_jobs(stage)
    assert lossy.cancelled == ["cheap-1"]
    assert len(lossy.booked) == 1
    assert stage.dear.booked == {}


async def test_two_who_dispatch_at_once_get_the_same_booking(stage: Stage) -> None:
    unit_id, quote_set = await _quoted(stage)
    dear = next(quote for quote in quote_set.quotes if quote.offer.carrier == "dear")
    first, second = await asyncio.gather(
        dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish()),
        dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish(quote_id=dear.id)),
    )
    assert first.delivery is not None
    assert second.delivery is not None
    assert first.delivery.id == second.delivery.id
    assert len(stage.cheap.booked) + len(stage.dear.booked) == 1


async def test_an_order_that_is_cancelled_while_quotes_come_in_is_not_booked(stage: Stage) -> None:
    unit_id, quote_set = await _quoted(stage)
    stage.clock.advance(seconds=2)
    stage.shop.put("1001", status="CANCELLED", unit_status="CANCELLED")
    await stage.take_in()
    await cancel_for_order(OrderCancelled(MERCHANT_ID, (await stage.order()).id), stage.means)
    with pytest.raises(StateConflict):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    assert (stage.cheap.booked, stage.dear.booked) == ({}, {})


@dataclass
class GivesUpUnheard(LosesAnswers):
    """Books unheard, and has given the job up when it is asked again."""

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        booking = await super().book(request, budget_s)
        return replace(booking, status=DeliveryStatus.CANCELLED, raw_status="canceled")


async def test_a_booking_that_was_given_up_before_it_was_heard_of_goes_to_the_next(stage: Stage) -> None:
    moody = GivesUpUnheard("moody", stage.clock, 400)
    await stage.link(moody)
    unit_id, quote_set = await _quoted(stage)
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    await stage.settle()
    delivery = await stage.delivery()
    assert [leg.status for leg in delivery.legs] == [DeliveryStatus.CANCELLED, DeliveryStatus.BOOKED]
    assert (delivery.status, delivery.legs[1].carrier) == (DeliveryStatus.BOOKED, "cheap")


async def test_who_drops_the_same_delivery_again_and_again_is_not_sent_a_third_time(stage: Stage) -> None:
    # Given one that is far cheaper than what a machine may spend on another
    moody = GivesUpUnheard("moody", stage.clock, 10, losses=0)
    await stage.link(moody)
    unit_id, quote_set = await _quoted(stage)
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    await stage.settle()
    assert (len(moody.booked), (await stage.delivery()).status) == (2, DeliveryStatus.SEARCHING)
    assert IncidentKind.NO_COURIER in {incident.kind for incident in await stage.incidents()}


async def test_a_part_that_has_left_without_us_is_not_cancelled_with_its_order(stage: Stage) -> None:
    stage.shop.put("1001", status="CANCELLED", unit_status="DISPATCHED")
    await stage.take_in()
    await stage.settle()
    assert (await stage.order()).fulfillment_orders[0].status is FulfillmentOrderStatus.DISPATCHED


async def test_a_part_is_cancelled_when_its_carrier_has_said_yes_and_not_before(stage: Stage) -> None:
    # Given a booking, an order that is cancelled as a whole, and a carrier who does not answer
    delivery = await stage.booked()
    stage.clock.advance(seconds=2)
    stage.shop.put("1001", status="CANCELLED", unit_status="DISPATCHED")
    await stage.take_in()
    event = OrderCancelled(MERCHANT_ID, (await stage.order()).id)
    stage.cheap.cancel_error = RemoteUnavailable("nothing came back", system="cheap", raw_code="timeout")
    with pytest.raises(RemoteUnavailable):
        await cancel_for_order(event, stage.means)
    assert (await stage.order()).fulfillment_orders[0].status is FulfillmentOrderStatus.DISPATCHED

    # When it does
    stage.cheap.cancel_error = None
    await cancel_for_order(event, stage.means)

    # Then both are cancelled
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED
    assert (await stage.order()).fulfillment_orders[0].status is FulfillmentOrderStatus.CANCELLED


async def test_goods_that_a_courier_took_and_never_brought_are_seen(stage: Stage) -> None:
    delivery = await stage.booked()
    booking = delivery.legs[0].external_id
    for status, raw, trouble in (
        (DeliveryStatus.PICKED_UP, "pickup_complete", None),
        (DeliveryStatus.FAILED, "canceled", IncidentKind.COURIER_CANCELLED),
    ):
        update = stage.cheap.update(booking, status, raw, trouble=trouble)
        await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    (incident,) = await stage.incidents()
    assert incident.kind is IncidentKind.LOST


async def test_an_address_that_the_map_does_not_know_is_asked_for_once(stage: Stage) -> None:
    stage.shop.put("1001", street="Nowhere")
    await stage.take_in()
    await stage.settle()
    asked = len(stage.geocoder.asked)
    for _ in range(5):
        stage.clock.advance(minutes=5)
        await sweep(stage.means, MERCHANT_ID)
        await stage.settle()
    assert len(stage.geocoder.asked) == asked


async def test_half_a_character_in_one_order_does_not_stop_the_rest(stage: Stage) -> None:
    stage.shop.put("1001", street="1 Mill \ud83d Street")
    stage.shop.put("1002")
    counts = await stage.take_in()
    assert sum(counts.values()) == 2


async def test_a_booking_that_nobody_can_find_out_about_is_shown_to_a_person(stage: Stage) -> None:
    unit_id, quote_set = await _quoted(stage)
    stage.cheap.book_errors = [UnknownOutcome("lost", system="cheap") for _ in range(20)]
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    stage.clock.advance(minutes=16)
    await sweep(stage.means, MERCHANT_ID)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.title.partition(": ")[2]) == (
        IncidentKind.NO_COURIER,
        "not known whether it is booked",
    )
    stage.cheap.book_errors = []
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    assert await stage.incidents() == []
