"""Plans, routes, drivers and what their devices last said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import and_, bindparam, delete, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.driver import Driver
from doorstep.route import PlanScope, Route, RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.records import DriverState
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import write_json
from gateway.store.device_keys import keep_first_key
from gateway.store.documents import Documents, among
from gateway.store.kept import Kept
from gateway.store.queries.states import states_of
from gateway.store.remembered import TenantMemory, version_of
from gateway.store.repositories.turns import take_turns

_ON_THE_ROAD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)
_OPEN = (RoutePlanStatus.QUEUED, RoutePlanStatus.RUNNING, RoutePlanStatus.READY)

_IS_UNFINISHED = text("routes.status IN ('PUBLISHED', 'STARTED')")
"""In the words of the index `routes_unfinished`: values that are sent apart would hide it."""

_UNFINISHED = Kept(
    select(t.routes.c.id, version_of("routes"))
    .where(_IS_UNFINISHED)
    .order_by(t.routes.c.starts_at, t.routes.c.id)
)
_WITH_STOP = Kept(
    select(t.routes.c.doc)
    .join(t.route_stops, t.route_stops.c.route_id == t.routes.c.id)
    .where(t.route_stops.c.stop_id == bindparam("stop"), _IS_UNFINISHED)
    .order_by(t.routes.c.id.desc())
    .limit(1)
)
_HAD_BY = Kept(select(t.routes.c.driver_id, t.routes.c.status).where(t.routes.c.id == bindparam("id_")))
_PUT_STOPS = Kept(
    text("""
    WITH gone AS (
        DELETE FROM route_stops WHERE route_id = :route_id AND stop_id <> ALL (CAST(:stop_ids AS text[]))
    )
    INSERT INTO route_stops (route_id, stop_id, merchant_id, delivery_id)
    SELECT :route_id, stop_id, :merchant_id, delivery_id
    FROM unnest(CAST(:stop_ids AS text[]), CAST(:delivery_ids AS text[])) AS stop (stop_id, delivery_id)
    ON CONFLICT DO NOTHING
    """)
)
_DRIVERS = Kept(select(t.drivers.c.id, version_of("drivers")).order_by(t.drivers.c.id))
_LOCK_STATES = Kept(
    select(t.driver_states.c.doc)
    .where(among(t.driver_states.c.id))
    .order_by(t.driver_states.c.id)
    .with_for_update()
)
_PUT_STATES = Kept(
    text("""
    INSERT INTO driver_states (id, merchant_id, seen_at, doc)
    SELECT id, :merchant_id, seen_at, CAST(doc AS jsonb)
    FROM unnest(CAST(:ids AS text[]), CAST(:seen AS timestamptz[]), CAST(:docs AS text[]))
        AS state (id, seen_at, doc)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, doc = excluded.doc
    """)
)
_OF_DRIVERS = Kept(
    text("""
    SELECT DISTINCT ON (driver_id) id, CAST(xmin AS text) || CAST(ctid AS text)
    FROM routes WHERE driver_id = ANY (CAST(:ids AS text[])) AND routes.status IN ('PUBLISHED', 'STARTED')
    ORDER BY driver_id, status DESC, starts_at
    """)
)


class SqlRoutes:
    """Plans and routes; see `gateway.flow.ports.Routes`.

    Attributes
    ----------
    drivers_of
        By the tours that were put: who was told of each, before and now; by those found by their driver: who
        drives them.
    """

    def __init__(self, connection: AsyncConnection, merchant_id: str, memory: TenantMemory) -> None:
        self.drivers_of: dict[str, set[str]] = {}
        self._connection = connection
        self._merchant_id = merchant_id
        self._plans = Documents(connection, t.route_plans, RoutePlan, columns.plan)
        self._routes = Documents(connection, t.routes, Route, columns.route, memory)

    async def plan(self, plan_id: str, *, lock: bool = False) -> RoutePlan | None:
        return await self._plans.get(plan_id, lock=lock)

    async def put_plan(self, plan: RoutePlan) -> None:
        await self._plans.put(plan)

    async def route(self, route_id: str, *, lock: bool = False) -> Route | None:
        return await self._routes.get(route_id, lock=lock)

    async def lock(self, route_ids: Sequence[str]) -> Mapping[str, Route]:
        return {route.id: route for route in await self._routes.several(route_ids, lock=True)}

    async def put_route(self, route: Route) -> None:
        had_by = await _HAD_BY.rows(self._connection, {"id_": route.id})
        told = {
            id_ for id_, status in (*had_by, (route.driver_id, route.status)) if status != RouteStatus.PLANNED
        }
        self.drivers_of.setdefault(route.id, set()).update(told)
        await self._routes.put(route)
        await _PUT_STOPS.send(
            self._connection,
            {
                "route_id": route.id,
                "merchant_id": route.merchant_id,
                "stop_ids": [stop.id for stop in route.stops],
                "delivery_ids": [stop.delivery_id for stop in route.stops],
            },
        )

    async def drop_route(self, route_id: str) -> None:
        c = t.routes.c
        dropped = await self._connection.execute(
            delete(t.routes).where(c.id == route_id, c.status == RouteStatus.PLANNED).returning(c.id)
        )
        gone = t.route_stops.c.route_id.in_([row[0] for row in dropped])
        await self._connection.execute(delete(t.route_stops).where(gone))

    async def unfinished(self) -> Sequence[Route]:
        return await self._routes.recall(_UNFINISHED)

    async def of_plan(self, plan_id: str) -> Sequence[Route]:
        c = t.routes.c
        return await self._routes.find(
            c.plan_id == plan_id, c.status != RouteStatus.CANCELLED, order_by=(c.starts_at, c.id)
        )

    async def with_stop(self, stop_id: str) -> Route | None:
        found = await self._routes.ask(_WITH_STOP, stop=stop_id)
        return found[0] if found else None

    async def latest_plan(self, scope: PlanScope) -> RoutePlan | None:
        c = t.route_plans.c
        return await self._plans.first(c.doc["scope"].astext == scope, order_by=c.created_at.desc())

    async def open_plans(self) -> Sequence[RoutePlan]:
        c = t.route_plans.c
        return await self._plans.find(c.status.in_(_OPEN), order_by=(c.created_at, c.id))

    async def take_turn(self) -> None:
        # Rows that another is about to insert cannot be locked: whoever makes new tours takes a turn.
        await take_turns(self._connection, f"tours {self._merchant_id}")

    async def lock_plans(self, plan_id: str) -> Sequence[RoutePlan]:
        c = t.route_plans.c
        await self.take_turn()
        day = select(c.date).where(c.id == plan_id).scalar_subquery()
        # A day has had many plans by its evening: what is told and driven is left alone.
        is_driven = c.id.in_(select(t.routes.c.plan_id).where(_IS_UNFINISHED))
        may_change = (
            c.status == RoutePlanStatus.READY,
            and_(c.status == RoutePlanStatus.PUBLISHED, is_driven),
        )
        return await self._plans.find(
            c.date == day, or_(c.id == plan_id, *may_change), order_by=c.id, lock=True
        )

    async def of_driver(self, driver_id: str, *, lock: bool = False) -> Route | None:
        mine = (t.routes.c.driver_id == driver_id, t.routes.c.status.in_(_ON_THE_ROAD))
        # "STARTED" sorts after "PUBLISHED", so the running tour comes first.
        order = (t.routes.c.status.desc(), t.routes.c.starts_at)
        found = await self._routes.first(*mine, lock=lock, order_by=order)
        if found is not None:
            self.drivers_of.setdefault(found.id, set()).add(driver_id)
        return found

    async def of_drivers(self, driver_ids: Sequence[str]) -> Mapping[str, Route]:
        found = await self._routes.recall(_OF_DRIVERS, ids=list(driver_ids)) if driver_ids else ()
        return {route.driver_id: route for route in found}


class SqlFleet:
    """Drivers and what their devices said; see `gateway.flow.ports.Fleet`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str, memory: TenantMemory) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._drivers = Documents(connection, t.drivers, Driver, columns.driver, memory)
        self._states = Documents(connection, t.driver_states, DriverState, columns.state)

    async def drivers(self) -> Sequence[Driver]:
        return await self._drivers.recall(_DRIVERS)

    async def driver(self, driver_id: str, *, lock: bool = False) -> Driver | None:
        return await self._drivers.get(driver_id, lock=lock)

    async def put_driver(self, driver: Driver) -> None:
        if driver.device_id:
            await keep_first_key(self._connection, driver)
        await self._drivers.put(replace(driver, device_id=""))

    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None:
        if lock:
            await self._states.get(driver_id, lock=True)
        return (await self.states([driver_id])).get(driver_id)

    async def states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        return await states_of(self._connection, self._merchant_id, driver_ids)

    async def lock_states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        found = await self._states.ask(_LOCK_STATES, ids=list(driver_ids)) if driver_ids else ()
        return {state.driver_id: state for state in found}

    async def put_state(self, state: DriverState) -> None:
        await self._states.put(state)

    async def put_states(self, states: Sequence[DriverState]) -> None:
        if not states:
            return
        values = {
            "merchant_id": self._merchant_id,
            "ids": [state.driver_id for state in states],
            "seen": [state.seen_at for state in states],
            "docs": [write_json(state) for state in states],
        }
        await _PUT_STATES.send(self._connection, values)
