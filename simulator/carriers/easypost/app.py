"""EasyPost's side of the protocol: the routes, and who may call them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.easypost.desk import Desk
from simulator.carriers.easypost.ledger import Json, Ledger, ShipmentRecord, WebhookRecord
from simulator.carriers.easypost.problems import ERRORS, Problem
from simulator.carriers.easypost.wire import rate_json, shipment_json, tracker_json, webhook_json
from simulator.carriers.mishaps import MishapLayer, Mishaps
from simulator.carriers.pictures import one_page_pdf, striped_png

Handler = Callable[[Request], Awaitable[Response]]

_PAGE = 20


class Account(Protocol):
    """What the routes need to know of the account they serve."""

    suspended_with: str

    def is_key(self, key: str) -> bool:
        """Whether this is the account's key."""
        ...


class Counter:
    """Answers requests with what the desk decides."""

    def __init__(self, clock: Clock, desk: Desk, ledger: Ledger, account: Account, mishaps: Mishaps) -> None:
        self._clock = clock
        self._desk = desk
        self._ledger = ledger
        self._account = account
        self._mishaps = mishaps

    def app(self) -> ASGIApp:
        """The API under /v2, the rates under /beta, and labels that anybody may fetch."""
        table: tuple[tuple[str, str, str, Handler], ...] = (
            ("POST", "/beta/rates", "rate", self._rate),
            ("POST", "/v2/shipments", "rate", self._create),
            ("GET", "/v2/shipments", "list", self._list),
            ("GET", "/v2/shipments/{id}", "get", self._get),
            ("POST", "/v2/shipments/{id}/rerate", "rate", self._rerate),
            ("POST", "/v2/shipments/{id}/buy", "buy", self._buy),
            ("POST", "/v2/shipments/{id}/refund", "refund", self._refund),
            ("GET", "/v2/shipments/{id}/label", "get", self._label),
            ("POST", "/v2/trackers", "track", self._track),
            ("GET", "/v2/trackers", "list", self._trackers),
            ("GET", "/v2/trackers/{id}", "get", self._tracker),
            ("POST", "/v2/webhooks", "webhooks", self._add_webhook),
            ("GET", "/v2/webhooks", "webhooks", self._webhooks),
            ("PATCH", "/v2/webhooks/{id}", "webhooks", self._switch_on),
            ("DELETE", "/v2/webhooks/{id}", "webhooks", self._remove_webhook),
        )
        routes = [
            Route(path, self._guarded(operation, handler), methods=[method])
            for method, path, operation, handler in table
        ]
        routes.append(Route("/labels/{file}", self._file, methods=["GET"]))
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
        if not self._account.is_key(_key_of(request)):
            raise Problem("UNAUTHORIZED")
        code = self._account.suspended_with or self._mishaps.take_refusal(operation)
        if code:
            raise Problem(code if code in ERRORS else "INTERNAL_SERVER_ERROR")

    async def _rate(self, request: Request) -> Response:
        now = self._clock.now()
        rates, messages = self._desk.rate(await _wrapped(request, "shipment"), now)
        return JSONResponse({"rates": [rate_json(rate, None, now) for rate in rates], "messages": messages})

    async def _create(self, request: Request) -> Response:
        shipment = self._desk.create(await _wrapped(request, "shipment"), self._clock.now())
        return self._shown(request, shipment, 201)

    async def _list(self, request: Request) -> Response:
        size = int(request.query_params.get("page_size", _PAGE))
        newest = list(reversed(self._ledger.shipments.values()))
        page = [shipment_json(entry, _base_url(request)) for entry in newest[:size]]
        return JSONResponse({"shipments": page, "has_more": len(newest) > size})

    async def _get(self, request: Request) -> Response:
        return self._shown(request, self._desk.get(request.path_params["id"]))

    async def _rerate(self, request: Request) -> Response:
        shipment = self._desk.get(request.path_params["id"])
        now = self._clock.now()
        self._desk.rerate(shipment, now)
        return JSONResponse({"rates": [rate_json(rate, shipment, now) for rate in shipment.rates]})

    async def _buy(self, request: Request) -> Response:
        shipment = self._desk.get(request.path_params["id"])
        rate = (await _json(request)).get("rate")
        rate_id = str(rate.get("id", "")) if isinstance(rate, dict) else ""
        self._desk.buy(shipment, rate_id, self._clock.now())
        return self._shown(request, shipment)

    async def _refund(self, request: Request) -> Response:
        shipment = self._desk.get(request.path_params["id"])
        self._desk.refund(shipment, self._clock.now())
        return self._shown(request, shipment)

    async def _label(self, request: Request) -> Response:
        shipment = self._desk.get(request.path_params["id"])
        if shipment.tracking_code is None:
            raise Problem("SHIPMENT.POSTAGE.REQUIRED")
        answer = shipment_json(shipment, _base_url(request))
        label = answer["postage_label"]
        if isinstance(label, dict) and request.query_params.get("file_format") == "PDF":
            label["label_pdf_url"] = f"{_base_url(request)}labels/{shipment.id}.pdf"
        return JSONResponse(answer)

    async def _file(self, request: Request) -> Response:
        name, _, kind = request.path_params["file"].rpartition(".")
        shipment = self._ledger.shipments.get(name)
        if shipment is None or shipment.tracking_code is None or kind not in {"png", "pdf"}:
            return Response(status_code=404)
        if kind == "pdf":
            return Response(one_page_pdf(shipment.tracking_code), media_type="application/pdf")
        return Response(striped_png(shipment.tracking_code), media_type="image/png")

    async def _track(self, request: Request) -> Response:
        body = await _wrapped(request, "tracker")
        code, carrier = str(body.get("tracking_code", "")), str(body.get("carrier", ""))
        tracker, is_new = self._desk.track(code, carrier, self._clock.now())
        return JSONResponse(tracker_json(tracker), 201 if is_new else 200)

    async def _trackers(self, request: Request) -> Response:
        code = request.query_params.get("tracking_code", "")
        found = [
            tracker_json(entry)
            for entry in reversed(self._ledger.trackers.values())
            if code in {"", entry.tracking_code}
        ]
        return JSONResponse({"trackers": found[:_PAGE], "has_more": len(found) > _PAGE})

    async def _tracker(self, request: Request) -> Response:
        tracker = self._ledger.trackers.get(request.path_params["id"])
        if tracker is None:
            raise Problem("NOT_FOUND")
        return JSONResponse(tracker_json(tracker))

    async def _add_webhook(self, request: Request) -> Response:
        body = await _wrapped(request, "webhook")
        if not body.get("url"):
            raise Problem("PARAMETER.REQUIRED", [{"field": "url", "message": "cannot be blank"}])
        webhook = WebhookRecord(
            self._desk.new_id("hook"),
            str(body["url"]),
            str(body.get("webhook_secret") or ""),
            self._clock.now(),
        )
        self._ledger.webhooks[webhook.id] = webhook
        return JSONResponse(webhook_json(webhook), 201)

    async def _webhooks(self, _: Request) -> Response:
        return JSONResponse({"webhooks": [webhook_json(entry) for entry in self._ledger.webhooks.values()]})

    async def _switch_on(self, request: Request) -> Response:
        webhook = self._webhook(request)
        secret = (await _json(request)).get("webhook_secret")
        webhook.disabled_at = None
        webhook.secret = str(secret) if secret else webhook.secret
        return JSONResponse(webhook_json(webhook), 201)

    async def _remove_webhook(self, request: Request) -> Response:
        del self._ledger.webhooks[self._webhook(request).id]
        return JSONResponse({})

    def _webhook(self, request: Request) -> WebhookRecord:
        webhook = self._ledger.webhooks.get(request.path_params["id"])
        if webhook is None:
            raise Problem("NOT_FOUND")
        return webhook

    def _shown(self, request: Request, shipment: ShipmentRecord, status: int = 200) -> Response:
        return JSONResponse(shipment_json(shipment, _base_url(request)), status)


def _base_url(request: Request) -> str:
    """Where this app is mounted; Starlette's own `base_url` names the outermost app."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}/"


def _key_of(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials
    try:
        user, _, _ = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return user


async def _json(request: Request) -> Json:
    try:
        parsed: object = json.loads(await request.body() or b"{}")
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Problem("PARAMETER.REQUIRED", ["the body must be a JSON object"])
    return parsed


async def _wrapped(request: Request, name: str) -> Json:
    inner = (await _json(request)).get(name)
    if not isinstance(inner, dict):
        raise Problem("PARAMETER.REQUIRED", [{"field": name, "message": "cannot be blank"}])
    return inner
