"""Drivers."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import route as ground
from doorstep.route import DriverStatus
from gateway.api import fleet_view
from gateway.api.context import Context, Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.scalars import LocalTime
from gateway.api.types.node import Node
from gateway.api.types.orders import Location
from gateway.api.types.places import Position
from gateway.api.types.routes import Route

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]


@shape()
class Driver(Node):
    """A person who drives one of the merchant's vans."""

    name: str
    enabled: bool
    vehicle_name: str | None
    shift_start: LocalTime = part("In the depot's time zone.")
    shift_end: LocalTime
    weekdays: list[int] = part("1 for Monday to 7 for Sunday.", most=7)
    capacity_grams: int
    capacity_milliliters: int | None
    kept: strawberry.Private[ground.Driver]

    @staticmethod
    def of(kept: ground.Driver) -> Driver:
        return Driver(
            id=strawberry.ID(kept.id),
            name=kept.name,
            enabled=kept.enabled,
            vehicle_name=kept.vehicle_name or None,
            shift_start=LocalTime(kept.shift_start),
            shift_end=LocalTime(kept.shift_end),
            weekdays=list(kept.weekdays),
            capacity_grams=kept.capacity_g,
            capacity_milliliters=kept.capacity_ml,
            kept=kept,
        )

    @resolved()
    async def depot(self, info: Info) -> Location | None:
        """Where tours begin and end."""
        found = await info.context.loaders.location.load(self.kept.depot_id)
        return None if found is None else Location.of(found)

    @resolved()
    async def status(self, info: Info) -> DriverStatus:
        """What the driver is doing."""
        return await load_status(info.context, self.kept)

    @resolved()
    async def position(self, info: Info) -> Position | None:
        """Where the device said it was."""
        state = await info.context.loaders.driver_state.load(self.kept.id)
        return None if state is None else Position.of(state.position, info.context.clock.now())

    @resolved()
    async def current_route(self, info: Info) -> Route | None:
        """The one that is driven, else the next one published."""
        found = await info.context.loaders.current_route_of.load(self.kept.id)
        return None if found is None else Route.of(found)


@shape()
class DriverPosition:
    """One driver now."""

    driver: DriverRef
    position: Position
    status: DriverStatus
    next_stop_id: strawberry.ID | None


@entry
class DriverFilter:
    """Fields are AND."""

    enabled: bool | None = None
    search: str | None = part("Part of a name.", default=None)


async def load_status(context: Context, driver: ground.Driver) -> DriverStatus:
    """From the current route and the last fix."""
    route = await context.loaders.current_route_of.load(driver.id)
    state = await context.loaders.driver_state.load(driver.id)
    return fleet_view.driver_status(driver, route, state, context.clock.now())


async def load_position(context: Context, driver: ground.Driver) -> DriverPosition | None:
    """One driver now; None where the device has said nothing yet."""
    state = await context.loaders.driver_state.load(driver.id)
    if state is None:
        return None
    route = await context.loaders.current_route_of.load(driver.id)
    now = context.clock.now()
    stop = None if route is None else route.next_stop
    return DriverPosition(
        driver=Driver.of(driver),
        position=Position.of(state.position, now),
        status=fleet_view.driver_status(driver, route, state, now),
        next_stop_id=None if stop is None else strawberry.ID(stop.id),
    )
