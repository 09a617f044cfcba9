"""The API as an ASGI application: `/graphql` over HTTP and WebSocket, and the SDL at `/schema.graphql`."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from doorstep.clock import Clock, SystemClock
from gateway.api.ports.session import Sessions
from gateway.api.schema import GatewaySchema, sdl_of
from gateway.api.settings import ApiSettings
from gateway.api.sharing.sharing import Sharing
from gateway.api.transport.endpoint import Endpoint
from gateway.api.transport.over_http import answer
from gateway.api.transport.over_socket import Connection


def graphql_routes(
    schema: GatewaySchema,
    sessions: Sessions,
    *,
    clock: Clock | None = None,
    settings: ApiSettings | None = None,
) -> list[BaseRoute]:
    """Routes to hang into a larger application; `settings` must be those that the schema was built with."""
    endpoint = Endpoint(schema, sessions, clock or SystemClock(), settings or ApiSettings())
    sharing = Sharing(schema, endpoint.clock)
    sdl = sdl_of(schema)

    async def over_http(request: Request) -> Response:
        return await answer(request, endpoint)

    async def over_socket(websocket: WebSocket) -> None:
        await Connection(websocket, endpoint, sharing).serve()

    async def tell_schema(_request: Request) -> Response:
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"}
        return PlainTextResponse(sdl, media_type="application/graphql", headers=headers)

    return [
        Route("/graphql", over_http, methods=["GET", "POST", "OPTIONS"]),
        WebSocketRoute("/graphql", over_socket),
        Route("/schema.graphql", tell_schema, methods=["GET"]),
    ]


def graphql_app(
    schema: GatewaySchema,
    sessions: Sessions,
    *,
    clock: Clock | None = None,
    settings: ApiSettings | None = None,
) -> Starlette:
    """An application of nothing but the API."""
    return Starlette(routes=graphql_routes(schema, sessions, clock=clock, settings=settings))
