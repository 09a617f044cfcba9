"""The wc-auth flow: an app asks for keys, the merchant approves or denies.

After WC_Auth of WooCommerce 10.0: the callback must be https, is posted the keys as JSON and must answer 200,
else the keys are deleted again and the merchant sees an error; return_url may be plain http. An address
without a scheme is taken for https. WordPress posts to no private address.
"""

from __future__ import annotations

import html
import ipaddress
import json
import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import parse_qs, parse_qsl, quote, unquote_plus, urlencode, urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from doorstep.clock import Clock
from simulator.stores.woocommerce.keys import Keys

_PARAMETERS = ("app_name", "user_id", "return_url", "callback_url", "scope")
_SCOPES = ("read", "write", "read_write")
_UNSENT = "An error occurred in the request and at the time were unable to send the consumer data"


class Denied(ValueError):
    """What WordPress shows under "Access denied"; the text is for the merchant."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the merchant's browser ends up with.

    Attributes
    ----------
    location
        Where it is sent, "" where it sees an error.
    problem
        The error on the page, "" where there is none.
    """

    location: str = ""
    problem: str = ""


class Granting:
    """Gives keys to apps.

    Attributes
    ----------
    allows_loopback
        Take callbacks on this machine, over plain http too, which a real store refuses.
    trust
        What callbacks over https are checked with; None for the machine's own authorities.
    timeout_s
        Machine seconds that a callback has.
    """

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self.allows_loopback = False
        self.trust: ssl.SSLContext | None = None
        self.timeout_s = 60.0
        self._keys = keys
        self._clock = clock
        # Of its own, so that keys given out do not change what else happens in the world.
        self._rng = random.Random(f"keys of {keys.consumer_key}")
        self._nonces: set[str] = set()

    async def approve(self, url: str) -> Decision:
        """The merchant, logged in, opens an app's link and presses "Approve"."""
        try:
            return Decision(location=await self._grant(_query_of(url)))
        except Denied as error:
            return Decision(problem=f"Error: {error}.")

    async def deny(self, url: str) -> Decision:
        """The merchant, logged in, opens an app's link and presses "Deny"."""
        try:
            query = _query_of(url)
            self._check(query)
        except Denied as error:
            return Decision(problem=f"Error: {error}.")
        return Decision(location=_returned(query, success=0))

    async def answer(self, request: Request) -> Response:
        """The pages under /wc-auth/v1/, for a merchant who is logged in."""
        try:
            return await self._answered(request, dict(parse_qsl(request.url.query)))
        except Denied as error:
            page = f"<title>Access denied</title><p>Error: {html.escape(str(error))}.</p>"
            return HTMLResponse(page, 401)

    async def _answered(self, request: Request, query: Mapping[str, str]) -> Response:
        self._check(query)
        route = request.path_params["route"].strip("/")
        if route == "authorize":
            return self._page(request, query)
        if route != "access_granted":
            raise Denied("You do not have permission to access this page")
        if query.get("wc_auth_nonce") not in self._nonces:
            raise Denied("Invalid nonce verification")
        return RedirectResponse(await self._grant(query), 302)

    def _page(self, request: Request, query: Mapping[str, str]) -> Response:
        nonce = f"{self._rng.getrandbits(40):010x}"
        self._nonces.add(nonce)
        asked = urlencode({name: query[name] for name in _PARAMETERS} | {"wc_auth_nonce": nonce})
        granted = f"{request.url.path.rsplit('/authorize', 1)[0]}/access_granted?{asked}"
        return HTMLResponse(
            f"<h1>{html.escape(query['app_name'])} would like to connect to your store</h1>"
            f'<a href="{html.escape(granted)}">Approve</a>'
            f'<a href="{html.escape(_returned(query, success=0))}">Deny</a>'
        )

    def _check(self, query: Mapping[str, str]) -> None:
        for name in _PARAMETERS:
            # PHP's empty() takes "0" for nothing too.
            if query.get(name, "") in {"", "0"}:
                raise Denied(f"Missing parameter {name}")
        if query["scope"] not in _SCOPES:
            raise Denied(f"Invalid scope {query['scope']}")
        for name in ("return_url", "callback_url"):
            address = _formatted(query[name])
            if not urlsplit(address).hostname or " " in address:
                raise Denied(f"The {address} is not a valid URL")
        callback = _formatted(query["callback_url"])
        if not callback.lower().startswith("https://") and not self._is_excused(callback):
            raise Denied("The callback_url needs to be over SSL")

    def _is_excused(self, callback: str) -> bool:
        return self.allows_loopback and _is_private(callback)

    async def _grant(self, query: Mapping[str, str]) -> str:
        self._check(query)
        now = self._clock.now().astimezone(UTC)
        key = self._keys.add(
            f"ck_{self._rng.getrandbits(160):040x}",
            f"cs_{self._rng.getrandbits(160):040x}",
            query["scope"],
            f"{query['app_name'][:170]} - API ({now:%Y-%m-%d %H:%M:%S})",
        )
        body = {
            "key_id": key.id,
            "user_id": query["user_id"],
            "consumer_key": key.consumer_key,
            "consumer_secret": key.consumer_secret,
            "key_permissions": key.permissions,
        }
        try:
            await self._post(_formatted(query["callback_url"]), json.dumps(body).encode())
        except Denied:
            self._keys.revoke(key.id)
            raise
        return _returned(query, success=1)

    async def _post(self, callback: str, body: bytes) -> None:
        if _is_private(callback) and not self.allows_loopback:
            raise Denied("A valid URL was not provided.")
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(callback, data=body, headers=headers, ssl=self.trust or True) as response,
            ):
                if response.status != 200:
                    raise Denied(_UNSENT)
        except (aiohttp.ClientError, TimeoutError):
            raise Denied("cURL error 7: Failed to connect") from None


def _query_of(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def _formatted(url: str) -> str:
    decoded = unquote_plus(url)
    return decoded if "://" in decoded else f"https://{decoded}"


def _returned(query: Mapping[str, str], success: int) -> str:
    address = _formatted(query["return_url"])
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}success={success}&user_id={quote(query['user_id'], safe='')}"


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"
