"""The web server in front of a simulated WooCommerce: troubles, keys, permalinks, then the endpoints."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.clock import Clock
from simulator.stores.woocommerce.answers import Asked, Result, no_route, refusal
from simulator.stores.woocommerce.books import Write, digest_of
from simulator.stores.woocommerce.granting import Granting
from simulator.stores.woocommerce.keys import Call, Key, Keys
from simulator.stores.woocommerce.rest import Rest
from simulator.stores.woocommerce.settings import Settings
from simulator.stores.woocommerce.troubles import UNDONE, Planned, Trouble, spoiled
from simulator.stores.woocommerce.weather import Weather
from simulator.stores.woocommerce.wire import php_json

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Door:
    """Lets callers in, or not.

    Attributes
    ----------
    strips_authorization
        The host drops the header before PHP sees it.
    has_permalinks, has_plugin
        Pretty links are on; WooCommerce is active.
    hands_links_over
        The web server gives every link to WordPress, which with plain links forwards /wp-json/ to itself
        (measured on 8.9 and 10.0); False answers it with a 404 of its own.
    clock_error_s
        How far the store's machine is ahead, in machine seconds: in its Date header and for OAuth. The
        Date header is only sent where it is wrong, since the web server sends its own.
    delay_s
        Machine seconds before every answer.
    weather
        Troubles by plan, by chance and for a span.
    seen
        (method, endpoint, query) of every call, for counting them.
    writes
        Every call that was let in and may have changed something, in order.
    """

    def __init__(self, settings: Settings, keys: Keys, rest: Rest, granting: Granting, clock: Clock) -> None:
        self.strips_authorization = False
        self.has_permalinks = True
        self.has_plugin = True
        self.hands_links_over = True
        self.clock_error_s = 0.0
        self.delay_s = 0.0
        self.weather = Weather(clock)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.writes: list[Write] = []
        self._settings = settings
        self._keys = keys
        self._rest = rest
        self._clock = clock
        base = settings.base_path
        self.app = Starlette(
            routes=[
                Route(f"{base}/wp-json/wc/v3/{{endpoint:path}}", self._call, methods=_METHODS),
                Route(f"{base}/wp-json/wc-ast/v3/{{endpoint:path}}", self._call_plugin, methods=_METHODS),
                Route(f"{base}/wp-json/wc-doorstep/v1/{{endpoint:path}}", self._call_ours, methods=_METHODS),
                Route(f"{base}/wc-auth/v1/{{route:path}}", granting.answer),
                Route(f"{base}/wp-json/", self._index),
                Route(f"{base}/", self._index),
            ]
        )

    def plan(self, trouble: Planned) -> None:
        """Spoil calls to come."""
        self.weather.plan(trouble)

    async def _call_plugin(self, request: Request) -> Response:
        return await self._call(request, "wc-ast/v3/")

    async def _call_ours(self, request: Request) -> Response:
        return await self._call(request, "wc-doorstep/v1/")

    async def _call(self, request: Request, namespace: str = "") -> Response:
        endpoint = namespace + str(request.path_params["endpoint"]).strip("/")
        # As PHP's $_GET: the last of several values wins, which is how lists break signatures.
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        self.seen.append((request.method, endpoint, query))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        body = await request.body()
        trouble = self.weather.next_trouble(request.method, endpoint)
        if trouble is not None and (trouble in UNDONE or self.weather.is_away):
            return spoiled(trouble, Response())
        result = self._result(request, endpoint, query, body)
        response = self._astray(request) if result is None else self._dated(result)
        return response if trouble is None else spoiled(trouble, response)

    def _result(self, request: Request, endpoint: str, query: dict[str, str], body: bytes) -> Result | None:
        if not self.has_permalinks or not self.hands_links_over:
            return None
        if not self.has_plugin:
            return no_route()
        home = self._home(request)
        path = request.url.path.partition("/wp-json/")[2]
        call = Call(
            method=request.method,
            url=f"{home}/wp-json/{path}",
            query=query,
            authorization="" if self.strips_authorization else request.headers.get("authorization", ""),
            is_ssl=request.url.scheme == "https" or self._settings.treat_as_https,
        )
        key = self._keys.admit(call, time.time() + self.clock_error_s)
        if not isinstance(key, Key):
            return refusal(401, *key)
        given = _json_of(body)
        if given is None:
            message = "Invalid JSON body passed."
            return refusal(400, "rest_invalid_json", message, json_error_code=4)
        result = self._rest.answer(Asked(request.method, endpoint, query, given, home))
        if request.method != "GET":
            made = Write(request.method, endpoint, digest_of(body), self._clock.now(), result.status)
            self.writes.append(made)
        return result

    def _astray(self, request: Request) -> Response:
        if not self.hands_links_over:
            return spoiled(Trouble.HTML_404, Response())
        location = f"{self._home(request)}{request.url.path.removeprefix(self._settings.base_path)}/"
        return Response(b"", 301, {"Location": location, "X-Redirect-By": "WordPress"})

    def _dated(self, result: Result) -> Response:
        headers = dict(result.headers)
        if self.clock_error_s:
            shown = datetime.now(UTC) + timedelta(seconds=self.clock_error_s)
            headers["Date"] = format_datetime(shown, usegmt=True)
        return Response(php_json(result.payload), result.status, headers, "application/json")

    async def _index(self, request: Request) -> Response:
        if self.weather.is_away:
            return spoiled(self.weather.next_trouble("GET", "") or Trouble.HTML_503, Response())
        is_by_query = request.query_params.get("rest_route") == "/"
        if not is_by_query and not request.url.path.endswith("/wp-json/"):
            return spoiled(Trouble.HTML_404, Response())
        if not is_by_query and not (self.has_permalinks and self.hands_links_over):
            return self._astray(request)
        plugins = ["wc-ast/v3"] if self._settings.has_shipment_tracking else []
        index: dict[str, Any] = {
            "name": "The corner &amp; Co",
            "home": self._home(request),
            "namespaces": ["wp/v2", *(["wc/v3", *plugins] if self.has_plugin else [])],
            "timezone_string": "" if self._settings.is_bare_offset else self._settings.time_zone,
            "gmt_offset": self._offset(),
        }
        return Response(json.dumps(index), media_type="application/json")

    def _offset(self) -> float | str:
        # The option of a bare offset is text, that of a place is reckoned (measured on WordPress 6.5, 6.7).
        if self._settings.is_bare_offset:
            return self._settings.time_zone.removeprefix("+")
        offset = datetime.now(self._settings.zone).utcoffset() or timedelta()
        return offset.total_seconds() / 3600

    def _home(self, request: Request) -> str:
        if self._settings.home_url:
            return self._settings.home_url
        mount = str(request.scope.get("root_path", ""))
        return f"{request.url.scheme}://{request.url.netloc}{mount}{self._settings.base_path}"


def _json_of(body: bytes) -> dict[str, Any] | None:
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else {}
