"""Lalamove's side of the protocol: signatures, markets, allowances and the routes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from doorstep.json_reading import child, text
from simulator.carriers.lalamove.allowance import Allowance
from simulator.carriers.lalamove.desk import Desk
from simulator.carriers.lalamove.markets import Market
from simulator.carriers.lalamove.problems import ERRORS, Problem
from simulator.carriers.lalamove.reading import Json
from simulator.carriers.lalamove.wire import cities_json, driver_json, order_json, quotation_json
from simulator.carriers.mishaps import MishapLayer, Mishaps

Handler = Callable[[Request, Json], Awaitable[Response]]


class Account(Protocol):
    """What the routes need to know of the account they serve."""

    def secret_of(self, api_key: str) -> str | None:
        """The secret of a key, None where nobody has it."""
        ...

    async def register(self, url: str) -> None:
        """Send webhooks there from now on; raises `Problem` where nobody answers with 200."""
        ...


class Counter:
    """Answers requests with what the desk decides."""

    def __init__(
        self,
        clock: Clock,
        desk: Desk,
        market: Market,
        account: Account,
        allowance: Allowance,
        mishaps: Mishaps,
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._market = market
        self._account = account
        self._allowance = allowance
        self._mishaps = mishaps

    def app(self) -> ASGIApp:
        """The whole API under /v3."""
        calls: tuple[tuple[str, str, str, str, Handler], ...] = (
            ("POST", "/v3/quotations", "PostQuotations", "quote", self._quote),
            ("GET", "/v3/quotations/{id}", "GetQuotation", "get_quotation", self._quotation),
            ("POST", "/v3/orders", "PostOrders", "order", self._order),
            ("GET", "/v3/orders/{id}", "GetOrder", "get", self._get),
            ("PATCH", "/v3/orders/{id}", "PatchOrder", "edit", self._edit),
            ("DELETE", "/v3/orders/{id}", "DeleteOrder", "cancel", self._cancel),
            ("POST", "/v3/orders/{id}/priority-fee", "PostPriorityFee", "fee", self._fee),
            ("GET", "/v3/orders/{id}/drivers/{driver_id}", "GetDriver", "driver", self._driver),
            (
                "DELETE",
                "/v3/orders/{id}/drivers/{driver_id}",
                "DeleteDriver",
                "change_driver",
                self._change_driver,
            ),
            ("GET", "/v3/cities", "GetCities", "cities", self._cities),
            ("PATCH", "/v3/webhook", "PatchWebhook", "webhook", self._webhook),
        )
        routes = [
            Route(path, self._guarded(name, operation, handler), methods=[method])
            for method, path, name, operation, handler in calls
        ]
        return MishapLayer(Starlette(routes=routes), self._mishaps)

    def _guarded(
        self, name: str, operation: str, handler: Handler
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                body = await request.body()
                self._admit(request, body)
                self._allowance.take(name, self._clock.now())
                self._refuse(operation)
                response = await handler(request, _data(body))
            except Problem as problem:
                response = problem.response()
            response.headers.update(self._allowance.headers(name, self._clock.now()))
            return response

        return answer

    def _admit(self, request: Request, body: bytes) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key, _, rest = token.partition(":")
        timestamp, _, given = rest.partition(":")
        secret = self._account.secret_of(key)
        if scheme != "hmac" or secret is None or not timestamp.isdecimal():
            raise Problem("UNAUTHORIZED")
        message = f"{timestamp}\r\n{request.method}\r\n{_signed_path(request)}\r\n\r\n".encode() + body
        if not hmac.compare_digest(hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(), given):
            raise Problem("UNAUTHORIZED")
        if not request.headers.get("request-id"):
            raise Problem("BAD_REQUEST")
        if request.headers.get("market") != self._market.code:
            raise Problem("ERR_INVALID_MARKET")

    def _refuse(self, operation: str) -> None:
        code = self._mishaps.take_refusal(operation)
        if code:
            raise Problem(code if code in ERRORS else "INTERNAL")

    async def _quote(self, _request: Request, data: Json) -> Response:
        quotation = self._desk.quote(data, self._clock.now())
        return _said(quotation_json(quotation, self._market.currency), 201)

    async def _quotation(self, request: Request, _data: Json) -> Response:
        return _said(quotation_json(self._desk.quotation(request.path_params["id"]), self._market.currency))

    async def _order(self, _request: Request, data: Json) -> Response:
        return _said(order_json(self._desk.order(data, self._clock.now()), self._market.currency), 201)

    async def _get(self, request: Request, _data: Json) -> Response:
        order = self._desk.get(request.path_params["id"], self._clock.now())
        return _said(order_json(order, self._market.currency))

    async def _edit(self, request: Request, data: Json) -> Response:
        order = self._desk.edit(request.path_params["id"], data, self._clock.now())
        return _said(order_json(order, self._market.currency), 201)

    async def _cancel(self, request: Request, _data: Json) -> Response:
        self._desk.cancel(request.path_params["id"], self._clock.now())
        return Response(status_code=204)

    async def _fee(self, request: Request, data: Json) -> Response:
        order = self._desk.add_fee(request.path_params["id"], data, self._clock.now())
        return _said(order_json(order, self._market.currency))

    async def _driver(self, request: Request, _data: Json) -> Response:
        now = self._clock.now()
        order = self._desk.driven(request.path_params["id"], request.path_params["driver_id"], now)
        return _said(driver_json(order, now))

    async def _change_driver(self, request: Request, data: Json) -> Response:
        ids = request.path_params
        self._desk.change_driver(ids["id"], ids["driver_id"], data, self._clock.now())
        return Response(status_code=204)

    async def _cities(self, _request: Request, _data: Json) -> Response:
        return _said(cities_json(self._market))

    async def _webhook(self, _request: Request, data: Json) -> Response:
        await self._account.register(text(data, "url"))
        return _said({"url": text(data, "url")})


def _said(data: object, status: int = 200) -> JSONResponse:
    return JSONResponse({"data": data}, status)


def _signed_path(request: Request) -> str:
    """The path as it was sent, below wherever this app is mounted."""
    raw: bytes = request.scope.get("raw_path", b"") or request.scope["path"].encode()
    return raw.decode("ascii", "replace").removeprefix(request.scope.get("root_path", ""))


def _data(body: bytes) -> Json:
    if not body:
        return {}
    try:
        parsed: object = json.loads(body)
    except ValueError:
        raise Problem("BAD_REQUEST") from None
    return child(parsed, "data") if isinstance(parsed, dict) else {}
