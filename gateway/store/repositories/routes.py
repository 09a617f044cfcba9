"""Plans, routes, drivers and what their devices last said."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.route import Driver, Route, RoutePlan, RouteStatus
from gateway.flow.records import DriverState
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents

_ON_THE_ROAD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


class SqlRoutes:
    """Plans and routes; see `gateway.flow.ports.Routes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._plans = Documents(connection, t.route_plans, RoutePlan, columns.plan)
        self._routes = Documents(connection, t.routes, Route, columns.route)

    async def plan(self, plan_id: str, *, lock: bool = False) -> RoutePlan | None:
        return await self._plans.get(plan_id, lock=lock)

    async def put_plan(self, plan: RoutePlan) -> None:
        await self._plans.put(plan)

    async def route(self, route_id: str, *, lock: bool = False) -> Route | None:
        return await self._routes.get(route_id, lock=lock)

    async def put_route(self, route: Route) -> None:
        await self._routes.put(route)

    async def unfinished(self) -> Sequence[Route]:
        return await self._routes.find(t.routes.c.status.in_(_ON_THE_ROAD), order_by=t.routes.c.starts_at)

    async def of_driver(self, driver_id: str, *, lock: bool = False) -> Route | None:
        mine = (t.routes.c.driver_id == driver_id, t.routes.c.status.in_(_ON_THE_ROAD))
        # "STARTED" sorts after "PUBLISHED", so the running tour comes first.
        return await self._routes.first(
            *mine, lock=lock, order_by=(t.routes.c.status.desc(), t.routes.c.starts_at)
        )


class SqlFleet:
    """Drivers and what their devices said; see `gateway.flow.ports.Fleet`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._drivers = Documents(connection, t.drivers, Driver, columns.driver)
        self._states = Documents(connection, t.driver_states, DriverState, columns.state)

    async def drivers(self) -> Sequence[Driver]:
        return await self._drivers.all()

    async def driver(self, driver_id: str) -> Driver | None:
        return await self._drivers.get(driver_id)

    async def put_driver(self, driver: Driver) -> None:
        await self._drivers.put(driver)

    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None:
        return await self._states.get(driver_id, lock=lock)

    async def put_state(self, state: DriverState) -> None:
        await self._states.put(state)
