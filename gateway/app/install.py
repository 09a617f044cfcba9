"""Where merchants and their stores come by while they are being linked.

Nothing here calls an address that a query names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.stores.shopify.link import is_shop
from connectors.stores.woocommerce.authorize import was_granted
from doorstep.errors import (
    BadSignature,
    DoorstepError,
    InvalidInput,
    RemoteError,
    TokenRejected,
    UnreadablePayload,
)
from doorstep.order import Store
from gateway.app.database_away import or_come_again
from gateway.app.install_pages import bounce_page, home_page, in_admin, plain
from gateway.app.install_plugin import plugin_install_routes
from gateway.auth.vault import SealBroken
from gateway.bootstrap.authorizing import take_keys
from gateway.bootstrap.house import House
from gateway.bootstrap.installs import AppHome, HomeKind, answer_claim, open_app_home
from gateway.bootstrap.linking import heal_webhooks
from gateway.bootstrap.shopify_app import OurShopifyApp
from webhooks.inbound.receiver import read_bounded, too_long

log = structlog.get_logger(__name__)

TICKET_LASTS = timedelta(minutes=15)
"""How long somebody in a shop's admin may think about a claim."""

RELOAD = "shopify-reload"
"""Names where App Bridge goes on to (Shopify documentation, November 2026)."""

RETRY = {"X-Shopify-Retry-Invalid-Session-Request": "1"}
"""Makes App Bridge fetch another id token and ask again (Shopify documentation, November 2026)."""


def install_routes(house: House) -> list[Route]:
    """`/shopify` is the app's page in a shop's admin, `/install/woocommerce/…` takes keys."""
    return [*_of_shopify(house, house.shopify), *_of_woocommerce(house), *plugin_install_routes(house)]


def _of_shopify(house: House, app: OurShopifyApp | None) -> list[Route]:
    if app is None:
        return []

    async def home(request: Request) -> Response:
        authorization = request.headers.get("authorization", "")
        bearer = authorization.removeprefix("Bearer ")
        try:
            visit = app.read_visit(bearer or request.query_params.get("id_token", ""), request.url.query)
        except BadSignature:
            # Expired or forged is answered alike: with a way to a good one, and without a word.
            return _unproven(request, is_fetch=bool(authorization))
        try:
            found = await open_app_home(house, app, visit)
        except TokenRejected:
            return _unproven(request, is_fetch=bool(authorization))
        except DoorstepError as error:
            log.warning("a shop's installation has to wait", shop=visit.shop, code=error.code)
            text = "Shopify does not answer as it should. Please open the app again."
            return in_admin(visit.shop, f"<h1>One moment</h1><p>{text}</p>", 503)
        return home_page(found, _ticket(house, found, request.query_params.get("host", "")))

    async def bounce(request: Request) -> Response:
        shop, reloads = request.query_params.get("shop", ""), request.query_params.getlist(RELOAD)
        # App Bridge goes there with an id token: to our own page and nowhere else.
        is_home = len(reloads) == 1 and reloads[0].startswith("/shopify?")
        if not is_shop(shop) or not is_home:
            return plain("That did not work", "Open the app in your shop's admin.", 400)
        return bounce_page(shop, house.settings.shopify_client_id)

    async def claim(request: Request) -> Response:
        body = await read_bounded(request.stream()) or b""
        fields = dict(parse_qsl(body.decode(errors="replace")))
        try:
            ticket = _read_ticket(house, fields.get("ticket", ""))
            is_theirs = fields.get("answer") == "yes"
            await answer_claim(house, ticket["shop"], ticket["store_id"], is_theirs=is_theirs)
        except DoorstepError:
            return plain("That did not work", "Open the app in your shop's admin again.", 400)
        # To the app's page again, which links the shop to whom it belongs.
        return RedirectResponse(_over_app_bridge({"shop": ticket["shop"], "host": ticket["host"]}), 303)

    return [
        Route("/shopify", or_come_again(home)),
        Route("/shopify/id-token", bounce),
        Route("/shopify/claim", or_come_again(claim), methods=["POST"]),
    ]


def _of_woocommerce(house: House) -> list[Route]:
    async def callback(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return PlainTextResponse(too_long().body, status_code=too_long().status)
        try:
            store = await take_keys(house, request.path_params["state"], body)
        except TokenRejected as error:
            return JSONResponse({"error": error.message}, status_code=404)
        except (UnreadablePayload, InvalidInput) as error:
            return JSONResponse({"error": error.message}, status_code=400)
        except RemoteError as error:
            # Any answer but 200 makes the store delete the key again, as it should.
            log.warning("a store did not open with its new key", code=error.raw_code or error.code)
            return JSONResponse({"error": "The store could not be read with the key."}, status_code=502)
        return JSONResponse({"linked": store.id}, background=BackgroundTask(_look_after, house, store))

    async def back(request: Request) -> Response:
        if was_granted(dict(request.query_params)):
            text = "Your store gave Doorstep its key. Orders are being read; you may close this page."
            return plain("Linked", text)
        return plain("Not linked", "Your store gave no key. Ask for a new link if that was a mistake.")

    return [
        Route("/install/woocommerce/callback/{state}", or_come_again(callback), methods=["POST"]),
        Route("/install/woocommerce/return", back),
    ]


async def _look_after(house: House, store: Store) -> None:
    """Register webhooks after the store has its answer: a key that waits for too long is deleted again."""
    try:
        await heal_webhooks(house, store.merchant_id, store)
    except DoorstepError as error:
        log.warning("webhooks are registered later", store_id=store.id, code=error.code)


def _unproven(request: Request, *, is_fetch: bool) -> Response:
    """Let App Bridge fetch a fresh id token: it repeats a fetch by itself, a page goes over one of ours."""
    if is_fetch:
        return PlainTextResponse("", 401, RETRY)
    if not is_shop(request.query_params.get("shop", "")):
        return plain("That did not work", "Open the app in your shop's admin.", 400)
    kept = {name: value for name, value in request.query_params.items() if name not in {"id_token", RELOAD}}
    return RedirectResponse(_over_app_bridge(kept), 302)


def _over_app_bridge(query: Mapping[str, str]) -> str:
    """The page that fetches a fresh id token and goes on to the app's own with it."""
    kept = urlencode(query)
    reload = quote(f"/shopify?{kept}", safe="")
    return f"/shopify/id-token?{kept}&{RELOAD}={reload}"


def _ticket(house: House, home: AppHome, host: str) -> str:
    """Says which claim the buttons on a page are about; sealed, so that nobody makes one up."""
    if home.kind is not HomeKind.ASKS or home.store is None:
        return ""
    until = (house.clock.now() + TICKET_LASTS).isoformat()
    claim = {"use": "claim", "shop": home.shop, "store_id": home.store.id, "host": host, "until": until}
    return house.vault.seal(claim).decode()


def _read_ticket(house: House, ticket: str) -> dict[str, str]:
    try:
        claim = {name: value.reveal() for name, value in house.vault.open(ticket.encode()).items()}
    except SealBroken:
        claim = {}
    if claim.get("use") != "claim" or datetime.fromisoformat(claim["until"]) <= house.clock.now():
        raise TokenRejected("This page is too old; open the app again.")
    return claim
