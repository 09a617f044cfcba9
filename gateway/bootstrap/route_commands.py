"""The API's use cases about plans, tours and drivers, bound to one merchant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.errors import NotFound
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.quote import QuoteSet
from doorstep.route import Route, RoutePlan
from doorstep.route_solution import Assignment
from doorstep.visit import PinnedPlace
from doorstep.window import Window
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.choosing.publish import publish_chosen
from gateway.flow.idempotency import once
from gateway.flow.planning.changes.assign import assign_route
from gateway.flow.planning.changes.delay import delay_van
from gateway.flow.planning.changes.drivers import save_driver
from gateway.flow.planning.changes.drop import drop_driver, take_back
from gateway.flow.planning.changes.move import MovePreview, StopMove, move_stop, preview_move
from gateway.flow.planning.changes.pin import pin_stop, unpin_stop
from gateway.flow.planning.plans.publish import cancel_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.planning.standing.why_here import assignments_of
from gateway.flow.planning.standing.window_costs import Door, window_costs


@dataclass(frozen=True, slots=True)
class RouteCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def plan_routes(self, *, idempotency_key: str, wish: PlanWish) -> RoutePlan:
        async def queue() -> str:
            return (await request_plan(self.means, self.merchant_id, wish)).id

        plan_id = await once(self.means, self.merchant_id, "planRoutes", idempotency_key, wish, queue)
        async with self.means.begin(self.merchant_id) as work:
            found = await work.routes.plan(plan_id)
        if found is None:
            raise NotFound(plan_id)
        return found

    async def cancel_route_plan(self, *, plan_id: str) -> RoutePlan:
        return await cancel_plan(self.means, self.merchant_id, plan_id)

    async def publish_route_plan(self, *, plan_id: str, expected_version: int) -> RoutePlan:
        return await publish_chosen(self.means, self.merchant_id, plan_id, expected_version)

    async def preview_stop_move(self, *, move: StopMove) -> MovePreview:
        return await preview_move(self.means, self.merchant_id, move)

    async def move_stop(
        self, *, move: StopMove, expected_version: int, accepts_soft: bool, locks: bool
    ) -> Sequence[Route]:
        return await move_stop(
            self.means,
            self.merchant_id,
            move,
            expected_version=expected_version,
            accepts_soft=accepts_soft,
            locks=locks,
        )

    async def assign_route(
        self, *, route_id: str, driver_id: str, expected_version: int, accepts_soft: bool
    ) -> Route:
        return await assign_route(
            self.means, self.merchant_id, route_id, driver_id, expected_version, accepts_soft=accepts_soft
        )

    async def delay_route(self, *, route_id: str, delay_s: int, expected_version: int) -> Route:
        return await delay_van(
            self.means, self.merchant_id, route_id, delay_s, expected_version=expected_version
        )

    async def drop_driver(self, *, driver_id: str, until: datetime | None) -> Sequence[Route]:
        return await drop_driver(self.means, self.merchant_id, driver_id, until)

    async def take_back_delivery(self, *, delivery_id: str) -> Delivery:
        return await take_back(self.means, self.merchant_id, delivery_id)

    async def pin_stop(self, *, stop_id: str, expected_version: int, place: PinnedPlace | None) -> Route:
        return await pin_stop(
            self.means, self.merchant_id, stop_id, expected_version=expected_version, place=place
        )

    async def unpin_stop(self, *, stop_id: str, expected_version: int) -> Route:
        return await unpin_stop(self.means, self.merchant_id, stop_id, expected_version=expected_version)

    async def assignments(
        self, *, day: str, plan_id: str, delivery_ids: Collection[str]
    ) -> Mapping[str, Assignment]:
        return await assignments_of(self.means, self.merchant_id, day, delivery_ids, plan_id=plan_id)

    async def window_costs(self, *, quote_set: QuoteSet, windows: Sequence[Window]) -> Sequence[Money | None]:
        door = Door(quote_set.origin_id, quote_set.request.dropoff, quote_set.request.parcels)
        return await window_costs(self.means, self.merchant_id, door, windows)

    async def save_driver(self, *, driver: Driver, expected_version: int | None) -> Driver:
        is_new = not driver.id
        mine = replace(driver, id=driver.id or new_id("drv"), merchant_id=self.merchant_id, device_id="")
        async with self.means.begin(self.merchant_id) as work:
            return await save_driver(work, mine, expected_version, self.means.clock.now(), is_new=is_new)
