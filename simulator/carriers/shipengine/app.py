"""ShipEngine's side of the protocol: the routes, and who may call them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.mishaps import MishapLayer, Mishaps
from simulator.carriers.pictures import one_page_pdf, striped_png
from simulator.carriers.shipengine.asking import objects
from simulator.carriers.shipengine.desk import Desk
from simulator.carriers.shipengine.keyring import Keyring
from simulator.carriers.shipengine.ledger import Json, Ledger, WebhookRecord
from simulator.carriers.shipengine.problems import ERRORS, Problem
from simulator.carriers.shipengine.tariff import ACCOUNTS
from simulator.carriers.shipengine.wire import (
    carriers_json,
    label_json,
    rate_json,
    rated_json,
    tracking_json,
    unknown_tracking_json,
    webhook_json,
)

Handler = Callable[[Request], Awaitable[Response]]

_MINUTE = timedelta(minutes=1)
_PAGE = 25


class Customer(Protocol):
    """What the routes need to know of the account they serve."""

    suspended_with: str
    calls_a_minute: int | None

    def is_key(self, key: str) -> bool:
        """Whether this is the account's key."""
        ...

    def add_webhook(self, event: str, url: str, name: str, headers: dict[str, str]) -> WebhookRecord:
        """Register a webhook."""
        ...


class Counter:
    """Answers requests with what the desk decides."""

    def __init__(
        self,
        clock: Clock,
        desk: Desk,
        ledger: Ledger,
        customer: Customer,
        keyring: Keyring,
        mishaps: Mishaps,
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._ledger = ledger
        self._customer = customer
        self._keyring = keyring
        self._mishaps = mishaps
        self._calls: deque[datetime] = deque()

    def app(self) -> ASGIApp:
        """The API under /v1 and /v2, the JWKS at the root, and labels that anybody may fetch."""
        table: tuple[tuple[str, str, str, Handler], ...] = (
            ("GET", "/carriers", "list", self._carriers),
            ("POST", "/rates", "rate", self._rates),
            ("POST", "/rates/estimate", "rate", self._estimate),
            ("GET", "/rates/{id}", "get", self._rate),
            ("POST", "/labels", "label", self._buy),
            ("POST", "/labels/rates/{id}", "label", self._buy_rate),
            ("GET", "/labels", "list", self._labels),
            ("GET", "/labels/external_shipment_id/{id}", "get", self._label_of),
            ("GET", "/labels/{id}", "get", self._label),
            ("GET", "/labels/{id}/track", "track", self._track_label),
            ("PUT", "/labels/{id}/void", "void", self._void),
            ("GET", "/tracking", "track", self._track),
            ("POST", "/tracking/start", "track", self._subscribe),
            ("POST", "/tracking/stop", "track", self._subscribe),
            ("GET", "/environment/webhooks", "webhooks", self._webhooks),
            ("POST", "/environment/webhooks", "webhooks", self._add_webhook),
            ("DELETE", "/environment/webhooks/{id}", "webhooks", self._remove_webhook),
        )
        routes = [
            Route(f"/{version}{path}", self._guarded(operation, handler), methods=[method])
            for version in ("v1", "v2")
            for method, path, operation, handler in table
        ]
        routes += [
            Route("/{version}/downloads/{file}", self._file, methods=["GET"]),
            Route("/jwks", self._jwks, methods=["GET"]),
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
        if not self._customer.is_key(request.headers.get("api-key", "")):
            raise Problem("unauthorized")
        self._throttle(self._clock.now())
        code = self._customer.suspended_with or self._take_refusal(operation)
        if code:
            raise Problem(code if code in ERRORS else "unknown")

    def _take_refusal(self, operation: str) -> str:
        # A void is refused with 200, where it is decided.
        return "" if operation == "void" else self._mishaps.take_refusal(operation)

    def _throttle(self, now: datetime) -> None:
        while self._calls and now - self._calls[0] >= _MINUTE:
            self._calls.popleft()
        most = self._customer.calls_a_minute
        if most is not None and len(self._calls) >= most:
            wait = _MINUTE - (now - self._calls[0])
            raise Problem("rate_limit_exceeded", retry_after_s=max(1, round(wait.total_seconds())))
        self._calls.append(now)

    async def _carriers(self, _: Request) -> Response:
        failures = self._desk.failures(ACCOUNTS)
        return JSONResponse(carriers_json(failures), 207 if failures else 200)

    async def _rates(self, request: Request) -> Response:
        now = self._clock.now()
        shipment, rates, failures = self._desk.rate(await _json(request), now)
        return JSONResponse(rated_json(shipment, rates, failures, now))

    async def _estimate(self, request: Request) -> Response:
        now = self._clock.now()
        offers = self._desk.estimate(await _json(request))
        return JSONResponse([rate_json(offer, "", now) for offer in offers])

    async def _rate(self, request: Request) -> Response:
        rate = self._ledger.rates.get(request.path_params["id"])
        if rate is None:
            raise Problem("not_found")
        return JSONResponse(rate_json(rate.offer, rate.id, rate.rated_at))

    async def _buy(self, request: Request) -> Response:
        label = self._desk.buy(await _json(request), self._clock.now())
        return JSONResponse(label_json(label, _base_url(request)))

    async def _buy_rate(self, request: Request) -> Response:
        label = self._desk.buy_rate(request.path_params["id"], self._clock.now())
        return JSONResponse(label_json(label, _base_url(request)))

    async def _labels(self, request: Request) -> Response:
        wanted = request.query_params
        found = [
            label
            for label in reversed(self._ledger.labels.values())
            if wanted.get("tracking_number") in {None, *label.tracking_numbers}
            and wanted.get("rate_id") in {None, label.rate_id}
        ]
        page = [label_json(label, _base_url(request)) for label in found[:_PAGE]]
        return JSONResponse({"labels": page, "total": len(found), "page": 1, "pages": 1, "links": {}})

    async def _label_of(self, request: Request) -> Response:
        label = self._ledger.label_of(request.path_params["id"])
        if label is None:
            raise Problem("not_found")
        return JSONResponse(label_json(label, _base_url(request)))

    async def _label(self, request: Request) -> Response:
        return JSONResponse(label_json(self._desk.label(request.path_params["id"]), _base_url(request)))

    async def _void(self, request: Request) -> Response:
        label = self._desk.label(request.path_params["id"])
        reason = self._mishaps.take_refusal("void") or self._desk.void(label, self._clock.now())
        if not reason:
            return JSONResponse({"approved": True, "message": "Request approved. This label was voided."})
        return JSONResponse({"approved": False, "message": "Not voided.", "reason_code": reason})

    async def _track_label(self, request: Request) -> Response:
        label = self._desk.label(request.path_params["id"])
        return JSONResponse(tracking_json(label, label.tracking_number))

    async def _track(self, request: Request) -> Response:
        number = request.query_params.get("tracking_number", "")
        if not number:
            raise Problem("field_value_required", "tracking_number")
        label = self._ledger.tracked(number)
        if label is None:
            unknown = unknown_tracking_json(number, request.query_params.get("carrier_code", ""))
            return JSONResponse(unknown)
        return JSONResponse(tracking_json(label, number))

    async def _subscribe(self, request: Request) -> Response:
        if not request.query_params.get("tracking_number"):
            raise Problem("field_value_required", "tracking_number")
        return Response(status_code=204)

    async def _file(self, request: Request) -> Response:
        name, _, kind = request.path_params["file"].rpartition(".")
        label = self._ledger.labels.get(name)
        if label is None or kind not in {"pdf", "png"}:
            return Response(status_code=404)
        if kind == "pdf":
            return Response(one_page_pdf(label.tracking_number), media_type="application/pdf")
        return Response(striped_png(label.tracking_number), media_type="image/png")

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse(self._keyring.jwks())

    async def _webhooks(self, _: Request) -> Response:
        return JSONResponse([webhook_json(entry) for entry in self._ledger.webhooks.values()])

    async def _add_webhook(self, request: Request) -> Response:
        body = await _json(request)
        event, url = str(body.get("event") or ""), str(body.get("url") or "")
        if not event or not url:
            raise Problem("field_value_required", "url" if event else "event")
        if any((entry.event, entry.url) == (event, url) for entry in self._ledger.webhooks.values()):
            raise Problem("webhook_event_type_conflict")
        headers = {str(entry.get("key")): str(entry.get("value")) for entry in objects(body, "headers")}
        added = self._customer.add_webhook(event, url, str(body.get("name") or ""), headers)
        return JSONResponse(webhook_json(added))

    async def _remove_webhook(self, request: Request) -> Response:
        if self._ledger.webhooks.pop(request.path_params["id"], None) is None:
            raise Problem("not_found")
        return Response(status_code=204)


def _base_url(request: Request) -> str:
    """Where this version of the API is mounted; Starlette's own `base_url` names the outermost app."""
    root = request.scope["root_path"]
    version = request.url.path.removeprefix(root).split("/")[1]
    return f"{request.url.scheme}://{request.url.netloc}{root}/{version}"


async def _json(request: Request) -> Json:
    try:
        parsed: object = json.loads(await request.body() or b"{}")
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Problem("request_body_required")
    return parsed
