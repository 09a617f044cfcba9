"""Why a driver makes a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import route_solution as solved
from doorstep.money import Money as GroundMoney
from gateway.api.context import Info
from gateway.api.marks import part, resolved, shape
from gateway.api.types.money import Money

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]


@shape()
class AssignmentReason:
    """Why this driver: what the stop costs here against the next best."""

    text: str
    cost_here: Money = part("What the tour would save without it; negative where it would cost more.")
    next_best_cost: Money | None
    next_best_id: strawberry.Private[str]

    @staticmethod
    def maybe(why: solved.Assignment | None, currency: str) -> AssignmentReason | None:
        if why is None:
            return None
        other = why.next_cost_minor
        return AssignmentReason(
            text=why.text,
            cost_here=Money.of(GroundMoney(why.cost_here_minor, currency)),
            next_best_cost=None if other is None else Money.of(GroundMoney(other, currency)),
            next_best_id=why.next_van_id,
        )

    @resolved()
    async def next_best_driver(self, info: Info) -> DriverRef | None:
        """Who would do it for the least otherwise; null where nobody could."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.next_best_id) if self.next_best_id else None
        return None if found is None else Driver.of(found)
