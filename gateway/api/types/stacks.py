"""Deliveries that go together with one courier, and what is not booked yet since it waits for others."""

from __future__ import annotations

from datetime import datetime

import strawberry

from doorstep import stack as ground
from doorstep.dispatch_rules import MOST_STOPS
from gateway.api.context import Info
from gateway.api.marks import part, resolved, shape
from gateway.api.types.money import Money


@shape()
class StackStop:
    """One door of a tour."""

    position: int = part("1 for the first door.")
    delivery_id: strawberry.ID
    fulfillment_order_id: strawberry.ID
    arrives_at: datetime = part("When it should be there, reckoned when it was booked.")
    alone: Money = part("What it would have cost by itself.")

    @staticmethod
    def of(stop: ground.StackStop, position: int) -> StackStop:
        return StackStop(
            position=position,
            delivery_id=strawberry.ID(stop.delivery_id),
            fulfillment_order_id=strawberry.ID(stop.fulfillment_order_id),
            arrives_at=stop.arrives_at,
            alone=Money.of(stop.alone),
        )

    @resolved()
    async def delivery_reference(self, info: Info) -> str | None:
        """The delivery's, short and human; null where it is gone."""
        found = await info.context.loaders.delivery.load(str(self.delivery_id))
        return None if found is None else found.reference


@shape()
class Stack:
    """A tour of one courier with several deliveries, as it was booked; legs say what became of each."""

    id: strawberry.ID
    price: Money = part("That the carrier asked for all together.")
    saving: Money = part("How much less that is than its stops one by one.")
    created_at: datetime
    position: int | None = part("The place of this leg among the stops, 1 for the first.")
    stops: list[StackStop] = part("In the order in which they are driven to.", most=MOST_STOPS, usual=3)

    @staticmethod
    def of(stack: ground.Stack, leg_id: str) -> Stack:
        """The stack as one of its legs shows it."""
        places = {stop.leg_id: place for place, stop in enumerate(stack.stops, 1)}
        return Stack(
            id=strawberry.ID(stack.id),
            price=Money.of(stack.price),
            saving=Money.of(stack.saving),
            created_at=stack.created_at,
            position=places.get(leg_id),
            stops=[StackStop.of(stop, place) for place, stop in enumerate(stack.stops[:MOST_STOPS], 1)],
        )


@shape()
class WaitsUntil:
    """When a fulfillment order that is not booked yet will be, and what it waits for."""

    at: datetime = part("Then it is booked, with others or alone.")
    since: datetime
    reason: ground.WaitReason

    @staticmethod
    def of(waiting: ground.Waiting) -> WaitsUntil:
        return WaitsUntil(at=waiting.until, since=waiting.since, reason=waiting.reason)
