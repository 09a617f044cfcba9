"""Reads and writes about failed attempts, returns and claims; part of both roots."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from doorstep.delivery import Delivery
from doorstep.errors import NotFound
from doorstep.failed_attempt import AttemptChoice
from doorstep.loss_claim import ClaimStatus
from doorstep.order import FulfillmentLine
from doorstep.return_request import ReturnMethod, ReturnStatus
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.marks import bounded_argument, shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.records import Audience, Scope
from gateway.api.reading import (
    read_future_window,
    read_id,
    read_key,
    read_money,
    read_place,
    read_text,
    wrong,
)
from gateway.api.roots.given import INPUT
from gateway.api.roots.slots import read_slot_id
from gateway.api.types.returns import (
    TRACKED,
    CreateReturnRequestInput,
    CreateReturnRequestResult,
    CreateReturnRequestSuccess,
    DecideFailedAttemptInput,
    DecideFailedAttemptResult,
    DecideFailedAttemptSuccess,
    FailedAttempt,
    LossClaim,
    RecordClaimInput,
    RecordClaimResult,
    RecordClaimSuccess,
    RecordFailedAttemptInput,
    RecordFailedAttemptResult,
    RecordFailedAttemptSuccess,
    RescheduleDeliveryInput,
    RescheduleDeliveryResult,
    RescheduleDeliverySuccess,
    ReturnRequest,
    UpdateDropoffInput,
    UpdateDropoffResult,
    UpdateDropoffSuccess,
)
from gateway.api.types.tracking import Tracking, show_tracking

_AT = ("input",)


@shape()
class ReturnQueries:
    """Reads about failed attempts, returns and claims."""

    @root(most=20)
    async def failed_attempts(self, info: Info, delivery_id: strawberry.ID) -> list[FailedAttempt]:
        """What nobody took in of a delivery, the first attempt first."""
        wanted = read_id(delivery_id, "del", ("deliveryId",))
        found = await info.context.commands.failed_attempts(delivery_id=wanted)
        return [FailedAttempt.of(one) for one in found[-20:]]

    @root()
    async def return_request(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> ReturnRequest | None:
        """One return."""
        found = await info.context.commands.return_request(return_id=read_id(id_, "ret", ("id",)))
        return None if found is None else ReturnRequest.of(found)

    @root()
    async def return_requests(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        status: Annotated[list[ReturnStatus] | None, bounded_argument(7)] = None,
    ) -> Connection[ReturnRequest]:
        """Returns in the order in which they were made."""
        page, wanted = page_request(first, after, "returns"), tuple(status or ())
        commands = info.context.commands
        found = await commands.return_requests(statuses=wanted, page=page)
        counter = partial(commands.count_return_requests, wanted)
        return connection(found, page, "returns", ReturnRequest.of, counter)

    @root()
    async def loss_claims(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        status: Annotated[list[ClaimStatus] | None, bounded_argument(5)] = None,
    ) -> Connection[LossClaim]:
        """Claims against carriers in the order in which they were drafted."""
        page, wanted = page_request(first, after, "claims"), tuple(status or ())
        commands = info.context.commands
        found = await commands.claims(statuses=wanted, page=page)
        return connection(found, page, "claims", LossClaim.of, partial(commands.count_claims, wanted))


@shape()
class ReturnMutations:
    """Writes about failed attempts, returns and claims."""

    @root(scope=Scope.OPERATE)
    async def record_failed_attempt(
        self, info: Info, given: Annotated[RecordFailedAttemptInput, INPUT]
    ) -> RecordFailedAttemptResult:
        """An own van's driver found nobody; carriers say so themselves."""
        failed = await info.context.commands.record_failed_attempt(
            idempotency_key=read_key(given.idempotency_key),
            delivery_id=read_id(given.delivery_id, "del", (*_AT, "deliveryId")),
            failure=given.reason,
        )
        return RecordFailedAttemptSuccess(failed_attempt=FailedAttempt.of(failed))

    @root(scope=Scope.OPERATE)
    async def decide_failed_attempt(
        self, info: Info, given: Annotated[DecideFailedAttemptInput, INPUT]
    ) -> DecideFailedAttemptResult:
        """A person chooses what follows; GIVE_UP drafts a refund and pays nothing."""
        if given.choice not in tuple(AttemptChoice):
            raise wrong((*_AT, "choice"), f"{given.choice} is nothing that can be chosen yet")
        decided = await info.context.commands.decide_failed_attempt(
            idempotency_key=read_key(given.idempotency_key),
            attempt_id=read_id(given.failed_attempt_id, "att", (*_AT, "failedAttemptId")),
            choice=given.choice,
            window=read_future_window(given.window, info.context.clock.now(), (*_AT, "window")),
        )
        return DecideFailedAttemptSuccess(failed_attempt=FailedAttempt.of(decided))

    @root(to=TRACKED, scope=Scope.OPERATE)
    async def reschedule_delivery(
        self, info: Info, given: Annotated[RescheduleDeliveryInput, INPUT]
    ) -> RescheduleDeliveryResult:
        """Tries again what nobody took in."""
        if given.slot_id is not None and given.window is not None:
            raise wrong((*_AT, "window"), "give a slotId or a window, not both")
        delivery = await info.context.commands.reschedule_delivery(
            idempotency_key=read_key(given.idempotency_key),
            delivery_id=_delivery_of(info.context, given.delivery_id),
            is_shopper=_is_shopper(info.context),
            slot_id="" if given.slot_id is None else read_slot_id(given.slot_id, (*_AT, "slotId")),
            window=read_future_window(given.window, info.context.clock.now(), (*_AT, "window")),
        )
        return RescheduleDeliverySuccess(tracking=await _tracking(info.context, delivery))

    @root(to=TRACKED, scope=Scope.OPERATE)
    async def update_dropoff(
        self, info: Info, given: Annotated[UpdateDropoffInput, INPUT]
    ) -> UpdateDropoffResult:
        """Says where to leave it or how to find the door; only what is given changes."""
        safe_place = read_text(given.safe_place, (*_AT, "safePlace"), 100)
        instructions = read_text(given.instructions, (*_AT, "instructions"), 150)
        pin = None if given.pin is None else read_place(given.pin, (*_AT, "pin"))
        if not (safe_place or instructions or pin):
            raise wrong((*_AT, "safePlace"), "give a safePlace, instructions or a pin", "REQUIRED")
        delivery = await info.context.commands.update_dropoff(
            idempotency_key=read_key(given.idempotency_key),
            delivery_id=_delivery_of(info.context, given.delivery_id),
            is_shopper=_is_shopper(info.context),
            safe_place=safe_place,
            instructions=instructions,
            pin=pin,
        )
        return UpdateDropoffSuccess(tracking=await _tracking(info.context, delivery))

    @root(scope=Scope.OPERATE)
    async def create_return_request(
        self, info: Info, given: Annotated[CreateReturnRequestInput, INPUT]
    ) -> CreateReturnRequestResult:
        """A shopper gives goods back: an own van or a courier fetches them, or a parcel label is bought."""
        if given.method is ReturnMethod.OTHER:
            raise wrong((*_AT, "method"), "method must be DOOR or PARCEL_SHOP")
        at = (*_AT, "lines")
        lines = [
            FulfillmentLine(
                read_text(line.line_external_id, (*at, str(place), "lineExternalId"), 255), line.quantity
            )
            for place, line in enumerate(given.lines)
        ]
        request = await info.context.commands.create_return_request(
            idempotency_key=read_key(given.idempotency_key),
            order_id=read_id(given.order_id, "ord", (*_AT, "orderId")),
            lines=lines,
            reason=given.reason,
            method=given.method,
            pickup=read_future_window(given.pickup, info.context.clock.now(), (*_AT, "pickup")),
        )
        return CreateReturnRequestSuccess(return_request=ReturnRequest.of(request))

    @root(scope=Scope.OPERATE)
    async def record_claim(self, info: Info, given: Annotated[RecordClaimInput, INPUT]) -> RecordClaimResult:
        """Says what became of a claim that a person files with the carrier."""
        amount = None if given.amount is None else read_money(given.amount, (*_AT, "amount"))
        claim = await info.context.commands.record_claim(
            claim_id=read_id(given.claim_id, "clm", (*_AT, "claimId")),
            status=given.status,
            reference=read_text(given.reference, (*_AT, "reference"), 100),
            amount=amount,
        )
        return RecordClaimSuccess(claim=LossClaim.of(claim))


def _is_shopper(context: Context) -> bool:
    return context.caller.audience is Audience.TRACKING


def _delivery_of(context: Context, given: strawberry.ID | None) -> str:
    """A token's own delivery, or the one that a secret key names.

    Raises
    ------
    NotFound
        If a token names another delivery than its own: there is none for it.
    """
    at = (*_AT, "deliveryId")
    own = context.caller.delivery_id
    wanted = None if given is None else read_id(given, "del", at)
    if _is_shopper(context):
        if own is None or (wanted is not None and wanted != own):
            raise NotFound(wanted or "delivery", path=at)
        return own
    if wanted is None:
        raise wrong(at, "deliveryId is needed with a secret key", "REQUIRED")
    return wanted


async def _tracking(context: Context, delivery: Delivery) -> Tracking:
    context.renew()
    return await show_tracking(context, delivery, context.caller.expires_at)
