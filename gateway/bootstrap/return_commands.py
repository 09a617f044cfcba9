"""The API's use cases about failed attempts, returns and claims, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.errors import NotFound
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, FailedAttempt
from doorstep.geo import LatLng
from doorstep.loss_claim import ClaimStatus, LossClaim
from doorstep.money import Money
from doorstep.order import FulfillmentLine
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnRequest, ReturnStatus
from doorstep.window import Window
from gateway.api.ports.records import Page, PageRequest
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.idempotency import once
from gateway.flow.messaging.hand.pin import correct_pin
from gateway.flow.returning import door, requesting
from gateway.flow.returning.claiming import record_claim
from gateway.flow.returning.deciding import Decision, decide
from gateway.flow.returning.van import record_failure
from gateway.flow.returning.word import Word


@dataclass(frozen=True, slots=True)
class ReturnCommands(SlotCommands):
    """See `gateway.api.ports.returns.ReturnCommands`."""

    async def failed_attempts(self, *, delivery_id: str) -> Sequence[FailedAttempt]:
        async with self.means.begin(self.merchant_id) as work:
            return await work.returns.attempts_of(delivery_id)

    async def record_failed_attempt(
        self, *, idempotency_key: str, delivery_id: str, failure: AttemptFailure
    ) -> FailedAttempt:
        async def act() -> str:
            return (await record_failure(self.means, self.merchant_id, delivery_id, failure)).id

        question = (delivery_id, failure)
        operation = "recordFailedAttempt"
        attempt_id = await once(self.means, self.merchant_id, operation, idempotency_key, question, act)
        return await self._attempt(attempt_id)

    async def decide_failed_attempt(
        self, *, idempotency_key: str, attempt_id: str, choice: AttemptChoice, window: Window | None
    ) -> FailedAttempt:
        async def act() -> str:
            decision = Decision(choice, Actor.PERSON, window=window)
            return (await decide(self.means, self.merchant_id, attempt_id, decision)).id

        question = (attempt_id, choice, window)
        await once(self.means, self.merchant_id, "decideFailedAttempt", idempotency_key, question, act)
        return await self._attempt(attempt_id)

    async def reschedule_delivery(
        self, *, idempotency_key: str, delivery_id: str, is_shopper: bool, slot_id: str, window: Window | None
    ) -> Delivery:
        async def act() -> str:
            zones = await self._zones_of_delivery(delivery_id) if slot_id else None
            decision = Decision(
                AttemptChoice.TRY_AGAIN,
                Actor.SHOPPER if is_shopper else Actor.PERSON,
                window=window,
                slot_id=slot_id,
                key=idempotency_key,
                zones=zones,
            )
            return (await door.reschedule(self.means, self.merchant_id, delivery_id, decision)).id

        question = (delivery_id, slot_id, window)
        # Of its delivery: shoppers know nothing of each other's keys.
        key = f"{delivery_id} {idempotency_key}"
        await once(self.means, self.merchant_id, "rescheduleDelivery", key, question, act)
        return await self._delivery(delivery_id)

    async def update_dropoff(
        self,
        *,
        idempotency_key: str,
        delivery_id: str,
        is_shopper: bool,
        safe_place: str,
        instructions: str,
        pin: LatLng | None,
    ) -> Delivery:
        async def act() -> str:
            if pin is not None:
                await correct_pin(self.means, self.merchant_id, delivery_id, pin)
            if not (safe_place or instructions):
                return delivery_id
            word, by = Word(safe_place, instructions), Actor.SHOPPER if is_shopper else Actor.PERSON
            return (await door.say_of_door(self.means, self.merchant_id, delivery_id, word, by)).id

        question = (delivery_id, safe_place, instructions, pin)
        key = f"{delivery_id} {idempotency_key}"
        await once(self.means, self.merchant_id, "updateDropoff", key, question, act)
        return await self._delivery(delivery_id)

    async def create_return_request(
        self,
        *,
        idempotency_key: str,
        order_id: str,
        lines: Sequence[FulfillmentLine],
        reason: ReturnReason,
        method: ReturnMethod,
        pickup: Window | None,
    ) -> ReturnRequest:
        wish = requesting.Wish(order_id, tuple(lines), reason, method, pickup)

        async def act() -> str:
            return (await requesting.request_return(self.means, self.merchant_id, wish, idempotency_key)).id

        return_id = await once(
            self.means, self.merchant_id, "createReturnRequest", idempotency_key, wish, act
        )
        found = await self.return_request(return_id=return_id)
        if found is None:
            raise NotFound(return_id)
        return found

    async def return_request(self, *, return_id: str) -> ReturnRequest | None:
        async with self.means.begin(self.merchant_id) as work:
            return await work.returns.request(return_id)

    async def return_requests(
        self, *, statuses: Sequence[ReturnStatus], page: PageRequest
    ) -> Page[ReturnRequest]:
        async with self.means.begin(self.merchant_id) as work:
            found = await work.returns.requests(statuses, page.after or "", page.first + 1)
        taken = tuple(found[: page.first])
        return Page(taken, tuple(one.id for one in taken), has_next=len(found) > page.first)

    async def count_return_requests(self, statuses: Sequence[ReturnStatus], up_to: int) -> int:
        async with self.means.begin(self.merchant_id) as work:
            return await work.returns.count_requests(statuses, up_to)

    async def count_claims(self, statuses: Sequence[ClaimStatus], up_to: int) -> int:
        async with self.means.begin(self.merchant_id) as work:
            return await work.returns.count_claims(statuses, up_to)

    async def claims(self, *, statuses: Sequence[ClaimStatus], page: PageRequest) -> Page[LossClaim]:
        async with self.means.begin(self.merchant_id) as work:
            found = await work.returns.claims(statuses, page.after or "", page.first + 1)
        taken = tuple(found[: page.first])
        return Page(taken, tuple(one.id for one in taken), has_next=len(found) > page.first)

    async def record_claim(
        self, *, claim_id: str, status: ClaimStatus, reference: str, amount: Money | None
    ) -> LossClaim:
        return await record_claim(
            self.means, self.merchant_id, claim_id, status, reference=reference, amount=amount
        )

    async def _zones_of_delivery(self, delivery_id: str) -> frozenset[str]:
        """Those that its door lies in, by the question that it was booked with."""
        delivery = await self._delivery(delivery_id)
        leg = delivery.active_leg
        return await self._zones_of(delivery.quote_set_id, leg.quote_id if leg else "")

    async def _delivery(self, delivery_id: str) -> Delivery:
        async with self.means.begin(self.merchant_id) as work:
            found = await work.deliveries.get(delivery_id)
        if found is None:
            raise NotFound(delivery_id, path=("input", "deliveryId"))
        return found

    async def _attempt(self, attempt_id: str) -> FailedAttempt:
        async with self.means.begin(self.merchant_id) as work:
            found = await work.returns.attempt(attempt_id)
        if found is None:
            raise NotFound(attempt_id, path=("input", "failedAttemptId"))
        return found
