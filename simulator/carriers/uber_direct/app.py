"""Uber's side of the protocol: OAuth, the routes, and who may call them."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
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
from simulator.carriers.pictures import striped_png
from simulator.carriers.uber_direct.desk import Desk, Json
from simulator.carriers.uber_direct.problems import ERRORS, Problem
from simulator.carriers.uber_direct.wire import delivery_json

_TOKEN_LASTS = timedelta(days=30)
_PAGE = 100
_UPDATABLE = ("pickup_notes", "dropoff_notes", "manifest_reference", "tip_by_customer")

Handler = Callable[[Request], Awaitable[Response]]


class Account(Protocol):
    """What the routes need to know of the account they serve."""

    customer_id: str
    suspended_with: str

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

    def __init__(self, clock: Clock, desk: Desk, account: Account, mishaps: Mishaps) -> None:
        self._clock = clock
        self._desk = desk
        self._account = account
        self._mishaps = mishaps

    def app(self) -> ASGIApp:
        """The whole API under /v1, and the token endpoint."""
        base = "/v1/customers/{customer_id}"
        routes = [
            Route("/oauth/v2/token", self._token, methods=["POST"]),
            Route(f"{base}/delivery_quotes", self._guarded(self._quote), methods=["POST"]),
            Route(f"{base}/deliveries", self._guarded(self._create), methods=["POST"]),
            Route(f"{base}/deliveries", self._guarded(self._list), methods=["GET"]),
            Route(f"{base}/deliveries/{{id}}", self._guarded(self._get), methods=["GET"]),
            Route(f"{base}/deliveries/{{id}}", self._guarded(self._update), methods=["POST"]),
            Route(f"{base}/deliveries/{{id}}/cancel", self._guarded(self._cancel), methods=["POST"]),
            Route(
                f"{base}/deliveries/{{id}}/proof-of-delivery", self._guarded(self._proof), methods=["POST"]
            ),
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
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._account.is_token(token, self._clock.now()):
            raise Problem("unauthorized")
        if request.path_params["customer_id"] != self._account.customer_id:
            raise Problem("customer_not_found")
        if self._account.suspended_with:
            raise Problem(self._account.suspended_with)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials" or "eats.deliveries" not in form.get("scope", ""):
            return JSONResponse({"error": "invalid_scope"}, 400)
        if not self._account.is_client(form.get("client_id", ""), form.get("client_secret", "")):
            return JSONResponse({"error": "invalid_client", "error_description": "client is invalid"}, 401)
        return JSONResponse(
            {
                "access_token": self._account.new_token(self._clock.now() + _TOKEN_LASTS),
                "token_type": "Bearer",
                "expires_in": int(_TOKEN_LASTS.total_seconds()),
                "scope": form["scope"],
            }
        )

    async def _quote(self, request: Request) -> Response:
        body = await self._body(request, "quote")
        return JSONResponse(self._desk.quote(body, self._clock.now()))

    async def _create(self, request: Request) -> Response:
        body = await self._body(request, "create")
        now = self._clock.now()
        return JSONResponse(delivery_json(self._desk.create(body, now), now))

    async def _cancel(self, request: Request) -> Response:
        await self._body(request, "cancel")
        now = self._clock.now()
        return JSONResponse(delivery_json(self._desk.cancel(request.path_params["id"], now), now))

    async def _get(self, request: Request) -> Response:
        self._refuse("get")
        return JSONResponse(delivery_json(self._desk.get(request.path_params["id"]), self._clock.now()))

    async def _list(self, request: Request) -> Response:
        self._refuse("get")
        limit = min(_PAGE, int(request.query_params.get("limit", _PAGE)))
        offset = int(request.query_params.get("offset", 0))
        found = self._desk.listed(request.query_params.get("filter", ""))
        page = [delivery_json(entry, self._clock.now()) for entry in found[offset : offset + limit]]
        more = f"?limit={limit}&offset={offset + limit}" if offset + limit < len(found) else ""
        return JSONResponse({"data": page, "next_href": more, "total_count": len(found)})

    async def _update(self, request: Request) -> Response:
        body = await self._body(request, "update")
        delivery = self._desk.get(request.path_params["id"])
        delivery.body = {**delivery.body, **{name: body[name] for name in _UPDATABLE if name in body}}
        return JSONResponse(delivery_json(delivery, self._clock.now()))

    async def _proof(self, request: Request) -> Response:
        body = await self._body(request, "proof")
        delivery = self._desk.get(request.path_params["id"])
        if delivery.status != "delivered" or body.get("waypoint") not in {"pickup", "dropoff"}:
            raise Problem("not_allowed")
        picture = striped_png(f"{delivery.id} {body.get('type')}", 200, 200)
        return JSONResponse({"document": base64.b64encode(picture).decode()})

    async def _body(self, request: Request, operation: str) -> Json:
        self._refuse(operation)
        try:
            parsed: object = json.loads(await request.body() or b"{}")
        except ValueError:
            raise Problem("invalid_params", {"param_details": {"body": "is not JSON"}}) from None
        if not isinstance(parsed, dict):
            raise Problem("invalid_params", {"param_details": {"body": "is not an object"}})
        return parsed

    def _refuse(self, operation: str) -> None:
        code = self._mishaps.take_refusal(operation)
        if code:
            raise Problem(code if code in ERRORS else "unknown_error")
