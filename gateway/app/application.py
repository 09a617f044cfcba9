"""The gateway as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway.api.asgi import graphql_routes
from gateway.api.schema import build_schema
from gateway.api.settings import ApiSettings
from gateway.app.checkout import checkout_routes
from gateway.app.documents import document_routes
from gateway.app.health import health_routes
from gateway.app.install import install_routes
from gateway.app.pages import page_routes
from gateway.app.positions import position_routes
from gateway.app.route_files import route_file_routes
from gateway.app.shopify_tracking import shopify_tracking_routes
from gateway.app.webhooks import webhook_routes
from gateway.app.woocommerce_panel import panel_routes
from gateway.bootstrap.house import House
from gateway.bootstrap.sessions import Door
from gateway.store.inbox import SqlWebhookInbox
from webhooks.inbound.batcher import Batcher
from webhooks.inbound.receiver import Receiver


def create_application(house: House, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Everything that speaks HTTP. What was taken is finished before the application ends."""
    batcher = Batcher(SqlWebhookInbox(house.database, house.queue))
    receiver = Receiver(batcher, house.clock)
    settings = ApiSettings(introspection=house.settings.introspection, explorer=house.settings.graphiql)
    schema = build_schema(settings)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        yield
        await batcher.close()

    return Starlette(
        routes=[
            *extra_routes,
            *graphql_routes(schema, Door(house), clock=house.clock, settings=settings),
            *webhook_routes(house, receiver),
            *checkout_routes(house),
            *install_routes(house),
            *shopify_tracking_routes(house),
            *panel_routes(house),
            *position_routes(house),
            *document_routes(house),
            *route_file_routes(house),
            *health_routes(house),
            *page_routes(),
        ],
        lifespan=lifespan,
    )
