"""What nobody took in, what comes back, and what carriers owe for what they lost."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import failed_attempt as attempts
from doorstep import loss_claim as losses
from doorstep import return_request as ground
from doorstep.audit import Actor
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState, PaidBy
from doorstep.loss_claim import ClaimReason, ClaimStatus
from doorstep.proof import ProofKind
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnStatus
from doorstep.visibility import TrackingAudience, TrackingField
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.ports.records import Audience
from gateway.api.problems import (
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    SlotUnavailable,
    StateConflict,
)
from gateway.api.scalars import Url
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.deliveries import Delivery
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.orders import FulfillmentLine, Order
from gateway.api.types.places import LatLngInput
from gateway.api.types.times import TimeWindow, TimeWindowInput
from gateway.api.types.tracking import Tracking
from gateway.flow.documents.document import DocumentKind, is_data

TRACKED = (Audience.TRACKING,)


@shape()
class FailedAttempt:
    """Goods that nobody took in, and what is done about it."""

    id: strawberry.ID
    delivery_id: strawberry.ID
    number: int = part("1 for the first of the delivery.")
    failure: AttemptFailure
    failed_at: datetime
    state: AttemptState
    choices: list[AttemptChoice] = part("Open as it stands, best first.", most=4, usual=3)
    answer_by: datetime | None = part("The shopper may choose until then, then the merchant's rule does.")
    decision: AttemptChoice | None
    decided_by: Actor | None
    decided_at: datetime | None
    window: TimeWindow | None = part("When somebody wants it to be tried again.")
    is_done: bool = part("What was decided is carried out; a wish that waits for the goods is not.")
    paid_by: PaidBy = part("Who is meant to pay for another try; nobody is charged from here.")
    cost: Money | None = part("Of the way back, beyond what the delivery cost at first.")
    refund_draft: Money | None = part("What the shopper should get back; nobody has paid it.")
    next_delivery_id: strawberry.ID | None = part("What it was sent again as, once it had come back.")
    exception_id: strawberry.ID | None
    version: int

    @staticmethod
    def of(kept: attempts.FailedAttempt) -> FailedAttempt:
        sent = kept.next_delivery_id
        return FailedAttempt(
            id=strawberry.ID(kept.id),
            delivery_id=strawberry.ID(kept.delivery_id),
            number=kept.number,
            failure=kept.failure,
            failed_at=kept.failed_at,
            state=kept.state,
            choices=list(kept.choices),
            answer_by=kept.answer_by,
            decision=kept.decision,
            decided_by=kept.decided_by,
            decided_at=kept.decided_at,
            window=None if kept.window is None else TimeWindow.of(kept.window),
            is_done=kept.is_done,
            paid_by=kept.paid_by,
            cost=Money.maybe(kept.cost),
            refund_draft=Money.maybe(kept.refund),
            next_delivery_id=None if sent is None else strawberry.ID(sent),
            exception_id=strawberry.ID(kept.incident_id) if kept.incident_id else None,
            version=kept.version,
        )


async def _label_url(self: ReturnRequest, info: Info) -> Url | None:
    """What the shopper sticks on, where a parcel carrier takes it."""
    id_ = self.kept.delivery_id
    brings = None if id_ is None else await info.context.loaders.delivery.load(id_)
    leg = None if brings is None else brings.active_leg
    # Ours, as the leg shows it; the carrier's own link where we keep none.
    cards = () if leg is None else await info.context.loaders.documents_of_leg.load(leg.id)
    ours = [one.url for one in cards if one.card.kind is DocumentKind.LABEL]
    theirs = (leg.label_url if leg is not None else "", self.kept.label_url)
    found = (url for url in (*ours, *theirs) if url and not is_data(url))
    url = next(found, None)
    return None if url is None else Url(url)


@shape()
class ReturnRequest:
    """Goods on their way back by the shopper's wish."""

    id: strawberry.ID
    status: ReturnStatus
    reason: ReturnReason
    method: ReturnMethod
    lines: list[FulfillmentLine] = part("What comes back of each line.", most=200, usual=3)
    created_at: datetime
    due_at: datetime = part("By when it should be back.")
    received_at: datetime | None
    label_url: Url | None = resolved()(_label_url)
    cost: Money | None = part("Of the way back.")
    kept: strawberry.Private[ground.ReturnRequest]

    @staticmethod
    def of(kept: ground.ReturnRequest) -> ReturnRequest:
        return ReturnRequest(
            id=strawberry.ID(kept.id),
            status=kept.status,
            reason=kept.reason,
            method=kept.method,
            lines=[FulfillmentLine.of(line) for line in kept.lines[:200]],
            created_at=kept.created_at,
            due_at=kept.due_at,
            received_at=kept.received_at,
            cost=Money.maybe(kept.cost),
            kept=kept,
        )

    @resolved()
    async def order(self, info: Info) -> Order | None:
        """What it was part of."""
        found = await info.context.loaders.order.load(self.kept.order_id)
        return None if found is None else Order.of(found)

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """What brings it back; null while nobody is booked."""
        if self.kept.delivery_id is None:
            return None
        found = await info.context.loaders.delivery.load(self.kept.delivery_id)
        return None if found is None else Delivery.of(found)


@shape()
class ClaimEvidence:
    """Something that speaks for a claim."""

    kind: ProofKind
    taken_at: datetime | None
    is_pickup: bool
    kept: strawberry.Private[losses.ClaimEvidence]

    @staticmethod
    def of(kept: losses.ClaimEvidence) -> ClaimEvidence:
        return ClaimEvidence(kind=kept.kind, taken_at=kept.taken_at, is_pickup=kept.is_pickup, kept=kept)

    @resolved()
    async def url(self, info: Info) -> Url | None:
        """Where the carrier keeps the picture, as far as the merchant lets the desk see it."""
        rules = (await info.context.loaders.merchant.load("")).visibility
        may_see = rules.shows(TrackingAudience.DESK, TrackingField.PROOF)
        return Url(self.kept.url) if may_see and self.kept.url else None


@shape()
class LossClaim:
    """What a merchant wants of a carrier for goods that were lost or damaged. A person files it with the
    carrier and says here what came of it.
    """

    id: strawberry.ID
    status: ClaimStatus
    reason: ClaimReason
    amount: Money = part("Of the goods and of the delivery.")
    opened_at: datetime
    file_by: datetime = part("The merchant's own limit; carriers' terms may name an earlier one.")
    tracking_number: str | None
    evidence: list[ClaimEvidence] = part(most=20, usual=2)
    reference: str | None = part("The carrier's number of the claim.")
    filed_at: datetime | None
    settled_at: datetime | None
    paid: Money | None
    exception_id: strawberry.ID
    kept: strawberry.Private[losses.LossClaim]

    @staticmethod
    def of(kept: losses.LossClaim) -> LossClaim:
        return LossClaim(
            id=strawberry.ID(kept.id),
            status=kept.status,
            reason=kept.reason,
            amount=Money.of(kept.amount),
            opened_at=kept.opened_at,
            file_by=kept.file_by,
            tracking_number=kept.tracking_number or None,
            evidence=[ClaimEvidence.of(one) for one in kept.evidence[:20]],
            reference=kept.reference or None,
            filed_at=kept.filed_at,
            settled_at=kept.settled_at,
            paid=Money.maybe(kept.paid),
            exception_id=strawberry.ID(kept.incident_id),
            kept=kept,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who had the goods."""
        return await load_carrier(info.context, self.kept.carrier)

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """What it is about."""
        found = await info.context.loaders.delivery.load(self.kept.delivery_id)
        return None if found is None else Delivery.of(found)


@entry
class RecordFailedAttemptInput:
    """An own van's driver found nobody."""

    idempotency_key: str
    delivery_id: strawberry.ID
    reason: AttemptFailure


@entry
class DecideFailedAttemptInput:
    """What follows a failed attempt."""

    idempotency_key: str
    failed_attempt_id: strawberry.ID
    choice: AttemptChoice
    window: TimeWindowInput | None = part("For TRY_AGAIN; else as soon as somebody can.", default=None)


@entry
class RescheduleDeliveryInput:
    """Try again what nobody took in: in a slot of the own vans, in a window, or as soon as somebody can."""

    idempotency_key: str
    delivery_id: strawberry.ID | None = part("With a secret key; a token names its own.", default=None)
    slot_id: strawberry.ID | None = None
    window: TimeWindowInput | None = None


@entry
class UpdateDropoffInput:
    """Only what is given changes."""

    idempotency_key: str
    delivery_id: strawberry.ID | None = part("With a secret key; a token names its own.", default=None)
    safe_place: str | None = None
    instructions: str | None = None
    pin: LatLngInput | None = part("Where the door is on the map, near the address.", default=None)


@entry
class ReturnLineInput:
    """What comes back of one line."""

    line_external_id: str = part("Id in the store's own system.")
    quantity: int


@entry
class CreateReturnRequestInput:
    """A shopper gives goods back."""

    idempotency_key: str
    order_id: strawberry.ID
    lines: list[ReturnLineInput] = part(most=200)
    reason: ReturnReason
    method: ReturnMethod = part(
        "DOOR: fetched by an own van or a courier. PARCEL_SHOP: a label.", default=ReturnMethod.DOOR
    )
    pickup: TimeWindowInput | None = None


@entry
class RecordClaimInput:
    """What became of a claim."""

    claim_id: strawberry.ID
    status: ClaimStatus
    reference: str | None = part("The carrier's number of the claim.", default=None)
    amount: MoneyInput | None = part("Asked for where it is filed, paid where it is.", default=None)


@shape()
class RecordFailedAttemptSuccess:
    """It is written down."""

    failed_attempt: FailedAttempt


@shape()
class DecideFailedAttemptSuccess:
    """It is decided; a job carries it out."""

    failed_attempt: FailedAttempt


@shape(to=TRACKED)
class RescheduleDeliverySuccess:
    """It will be tried again."""

    tracking: Tracking


@shape(to=TRACKED)
class UpdateDropoffSuccess:
    """Whoever brings it is told."""

    tracking: Tracking


@shape()
class CreateReturnRequestSuccess:
    """It is written down; somebody is booked for it by a job."""

    return_request: ReturnRequest


@shape()
class RecordClaimSuccess:
    """It is written down."""

    claim: LossClaim


RecordFailedAttemptResult = Annotated[
    RecordFailedAttemptSuccess | InvalidInput | NotFound | StateConflict | IdempotencyConflict,
    strawberry.union("RecordFailedAttemptResult", description="What recording a failed attempt led to."),
]
DecideFailedAttemptResult = Annotated[
    DecideFailedAttemptSuccess | InvalidInput | NotFound | StateConflict | IdempotencyConflict,
    strawberry.union("DecideFailedAttemptResult", description="What deciding led to."),
]
RescheduleDeliveryResult = Annotated[
    RescheduleDeliverySuccess
    | InvalidInput
    | NotFound
    | SlotUnavailable
    | StateConflict
    | IdempotencyConflict,
    strawberry.union("RescheduleDeliveryResult", description="What asking for another try led to."),
]
UpdateDropoffResult = Annotated[
    UpdateDropoffSuccess | InvalidInput | NotFound | StateConflict | IdempotencyConflict,
    strawberry.union("UpdateDropoffResult", description="What a word about the door led to."),
]
CreateReturnRequestResult = Annotated[
    CreateReturnRequestSuccess | InvalidInput | NotFound | StateConflict | IdempotencyConflict,
    strawberry.union("CreateReturnRequestResult", description="What asking for a return led to."),
]
RecordClaimResult = Annotated[
    RecordClaimSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("RecordClaimResult", description="What recording a claim led to."),
]
