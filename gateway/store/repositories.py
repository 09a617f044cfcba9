"""The flow's repositories over tables: one class for each room of the merchant's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.incident import Incident, IncidentKind, IncidentStatus
from doorstep.order import DISPATCHED_METHODS, FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.quote import Choice, DeliveryMode, QuoteSet
from doorstep.route import Driver, Route, RoutePlan, RouteStatus
from doorstep.window import Window
from gateway.flow.records import DriverState, InboxRecord, Quarantined, QuarantineStatus, Remembered
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new

_OVER = ("CANCELLED", "FAILED", "RETURNED")
_ON_THE_ROAD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


async def take_turns(connection: AsyncConnection, name: str) -> None:
    """Wait until no other transaction has this name, and keep it until the commit."""
    key = func.hashtextextended(name, 0)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))


class SqlOrders:
    """Orders and their fulfillment orders; see `gateway.flow.ports.Orders`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._orders = Documents(connection, t.orders, Order, columns.order)
        self._units = Documents(connection, t.fulfillment_orders, FulfillmentOrder, columns.unit)
        self._connection = connection

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None:
        return await self._whole(await self._orders.get(order_id, lock=lock))

    async def by_external_id(self, store_id: str, external_id: str, *, lock: bool = False) -> Order | None:
        mine = (t.orders.c.store_id == store_id, t.orders.c.external_id == external_id)
        if lock:
            # A row that is not there yet cannot be locked: a webhook and a walk may bring it at once.
            await take_turns(self._connection, f"{store_id} {external_id}")
        return await self._whole(await self._orders.first(*mine, lock=lock))

    async def by_choice(self, choice_id: str) -> Order | None:
        return await self._whole(await self._orders.first(t.orders.c.choice_reference == choice_id))

    async def put(self, order: Order) -> None:
        await self._orders.put(replace(order, fulfillment_orders=()))
        for unit in order.fulfillment_orders:
            await self.put_fulfillment_order(unit, order.merchant_id)

    async def fulfillment_order(self, unit_id: str, *, lock: bool = False) -> FulfillmentOrder | None:
        return await self._units.get(unit_id, lock=lock)

    async def put_fulfillment_order(self, fulfillment_order: FulfillmentOrder, merchant_id: str = "") -> None:
        if not merchant_id:
            owner = select(t.orders.c.merchant_id).where(t.orders.c.id == fulfillment_order.order_id)
            merchant_id = (await self._connection.execute(owner)).scalar_one()
        await self._units.put(fulfillment_order, merchant_id=merchant_id)

    async def hold(self, unit_id: str) -> None:
        key = func.hashtextextended(unit_id, 0)
        await self._connection.execute(select(func.pg_advisory_xact_lock(key)))

    async def undispatched(self, limit: int) -> Sequence[FulfillmentOrder]:
        taken = select(t.deliveries.c.id).where(
            t.deliveries.c.fulfillment_order_id == t.fulfillment_orders.c.id,
            t.deliveries.c.status.not_in(_OVER),
        )
        units = await self._units.find(
            t.fulfillment_orders.c.status.in_([FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.QUOTED]),
            t.fulfillment_orders.c.method.in_(DISPATCHED_METHODS),
            ~taken.exists(),
            order_by=t.fulfillment_orders.c.id,
            limit=limit,
        )
        return [unit for unit in units if unit.is_dispatchable]

    async def _whole(self, order: Order | None) -> Order | None:
        return None if order is None else (await whole_orders(self._connection, [order]))[0]


async def whole_orders(connection: AsyncConnection, orders: Sequence[Order]) -> Sequence[Order]:
    """The same orders with their fulfillment orders, which lie in a table of their own."""
    units = Documents(connection, t.fulfillment_orders, FulfillmentOrder, columns.unit)
    theirs: dict[str, list[FulfillmentOrder]] = {}
    mine = t.fulfillment_orders.c.order_id.in_([order.id for order in orders])
    for unit in await units.find(mine, order_by=t.fulfillment_orders.c.id):
        theirs.setdefault(unit.order_id, []).append(unit)
    return [replace(order, fulfillment_orders=tuple(theirs.get(order.id, ()))) for order in orders]


class SqlQuotes:
    """Quote sets and choices; see `gateway.flow.ports.Quotes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._sets = Documents(connection, t.quote_sets, QuoteSet, columns.quote_set)
        self._choices = Documents(connection, t.choices, Choice, columns.choice)

    async def get(self, quote_set_id: str) -> QuoteSet | None:
        return await self._sets.get(quote_set_id)

    async def latest_for(self, fulfillment_order_id: str) -> QuoteSet | None:
        return await self._sets.first(
            t.quote_sets.c.fulfillment_order_id == fulfillment_order_id,
            order_by=(t.quote_sets.c.asked_at.desc(), t.quote_sets.c.id.desc()),
        )

    async def put(self, quote_set: QuoteSet) -> None:
        await self._sets.put(quote_set)

    async def choice(self, choice_id: str) -> Choice | None:
        return await self._choices.get(choice_id)

    async def put_choice(self, choice: Choice) -> None:
        await self._choices.put(choice)


class SqlDeliveries:
    """Deliveries with legs and events; see `gateway.flow.ports.Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._deliveries = Documents(connection, t.deliveries, Delivery, columns.delivery)

    async def get(self, delivery_id: str, *, lock: bool = False) -> Delivery | None:
        return await self._deliveries.get(delivery_id, lock=lock)

    async def live_of(self, fulfillment_order_id: str, *, lock: bool = False) -> Delivery | None:
        return await self._deliveries.first(
            t.deliveries.c.fulfillment_order_id == fulfillment_order_id,
            t.deliveries.c.status.not_in(_OVER),
            lock=lock,
        )

    async def latest_of(self, fulfillment_order_id: str) -> Delivery | None:
        mine = t.deliveries.c.fulfillment_order_id == fulfillment_order_id
        return await self._deliveries.first(mine, order_by=t.deliveries.c.id.desc())

    async def id_by_booking(self, carrier: str, external_id: str) -> str | None:
        query = select(t.legs.c.delivery_id).where(
            t.legs.c.carrier == carrier, t.legs.c.external_id == external_id
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def put(self, delivery: Delivery) -> None:
        await self._deliveries.put(delivery)
        for leg in delivery.legs:
            row = {
                "id": leg.id,
                "merchant_id": delivery.merchant_id,
                "delivery_id": delivery.id,
                "carrier": leg.carrier,
                "external_id": leg.external_id,
                "booking_key": leg.booking_key,
                "status": leg.status,
            }
            statement = insert(t.legs).values(row)
            changes = {name: statement.excluded[name] for name in ("external_id", "status")}
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=changes)
            )

    async def add_event(self, event: DeliveryEvent) -> bool:
        row = {**columns.event(event), "doc": to_json(event)}
        return await insert_new(self._connection, t.delivery_events, row)

    async def unfinished(self, limit: int) -> Sequence[Delivery]:
        return await self._deliveries.find(
            ~t.deliveries.c.is_over, order_by=t.deliveries.c.promised_by, limit=limit
        )

    async def promised(self, depot_id: str, window: Window) -> int:
        query = select(func.count()).where(
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.promised_by == window.end,
            t.deliveries.c.doc["origin_id"].astext == depot_id,
        )
        return (await self._connection.execute(query)).scalar_one()

    async def unrouted(self, limit: int) -> Sequence[Delivery]:
        return await self._deliveries.find(
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.status.in_(["BOOKED", "COURIER_ASSIGNED"]),
            order_by=t.deliveries.c.promised_by,
            limit=limit,
        )


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
        return await self._drivers.find(order_by=t.drivers.c.id)

    async def driver(self, driver_id: str) -> Driver | None:
        return await self._drivers.get(driver_id)

    async def put_driver(self, driver: Driver) -> None:
        await self._drivers.put(driver)

    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None:
        return await self._states.get(driver_id, lock=lock)

    async def put_state(self, state: DriverState) -> None:
        await self._states.put(state)


class SqlIncidents:
    """The exception queue; see `gateway.flow.ports.Incidents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._incidents = Documents(connection, t.incidents, Incident, columns.incident)

    async def get(self, incident_id: str, *, lock: bool = False) -> Incident | None:
        return await self._incidents.get(incident_id, lock=lock)

    async def live(self, kind: IncidentKind, subject: str) -> Incident | None:
        # One that is not there yet cannot be locked: two alarms about the same thing may come at once.
        await take_turns(self._connection, f"{kind} {subject}")
        return await self._incidents.first(
            t.incidents.c.kind == kind, t.incidents.c.subject == subject, _not_resolved(), lock=True
        )

    async def live_of(self, subject: str) -> Sequence[Incident]:
        return await self._incidents.find(t.incidents.c.subject == subject, _not_resolved())

    async def all_live(self) -> Sequence[Incident]:
        return await self._incidents.find(_not_resolved(), order_by=t.incidents.c.due_at)

    async def put(self, incident: Incident) -> None:
        await self._incidents.put(incident)


class SqlInbox:
    """Verified webhooks; see `gateway.flow.ports.Inbox`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, inbox_id: str) -> InboxRecord | None:
        wanted = [c for c in t.inbox.c if c.name != "dedupe_id"]
        row = (await self._connection.execute(select(*wanted).where(t.inbox.c.id == inbox_id))).one_or_none()
        return None if row is None else InboxRecord(**row._mapping)

    async def mark_handled(self, inbox_id: str, at: datetime) -> None:
        await self._connection.execute(update(t.inbox).where(t.inbox.c.id == inbox_id).values(handled_at=at))


class SqlQuarantine:
    """What could not be understood; see `gateway.flow.ports.Quarantine`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._messages = Documents(connection, t.quarantine, Quarantined, columns.quarantine)

    async def get(self, quarantined_id: str, *, lock: bool = False) -> Quarantined | None:
        return await self._messages.get(quarantined_id, lock=lock)

    async def waiting_for(self, source: str, external_id: str) -> Quarantined | None:
        await take_turns(self._connection, f"quarantine {source} {external_id}")
        return await self._messages.first(
            t.quarantine.c.source == source,
            t.quarantine.c.external_id == external_id,
            t.quarantine.c.status == QuarantineStatus.WAITING,
            lock=True,
        )

    async def put(self, quarantined: Quarantined) -> None:
        await self._messages.put(quarantined)


class SqlMemory:
    """Idempotency keys; see `gateway.flow.ports.Memory`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def recall(self, operation: str, key: str) -> Remembered | None:
        wanted = [c for c in t.memory.c if c.name != "merchant_id"]
        query = select(*wanted).where(t.memory.c.operation == operation, t.memory.c.key == key)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else Remembered(**row._mapping)

    async def remember(self, remembered: Remembered) -> bool:
        row = {
            "merchant_id": self._merchant_id,
            "operation": remembered.operation,
            "key": remembered.key,
            "digest": remembered.digest,
            "answer": remembered.answer,
            "first_seen_at": remembered.first_seen_at,
        }
        return await insert_new(self._connection, t.memory, row)


def _not_resolved() -> Any:
    return t.incidents.c.status != IncidentStatus.RESOLVED
