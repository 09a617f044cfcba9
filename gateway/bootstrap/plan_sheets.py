"""Plans and tours of the store, as they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.delivery import Delivery
from doorstep.errors import NotFound
from doorstep.ids import prefix_of
from gateway.flow.showing.of_plan import sheet_of_plan, sheet_of_route
from gateway.flow.showing.sheet import PlanSheet
from gateway.store.database import Database
from gateway.store.queries.reads import SqlReads

_AT_ONCE = 500


async def sheet_of(database: Database, merchant_id: str, id_: str) -> PlanSheet:
    """The sheet of a plan (`pla_…`) or of one tour (`rte_…`).

    Raises
    ------
    NotFound
        If the merchant has none of that id.
    """
    reads = SqlReads(database, merchant_id)
    time_zone = (await reads.merchant()).time_zone
    if prefix_of(id_) == "rte":
        route = (await reads.routes([id_])).get(id_)
        if route is None:
            raise NotFound(id_)
        drivers = await reads.drivers([route.driver_id])
        deliveries = await _deliveries(reads, route.plan_id, (stop.delivery_id for stop in route.stops))
        return sheet_of_route(route, drivers.get(route.driver_id), deliveries, time_zone)
    plan = (await reads.route_plans([id_])).get(id_)
    if plan is None:
        raise NotFound(id_)
    routes = (await reads.routes_of_plans([id_])).get(id_, ())
    stops = [stop.delivery_id for route in routes for stop in route.stops]
    loose = [visit.visit_id for visit in plan.unassigned]
    drivers = await reads.drivers(sorted({route.driver_id for route in routes}))
    return sheet_of_plan(plan, routes, drivers, await _deliveries(reads, id_, [*stops, *loose]), time_zone)


async def _deliveries(reads: SqlReads, plan_id: str, ids: Iterable[str]) -> dict[str, Delivery]:
    """By id; of what own vans are booked for once the plan is published, as they are going to bring it."""
    found: dict[str, Delivery] = {}
    wanted = sorted({id_ for id_ in ids if id_})
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found.update(await reads.deliveries(some))
        if drafted := [id_ for id_ in some if id_ not in found]:
            found.update(await reads.drafts([plan_id], drafted))
    return found
