"""Plans, routes, drivers and what their devices last said."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.driver import Driver
from doorstep.route import PlanScope, Route, RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.records import DriverState
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.repositories.turns import take_turns

_ON_THE_ROAD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)
_STANDING = (RoutePlanStatus.READY, RoutePlanStatus.PUBLISHED)


class SqlRoutes:
    """Plans and routes; see `gateway.flow.ports.Routes`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
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

    async def drop_route(self, route_id: str) -> None:
        c = t.routes.c
        await self._connection.execute(
            delete(t.routes).where(c.id == route_id, c.status == RouteStatus.PLANNED)
        )

    async def unfinished(self) -> Sequence[Route]:
        c = t.routes.c
        return await self._routes.find(c.status.in_(_ON_THE_ROAD), order_by=(c.starts_at, c.id))

    async def of_plan(self, plan_id: str) -> Sequence[Route]:
        c = t.routes.c
        return await self._routes.find(
            c.plan_id == plan_id, c.status != RouteStatus.CANCELLED, order_by=(c.starts_at, c.id)
        )

    async def with_stop(self, stop_id: str) -> Route | None:
        c = t.routes.c
        return await self._routes.first(
            c.status.in_(_ON_THE_ROAD), c.doc["stops"].contains([{"id": stop_id}])
        )

    async def latest_plan(self, scope: PlanScope) -> RoutePlan | None:
        c = t.route_plans.c
        return await self._plans.first(c.doc["scope"].astext == scope, order_by=c.created_at.desc())

    async def lock_plans(self, plan_id: str) -> Sequence[RoutePlan]:
        c = t.route_plans.c
        # Rows that another is about to insert cannot be locked: whoever makes new tours takes a turn.
        await take_turns(self._connection, f"tours {self._merchant_id}")
        day = select(c.date).where(c.id == plan_id).scalar_subquery()
        return await self._plans.find(
            c.date == day, or_(c.id == plan_id, c.status.in_(_STANDING)), order_by=c.id, lock=True
        )

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

    async def driver(self, driver_id: str, *, lock: bool = False) -> Driver | None:
        return await self._drivers.get(driver_id, lock=lock)

    async def put_driver(self, driver: Driver) -> None:
        await self._drivers.put(driver)

    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None:
        return await self._states.get(driver_id, lock=lock)

    async def put_state(self, state: DriverState) -> None:
        await self._states.put(state)
