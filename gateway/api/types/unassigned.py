"""Why something has no place on a tour, and what would give it one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as ground
from doorstep import route_solution as solved
from doorstep.money import Money as GroundMoney
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlan
from doorstep.route_solution import UnassignedCode
from gateway.api import fleet_view
from gateway.api.context import Context, Info
from gateway.api.marks import part, resolved, shape
from gateway.api.types.deliveries import Delivery
from gateway.api.types.money import Money
from gateway.api.types.orders import FulfillmentOrder

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.vehicles import Vehicle

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]
VehicleRef = Annotated["Vehicle", strawberry.lazy("gateway.api.types.vehicles")]


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
    like_id: strawberry.Private[str]

    @staticmethod
    def of(remedy: solved.UnassignedRemedy, currency: str) -> UnassignedRemedy:
        driver_id = fleet_view.driver_id_of(remedy.van_id)
        return UnassignedRemedy(
            text=remedy.text,
            cost=Money.of(GroundMoney(remedy.cost_minor, currency)),
            driver_id="" if remedy.is_one_more else driver_id,
            like_id=driver_id if remedy.is_one_more else "",
        )

    @resolved()
    async def driver(self, info: Info) -> DriverRef | None:
        """Who could take it then; null where it takes one more van."""
        from gateway.api.types.drivers import Driver

        found = await info.context.loaders.driver.load(self.driver_id) if self.driver_id else None
        return None if found is None else Driver.of(found)

    @resolved()
    async def vehicle_like(self, info: Info) -> VehicleRef | None:
        """What one more van would have to be like; null where a driver could take it."""
        from gateway.api.types.vehicles import Vehicle

        found = await info.context.loaders.driver.load(self.like_id) if self.like_id else None
        return None if found is None else Vehicle.of(found)


@shape()
class UnassignedDelivery:
    """A delivery without a place, and why."""

    delivery_id: strawberry.ID
    reasons: list[UnassignedReason] = part(most=5, usual=2)
    remedies: list[UnassignedRemedy] = part("What would help, the cheapest first.", most=5, usual=1)
    plan_id: strawberry.Private[str]

    @staticmethod
    def of(visit: solved.UnassignedVisit, plan: RoutePlan) -> UnassignedDelivery:
        currency = plan.currency
        return UnassignedDelivery(
            delivery_id=strawberry.ID(visit.visit_id),
            plan_id=plan.id,
            reasons=[UnassignedReason.of(reason) for reason in visit.reasons[:5]],
            remedies=[UnassignedRemedy.of(remedy, currency) for remedy in visit.remedies[:5]],
        )

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """What has no place; null where nobody is booked for it before the plan is published."""
        found = await info.context.loaders.delivery.load(str(self.delivery_id))
        return None if found is None else Delivery.of(found)

    @resolved()
    async def fulfillment_order(self, info: Info) -> FulfillmentOrder | None:
        """What has no place, whether somebody is booked for it yet or not."""
        loaders, id_ = info.context.loaders, str(self.delivery_id)
        goods = await loaders.delivery.load(id_) or await loaders.draft.load((self.plan_id, id_))
        found = None if goods is None else await loaders.fulfillment_order.load(goods.fulfillment_order_id)
        return None if found is None else FulfillmentOrder.of(found)


async def load_left_out(
    context: Context, delivery: ground.Delivery
) -> tuple[str, solved.UnassignedVisit | None]:
    """What the last plan says of a delivery that waits for a van, None for others; and in which currency."""
    leg = delivery.active_leg
    is_for_vans = leg is not None and leg.mode is DeliveryMode.OWN_FLEET
    if not is_for_vans or delivery.driver_id is not None or delivery.is_over:
        return "", None
    found = await context.loaders.left_out.load(delivery.id)
    return ("", None) if found is None else (found.currency, found.visit)
