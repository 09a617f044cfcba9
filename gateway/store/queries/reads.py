"""Everything that one merchant's callers can read; see `gateway.api.ports.session.Reads`.

Each method is a transaction of its own, so that a subscription can hold the object for hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal_column, select

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.driver import Driver
from doorstep.incident import Incident
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrder, Location, Order, Store
from doorstep.product import Product
from doorstep.quote import Choice, QuoteSet
from doorstep.route import Route, RoutePlan, RouteStatus
from gateway.flow.records import DriverState, Quarantined, ReportStatus, StoreSync
from gateway.store import tables as t
from gateway.store.queries import filters
from gateway.store.queries import shapes as s
from gateway.store.queries.attempts import SqlAttemptReads
from gateway.store.queries.carriers import SqlCarrierReads
from gateway.store.queries.etas import SqlEtaReads
from gateway.store.queries.modes import SqlModeReads
from gateway.store.queries.notices import SqlNoticeReads
from gateway.store.queries.pages import by_id, count_of, grouped, page_of
from gateway.store.queries.people import SqlPeopleReads
from gateway.store.queries.plans import SqlPlanReads
from gateway.store.queries.playbooks import SqlPlaybookReads
from gateway.store.queries.rules import SqlRuleReads
from gateway.store.queries.slots import SqlSlotReads
from gateway.store.queries.stacks import SqlStackReads
from gateway.store.queries.states import states_of
from gateway.store.queries.threads import SqlThreadReads
from gateway.store.queries.webhooks import SqlWebhookReads
from gateway.store.repositories import SqlProducts, whole_orders

_ON_THE_ROAD = (RouteStatus.STARTED, RouteStatus.PUBLISHED)


class SqlReads(
    SqlSlotReads,
    SqlRuleReads,
    SqlCarrierReads,
    SqlStackReads,
    SqlAttemptReads,
    SqlModeReads,
    SqlPlanReads,
    SqlWebhookReads,
    SqlNoticeReads,
    SqlThreadReads,
    SqlEtaReads,
    SqlPeopleReads,
    SqlPlaybookReads,
):
    """Reads bound to one merchant."""

    async def merchant(self) -> Merchant:
        return (await self._by_id(t.merchants, Merchant, [self._merchant_id]))[self._merchant_id]

    # Things by id

    async def orders(self, ids: Sequence[str]) -> Mapping[str, Order]:
        async with self._database.tenant(self._merchant_id) as connection:
            found = await by_id(connection, t.orders, Order, ids)
            return {order.id: order for order in await whole_orders(connection, list(found.values()))}

    async def fulfillment_orders(self, ids: Sequence[str]) -> Mapping[str, FulfillmentOrder]:
        return await self._by_id(t.fulfillment_orders, FulfillmentOrder, ids)

    async def quote_sets(self, ids: Sequence[str]) -> Mapping[str, QuoteSet]:
        return await self._by_id(t.quote_sets, QuoteSet, ids)

    async def choices(self, ids: Sequence[str]) -> Mapping[str, Choice]:
        return await self._by_id(t.choices, Choice, ids)

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        return await self._by_id(t.deliveries, Delivery, ids)

    async def incidents(self, ids: Sequence[str]) -> Mapping[str, Incident]:
        return await self._by_id(t.incidents, Incident, ids)

    async def route_plans(self, ids: Sequence[str]) -> Mapping[str, RoutePlan]:
        return await self._by_id(t.route_plans, RoutePlan, ids)

    async def routes(self, ids: Sequence[str]) -> Mapping[str, Route]:
        return await self._by_id(t.routes, Route, ids)

    async def drivers(self, ids: Sequence[str]) -> Mapping[str, Driver]:
        return await self._by_id(t.drivers, Driver, ids)

    async def stores(self, ids: Sequence[str]) -> Mapping[str, Store]:
        return await self._by_id(t.stores, Store, ids)

    async def locations(self, ids: Sequence[str]) -> Mapping[str, Location]:
        return await self._by_id(t.locations, Location, ids)

    async def quarantined(self, ids: Sequence[str]) -> Mapping[str, Quarantined]:
        return await self._by_id(t.quarantine, Quarantined, ids)

    # What belongs to things

    async def quote_sets_of(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Sequence[QuoteSet]]:
        c = t.quote_sets.c
        newest = (c.asked_at.desc(), c.id.desc())
        return await self._grouped(
            t.quote_sets, QuoteSet, c.fulfillment_order_id, fulfillment_order_ids, newest, 20
        )

    async def deliveries_of_orders(self, order_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        c = t.deliveries.c
        return await self._grouped(t.deliveries, Delivery, c.order_id, order_ids, (c.id,), 250)

    async def events_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[DeliveryEvent]]:
        c = t.delivery_events.c
        by_time = (c.occurred_at, c.id)
        return await self._grouped(
            t.delivery_events, DeliveryEvent, c.delivery_id, delivery_ids, by_time, 1000
        )

    async def incidents_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Incident]]:
        c = t.incidents.c
        newest = (c.raised_at.desc(), c.id.desc())
        return await self._grouped(t.incidents, Incident, c.delivery_id, delivery_ids, newest, 100)

    async def routes_of_deliveries(self, delivery_ids: Sequence[str]) -> Mapping[str, Route]:
        c = t.routes.c
        if not delivery_ids:
            return {}
        stops = t.route_stops.c
        mine = c.id.in_(select(stops.route_id).where(stops.delivery_id.in_(delivery_ids)))
        where = (c.status.not_in((RouteStatus.CANCELLED, RouteStatus.PLANNED)), mine)
        async with self._database.tenant(self._merchant_id) as connection:
            page = await page_of(
                connection, t.routes, Route, where, c.id, s.PageRequest(first=1000), is_descending=True
            )
        newest: dict[str, Route] = {}
        for route in page.items:
            for stop in route.stops:
                if stop.delivery_id in delivery_ids:
                    newest.setdefault(stop.delivery_id, route)
        return newest

    async def routes_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, Sequence[Route]]:
        return await self._grouped(t.routes, Route, t.routes.c.plan_id, plan_ids, (t.routes.c.id,), 250)

    async def current_routes_of(self, driver_ids: Sequence[str]) -> Mapping[str, Route]:
        c = t.routes.c
        # "STARTED" sorts after "PUBLISHED", so the running tour comes first.
        running_first = (c.status.desc(), c.starts_at)
        live = c.status.in_(_ON_THE_ROAD)
        found = await self._grouped(t.routes, Route, c.driver_id, driver_ids, running_first, 1, live)
        return {driver_id: routes[0] for driver_id, routes in found.items()}

    async def driver_states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await states_of(connection, self._merchant_id, driver_ids)

    async def store_syncs(self, store_ids: Sequence[str]) -> Mapping[str, StoreSync]:
        return await self._by_id(t.store_syncs, StoreSync, store_ids)

    async def report_counts(self, store_ids: Sequence[str]) -> Mapping[str, Mapping[ReportStatus, int]]:
        c = t.reports.c
        query = select(c.store_id, c.status, func.count()).where(c.store_id.in_(store_ids))
        counts: dict[str, dict[ReportStatus, int]] = {}
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(query.group_by(c.store_id, c.status))
            for store_id, status, count in rows:
                counts.setdefault(store_id, {})[ReportStatus(status)] = count
        return counts

    async def products(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Product]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await SqlProducts(connection).by_external_ids(store_id, external_ids)

    # Lists

    async def find_orders(self, which: s.OrderFilter, sort: s.Sort, page: s.PageRequest) -> s.Page[Order]:
        by = t.orders.c.updated_at if sort.field is s.SortField.UPDATED_AT else t.orders.c.placed_at
        async with self._database.tenant(self._merchant_id) as connection:
            where = filters.orders(which)
            found = await page_of(
                connection, t.orders, Order, where, by, page, is_descending=sort.is_descending
            )
            return s.Page(tuple(await whole_orders(connection, found.items)), found.positions, found.has_next)

    async def count_orders(self, which: s.OrderFilter, up_to: int) -> int:
        return await self._count(t.orders, filters.orders(which), up_to)

    async def find_deliveries(
        self, which: s.DeliveryFilter, sort: s.Sort, page: s.PageRequest
    ) -> s.Page[Delivery]:
        c = t.deliveries.c
        columns: dict[s.SortField, ColumnElement[Any]] = {
            s.SortField.CREATED_AT: c.created_at,
            s.SortField.UPDATED_AT: c.updated_at,
            s.SortField.LATE_RISK: filters.late_risk(),
        }
        # What was promised nothing yet sorts behind everything that was.
        by = columns.get(
            sort.field, func.coalesce(c.promised_by, literal_column("'9999-01-01Z'::timestamptz"))
        )
        return await self._page(t.deliveries, Delivery, filters.deliveries(which), by, page, sort)

    async def count_deliveries(self, which: s.DeliveryFilter, up_to: int) -> int:
        return await self._count(t.deliveries, filters.deliveries(which), up_to)

    async def find_incidents(
        self, which: s.IncidentFilter, sort: s.Sort, page: s.PageRequest
    ) -> s.Page[Incident]:
        c = t.incidents.c
        columns: dict[s.SortField, ColumnElement[Any]] = {
            s.SortField.RAISED_AT: c.raised_at,
            s.SortField.SEVERITY: c.severity_rank,
            s.SortField.BREACH: c.breaches_at,
        }
        by = columns.get(sort.field, c.due_at)
        return await self._page(t.incidents, Incident, filters.incidents(which), by, page, sort)

    async def count_incidents(self, which: s.IncidentFilter, up_to: int) -> int:
        return await self._count(t.incidents, filters.incidents(which), up_to)

    async def find_routes(self, which: s.RouteFilter, page: s.PageRequest) -> s.Page[Route]:
        where, by = filters.routes(which), t.routes.c.date
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(connection, t.routes, Route, where, by, page, is_descending=True)

    async def count_routes(self, which: s.RouteFilter, up_to: int) -> int:
        return await self._count(t.routes, filters.routes(which), up_to)

    async def find_route_plans(self, which: s.RoutePlanFilter, page: s.PageRequest) -> s.Page[RoutePlan]:
        newest = s.Sort(s.SortField.CREATED_AT, is_descending=True)
        by = t.route_plans.c.created_at
        return await self._page(t.route_plans, RoutePlan, filters.route_plans(which), by, page, newest)

    async def count_route_plans(self, which: s.RoutePlanFilter, up_to: int) -> int:
        return await self._count(t.route_plans, filters.route_plans(which), up_to)

    async def find_drivers(self, which: s.DriverFilter, page: s.PageRequest) -> s.Page[Driver]:
        by = t.drivers.c.doc["name"].astext
        return await self._page(t.drivers, Driver, filters.drivers(which), by, page)

    async def count_drivers(self, which: s.DriverFilter, up_to: int) -> int:
        return await self._count(t.drivers, filters.drivers(which), up_to)

    async def find_quarantined(self, which: s.QuarantineFilter, page: s.PageRequest) -> s.Page[Quarantined]:
        by = t.quarantine.c.received_at
        return await self._page(t.quarantine, Quarantined, filters.quarantined(which), by, page)

    async def count_quarantined(self, which: s.QuarantineFilter, up_to: int) -> int:
        return await self._count(t.quarantine, filters.quarantined(which), up_to)

    async def find_stores(self, page: s.PageRequest) -> s.Page[Store]:
        return await self._page(t.stores, Store, [], t.stores.c.id, page)

    async def count_stores(self, up_to: int) -> int:
        return await self._count(t.stores, [], up_to)

    async def find_locations(self, page: s.PageRequest) -> s.Page[Location]:
        return await self._page(t.locations, Location, [], t.locations.c.id, page)

    async def count_locations(self, up_to: int) -> int:
        return await self._count(t.locations, [], up_to)

    async def _by_id[T](self, table: Table, kind: type[T], ids: Sequence[str]) -> Mapping[str, T]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, table, kind, ids)

    async def _grouped[T](
        self,
        table: Table,
        kind: type[T],
        key: ColumnElement[Any],
        ids: Sequence[str],
        order_by: Sequence[Any],
        limit: int,
        *where: ColumnElement[bool],
    ) -> Mapping[str, Sequence[T]]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await grouped(connection, table, kind, key, ids, order_by, limit, *where)

    async def _page[T](
        self,
        table: Table,
        kind: type[T],
        where: Sequence[ColumnElement[bool]],
        by: ColumnElement[Any],
        page: s.PageRequest,
        sort: s.Sort | None = None,
    ) -> s.Page[T]:
        is_descending = sort is not None and sort.is_descending
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(connection, table, kind, where, by, page, is_descending=is_descending)

    async def _count(self, table: Table, where: Sequence[ColumnElement[bool]], up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, table, where, up_to)
