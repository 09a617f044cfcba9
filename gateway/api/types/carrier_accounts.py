"""The merchant's accounts with carriers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from doorstep import merchant as ground
from doorstep.errors import NotFound
from doorstep.quote import DeliveryMode
from gateway.api.context import Info
from gateway.api.marks import resolved, shape
from gateway.api.scores import load_scorecard
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.node import Node
from gateway.api.types.scorecards import CarrierBreaker, Scorecard
from gateway.api.types.stores import MOST_CHECKS, HealthCheck
from gateway.flow.learning.health import AccountHealth, CarrierHealth


@shape()
class CarrierAccount(Node):
    """The merchant's account with a carrier."""

    name: str
    enabled: bool
    mode: DeliveryMode
    is_test: bool
    carrier_code: strawberry.Private[str]

    @staticmethod
    def of(kept: ground.CarrierAccount) -> CarrierAccount:
        return CarrierAccount(
            id=strawberry.ID(kept.id),
            name=kept.name,
            enabled=kept.enabled,
            mode=kept.mode,
            is_test=kept.is_test,
            carrier_code=kept.carrier,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Whose account it is."""
        return await load_carrier(info.context, self.carrier_code)

    @resolved(points=2)
    async def health(self, info: Info) -> CarrierHealth:
        """Whether it answers."""
        return (await self._known(info)).health

    @resolved(points=2)
    async def breaker(self, info: Info) -> CarrierBreaker:
        """Whether it is asked."""
        return CarrierBreaker.of(await self._known(info))

    @resolved(points=5)
    async def scorecard(self, info: Info, days: int = 30) -> Scorecard | None:
        """How it did."""
        return Scorecard.maybe(await load_scorecard(info.context, {str(self.id)}, days))

    @resolved(most=MOST_CHECKS, usual=3)
    async def checks(self, info: Info) -> list[HealthCheck]:
        """What the last test found; empty before the first. testLink tests it anew."""
        kept = await info.context.loaders.link_checks.load(str(self.id))
        return [] if kept is None else [HealthCheck.of(check) for check in kept.checks[:MOST_CHECKS]]

    @resolved()
    async def checked_at(self, info: Info) -> datetime | None:
        """When it was tested last."""
        kept = await info.context.loaders.link_checks.load(str(self.id))
        return None if kept is None else kept.checked_at

    async def _known(self, info: Info) -> AccountHealth:
        found = await info.context.loaders.account_health.load(str(self.id))
        if found is None:
            raise NotFound(str(self.id))
        return found
