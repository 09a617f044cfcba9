"""Attempts that failed: opened, answered, carried out; never a second booking beside a live one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from doorstep.audit import Actor
from doorstep.booking import BookingChange, CarrierUpdate
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, StateConflict, UnknownOutcome
from doorstep.events import AttemptDecided
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState, FailedAttempt
from doorstep.incident import IncidentKind, IncidentStatus, StepAction
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus
from doorstep.return_request import ReturnStatus
from doorstep.route import RouteStatus, StopStatus
from doorstep.window import Window
from gateway.flow.planning.plans.request import plan_due
from gateway.flow.returning.carrying import carry_out
from gateway.flow.returning.deciding import Decision, decide
from gateway.flow.returning.fetching import status_of
from gateway.flow.returning.looking_after import look_after_returns
from gateway.flow.returning.van import record_failure
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour, tour_of


@dataclass
class Changing(FakeCarrier):
    """A courier that takes changes of a booking, unless it refuses."""

    change_error: RemoteRefused | None = None
    changes: tuple[BookingChange, ...] = ()

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        if self.change_error is not None:
            raise self.change_error
        self.changes = (*self.changes, change)
        return self.update(external_id, DeliveryStatus.UNKNOWN, "?")


async def _hear(stage: Stage, delivery: Delivery, status: DeliveryStatus, raw: str, **more: object) -> None:
    leg = delivery.legs[-1]
    carrier = next(one.connector for one in stage.links.linked if one.account.id == leg.account_id)
    assert isinstance(carrier, FakeCarrier)
    update = carrier.update(leg.external_id, status, raw, **more)
    await apply_update(stage.means, MERCHANT_ID, leg.carrier, update)
    await stage.settle()


async def _not_home(stage: Stage, delivery: Delivery) -> FailedAttempt:
    """The courier stood at the door and nobody opened."""
    await _hear(stage, delivery, DeliveryStatus.OUT_FOR_DELIVERY, "dropoff")
    stage.clock.advance(minutes=10)
    trouble = IncidentKind.RECIPIENT_UNAVAILABLE
    await _hear(stage, delivery, DeliveryStatus.ATTEMPT_FAILED, "failed", trouble=trouble)
    return (await _attempts(stage, delivery))[-1]


async def _attempts(stage: Stage, delivery: Delivery) -> list[FailedAttempt]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.returns.attempts_of(delivery.id))


async def _choose(
    stage: Stage,
    attempt: FailedAttempt,
    choice: AttemptChoice,
    by: Actor = Actor.PERSON,
    window: Window | None = None,
) -> FailedAttempt:
    await decide(stage.means, MERCHANT_ID, attempt.id, Decision(choice, by, window=window))
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.returns.attempt(attempt.id)
    assert found is not None
    return found


async def _tour(stage: Stage) -> tuple[Delivery, Delivery]:
    """A van at the first of two doors, 2 km up the road."""
    await own_fleet(stage)
    first, second = await order_to(stage, **{"1001": north(2000), "1002": north(4000)})
    van = await add_van(stage)
    await put_tour(stage, van, [first, second])
    await drive(stage, van, north(0), north(400), north(2000), north(2000), north(2000), every_s=60)
    return first, second


async def test_a_failed_attempt_opens_with_its_reason_and_asks_the_shopper(stage: Stage) -> None:
    delivery = await stage.booked()
    attempt = await _not_home(stage, delivery)
    assert (attempt.number, attempt.failure, attempt.state) == (1, AttemptFailure.NOT_HOME, AttemptState.OPEN)
    assert attempt.choices == (AttemptChoice.TRY_AGAIN, AttemptChoice.RETURN, AttemptChoice.GIVE_UP)
    assert attempt.answer_by == stage.clock.now() + timedelta(hours=4)
    (incident,) = await stage.incidents()
    assert incident.kind is IncidentKind.RECIPIENT_UNAVAILABLE
    assert [step.action for step in incident.steps] == [StepAction.ASK_SHOPPER]
    assert (incident.status, incident.waiting_until) == (IncidentStatus.WAITING, attempt.answer_by)
    await _hear(stage, delivery, DeliveryStatus.ATTEMPT_FAILED, "failed", trouble=incident.kind)
    await look_after_returns(stage.means, MERCHANT_ID)
    assert len(await _attempts(stage, delivery)) == 1, "said twice, it failed once"


async def test_once_it_is_decided_what_follows_the_desk_waits_no_longer(stage: Stage) -> None:
    attempt = await _not_home(stage, await stage.booked())
    (waiting,) = await stage.incidents()
    await _choose(stage, attempt, AttemptChoice.RETURN)
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = await work.incidents.get(waiting.id)
    assert incident is not None
    assert (incident.waiting_for, incident.waiting_until) == ("", None)
    assert "It was decided what follows." in [line.text for line in incident.history]


async def test_a_second_failure_takes_the_place_of_the_first_and_is_an_incident_of_its_own(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    await _not_home(stage, delivery)
    stage.clock.advance(minutes=20)
    await _hear(stage, delivery, DeliveryStatus.OUT_FOR_DELIVERY, "again")
    stage.clock.advance(minutes=10)
    trouble = IncidentKind.RECIPIENT_UNAVAILABLE
    await _hear(stage, delivery, DeliveryStatus.ATTEMPT_FAILED, "failed again", trouble=trouble)
    first, second = await _attempts(stage, delivery)
    assert (first.state, second.number, second.state) == (AttemptState.SUPERSEDED, 2, AttemptState.OPEN)
    kinds = {incident.kind for incident in await stage.incidents()}
    assert kinds == {IncidentKind.RECIPIENT_UNAVAILABLE, IncidentKind.SECOND_FAILED_ATTEMPT}
    stage.clock.advance(minutes=1)
    await _hear(stage, delivery, DeliveryStatus.DELIVERED, "delivered")
    assert (await _attempts(stage, delivery))[-1].state is AttemptState.DELIVERED
    assert await stage.incidents() == []


async def test_what_comes_back_by_itself_is_sent_again_if_somebody_wished_so(stage: Stage) -> None:
    delivery = await stage.booked()
    attempt = await _not_home(stage, delivery)
    wished = await _choose(stage, attempt, AttemptChoice.TRY_AGAIN, Actor.SHOPPER)
    assert (wished.state, wished.is_done) == (AttemptState.TRYING_AGAIN, False)
    assert len(stage.cheap.booked) == 1, "the courier still has the goods"
    await _hear(stage, delivery, DeliveryStatus.RETURNING, "returning")
    assert (await _attempts(stage, delivery))[0].state is AttemptState.GOING_BACK
    assert len(stage.cheap.booked) == 1
    fee = Money(700, "USD")  # 5.00 for the way there and 2.00 for the way back
    stage.cheap.news = stage.cheap.update(
        delivery.legs[0].external_id, DeliveryStatus.RETURNED, "?", price=fee
    )
    await _hear(stage, delivery, DeliveryStatus.RETURNED, "returned")
    (sent,) = await _attempts(stage, delivery)
    assert (sent.state, sent.is_done, sent.cost) == (AttemptState.SENT_AGAIN, True, Money(200, "USD"))
    again = await stage.delivery_of("1001")
    assert again.id == sent.next_delivery_id != delivery.id
    assert [leg.is_live for leg in again.legs] == [True]
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.RETURNED
    assert len(stage.cheap.booked) == 2
    assert (await stage.order()).fulfillment_orders[0].status is FulfillmentOrderStatus.DISPATCHED
    assert (await _not_home(stage, again)).number == 2, "the same goods have failed twice"


async def test_a_courier_that_takes_changes_comes_again_with_the_booking_that_it_has(stage: Stage) -> None:
    changing = Changing("changing", stage.clock, 100)
    await stage.link(changing)
    delivery = await stage.booked()
    attempt = await _not_home(stage, delivery)
    assert AttemptChoice.SAFE_PLACE in attempt.choices
    start = stage.clock.now() + timedelta(hours=2)
    wanted = Window(start, start + timedelta(hours=1))
    done = await _choose(stage, attempt, AttemptChoice.TRY_AGAIN, window=wanted)
    assert (done.is_done, changing.changes) == (True, (BookingChange(window=wanted),))
    kept = await stage.kept(delivery.id)
    assert kept.promise is not None
    assert (kept.promise.window, len(kept.legs), await stage.incidents()) == (wanted, 1, [])
    changing.change_error = RemoteRefused("too late", system="changing", raw_code="too_late")
    refused = await _choose(stage, done, AttemptChoice.SAFE_PLACE)
    assert refused.state is AttemptState.OPEN, "a person decides among what is left"
    assert AttemptChoice.SAFE_PLACE not in refused.choices


async def test_own_van_goods_are_planned_again_with_one_live_leg(stage: Stage) -> None:
    first, second = await _tour(stage)
    await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NO_ACCESS)
    await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NO_ACCESS)
    (attempt,) = await _attempts(stage, first)
    assert attempt.failure is AttemptFailure.NO_ACCESS
    async with stage.means.begin(MERCHANT_ID) as work:
        (route,) = await work.routes.unfinished()
    assert [stop.status for stop in route.stops] == [StopStatus.FAILED, StopStatus.PLANNED]
    done = await _choose(stage, attempt, AttemptChoice.TRY_AGAIN, Actor.SHOPPER)
    assert (done.is_done, done.choices) == (True, ())
    kept = await stage.kept(first.id)
    assert [leg.is_live for leg in kept.legs] == [False, True]
    assert (kept.status, kept.driver_id) == (DeliveryStatus.BOOKED, None)
    assert await stage.incidents() == []
    async with stage.means.begin(MERCHANT_ID) as work:
        assert [one.id for one in await work.deliveries.unrouted(10)] == [first.id], "it waits for a plan"
    # Until the tour is over the goods lie in the van that has failed with them.
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(replace(route, status=RouteStatus.FINISHED))
    await add_van(stage, "Ben")
    assert await plan_due(stage.means, MERCHANT_ID) is not None
    await stage.settle()
    assert (await stage.kept(first.id)).status is DeliveryStatus.COURIER_ASSIGNED
    assert (await stage.kept(second.id)).status is DeliveryStatus.OUT_FOR_DELIVERY


async def test_a_report_that_is_not_a_drivers_or_says_otherwise_than_before_is_a_conflict(
    stage: Stage,
) -> None:
    couriers = await stage.booked("1003")
    await _not_home(stage, couriers)
    with pytest.raises(StateConflict, match="says itself"):
        await record_failure(stage.means, MERCHANT_ID, couriers.id, AttemptFailure.NOT_HOME)
    first, second = await _tour(stage)
    known = await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NO_ACCESS)
    assert (known.delivery_id, known.failure) == (first.id, AttemptFailure.NO_ACCESS)
    assert await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NO_ACCESS) == known
    with pytest.raises(StateConflict, match="NO_ACCESS already"):
        await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NOT_HOME)
    called_off = replace(await stage.kept(second.id), is_cancel_requested=True)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(called_off)
    for _ in range(2):
        with pytest.raises(StateConflict, match="called off"):
            await record_failure(stage.means, MERCHANT_ID, second.id, AttemptFailure.NOT_HOME)
    assert await _attempts(stage, second) == []


async def test_a_lost_answer_leads_to_one_live_leg_when_it_goes_again(stage: Stage) -> None:
    first, _ = await _tour(stage)
    vans = stage.links.linked[-1].connector
    assert isinstance(vans, FakeCarrier)
    await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NOT_HOME)
    (attempt,) = await _attempts(stage, first)
    vans.book_errors = [UnknownOutcome("no answer", system="own_fleet")]
    wished = await _choose(stage, attempt, AttemptChoice.TRY_AGAIN)
    assert not wished.is_done
    for _ in range(2):  # the second time nothing is left to be done
        async with stage.database.doors() as connection:
            await connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
        await stage.settle()
    await carry_out(AttemptDecided(MERCHANT_ID, attempt.id), stage.means)
    kept = await stage.kept(first.id)
    assert [leg.is_live for leg in kept.legs] == [False, True]
    assert len(vans.booked) == 3, "two orders, and one of them once more"
    assert (await _attempts(stage, first))[0].is_done


async def test_what_a_van_brings_back_has_come_back_when_its_tour_is_over(stage: Stage) -> None:
    first, _ = await _tour(stage)
    await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.REFUSED)
    (attempt,) = await _attempts(stage, first)
    assert attempt.choices == (AttemptChoice.RETURN, AttemptChoice.GIVE_UP)
    assert attempt.answer_by == stage.clock.now(), "the shopper has said what they want: nobody is asked"
    await look_after_returns(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (await stage.kept(first.id)).status is DeliveryStatus.RETURNING
    await look_after_returns(stage.means, MERCHANT_ID)
    assert (await stage.kept(first.id)).status is DeliveryStatus.RETURNING, "the van is still out"
    async with stage.means.begin(MERCHANT_ID) as work:
        (route,) = await work.routes.unfinished()
        await work.routes.put_route(replace(await tour_of(stage, route), status=RouteStatus.FINISHED))
    await look_after_returns(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (await stage.kept(first.id)).status is DeliveryStatus.RETURNED
    assert (await _attempts(stage, first))[0].state is AttemptState.BACK
    report = stage.shop.reports[-1][0]
    assert report.status is DeliveryStatus.RETURNED, "the store is told"


async def test_nobody_answers_and_the_rule_follows_until_it_is_overdue(stage: Stage) -> None:
    delivery = await stage.booked()
    attempt = await _not_home(stage, delivery)
    stage.clock.advance(hours=4)
    await look_after_returns(stage.means, MERCHANT_ID)
    await stage.settle()
    (ruled,) = await _attempts(stage, delivery)
    assert (ruled.decision, ruled.decided_by) == (AttemptChoice.TRY_AGAIN, Actor.PLAYBOOK)
    await _hear(stage, delivery, DeliveryStatus.RETURNING, "returning")
    stage.clock.advance(days=7)
    await look_after_returns(stage.means, MERCHANT_ID)
    kinds = {incident.kind for incident in await stage.incidents()}
    assert IncidentKind.RETURN_OVERDUE in kinds
    with pytest.raises(StateConflict, match="open is: TRY_AGAIN, GIVE_UP"):
        await _choose(stage, attempt, AttemptChoice.SAFE_PLACE, Actor.SHOPPER)
    given_up = await _choose(stage, attempt, AttemptChoice.GIVE_UP)
    assert given_up.refund == Money(4200, "USD"), "the order's total, as the store names no prices of lines"
    with pytest.raises(StateConflict):
        await _choose(stage, attempt, AttemptChoice.TRY_AGAIN)


async def test_a_shopper_may_not_give_up_or_send_back(stage: Stage) -> None:
    attempt = await _not_home(stage, await stage.booked())
    for choice in (AttemptChoice.GIVE_UP, AttemptChoice.RETURN):
        with pytest.raises(StateConflict):
            await _choose(stage, attempt, choice, Actor.SHOPPER)


async def test_a_return_that_nobody_fetches_any_more_is_asked_for_again(stage: Stage) -> None:
    fetched = await stage.booked()
    (leg,) = fetched.legs
    dropped = replace(leg, status=DeliveryStatus.CANCELLED)
    left = replace(fetched, status=DeliveryStatus.SEARCHING, legs=(dropped,))
    assert status_of(ReturnStatus.REQUESTED, fetched) is ReturnStatus.APPROVED
    assert status_of(ReturnStatus.APPROVED, left) is ReturnStatus.REQUESTED
