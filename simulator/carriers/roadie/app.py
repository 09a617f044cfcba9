"""Roadie's side of the protocol: the routes, and who may call them how often."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.mishaps import MishapLayer, Mishaps
from simulator.carriers.pictures import striped_png
from simulator.carriers.roadie.desk import Desk
from simulator.carriers.roadie.ledger import Json
from simulator.carriers.roadie.problems import ERRORS, Problem
from simulator.carriers.roadie.wire import shipment_json

_SECOND = timedelta(seconds=1)

Handler = Callable[[Request], Awaitable[Response]]


class Counter:
    """Answers requests with what the desk decides.

    Parameters
    ----------
    calls_a_second
        More are throttled, by the world's clock; None for as many as come.
    """

    def __init__(
        self, clock: Clock, desk: Desk, token: str, mishaps: Mishaps, calls_a_second: int | None
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._token = token
        self._mishaps = mishaps
        self._calls_a_second = calls_a_second
        self._calls: deque[datetime] = deque()

    def app(self) -> ASGIApp:
        """The whole API under /v1."""
        one = "/v1/shipments/{id}"
        routes = [
            Route("/v1/estimates", self._guarded("estimate", self._estimate), methods=["POST"]),
            Route("/v1/shipments", self._guarded("create", self._create), methods=["POST"]),
            Route("/v1/shipments", self._guarded("list", self._list), methods=["GET"]),
            Route(one, self._guarded("get", self._get), methods=["GET"]),
            Route(one, self._guarded("cancel", self._cancel), methods=["DELETE"]),
            Route(f"{one}/tips", self._guarded("tip", self._tip), methods=["POST"]),
            Route(f"{one}/images/{{name}}", self._guarded("image", self._image), methods=["GET"]),
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
        if request.headers.get("authorization") != f"Bearer {self._token}":
            raise Problem("unauthorized")
        now = self._clock.now()
        while self._calls and self._calls[0] <= now - _SECOND:
            self._calls.popleft()
        if self._calls_a_second is not None and len(self._calls) >= self._calls_a_second:
            raise Problem("throttled")
        self._calls.append(now)
        name = self._mishaps.take_refusal(operation)
        if name:
            raise Problem(name if name in ERRORS else "internal_error")

    async def _estimate(self, request: Request) -> Response:
        return JSONResponse(self._desk.estimate(await _body(request), self._clock.now()))

    async def _create(self, request: Request) -> Response:
        shipment = self._desk.create(await _body(request), self._clock.now())
        return JSONResponse(shipment_json(shipment), 201)

    async def _list(self, request: Request) -> Response:
        found = self._desk.listed(request.query_params.get("ids", ""))
        return JSONResponse([shipment_json(shipment) for shipment in found])

    async def _get(self, request: Request) -> Response:
        return JSONResponse(shipment_json(self._desk.get(request.path_params["id"])))

    async def _cancel(self, request: Request) -> Response:
        body = await _body(request)
        shipment = self._desk.cancel(request.path_params["id"], body, self._clock.now())
        return JSONResponse(
            {
                "cancellation_code": shipment.cancellation_code,
                "cancellation_comment": shipment.cancellation_comment,
            }
        )

    async def _tip(self, request: Request) -> Response:
        shipment = self._desk.tip(request.path_params["id"], await _body(request))
        return JSONResponse({"amount": shipment.tip}, 201)

    async def _image(self, request: Request) -> Response:
        shipment = self._desk.get(request.path_params["id"])
        is_there = {
            "pickup": shipment.had_goods,
            "delivery": shipment.state == "delivered",
            "signature": bool(shipment.signatory_name),
        }
        name = request.path_params["name"]
        if not is_there.get(name, False):
            raise Problem("not_found")
        return Response(striped_png(f"{shipment.id} {name}", 200, 200), media_type="image/png")


async def _body(request: Request) -> Json:
    try:
        parsed: object = json.loads(await request.body() or b"{}")
    except ValueError:
        raise Problem("items") from None
    return parsed if isinstance(parsed, Mapping) else {}
