"""Where a shop's own plugin sends its merchant to connect, and where the shop posts its key."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.stores.woocommerce.authorize import was_granted
from doorstep.errors import (
    DoorstepError,
    InvalidInput,
    RemoteError,
    TokenRejected,
    UnreadablePayload,
)
from doorstep.order import Store
from gateway.app.database_away import or_come_again
from gateway.app.install_pages import lead_back_page, lead_on_page, plain
from gateway.bootstrap.house import House
from gateway.bootstrap.linking import heal_webhooks
from gateway.bootstrap.plugin_link import begin_plugin_link, outcome, read_places_again, take_plugin_key
from gateway.bootstrap.plugin_tickets import page_to_return_to, read_ticket
from gateway.checkout.bodies import read_body

log = structlog.get_logger(__name__)

DENIED = "denied"
"""The merchant said no in the shop's own admin."""

_OURS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def plugin_install_routes(house: House) -> list[Route]:
    """`/install/woocommerce` and what follows from it; see `gateway.bootstrap.plugin_link`."""

    async def begin(request: Request) -> Response:
        query = request.query_params
        try:
            asked, link = await begin_plugin_link(
                house, query.get("shop", ""), query.get("return", ""), query.get("state", "")
            )
        except InvalidInput as error:
            return plain("That did not work", error.message, 400)
        # Whoever comes from the shop itself goes back to where they are; from elsewhere this would be a link
        # of ours that leads to any site, so that they are told where they go.
        if _comes_from(request, asked.shop):
            return RedirectResponse(link, 302, _OURS)
        return lead_on_page(asked.shop, link)

    async def take(request: Request) -> Response:
        body = await read_body(request)
        if body is None:
            return _refused(413, "This is longer than a key can be.")
        try:
            store = await take_plugin_key(house, request.path_params["ticket"], body)
        except TokenRejected as error:
            return _refused(404, error.message)
        except (UnreadablePayload, InvalidInput) as error:
            return _refused(400, error.message)
        except RemoteError as error:
            # Any answer but 200 makes the shop delete the key again, as it should.
            log.warning("a shop did not open with its new key", code=error.raw_code or error.code)
            return _refused(502, "The shop could not be read with the key.")
        except TimeoutError:
            log.warning("a shop that gave its key answers too slowly")
            return _refused(504, "The shop answers too slowly; please try again.")
        return JSONResponse({"linked": store.id}, background=BackgroundTask(_look_after, house, store))

    async def back(request: Request) -> Response:
        try:
            asked = read_ticket(house, request.path_params["ticket"])
        except TokenRejected as error:
            return plain("That did not work", error.message, 400)
        told = await outcome(house, asked) if was_granted(dict(request.query_params)) else DENIED
        page = page_to_return_to(asked, told)
        # As above: anybody can have a ticket made for any shop.
        if _comes_from(request, asked.shop):
            return RedirectResponse(page, 302, _OURS)
        return lead_back_page(asked.shop, page)

    prefix = "/install/woocommerce"
    return [
        Route(prefix, or_come_again(begin)),
        Route(f"{prefix}/plugin/{{ticket}}", or_come_again(take), methods=["POST"]),
        Route(f"{prefix}/plugin/{{ticket}}/return", or_come_again(back)),
    ]


async def _look_after(house: House, store: Store) -> None:
    """What can be done after the shop has its answer: a key that waits for too long is deleted again."""
    try:
        await read_places_again(house, store)
        await heal_webhooks(house, store.merchant_id, store)
    except DoorstepError as error:
        log.warning("webhooks are registered later", store_id=store.id, code=error.code)


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)


def _comes_from(request: Request, shop: str) -> bool:
    return _host(request.headers.get("referer", "")) == _host(shop)


def _host(address: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(address)
        found = parts.hostname, parts.port
    except ValueError:
        found = None, None
    return found
