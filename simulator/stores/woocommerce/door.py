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

from simulator.stores.woocommerce.keys import Call, Keys
from simulator.stores.woocommerce.rest import Asked, Rest, Result, refusal
from simulator.stores.woocommerce.shelf import Settings
from simulator.stores.woocommerce.troubles import Planned, Trouble, spoiled

_METHODS = ["GET", "POST", "PUT", "DELETE"]


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
    seen
        (method, endpoint, query) of every call, for counting them.
    """

    def __init__(self, settings: Settings, keys: Keys, rest: Rest) -> None:
        self.strips_authorization = False
        self.has_permalinks = True
        self.has_plugin = True
        self.hands_links_over = True
        self.clock_error_s = 0.0
        self.delay_s = 0.0
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self._planned: list[Planned] = []
        self._settings = settings
        self._keys = keys
        self._rest = rest
        base = settings.base_path
        self.app = Starlette(
            routes=[
                Route(f"{base}/wp-json/wc/v3/{{endpoint:path}}", self._call, methods=_METHODS),
                Route(f"{base}/wp-json/", self._index),
                Route(f"{base}/", self._index),
            ]
        )

    def plan(self, trouble: Planned) -> None:
        """Spoil calls to come."""
        self._planned.append(trouble)

    async def _call(self, request: Request) -> Response:
        endpoint = str(request.path_params["endpoint"]).strip("/")
        # As PHP's $_GET: the last of several values wins, which is how lists break signatures.
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        self.seen.append((request.method, endpoint, query))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        result = self._result(request, endpoint, query, await request.body())
        response = self._astray(request) if result is None else self._dated(result)
        trouble = self._trouble_for(request.method, endpoint)
        return response if trouble is None else spoiled(trouble, response)

    def _result(self, request: Request, endpoint: str, query: dict[str, str], body: bytes) -> Result | None:
        if not self.has_permalinks or not self.hands_links_over:
            return None
        if not self.has_plugin:
            return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        home = self._home(request)
        call = Call(
            method=request.method,
            url=f"{home}/wp-json/wc/v3/{request.path_params['endpoint']}",
            query=query,
            authorization="" if self.strips_authorization else request.headers.get("authorization", ""),
            is_ssl=request.url.scheme == "https" or self._settings.treat_as_https,
        )
        denied = self._keys.refusal(call, time.time() + self.clock_error_s)
        denied = denied or self._keys.forbids(request.method)
        if denied is not None:
            return refusal(401, *denied)
        return self._rest.answer(Asked(request.method, endpoint, query, _json_of(body), home))

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
        return Response(json.dumps(result.payload), result.status, headers, "application/json")

    def _trouble_for(self, method: str, endpoint: str) -> Trouble | None:
        for planned in self._planned:
            if planned.concerns(method, endpoint):
                planned.count -= 1
                return planned.kind
        return None

    async def _index(self, request: Request) -> Response:
        is_by_query = request.query_params.get("rest_route") == "/"
        if not is_by_query and not request.url.path.endswith("/wp-json/"):
            return spoiled(Trouble.HTML_404, Response())
        if not is_by_query and not (self.has_permalinks and self.hands_links_over):
            return self._astray(request)
        index: dict[str, Any] = {
            "name": "The corner &amp; Co",
            "home": self._home(request),
            "namespaces": ["wp/v2", *(["wc/v3"] if self.has_plugin else [])],
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


def _json_of(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}
