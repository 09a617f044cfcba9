"""Booking a delivery, and calling it off."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep.dispatch_rules import DispatchStrategy
from gateway.api.marks import entry, part, shape
from gateway.api.ports import records
from gateway.api.problems import (
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Problem,
    RemoteRefused,
    StateConflict,
    problem_of,
)
from gateway.api.types.deliveries import Delivery
from gateway.api.types.money import MoneyInput
from gateway.api.types.quotes import DeclinedCarrier


@entry
class DispatchFulfillmentOrderInput:
    """Without quoteId: the shopper's choice, else whom the strategy puts first."""

    fulfillment_order_id: strawberry.ID
    quote_id: strawberry.ID | None = None
    max_price: MoneyInput | None = None
    allow_fallback: bool = part("On refusal the next in line.", default=True)
    strategy: DispatchStrategy | None = part("Instead of the merchant's own.", default=None)


@entry
class DispatchInput:
    """What to book; all are tried, each has its own outcome."""

    idempotency_key: str
    fulfillment_orders: list[DispatchFulfillmentOrderInput] = part(most=100)


@shape()
class DispatchOutcome:
    """What became of one fulfillment order."""

    fulfillment_order_id: strawberry.ID
    delivery: Delivery | None
    problem: Problem | None
    attempts: list[DeclinedCarrier] = part("Carriers tried before.", most=20, usual=2)
    left_out: list[DeclinedCarrier] = part(
        "Offers that the merchant's limits kept from being tried.", most=20, usual=2
    )
    why: str | None = part("Why the carrier that has it was asked: the strategy, and beside whom it stood.")

    @staticmethod
    def of(outcome: records.DispatchOutcome) -> DispatchOutcome:
        return DispatchOutcome(
            fulfillment_order_id=strawberry.ID(outcome.fulfillment_order_id),
            delivery=None if outcome.delivery is None else Delivery.of(outcome.delivery),
            problem=None if outcome.error is None else problem_of(outcome.error),
            attempts=[DeclinedCarrier.of(decline) for decline in outcome.attempts[:20]],
            left_out=[DeclinedCarrier.of(decline) for decline in outcome.left_out[:20]],
            why=outcome.why or None,
        )


@shape()
class DispatchSuccess:
    """All were tried."""

    outcomes: list[DispatchOutcome] = part("In the order of the input.", most=100, usual=10)


@entry
class CancelDeliveryInput:
    """Call a delivery off."""

    idempotency_key: str
    delivery_id: strawberry.ID
    reason: records.CancelReason
    note: str | None = None


@shape()
class CancelDeliverySuccess:
    """It is called off."""

    delivery: Delivery


DispatchResult = Annotated[
    DispatchSuccess | InvalidInput | IdempotencyConflict,
    strawberry.union("DispatchResult", description="What booking led to."),
]
CancelDeliveryResult = Annotated[
    CancelDeliverySuccess | InvalidInput | NotFound | StateConflict | RemoteRefused | IdempotencyConflict,
    strawberry.union("CancelDeliveryResult", description="What calling off led to."),
]
