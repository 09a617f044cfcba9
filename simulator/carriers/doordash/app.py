"""DoorDash's side of the protocol: the routes, and who may call them how often."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.doordash.desk import Desk
from simulator.carriers.doordash.ledger import DeliveryRecord, Turnstile
from simulator.carriers.doordash.orders import Json
from simulator.carriers.doordash.problems import ERRORS, Problem
from simulator.carriers.doordash.tokens import AccessKey, admit
from simulator.carriers.doordash.wire import delivery_json
from simulator.carriers.mishaps import MishapLayer, Mishaps
from simulator.carriers.pictures import striped_png

_BASE = "/drive/v2"

Handler = Callable[[Request], Awaitable[Response]]


class Account(Protocol):
    """What the routes need to know of the account they serve."""

    key: AccessKey
    is_forbidden: bool


class Counter:
    """Answers requests with what the desk decides."""

    def __init__(
        self, clock: Clock, desk: Desk, account: Account, mishaps: Mishaps, turnstile: Turnstile
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._account = account
        self._mishaps = mishaps
        self._turnstile = turnstile

    def app(self) -> ASGIApp:
        """The whole API under /drive/v2, and the pictures that it names."""
        one = f"{_BASE}/deliveries/{{id}}"
        routes = [
            Route(f"{_BASE}/quotes", self._guarded(self._quote), methods=["POST"]),
            Route(f"{_BASE}/quotes/{{id}}/accept", self._guarded(self._accept), methods=["POST"]),
            Route(f"{_BASE}/deliveries", self._guarded(self._create), methods=["POST"]),
            Route(one, self._guarded(self._get), methods=["GET"]),
            Route(one, self._guarded(self._update), methods=["PATCH"]),
            Route(f"{one}/cancel", self._guarded(self._cancel), methods=["PUT"]),
            Route("/pictures/{name}.png", self._picture, methods=["GET"]),
        ]
        return MishapLayer(Starlette(routes=routes), self._mishaps)

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                self._admit(request)
                return await handler(request)
            except Problem as problem:
                return problem.response()

        return answer

    def _admit(self, request: Request) -> None:
        if not self._turnstile.lets_through(self._clock.now()):
            raise Problem("rate_limit")
        admit(request.headers.get("authorization", ""), self._account.key, time.time())
        if self._account.is_forbidden:
            raise Problem("authorization_error")

    async def _quote(self, request: Request) -> Response:
        body = await self._body(request, "quote")
        return self._shown(request, self._desk.quote(body, self._clock.now()))

    async def _accept(self, request: Request) -> Response:
        body = await self._body(request, "accept")
        return self._shown(request, self._desk.accept(request.path_params["id"], body, self._clock.now()))

    async def _create(self, request: Request) -> Response:
        body = await self._body(request, "create")
        return self._shown(request, self._desk.create(body, self._clock.now()))

    async def _get(self, request: Request) -> Response:
        self._refuse("get")
        return self._shown(request, self._desk.get(request.path_params["id"]))

    async def _update(self, request: Request) -> Response:
        body = await self._body(request, "update")
        return self._shown(request, self._desk.update(request.path_params["id"], body, self._clock.now()))

    async def _cancel(self, request: Request) -> Response:
        self._refuse("cancel")
        return self._shown(request, self._desk.cancel(request.path_params["id"], self._clock.now()))

    async def _picture(self, request: Request) -> Response:
        return Response(striped_png(request.path_params["name"], 200, 200), media_type="image/png")

    def _shown(self, request: Request, record: DeliveryRecord) -> Response:
        # Wherever this app is mounted; `base_url` would name the outermost app.
        here = request.url.replace(path=f"{request.scope.get('root_path', '')}/pictures", query="")
        return JSONResponse(delivery_json(record, self._clock.now(), str(here)))

    async def _body(self, request: Request, operation: str) -> Json:
        self._refuse(operation)
        try:
            parsed: object = json.loads(await request.body() or b"{}")
        except ValueError:
            raise Problem("validation_error", [("body", "is not JSON")]) from None
        if not isinstance(parsed, dict):
            raise Problem("validation_error", [("body", "is not an object")])
        return parsed

    def _refuse(self, operation: str) -> None:
        code = self._mishaps.take_refusal(operation)
        if code:
            raise Problem(code if code in ERRORS else "service_fault")
