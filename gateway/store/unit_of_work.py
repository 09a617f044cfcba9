"""One transaction of one merchant: its repositories, the jobs that follow, and the news for live readers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from procrastinate import App
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.events import Event
from gateway.auth.vault import Vault
from gateway.flow.ports import UnitOfWork
from gateway.store.accounts import SqlAccounts
from gateway.store.database import Database, psycopg_connection
from gateway.store.device_keys import SqlDeviceKeys
from gateway.store.driver_sessions import SqlDriverSessions
from gateway.store.jobs import defer
from gateway.store.keys import SqlKeys
from gateway.store.news import Herald, News
from gateway.store.redaction import SqlRedaction
from gateway.store.remembered import RowMemory, TenantMemory
from gateway.store.repositories import (
    SqlDeliveries,
    SqlFleet,
    SqlInbox,
    SqlIncidents,
    SqlMemory,
    SqlOrders,
    SqlPrivacyRequests,
    SqlProducts,
    SqlQuarantine,
    SqlQuotes,
    SqlReports,
    SqlRoutes,
    SqlSyncs,
)
from gateway.store.repositories.boxes import SqlBoxes
from gateway.store.repositories.checks import SqlChecks
from gateway.store.repositories.documents import SqlDocuments
from gateway.store.repositories.etas import SqlEtas
from gateway.store.repositories.modes import SqlModes
from gateway.store.repositories.notices import SqlNotices
from gateway.store.repositories.people import SqlPeople
from gateway.store.repositories.playbooks import SqlPlaybooks
from gateway.store.repositories.positions import SqlPositions
from gateway.store.repositories.returns import SqlReturns
from gateway.store.repositories.rules import SqlRules
from gateway.store.repositories.scores import SqlScores
from gateway.store.repositories.slots import SqlSlots
from gateway.store.repositories.sourcing import SqlSourcing
from gateway.store.repositories.stacks import SqlStacks
from gateway.store.repositories.threads import SqlThreads
from gateway.store.repositories.unknowns import SqlUnknowns
from gateway.store.repositories.uploads import SqlUploads
from gateway.store.repositories.webhooks import SqlWebhooks

Tell = Callable[[Sequence[News]], None]


class SqlUnitOfWork:
    """See `gateway.flow.ports.UnitOfWork`."""

    def __init__(
        self, connection: AsyncConnection, merchant_id: str, queue: App, vault: Vault, memory: RowMemory
    ) -> None:
        self.merchant_id = merchant_id
        known = TenantMemory(connection, merchant_id, memory)
        self.orders = SqlOrders(connection)
        self.quotes = SqlQuotes(connection)
        self.deliveries = SqlDeliveries(connection, known)
        self.routes = SqlRoutes(connection, merchant_id, known)
        self.fleet = SqlFleet(connection, merchant_id, known)
        self.positions = SqlPositions(connection, merchant_id)
        self.device_keys = SqlDeviceKeys(connection)
        self.driver_sessions = SqlDriverSessions(connection)
        self.incidents = SqlIncidents(connection)
        self.people = SqlPeople(connection)
        self.playbooks = SqlPlaybooks(connection)
        self.accounts = SqlAccounts(connection, merchant_id, vault)
        self.inbox = SqlInbox(connection)
        self.quarantine = SqlQuarantine(connection)
        self.memory = SqlMemory(connection, merchant_id)
        self.syncs = SqlSyncs(connection, merchant_id)
        self.reports = SqlReports(connection)
        self.products = SqlProducts(connection)
        self.privacy_requests = SqlPrivacyRequests(connection)
        self.slots = SqlSlots(connection, merchant_id)
        self.stacks = SqlStacks(connection)
        self.modes = SqlModes(connection)
        self.sourcing = SqlSourcing(connection)
        self.rules = SqlRules(connection)
        self.boxes = SqlBoxes(connection, merchant_id)
        self.scores = SqlScores(connection, merchant_id)
        self.checks = SqlChecks(connection, merchant_id)
        self.unknowns = SqlUnknowns(connection, merchant_id)
        self.etas = SqlEtas(connection, merchant_id)
        self.returns = SqlReturns(connection)
        self.documents = SqlDocuments(connection)
        self.webhooks = SqlWebhooks(connection, vault)
        self.notices = SqlNotices(connection, merchant_id, vault)
        self.threads = SqlThreads(connection)
        self.uploads = SqlUploads(connection)
        self.redaction = SqlRedaction(connection, merchant_id)
        self.keys = SqlKeys(connection)
        self.news: list[News] = []
        self._events: list[Event] = []
        self._connection = connection
        self._queue = queue

    async def emit(self, event: Event) -> None:
        """Remember to queue every handler of the event, in this transaction."""
        if event.merchant_id != self.merchant_id:
            raise ValueError(f"{type(event).__name__} belongs to another merchant than this transaction")
        self._events.append(event)

    async def queue_jobs(self) -> None:
        """Queue what follows from the events, all in one statement."""
        await defer(self._queue, await psycopg_connection(self._connection), self._events)

    def announce(self, topic: str, entity_id: str) -> None:
        """Remember what to tell live readers after the commit."""
        news = News(self.merchant_id, topic, entity_id)
        if news not in self.news:
            self.news.append(news)

    def addressed(self) -> Sequence[News]:
        """The news, tours' with the drivers whom it is about."""
        drivers = self.routes.drivers_of
        return [
            replace(one, driver_ids=tuple(sorted(drivers.get(one.entity_id, ()))))
            if one.topic == "route"
            else one
            for one in self.news
        ]


class Transactions:
    """Begins units of work; `begin` is what the flow is handed.

    Parameters
    ----------
    tell
        Handed the news after each commit.
    herald
        Announces them in the transaction besides, for other processes; None where there are none.
    """

    def __init__(
        self, database: Database, queue: App, vault: Vault, tell: Tell, herald: Herald | None = None
    ) -> None:
        self._database = database
        self._queue = queue
        self._vault = vault
        self._tell = tell
        self._herald = herald
        self._memory = RowMemory()

    def begin(self, merchant_id: str) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction that commits at the end of the block and rolls back on an error."""
        return self.begin_sql(merchant_id)

    @asynccontextmanager
    async def begin_sql(self, merchant_id: str) -> AsyncIterator[SqlUnitOfWork]:
        """The same, with what only this room's neighbours may see (opened credentials)."""
        async with self._database.tenant(merchant_id) as connection:
            work = SqlUnitOfWork(connection, merchant_id, self._queue, self._vault, self._memory)
            yield work
            await work.queue_jobs()
            news = work.addressed()
            if news and self._herald is not None:
                news = await self._herald.announce(connection, news)
        if work.redaction.has_erased:
            self._memory.clear()
        # Only what is committed is told: a reader that asks at once must find it.
        if news:
            self._tell(news)
