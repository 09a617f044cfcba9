"""Why something has no place on a tour, and what would give it one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import route_solution as solved
from doorstep.money import Money as GroundMoney
from doorstep.route_solution import UnassignedCode
from gateway.api import fleet_view
from gateway.api.context import Info
from gateway.api.marks import part, resolved, shape
from gateway.api.types.money import Money

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]


@shape()
class UnassignedReason:
    """One reason why nothing can take it."""

    code: UnassignedCode
    text: str = part("A sentence for a dispatcher.")
    short_by_seconds: int | None
    nearest_id: strawberry.Private[str]

    @staticmethod
    def of(reason: solved.UnassignedReason) -> UnassignedReason:
        return UnassignedReason(
            code=reason.code,
            text=reason.text,
            short_by_seconds=reason.short_by_s,
            nearest_id=fleet_view.driver_id_of(reason.van_id or ""),
        )

    @resolved()
    async def nearest_driver(self, info: Info) -> DriverRef | None:
        """Who comes closest to taking it."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.nearest_id) if self.nearest_id else None
        return None if found is None else Driver.of(found)


@shape()
class UnassignedRemedy:
    """One concession that would give it a place, tried out."""

    text: str = part("A sentence for a dispatcher.")
    cost: Money = part("What the routes would cost more.")
    driver_id: strawberry.Private[str]

    @staticmethod
    def of(remedy: solved.UnassignedRemedy, currency: str) -> UnassignedRemedy:
        return UnassignedRemedy(
            text=remedy.text,
            cost=Money.of(GroundMoney(remedy.cost_minor, currency)),
            driver_id=fleet_view.driver_id_of(remedy.van_id),
        )

    @resolved()
    async def driver(self, info: Info) -> DriverRef | None:
        """Who could take it then."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.driver_id) if self.driver_id else None
        return None if found is None else Driver.of(found)
