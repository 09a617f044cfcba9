"""Couriers that bring goods back, and returns that they fetch: real connectors, simulators over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from doorstep.audit import Actor
from doorstep.delivery import Delivery, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState, FailedAttempt
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.loss_claim import ClaimStatus
from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.order import FulfillmentLine, FulfillmentOrderStatus, OrderStatus
from doorstep.return_request import ReturnReason, ReturnRequest, ReturnStatus
from gateway.flow.ports import LinkedCarrier
from gateway.flow.returning.claiming import record_claim
from gateway.flow.returning.deciding import Decision, decide
from gateway.flow.returning.requesting import Wish, request_return
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident
from simulator.carriers.books import BookState
from tests.contracts.carriers import doordash, uber_direct
from tests.contracts.carriers.rig import HERE, AnyRig, Harness, Rig, rig_of
from tests.contracts.carriers.rig import STORE as TILL
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


@dataclass
class Street:
    """The stage, with a real connector in the place of its couriers, and one clock for both."""

    stage: Stage
    rig: AnyRig
    heard: int = 0

    async def live(self, minutes: float) -> None:
        """Let the couriers ride, and hear what they say of it."""
        for _ in range(int(minutes)):
            await self.rig.live(60, step_s=60)
            self.stage.clock.advance(seconds=60)
            await self._hear()
        await self.stage.settle()

    async def _hear(self) -> None:
        reader, carrier = self.rig.harness.plugin.webhooks, self.rig.carrier.carrier
        assert reader is not None
        letters = self.rig.letters[self.heard :]
        self.heard = len(self.rig.letters)
        for headers, body in letters:
            for update in reader.read(headers, body):
                try:
                    await apply_update(self.stage.means, MERCHANT_ID, carrier, update)
                except BookingNotKnownYet:
                    continue

    def live_bookings(self) -> int:
        return sum(entry.state is BookState.LIVE for entry in self.rig.fake.books())

    async def attempts(self, delivery: Delivery) -> list[FailedAttempt]:
        async with self.stage.means.begin(MERCHANT_ID) as work:
            return list(await work.returns.attempts_of(delivery.id))

    async def request(self, return_id: str) -> ReturnRequest:
        async with self.stage.means.begin(MERCHANT_ID) as work:
            found = await work.returns.request(return_id)
        assert found is not None
        return found


@asynccontextmanager
async def street(stage: Stage, harness: Harness[Any]) -> AsyncIterator[Street]:
    async with rig_of(Rig[Any, Any], harness, replace(HERE, start=stage.clock.now())) as rig:
        plugin = harness.plugin
        account = CarrierAccount(new_id("acc"), MERCHANT_ID, plugin.carrier, plugin.name, plugin.mode)
        stage.links.linked[:] = [LinkedCarrier(account, rig.carrier)]
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.accounts.put_carrier(account, {}, {})
            (place,) = await work.accounts.locations()
            await work.accounts.put_location(replace(place, address=TILL))
        yield Street(stage, rig)


async def _booked(stage: Stage, street: str) -> Delivery:
    assert HERE.door.location is not None
    stage.geocoder.places[street] = HERE.door.location
    stage.shop.put("1001", street=street)
    await stage.take_in()
    await stage.settle()
    return await stage.delivery_of("1001")


@pytest.mark.parametrize(
    ("harness", "fate", "failure"),
    [
        (doordash.HARNESS, "undeliverable", AttemptFailure.OTHER),
        (uber_direct.HARNESS, "customer_unavailable", AttemptFailure.NOT_HOME),
    ],
    ids=["doordash", "uber_direct"],
)
async def test_what_a_courier_brings_back_by_itself_goes_out_again_as_another_delivery(
    stage: Stage, harness: Harness[Any], fate: str, failure: AttemptFailure
) -> None:
    async with street(stage, harness) as town:
        delivery = await _booked(stage, f"12 Mill Street FATE {fate}")
        for _ in range(12):
            await town.live(5)
            if (await stage.kept(delivery.id)).status is DeliveryStatus.RETURNING:
                break
        (attempt,) = await town.attempts(delivery)
        assert (attempt.failure, attempt.state) == (failure, AttemptState.GOING_BACK)
        assert AttemptChoice.TRY_AGAIN in attempt.choices
        wish = Decision(AttemptChoice.TRY_AGAIN, Actor.SHOPPER)
        await decide(stage.means, MERCHANT_ID, attempt.id, wish)
        await stage.settle()
        assert len((await stage.kept(delivery.id)).legs) == 1, "nobody is booked while the courier has it"
        for _ in range(12):
            await town.live(5)
            if (await stage.kept(delivery.id)).status is DeliveryStatus.RETURNED:
                break
        (sent,) = await town.attempts(delivery)
        assert (sent.state, sent.is_done) == (AttemptState.SENT_AGAIN, True)
        again = await stage.delivery_of("1001")
        assert (again.id, len(again.legs)) == (sent.next_delivery_id, 1)
        assert town.live_bookings() == 1
        assert DeliveryStatus.RETURNED in {report.status for report, _, _ in stage.shop.reports}


async def test_a_shoppers_return_is_fetched_at_the_door_and_received_at_the_shop(stage: Stage) -> None:
    async with street(stage, doordash.HARNESS) as town:
        delivery = await _booked(stage, "12 Mill Street")
        for _ in range(12):
            await town.live(5)
            if (await stage.kept(delivery.id)).is_over:
                break
        order = await stage.order()
        assert order.status is OrderStatus.DELIVERED
        wish = Wish(order.id, (FulfillmentLine("line-1", 2),), ReturnReason.NOT_WANTED)
        made = await request_return(stage.means, MERCHANT_ID, wish)
        assert made.status is ReturnStatus.REQUESTED
        await stage.settle()
        request = await town.request(made.id)
        assert request.status is ReturnStatus.APPROVED
        assert request.delivery_id is not None
        back = await stage.kept(request.delivery_id)
        assert [(leg.direction, leg.carrier) for leg in back.legs] == [(LegDirection.RETURN, "doordash")]
        async with stage.means.begin(MERCHANT_ID) as work:
            quotes = await work.quotes.get(back.quote_set_id)
        assert quotes is not None
        assert quotes.request.pickup.line1 == "12 Mill Street"
        assert quotes.request.dropoff.line1 == TILL.line1
        assert request.cost == back.legs[0].price
        for _ in range(12):
            await town.live(5)
            if (await stage.kept(back.id)).is_over:
                break
        assert (await town.request(made.id)).status is ReturnStatus.RECEIVED
        order = await stage.order()
        assert order.status is OrderStatus.RETURNED
        assert order.fulfillment_orders[0].status is FulfillmentOrderStatus.RETURNED
        assert town.live_bookings() == 0


async def test_goods_that_nobody_brings_are_claimed_with_what_the_carrier_has_of_them(stage: Stage) -> None:
    async with street(stage, doordash.HARNESS) as town:
        delivery = await _booked(stage, "12 Mill Street FATE failed_to_return")
        for _ in range(20):
            await town.live(5)
            if (await stage.kept(delivery.id)).is_over:
                break
        # Nobody at DoorDash says what became of them: a person finds that they are gone.
        async with stage.means.begin(MERCHANT_ID) as work:
            alarm = Alarm(IncidentKind.LOST, "lost", "It never came back.", delivery_id=delivery.id)
            await raise_incident(work, alarm, stage.clock.now())
        await stage.settle()
        async with stage.means.begin(MERCHANT_ID) as work:
            (claim,) = await work.returns.claims((), "", 10)
        price = delivery.legs[0].price
        assert (claim.status, claim.carrier) == (ClaimStatus.DRAFT, "doordash")
        assert claim.amount == Money(4200, "USD") + price
        assert [proof.is_pickup for proof in claim.evidence] == [True], "DoorDash's picture of the pickup"
        filed = await record_claim(stage.means, MERCHANT_ID, claim.id, ClaimStatus.FILED, reference="C-7")
        assert (filed.status, filed.reference) == (ClaimStatus.FILED, "C-7")
        paid = await record_claim(
            stage.means, MERCHANT_ID, claim.id, ClaimStatus.PAID, amount=Money(4000, "USD")
        )
        assert (paid.paid, paid.settled_at) == (Money(4000, "USD"), stage.clock.now())
