"""What the API must be handed for failed attempts, returns and claims; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from doorstep.delivery import Delivery
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, FailedAttempt
from doorstep.geo import LatLng
from doorstep.loss_claim import ClaimStatus, LossClaim
from doorstep.money import Money
from doorstep.order import FulfillmentLine
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnRequest, ReturnStatus
from doorstep.window import Window
from gateway.api.ports.records import Page, PageRequest


class ReadsAttempts(Protocol):
    """Part of what one merchant's callers can read."""

    async def last_attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, FailedAttempt]:
        """The last failed attempt of each delivery."""
        ...


class ReturnCommands(Protocol):
    """The use cases about what nobody took in, what comes back, and what carriers owe for it."""

    async def failed_attempts(self, *, delivery_id: str) -> Sequence[FailedAttempt]:
        """Of a delivery, oldest first."""
        ...

    async def record_failed_attempt(
        self, *, idempotency_key: str, delivery_id: str, failure: AttemptFailure
    ) -> FailedAttempt:
        """An own van's driver found nobody; raises `StateConflict` where none is on its way with it."""
        ...

    async def decide_failed_attempt(
        self, *, idempotency_key: str, attempt_id: str, choice: AttemptChoice, window: Window | None
    ) -> FailedAttempt:
        """A person chooses; raises `StateConflict` where that is not open."""
        ...

    async def reschedule_delivery(
        self, *, idempotency_key: str, delivery_id: str, is_shopper: bool, slot_id: str, window: Window | None
    ) -> Delivery:
        """Try again; raises `SlotUnavailable` where the slot cannot be had."""
        ...

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
        """Say where to leave it, or where the door is on the map; "" and None change nothing.

        Raises `StateConflict` where it may not be left, or whoever brings it is not told any more.
        """
        ...

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
        """Write a return down; somebody is booked for it by a job."""
        ...

    async def return_request(self, *, return_id: str) -> ReturnRequest | None: ...
    async def return_requests(
        self, *, statuses: Sequence[ReturnStatus], page: PageRequest
    ) -> Page[ReturnRequest]:
        """In the order in which they were made."""
        ...

    async def count_return_requests(self, statuses: Sequence[ReturnStatus], up_to: int) -> int: ...
    async def claims(self, *, statuses: Sequence[ClaimStatus], page: PageRequest) -> Page[LossClaim]:
        """In the order in which they were drafted."""
        ...

    async def count_claims(self, statuses: Sequence[ClaimStatus], up_to: int) -> int: ...
    async def record_claim(
        self, *, claim_id: str, status: ClaimStatus, reference: str, amount: Money | None
    ) -> LossClaim:
        """What became of a claim that a person files; raises `StateConflict` where it cannot."""
        ...
