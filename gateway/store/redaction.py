"""Takes people out of the tables, one room of the merchant's data after the other.

`gateway.flow.privacy.residue` says what is left. Tables that are not named here hold nobody:
`tests/integration/flow/test_privacy_canaries.py` looks at every column of every table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, case, cast, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.incident import Incident
from doorstep.order import FulfillmentOrder, Order
from doorstep.privacy import PrivacyKind
from doorstep.quote import Choice, QuoteSet
from doorstep.route import Route, RoutePlan, RouteStatus
from gateway.flow.privacy import residue
from gateway.flow.records import Quarantined, ReportState, StoreSync
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.mentions import goes_to, in_bytes, in_doc, in_text, telling, words_in
from gateway.store.repositories import SqlIncidents
from gateway.store.repositories.documents import documents_of_orders, erase_documents
from gateway.store.repositories.notices import erase_notices
from gateway.store.repositories.returns import erase_returns
from gateway.store.repositories.threads import erase_threads
from gateway.store.repositories.uploads import erase_uploads, uploads_of_orders
from gateway.store.repositories.webhooks import erase_calls
from gateway.store.tables import return_requests
from gateway.store.tidy import KEYS_FOR
from webhooks.inbound.inbox import SourceKind

CHECKOUT_FOR = timedelta(hours=1)
"""What a checkout was offered is not chosen any more after that."""

_COUNT = text("""
    INSERT INTO erasures (merchant_id, times) VALUES (:merchant_id, 1)
    ON CONFLICT (merchant_id) DO UPDATE SET times = erasures.times + 1
""")
"""Other processes see by it that they have to forget."""

_ON_THE_ROAD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


class SqlRedaction:
    """See `gateway.flow.privacy.redaction.Redaction`.

    Attributes
    ----------
    has_erased
        Whether anybody was taken out: then what was read of them before is to be forgotten too.
    """

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self.has_erased = False
        self._merchant_id = merchant_id
        self._connection = connection
        self._orders = Documents(connection, t.orders, Order, columns.order)
        self._units = Documents(connection, t.fulfillment_orders, FulfillmentOrder, columns.unit)
        self._quote_sets = Documents(connection, t.quote_sets, QuoteSet, columns.quote_set)
        self._choices = Documents(connection, t.choices, Choice, columns.choice)
        self._deliveries = Documents(connection, t.deliveries, Delivery, columns.delivery)
        self._events = Documents(connection, t.delivery_events, DeliveryEvent, columns.event)
        self._incidents = Documents(connection, t.incidents, Incident, columns.incident)
        self._queue = SqlIncidents(connection)
        self._quarantine = Documents(connection, t.quarantine, Quarantined, columns.quarantine)
        self._routes = Documents(connection, t.routes, Route, columns.route)
        self._plans = Documents(connection, t.route_plans, RoutePlan, columns.plan)
        self._reports = Documents(connection, t.reports, ReportState, columns.report)
        self._syncs = Documents(connection, t.store_syncs, StoreSync, columns.store_sync)

    # Finding

    async def orders_of_shopper(
        self, store_id: str, external_ids: Sequence[str], email: str, phone: str
    ) -> Sequence[str]:
        c, units = t.orders.c, t.fulfillment_orders.c
        elsewhere = select(units.order_id).where(goes_to(units.doc["destination"], email, phone))
        theirs = or_(
            c.external_id.in_(list(external_ids)),
            goes_to(c.doc["destination"], email, phone),
            c.id.in_(elsewhere),
        )
        query = select(c.id).where(c.store_id == store_id, theirs).order_by(c.id)
        return list((await self._connection.execute(query)).scalars())

    async def newest_order(self, store_id: str, before: datetime) -> str:
        c = t.orders.c
        read_at = cast(c.doc["read_at"].astext, DateTime(timezone=True))
        is_old = or_(read_at.is_(None), read_at <= before)
        query = select(c.id).where(c.store_id == store_id, is_old).order_by(c.id.desc()).limit(1)
        return (await self._connection.execute(query)).scalar_one_or_none() or ""

    async def orders_of_store(self, store_id: str, after: str, until: str, limit: int) -> Sequence[str]:
        c = t.orders.c
        theirs = (c.store_id == store_id, c.id > after, c.id <= until)
        query = select(c.id).where(*theirs).order_by(c.id).limit(limit)
        return list((await self._connection.execute(query)).scalars())

    async def under_way(self, order_ids: Sequence[str]) -> frozenset[str]:
        deliveries = await self._deliveries.find(t.deliveries.c.order_id.in_(list(order_ids)))
        routes = await self._routes.find(t.routes.c.status.in_(_ON_THE_ROAD)) if deliveries else ()
        on_tour = {stop.delivery_id for route in routes for stop in route.stops}
        return frozenset(d.order_id for d in deliveries if not d.is_over or d.id in on_tour)

    async def words_of(self, order_ids: Sequence[str]) -> frozenset[str]:
        orders, units, deliveries, quote_sets = await self._belongings(order_ids)
        found = words_in(*(order.destination for order in orders), *(unit.destination for unit in units))
        found |= words_in(*(delivery.destination for delivery in deliveries))
        found |= words_in(*(asked.request.dropoff for asked in quote_sets))
        return frozenset(found | telling(order.company for order in orders))

    async def is_erased(self, order_id: str) -> bool:
        c = t.privacy_requests.c
        asked = (c.kind == PrivacyKind.REDACT_SHOPPER, c.doc["order_ids"].contains([order_id]))
        return (await self._connection.execute(select(c.id).where(*asked).limit(1))).first() is not None

    async def known_of(self, order_ids: Sequence[str]) -> Mapping[str, Sequence[object]]:
        mine = list(order_ids)
        of_orders = select(t.deliveries.c.id).where(t.deliveries.c.order_id.in_(mine))
        units = select(t.fulfillment_orders.c.id).where(t.fulfillment_orders.c.order_id.in_(mine))
        where: Mapping[Any, ColumnElement[bool]] = {
            t.orders: t.orders.c.id.in_(mine),
            t.fulfillment_orders: t.fulfillment_orders.c.order_id.in_(mine),
            t.choices: t.choices.c.order_id.in_(mine),
            t.quote_sets: t.quote_sets.c.fulfillment_order_id.in_(units),
            t.deliveries: t.deliveries.c.order_id.in_(mine),
            t.delivery_events: t.delivery_events.c.delivery_id.in_(of_orders),
            t.notices: t.notices.c.delivery_id.in_(of_orders),
            t.thread_messages: t.thread_messages.c.delivery_id.in_(of_orders),
            t.incidents: t.incidents.c.delivery_id.in_(of_orders),
        }
        found = {}
        for table, theirs in where.items():
            query = select(table.c.doc).where(theirs).order_by(table.c.id)
            found[table.name] = list((await self._connection.execute(query)).scalars())
        found["documents"] = await documents_of_orders(self._connection, mine)
        found["uploads"] = await uploads_of_orders(self._connection, mine)
        return found

    # Taking out

    async def erase_orders(self, order_ids: Sequence[str], at: datetime) -> None:
        self.has_erased = True
        await self._connection.execute(_COUNT, {"merchant_id": self._merchant_id})
        orders, units, deliveries, quote_sets = await self._belongings(order_ids, lock=True)
        for order in orders:
            await self._orders.put(residue.of_order(order))
        owners = {order.id: order for order in orders}
        for unit in units:
            owner = owners[unit.order_id]
            await self._units.put(residue.of_unit(unit), merchant_id=owner.merchant_id)
        for quote_set in quote_sets:
            await self._quote_sets.put(residue.of_quote_set(quote_set))
        for choice in await self._choices.find(t.choices.c.order_id.in_(list(owners))):
            await self._choices.put(residue.of_choice(choice))
        # Locked: somebody may just begin to tell the store.
        theirs = t.reports.c.id.in_([unit.id for unit in units])
        for report in await self._reports.find(theirs, lock=True, order_by=t.reports.c.id):
            await self._reports.put(residue.of_report(report))
        returned = await erase_returns(self._connection, order_ids)
        await self._erase_deliveries(deliveries)
        await erase_documents(self._connection, [delivery.id for delivery in deliveries])
        await self._erase_incidents([d.id for d in deliveries], [unit.id for unit in units])
        await erase_threads(self._connection, [delivery.id for delivery in deliveries])
        await erase_uploads(self._connection, [delivery.id for delivery in deliveries])
        await erase_notices(self._connection, [delivery.id for delivery in deliveries])
        told_of = [*owners, *returned, *(delivery.id for delivery in deliveries)]
        await erase_calls(self._connection, told_of)
        bookings = [leg.external_id for delivery in deliveries for leg in delivery.legs if leg.external_id]
        for order in orders:
            parts = [unit.external_id for unit in units if unit.order_id == order.id]
            # Shopify's webhooks know an order by its gid or by the number at the end of it.
            names = [order.external_id, order.external_id.rpartition("/")[2], *parts]
            inbox, quarantine = t.inbox.c, t.quarantine.c
            await self._empty_inbox(at, inbox.source == order.store_id, inbox.external_id.in_(names))
            await self._erase_quarantined(
                quarantine.source == order.store_id, quarantine.external_id.in_(names)
            )
        await self._empty_inbox(at, t.inbox.c.external_id.in_(bookings))
        await self._erase_quarantined(t.quarantine.c.external_id.in_(bookings))

    async def erase_mentions(self, store_id: str, words: Iterable[str], at: datetime) -> None:
        said = frozenset(words)
        inbox = t.inbox.c
        # A carrier's webhook that nobody has handled yet may be about a delivery that is still under way.
        is_done_with = or_(inbox.source == store_id, inbox.handled_at.is_not(None))
        await self._empty_inbox(at, is_done_with, in_bytes(inbox.body, said))
        raw = t.quarantine.c.doc["raw_body"].astext
        quoted = or_(in_text(raw, said), in_doc(t.quarantine.c.doc, said))
        await self._erase_quarantined(quoted)
        asked = t.quote_sets.c
        await self._erase_checkouts(in_doc(asked.doc["request"]["dropoff"], said))
        kept = t.incidents.c
        of_no_order = (kept.delivery_id.is_(None), kept.doc["fulfillment_order_id"].astext.is_(None))
        for incident in await self._incidents.find(*of_no_order, in_doc(kept.doc, said)):
            await self._queue.put(residue.of_incident(incident))
        for plan in await self._plans.find(in_doc(t.route_plans.c.doc, said)):
            await self._plans.put(residue.of_plan(plan))
        for sync in await self._syncs.find(in_doc(t.store_syncs.c.doc, said), lock=True):
            await self._syncs.put(residue.of_sync(sync))
        memory = t.memory.c
        await self._connection.execute(
            delete(t.memory).where(or_(in_text(memory.key, said), in_text(memory.answer, said)))
        )

    async def erase_store(self, store_id: str, before: datetime, at: datetime) -> None:
        inbox, quarantine = t.inbox.c, t.quarantine.c
        stores = select(t.stores.c.id)
        # What carriers sent is never read again once it is handled, whichever store it was about.
        of_carriers = inbox.source.not_in(stores) & inbox.handled_at.is_not(None)
        sent = or_(inbox.source == store_id, of_carriers)
        await self._empty_inbox(at, inbox.received_at <= before, sent)
        set_aside = or_(quarantine.source == store_id, quarantine.source.not_in(stores))
        await self._erase_quarantined(quarantine.received_at <= before, set_aside)
        await self._erase_checkouts(t.quote_sets.c.asked_at < min(before, at - CHECKOUT_FOR))
        kept = t.incidents.c
        of_no_order = (kept.delivery_id.is_(None), kept.doc["fulfillment_order_id"].astext.is_(None))
        for incident in await self._incidents.find(*of_no_order, kept.raised_at <= before):
            await self._queue.put(residue.of_incident(incident))
        for sync in await self._syncs.find(t.store_syncs.c.id == store_id, lock=True):
            if sync.tried_at is None or sync.tried_at <= before:
                await self._syncs.put(residue.of_sync(sync))
        is_old = t.memory.c.first_seen_at < min(before, at - KEYS_FOR)
        await self._connection.execute(delete(t.memory).where(is_old))

    async def _belongings(
        self, order_ids: Sequence[str], *, lock: bool = False
    ) -> tuple[Sequence[Order], Sequence[FulfillmentOrder], Sequence[Delivery], Sequence[QuoteSet]]:
        """Orders in the order in which everybody locks, and what was made of them."""
        mine = list(order_ids)
        deliveries = await self._deliveries.find(
            t.deliveries.c.order_id.in_(mine), lock=lock, order_by=t.deliveries.c.id
        )
        orders = await self._orders.find(t.orders.c.id.in_(mine), lock=lock, order_by=t.orders.c.id)
        units = await self._units.find(t.fulfillment_orders.c.order_id.in_(mine), lock=lock)
        choices = await self._choices.find(t.choices.c.order_id.in_(mine))
        asked = t.quote_sets.c
        returns = select(return_requests.c.id).where(return_requests.c.order_id.in_(mine))
        quote_sets = await self._quote_sets.find(
            or_(
                asked.fulfillment_order_id.in_([unit.id for unit in units]),
                asked.fulfillment_order_id.in_(returns),
                asked.id.in_([choice.quote_set_id for choice in choices]),
            )
        )
        return orders, units, deliveries, quote_sets

    async def _erase_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        ids = [delivery.id for delivery in deliveries]
        for delivery in deliveries:
            await self._deliveries.put(residue.of_delivery(delivery))
        for event in await self._events.find(t.delivery_events.c.delivery_id.in_(ids)):
            await self._events.put(residue.of_event(event))
        stops, visits = t.route_stops.c, t.route_plans.c.doc["unassigned"]
        visited = t.routes.c.id.in_(select(stops.route_id).where(stops.delivery_id.in_(ids)))
        for route in await self._routes.find(visited) if ids else ():
            await self._routes.put(residue.of_route(route, frozenset(ids)))
        left_out = [visits.contains([{"visit_id": id_}]) for id_ in ids]
        for plan in await self._plans.find(or_(*left_out)) if ids else ():
            await self._plans.put(residue.of_plan(plan))

    async def _erase_incidents(self, delivery_ids: Sequence[str], unit_ids: Sequence[str]) -> None:
        c = t.incidents.c
        theirs = or_(
            c.delivery_id.in_(list(delivery_ids)), c.doc["fulfillment_order_id"].astext.in_(list(unit_ids))
        )
        for incident in await self._incidents.find(theirs):
            await self._queue.put(residue.of_incident(incident))

    async def _erase_quarantined(self, *where: ColumnElement[bool]) -> None:
        for message in await self._quarantine.find(*where):
            await self._quarantine.put(residue.of_quarantined(message))

    async def _erase_checkouts(self, *where: ColumnElement[bool]) -> None:
        """Questions that came from a checkout and led to no order that we know."""
        of_nobody = t.quote_sets.c.fulfillment_order_id.is_(None)
        for quote_set in await self._quote_sets.find(of_nobody, *where):
            await self._quote_sets.put(residue.of_quote_set(quote_set))

    async def _empty_inbox(self, at: datetime, *where: ColumnElement[bool]) -> None:
        """The rows stay, so that a repeat is known for one.

        A waiting hint of which order to fetch is as good without its body; nobody could read the others.
        """
        c = t.inbox.c
        is_hint = (c.kind == SourceKind.STORE) & (c.external_id != "")
        handled_at = case((is_hint, c.handled_at), else_=func.coalesce(c.handled_at, at))
        await self._connection.execute(update(t.inbox).where(*where).values(body=b"", handled_at=handled_at))
