"""Stuart's side of the protocol: OAuth, the routes, and who may call them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.mishaps import MishapLayer, Mishaps
from simulator.carriers.stuart.desk import Desk
from simulator.carriers.stuart.ledger import JobRecord, Json
from simulator.carriers.stuart.problems import ERRORS, Problem
from simulator.carriers.stuart.wire import job_json

_TOKEN_LASTS = timedelta(days=30)

Handler = Callable[[Request], Awaitable[Response]]


class Clients(Protocol):
    """What the routes need to know of who may call them."""

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Whether these credentials are right."""
        ...

    def new_token(self, ends_at: datetime) -> str:
        """A bearer token that lasts until then."""
        ...

    def is_token(self, token: str, now: datetime) -> bool:
        """Whether a bearer token is good."""
        ...


class Counter:
    """Answers requests with what the desk decides."""

    def __init__(self, clock: Clock, desk: Desk, clients: Clients, mishaps: Mishaps) -> None:
        self._clock = clock
        self._desk = desk
        self._clients = clients
        self._mishaps = mishaps

    def app(self) -> ASGIApp:
        """The whole API under /v2, and the token endpoint."""
        routes = [
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/v2/jobs/pricing", self._guarded("pricing", self._pricing), methods=["POST"]),
            Route("/v2/jobs/eta", self._guarded("eta", self._eta), methods=["POST"]),
            Route("/v2/jobs/validate", self._guarded("validate", self._validate), methods=["POST"]),
            Route("/v2/jobs", self._guarded("create", self._create), methods=["POST"]),
            Route("/v2/jobs", self._guarded("list", self._list), methods=["GET"]),
            Route("/v2/jobs/{id}", self._guarded("get", self._get), methods=["GET"]),
            Route("/v2/jobs/{id}", self._guarded("update", self._update), methods=["PATCH"]),
            Route("/v2/jobs/{id}/cancel", self._guarded("cancel", self._cancel), methods=["POST"]),
            Route(
                "/v2/deliveries/{id}/cancel",
                self._guarded("cancel_delivery", self._cancel_delivery),
                methods=["POST"],
            ),
        ]
        return MishapLayer(Starlette(routes=routes), self._mishaps)

    def _guarded(self, operation: str, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                self._admit(request, operation)
                return await handler(request)
            except Problem as problem:
                return problem.response()

        return answer

    def _admit(self, request: Request, operation: str) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._clients.is_token(token, self._clock.now()):
            raise Problem("UNAUTHORIZED")
        code = self._mishaps.take_refusal(operation)
        if code:
            name, _, field = code.partition(":")
            data = {field: ["is not valid"]} if field else None
            raise Problem(name if name in ERRORS else "INTERNAL_SERVER_ERROR", data)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        is_right = self._clients.is_client(form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "api" or not is_right:
            return Problem("INVALID_GRANT").response()
        return JSONResponse(
            {
                "access_token": self._clients.new_token(self._clock.now() + _TOKEN_LASTS),
                "token_type": "bearer",
                "expires_in": int(_TOKEN_LASTS.total_seconds()),
                "scope": "api",
            }
        )

    async def _pricing(self, request: Request) -> Response:
        return JSONResponse(self._desk.price(await _body(request), self._clock.now()))

    async def _eta(self, request: Request) -> Response:
        return JSONResponse(self._desk.eta(await _body(request), self._clock.now()))

    async def _validate(self, request: Request) -> Response:
        self._desk.price(await _body(request), self._clock.now())
        return JSONResponse({"valid": True})

    async def _create(self, request: Request) -> Response:
        return self._job(self._desk.create(await _body(request), self._clock.now()), 201)

    async def _get(self, request: Request) -> Response:
        return self._job(self._desk.get(request.path_params["id"]))

    async def _list(self, request: Request) -> Response:
        found = self._desk.listed(request.query_params)
        return JSONResponse([job_json(job, self._clock.now()) for job in found])

    async def _update(self, request: Request) -> Response:
        return self._job(self._desk.change(request.path_params["id"], await _body(request)))

    async def _cancel(self, request: Request) -> Response:
        self._desk.cancel(request.path_params["id"], self._clock.now())
        return Response(status_code=204)

    async def _cancel_delivery(self, request: Request) -> Response:
        self._desk.cancel_delivery(request.path_params["id"], self._clock.now())
        return Response(status_code=204)

    def _job(self, job: JobRecord, status: int = 200) -> Response:
        return JSONResponse(job_json(job, self._clock.now()), status_code=status)


async def _body(request: Request) -> Json:
    try:
        parsed: object = json.loads(await request.body() or b"{}")
    except ValueError:
        raise Problem("BAD_REQUEST") from None
    if not isinstance(parsed, Mapping):
        raise Problem("BAD_REQUEST")
    return parsed
