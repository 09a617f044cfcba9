"""Writes about vans on the road and stops that are to stay; part of the root of writes."""

from __future__ import annotations

from typing import Annotated

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import found, read_future, read_id, read_span
from gateway.api.roots.given import INPUT
from gateway.api.told_tours import require_told
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver
from gateway.api.types.routes import Route
from gateway.api.types.van_changes import (
    DelayRouteInput,
    DelayRouteResult,
    DelayRouteSuccess,
    DropDriverInput,
    DropDriverResult,
    DropDriverSuccess,
    PinStopInput,
    PinStopResult,
    PinStopSuccess,
    TakeBackDeliveryInput,
    TakeBackDeliveryResult,
    TakeBackDeliverySuccess,
    UnpinStopInput,
    UnpinStopResult,
    UnpinStopSuccess,
)

_AT = ("input",)
DELAY_S = (60, 43_200)


@shape()
class VanMutations:
    """Writes about vans on the road."""

    @root(scope=Scope.OPERATE, points=10)
    async def delay_route(self, info: Info, given: Annotated[DelayRouteInput, INPUT]) -> DelayRouteResult:
        """Says that a van goes on, or leaves, only later; its tour is timed anew, and others help."""
        route_id = read_id(given.route_id, "rte", (*_AT, "routeId"))
        await require_told(info.context, route_id)
        route = await info.context.commands.delay_route(
            route_id=route_id,
            delay_s=read_span(given.delay_seconds, (*_AT, "delaySeconds"), *DELAY_S),
            expected_version=given.expected_version,
        )
        return DelayRouteSuccess(route=Route.of(route))

    @root(scope=Scope.OPERATE, points=10)
    async def drop_driver(self, info: Info, given: Annotated[DropDriverInput, INPUT]) -> DropDriverResult:
        """Says that a driver cannot go on: their tours are over, and others bring what is not loaded."""
        driver_id = read_id(given.driver_id, "drv", (*_AT, "driverId"))
        until = read_future(given.until, info.context.clock.now(), (*_AT, "until"))
        stopped = await info.context.commands.drop_driver(driver_id=driver_id, until=until)
        info.context.renew()
        driver = found(await info.context.loaders.driver.load(driver_id), driver_id, (*_AT, "driverId"))
        return DropDriverSuccess(
            driver=Driver.of(driver), stopped_routes=[Route.of(route) for route in stopped[:20]]
        )

    @root(scope=Scope.OPERATE)
    async def take_back_delivery(
        self, info: Info, given: Annotated[TakeBackDeliveryInput, INPUT]
    ) -> TakeBackDeliveryResult:
        """Says that goods which were on board of a van that has stopped are at the depot again."""
        delivery_id = read_id(given.delivery_id, "del", (*_AT, "deliveryId"))
        delivery = await info.context.commands.take_back_delivery(delivery_id=delivery_id)
        return TakeBackDeliverySuccess(delivery=Delivery.of(delivery))

    @root(scope=Scope.OPERATE, points=10)
    async def pin_stop(self, info: Info, given: Annotated[PinStopInput, INPUT]) -> PinStopResult:
        """Keeps a stop with its driver, perhaps first or last; moveStop with lock pins it to another one."""
        route = await info.context.commands.pin_stop(
            stop_id=read_id(given.stop_id, "stp", (*_AT, "stopId")),
            expected_version=given.expected_route_version,
            place=given.place,
        )
        return PinStopSuccess(route=Route.of(route))

    @root(scope=Scope.OPERATE)
    async def unpin_stop(self, info: Info, given: Annotated[UnpinStopInput, INPUT]) -> UnpinStopResult:
        """Lets plans put a stop elsewhere again."""
        route = await info.context.commands.unpin_stop(
            stop_id=read_id(given.stop_id, "stp", (*_AT, "stopId")),
            expected_version=given.expected_route_version,
        )
        return UnpinStopSuccess(route=Route.of(route))
