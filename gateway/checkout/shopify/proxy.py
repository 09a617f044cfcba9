"""`/shopify/proxy/…`: what a shop's own pages ask through Shopify's app proxy, under the shop's address.

Shopify signs the query; the body is the shopper's word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.checkout.bodies import read_body
from gateway.checkout.shopify.following import Asker, Following
from gateway.checkout.shopify.guesses import Guesses
from gateway.checkout.shopify.proxy_pages import PageState, page
from gateway.checkout.shopify.tracking import refusal, too_many
from gateway.checkout.status_words import spoken

log = structlog.get_logger(__name__)

FindByQuery = Callable[[str], Awaitable[Asker | None]]
"""Who asks, by the query as it came; None where Shopify has not just signed it for a shop of ours."""

Endpoint = Callable[[Request, Asker], Awaitable[Response]]

_UNSAVED = {"Cache-Control": "no-store"}


class _Asked(msgspec.Struct):
    order: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found, None where nothing that is theirs to see; or how long to wait."""

    deliveries: list[Any] | None = None
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Desk:
    following: Following
    guesses: Guesses

    async def ask(self, request: Request, asker: Asker, asked: _Asked) -> _Answer:
        shop, visitor = asker.shop.store_id, _visitor(request)
        wait_s = self.guesses.ask(shop, visitor)
        if wait_s:
            return _Answer(wait_s=wait_s)
        found = await self.following.contacted(asker, asked.order, asked.contact, _language(request))
        if found is not None:
            self.guesses.was_right(shop, visitor)
        return _Answer(found)


def proxy_routes(following: Following, guesses: Guesses, find: FindByQuery) -> list[Route]:
    """The block's question, and the same for a browser without scripts."""
    desk = _Desk(following, guesses)

    def signed(answer: Endpoint, unwell: Callable[[Request], Response]) -> Callable[..., Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                asker = await find(request.url.query)
                if asker is None:
                    return refusal(401, "Shopify has not signed this for a shop linked here.", _UNSAVED)
                return await answer(request, asker)
            except Exception as error:
                log.warning("a tracking question could not be answered", error=type(error).__name__)
                return unwell(request)

        return endpoint

    async def tracking(request: Request, asker: Asker) -> Response:
        try:
            asked = msgspec.json.decode(await read_body(request) or b"", type=_Asked)
        except msgspec.MsgspecError as error:
            return refusal(400, f"This is no question about an order: {error}.", _UNSAVED)
        answer = await desk.ask(request, asker, asked)
        if answer.wait_s:
            return too_many(answer.wait_s)
        if answer.deliveries is None:
            # The same whatever did not fit: nobody learns which numbers there are.
            return refusal(404, "Nothing is known of this order.", _UNSAVED)
        return JSONResponse({"deliveries": answer.deliveries}, headers=_UNSAVED)

    async def track(request: Request, asker: Asker) -> Response:
        shown, found = PageState.FORM, []
        if request.method == "POST":
            fields = dict(parse_qsl((await read_body(request) or b"").decode(errors="replace")))
            asked = _Asked(fields.get("order", ""), fields.get("contact", ""))
            answer = await desk.ask(request, asker, asked)
            found = answer.deliveries or []
            shown = PageState.NOTHING if answer.deliveries is None else PageState.FOUND
            shown = PageState.LATER if answer.wait_s else shown
        links = [one["tracking_url"] for one in found if one["tracking_url"]]
        if len(found) == len(links) == 1:
            return RedirectResponse(links[0], 303, _UNSAVED)
        return page(shown, _language(request), asker.path_prefix, found)

    return [
        Route("/shopify/proxy/tracking", signed(tracking, _come_again), methods=["POST"]),
        Route("/shopify/proxy/track", signed(track, _come_again_page), methods=["GET", "POST"]),
    ]


def _come_again(_request: Request) -> Response:
    return refusal(503, "Please ask again.", _UNSAVED)


def _come_again_page(request: Request) -> Response:
    return page(PageState.LATER, _language(request), "")


def _language(request: Request) -> str:
    return spoken(request.headers.get("accept-language", ""))


def _visitor(request: Request) -> str:
    """The shopper's address as Shopify passes it on; everybody without one counts as one."""
    return request.headers.get("x-forwarded-for", "").partition(",")[0].strip()[:64]
