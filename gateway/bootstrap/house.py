"""Puts the house together: the one place that knows every room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from procrastinate import App

from connectors.geocoding import NominatimGeocoder
from doorstep.clock import Clock
from doorstep.delivery import Delivery
from doorstep.ports import RoadEngine
from doorstep.position import Position
from gateway.auth.document_links import DocumentLinks
from gateway.auth.file_links import FileLinks
from gateway.auth.stop_links import StopLinks
from gateway.auth.tokens import TrackingTokens
from gateway.auth.vault import Vault
from gateway.bootstrap.clock import open_clock
from gateway.bootstrap.files import GuardedFiles
from gateway.bootstrap.links import KeptLinks
from gateway.bootstrap.models import open_models
from gateway.bootstrap.news import hearer, teller
from gateway.bootstrap.notifiers import KeptNotifiers
from gateway.bootstrap.operators import AppriseOperators, read_channels
from gateway.bootstrap.route_desk import PlannersDesk
from gateway.bootstrap.secrets import secret_keys
from gateway.bootstrap.shopify_app import OurShopifyApp, open_shopify_app
from gateway.bootstrap.systems import GuardedSystems
from gateway.config import Settings
from gateway.flow.packing import PackingTable
from gateway.flow.ports import Means
from gateway.flow.quoting.promising import Promiser
from gateway.flow.quoting.shopping import RateShopper
from gateway.live import message as topics
from gateway.live.live import Live, open_live
from gateway.plugins import Plugins, load_plugins
from gateway.store.database import Database, passes_by_itself
from gateway.store.jobs import open_queue
from gateway.store.migrate import migrate
from gateway.store.news import Hearing, Herald
from gateway.store.postgres import EmbeddedPostgres
from gateway.store.unit_of_work import Transactions
from optimizer.modes import WaveChooser
from optimizer.packing import BoxPacker
from optimizer.promises import CalendarPromiseMaker, known_holidays
from optimizer.roads import AffineRoads, CachedRoads, LiveRoads, OsrmRoads
from optimizer.routes import PyvrpPlanner
from optimizer.sourcing import PlaceSourcer

log = structlog.get_logger(__name__)

LINK_LASTS = timedelta(days=60)
"""How long the link that stores give to shoppers opens the page of a delivery."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, wired.

    Attributes
    ----------
    shopify
        Our app; None where shops are linked by hand alone.
    hearing
        What other processes commit, for those that have live readers; None where there are no others.
    """

    settings: Settings
    clock: Clock
    database: Database
    queue: App
    live: Live
    vault: Vault
    plugins: Plugins
    links: KeptLinks
    transactions: Transactions
    means: Means
    tokens: TrackingTokens
    shopify: OurShopifyApp | None
    document_links: DocumentLinks
    file_links: FileLinks
    hearing: Hearing | None


@dataclass(frozen=True, slots=True)
class Dsns:
    """How to log in, libpq URLs: as the application, and as the owner of the schema."""

    app: str
    owner: str

    @property
    def is_shared(self) -> bool:
        """Whether both are one login, which then works as the application's role."""
        return self.app == self.owner


@asynccontextmanager
async def open_postgres(settings: Settings) -> AsyncIterator[Dsns]:
    """The operator's PostgreSQL, or the embedded one for as long as the block lasts."""
    if settings.database_url:
        app = settings.database_url.reveal()
        yield Dsns(app, settings.database_owner_url.reveal() or app)
        return
    async with EmbeddedPostgres(settings.home / "postgres") as server:
        yield Dsns(server.dsn("app"), server.dsn("owner"))


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Start what is needed, migrate the database, wire the rooms; let go of everything at the end."""
    async with AsyncExitStack() as stack:
        dsns = await stack.enter_async_context(open_postgres(settings))
        await asyncio.to_thread(migrate, dsns.owner, shared_login=dsns.is_shared)
        clock = open_clock(settings.clock_file)
        database = Database(dsns.app)
        stack.push_async_callback(database.close)
        queue = open_queue(dsns.app)
        await stack.enter_async_context(queue.open_async())
        live = await open_live(settings.redis_url or None, clock)
        stack.push_async_callback(live.close)
        roads = _open_roads(settings, clock)
        stack.push_async_callback(roads.close)
        usual_roads = _open_usual_roads(settings)
        if usual_roads is not None:
            stack.push_async_callback(usual_roads.close)
        geocoder = NominatimGeocoder(settings.geocoder_url) if settings.geocoder_url else None
        if geocoder is not None:
            stack.push_async_callback(geocoder.close)
        keys = secret_keys(settings)
        herald = Herald() if settings.redis_url else None
        vault, tokens, plugins = Vault(keys), TrackingTokens(keys, clock), load_plugins()
        transactions = Transactions(database, queue, vault, teller(live), herald)
        shopify = open_shopify_app(settings, clock)
        if shopify is not None:
            stack.push_async_callback(shopify.close)
        links = KeptLinks(
            transactions,
            plugins,
            roads,
            clock,
            allow_private=settings.allow_private_stores,
            app=shopify,
        )
        stack.push_async_callback(links.close)
        # The library of holidays takes a tenth of a second to load: no checkout shall wait for that.
        await asyncio.to_thread(known_holidays, "US", "", clock.now().year)
        rates = RateShopper(clock)
        stack.push_async_callback(rates.close)
        notifiers = KeptNotifiers(plugins.notifiers, database, transactions, vault, settings.base_url)
        stack.push_async_callback(notifiers.close)
        planner = PyvrpPlanner()
        means = Means(
            clock=clock,
            begin=transactions.begin,
            links=links,
            roads=roads,
            usual_roads=usual_roads,
            planner=planner,
            desk=PlannersDesk(planner),
            modes=WaveChooser(planner),
            models=open_models(),
            sourcer=PlaceSourcer(),
            geocoder=geocoder,
            positions=_Positions(live),
            rates=rates,
            breaker_of=rates.health,
            table=PackingTable(BoxPacker()),
            promiser=Promiser(CalendarPromiseMaker(), known_holidays),
            files=GuardedFiles(allow_private=settings.allow_private_stores),
            systems=GuardedSystems(allow_private=settings.allow_private_stores),
            notifiers=notifiers,
            operators=AppriseOperators(read_channels(settings.operator_channels)),
            passes_by_itself=passes_by_itself,
            tracking_link=partial(_tracking_link, tokens, settings.base_url),
            stop_link=partial(_stop_link, StopLinks(keys), settings.base_url),
            quote_budget_s=settings.quote_budget_s,
            booking_budget_s=settings.booking_budget_s,
        )
        stack.push_async_callback(means.later.close)
        yield House(
            settings,
            clock,
            database,
            queue,
            live,
            vault,
            plugins,
            links,
            transactions,
            means,
            tokens,
            shopify,
            DocumentLinks(keys, clock),
            FileLinks(keys, clock),
            None if herald is None else Hearing(dsns.app, herald, hearer(live), live.missed),
        )


def _tracking_link(tokens: TrackingTokens, base_url: str, delivery: Delivery) -> str:
    """The shopper's page of a delivery: the same at any time, since stores compare."""
    token = tokens.until(delivery.merchant_id, delivery.id, delivery.created_at + LINK_LASTS)
    return f"{base_url}/track/{token}"


def _stop_link(links: StopLinks, base_url: str, merchant_id: str, recipient_key: str) -> str:
    """Where a recipient stops mails of a merchant."""
    return f"{base_url}/stop/{links.issue(merchant_id, recipient_key)}"


def _open_roads(settings: Settings, clock: Clock) -> RoadEngine:
    if settings.roads is None:
        return AffineRoads()
    return CachedRoads(LiveRoads(settings.roads, clock=clock, on_problem=_tell_of_speeds))


def _open_usual_roads(settings: Settings) -> RoadEngine | None:
    """The map's own speeds, in a process that the first plan of a later day starts."""
    return None if settings.roads is None else CachedRoads(OsrmRoads(settings.roads))


def _tell_of_speeds(problem: str) -> None:
    log.warning("roads.speeds_not_loaded", problem=problem)


class _Positions:
    """See `gateway.flow.ports.LivePositions`.

    Whose shoppers may see a van is remembered from one fix to the next: they need not wait until it is worked
    out what the fix means.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._watched: dict[str, Sequence[str]] = {}

    async def moved(self, merchant_id: str, places: Mapping[str, Position]) -> None:
        """Tell the dispatcher's map, and the shoppers at the next doors."""
        topic = topics.drivers(merchant_id)
        self._live.publish(topics.moved(topic, id_, position) for id_, position in places.items())
        self._tell(merchant_id, ((self._watched.get(id_, ()), at) for id_, at in places.items()))

    async def seen(
        self, merchant_id: str, places: Mapping[str, Position], watched: Mapping[str, Sequence[str]]
    ) -> None:
        """Tell those shoppers who have not been told."""
        new = [
            ([one for one in watched.get(id_, ()) if one not in self._watched.get(id_, ())], position)
            for id_, position in places.items()
        ]
        for driver_id in places:
            self._watched.pop(driver_id, None)
        self._watched |= {id_: deliveries for id_, deliveries in watched.items() if deliveries}
        self._tell(merchant_id, new)

    def _tell(self, merchant_id: str, seen: Iterable[tuple[Sequence[str], Position]]) -> None:
        self._live.publish(
            topics.moved(topics.delivery(merchant_id, id_), id_, position)
            for deliveries, position in seen
            for id_ in deliveries
        )
