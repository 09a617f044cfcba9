"""Incoming messages that could not be understood."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import ids
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.ports import records
from gateway.api.ports.records import Scope
from gateway.api.problems import (
    MOST_PATH,
    InvalidInput,
    NotFound,
    OtherProblem,
    Problem,
    StateConflict,
    code_of,
    problem_of,
)
from gateway.api.types.node import Node
from gateway.api.types.orders import Order
from gateway.api.types.stores import Store
from gateway.api.types.times import TimeWindowInput
from gateway.flow.records import Quarantined, QuarantineStatus


@shape()
class QuarantinedMessage(Node):
    """An incoming message that could not be understood; nothing else waits for it."""

    topic: str
    external_id: str | None
    received_at: datetime
    attempts: int
    status: QuarantineStatus
    problem: Problem
    source_id: strawberry.ID = part("The store or the carrier account that sent it.")
    raw_body: str | None = part("As received; personal data.", to=(), scope=Scope.OPERATE)

    @staticmethod
    def of(kept: Quarantined) -> QuarantinedMessage:
        return QuarantinedMessage(
            id=strawberry.ID(kept.id),
            topic=kept.topic,
            external_id=kept.external_id or None,
            received_at=kept.received_at,
            attempts=kept.attempts,
            status=kept.status,
            problem=OtherProblem(
                code=code_of(kept.problem_code),
                message=kept.problem_message,
                retryable=True,
                path=list(kept.problem_path[:MOST_PATH]) or None,
            ),
            source_id=strawberry.ID(kept.source),
            raw_body=kept.raw_body or None,
        )

    @resolved()
    async def store(self, info: Info) -> Store | None:
        """The store that sent it; null where a carrier did."""
        if ids.prefix_of(str(self.source_id)) != "sto":
            return None
        found = await info.context.loaders.store.load(str(self.source_id))
        return None if found is None else Store.of(found)


@entry
class QuarantineFilter:
    """Values of one field are OR, fields are AND; without status those that wait."""

    status: list[QuarantineStatus] | None = part(most=4, default=None)
    store_ids: list[strawberry.ID] | None = part(most=50, default=None)
    codes: list[str] | None = part("Codes of problems.", most=30, default=None)
    received_within: TimeWindowInput | None = None


@entry
class ReplayQuarantinedInput:
    """Read these again."""

    ids: list[strawberry.ID] = part(most=500)


@shape()
class QuarantineOutcome:
    """What a replay led to."""

    message: QuarantinedMessage
    problem: Problem | None
    order_id: strawberry.Private[str | None]

    @staticmethod
    def of(outcome: records.ReplayOutcome) -> QuarantineOutcome:
        return QuarantineOutcome(
            message=QuarantinedMessage.of(outcome.message),
            problem=None if outcome.error is None else problem_of(outcome.error),
            order_id=outcome.order_id,
        )

    @resolved()
    async def order(self, info: Info) -> Order | None:
        """The order that it became."""
        if self.order_id is None:
            return None
        found = await info.context.loaders.order.load(self.order_id)
        return None if found is None else Order.of(found)


@shape()
class ReplayQuarantinedSuccess:
    """All were read again."""

    outcomes: list[QuarantineOutcome] = part("In the order of the input.", most=500, usual=20)


ReplayQuarantinedResult = Annotated[
    ReplayQuarantinedSuccess | InvalidInput | NotFound,
    strawberry.union("ReplayQuarantinedResult", description="What replaying led to."),
]


@entry
class DiscardQuarantinedInput:
    """Nobody will read these any more."""

    ids: list[strawberry.ID] = part(most=500)


@shape()
class DiscardQuarantinedSuccess:
    """They wait no longer, and what was received is gone."""

    messages: list[QuarantinedMessage] = part("In the order of the input.", most=500, usual=20)


DiscardQuarantinedResult = Annotated[
    DiscardQuarantinedSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("DiscardQuarantinedResult", description="What discarding led to."),
]
