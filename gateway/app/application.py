"""The gateway as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway.api.schema import GatewaySchema, build_schema
from gateway.api.settings import ApiSettings
from gateway.api.transport.asgi import graphql_routes
from gateway.app.checkout import checkout_routes
from gateway.app.documents import document_routes
from gateway.app.files import file_routes
from gateway.app.health import health_routes
from gateway.app.install import install_routes
from gateway.app.message_calls import message_routes
from gateway.app.pages import page_routes
from gateway.app.positions import position_routes
from gateway.app.route_files import route_file_routes
from gateway.app.shopify_tracking import shopify_tracking_routes
from gateway.app.stop_mail import stop_mail_routes
from gateway.app.webhooks import webhook_routes
from gateway.app.woocommerce_panel import panel_routes
from gateway.bootstrap.house import House
from gateway.bootstrap.sessions import Door
from gateway.flow.tracking.take import FixTaker
from gateway.store.inbox import SqlWebhookInbox
from webhooks.inbound.batcher import Batcher
from webhooks.inbound.receiver import Receiver


def create_application(house: House, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Everything that speaks HTTP. What was taken is finished before the application ends."""
    batcher = Batcher(SqlWebhookInbox(house.database, house.queue))
    receiver = Receiver(batcher, house.clock)
    taker = FixTaker(house.means)
    settings = ApiSettings(introspection=house.settings.introspection, explorer=house.settings.graphiql)
    schema = _schema_for(settings)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.gather(batcher.close(), taker.close())

    return Starlette(
        routes=[
            *extra_routes,
            *graphql_routes(schema, Door(house), clock=house.clock, settings=settings),
            *webhook_routes(house, receiver),
            *message_routes(house),
            *stop_mail_routes(house),
            *checkout_routes(house),
            *install_routes(house),
            *shopify_tracking_routes(house),
            *panel_routes(house),
            *position_routes(house, taker),
            *document_routes(house),
            *file_routes(house),
            *route_file_routes(house),
            *health_routes(house),
            *page_routes(),
        ],
        lifespan=lifespan,
    )


@cache
def _schema_for(settings: ApiSettings) -> GatewaySchema:
    """Built once for the same settings: it takes a third of a second, and points are counted by key."""
    return build_schema(settings)
