"""`GET /shopify/tracking`: the order status and thank-you pages ask with a session token.

The extension runs in a worker without an origin, so every answer is open to any: what opens an order is the
token and the order's confirmation number, never a cookie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.checkout.shopify.following import Asker, Following
from gateway.checkout.shopify.guesses import Guesses
from gateway.checkout.status_words import spoken

log = structlog.get_logger(__name__)

FindByToken = Callable[[str], Awaitable[Asker | None]]
"""Who asks, by a session token; None where it is none of Shopify's for a shop of ours."""

OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Cache-Control": "no-store",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "Authorization, Accept-Language",
    "Access-Control-Max-Age": "86400",
}
# The thank-you page knows an order before it is made, under a name of its own with the same number.
_ORDER = re.compile(r"gid://shopify/Order(?:Identity)?/(\d{1,20})")


def tracking_routes(following: Following, guesses: Guesses, find: FindByToken) -> list[Route]:
    """Where the extension asks."""

    async def tracking(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=OPEN | _PREFLIGHT)
        try:
            return await asked(request)
        except Exception as error:
            # Also this answer has to be open: the extension could not tell it from a broken network.
            log.warning("a tracking question could not be answered", error=type(error).__name__)
            return refusal(503, "Please ask again.")

    async def asked(request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        token = given.strip()
        asker = await find(token) if scheme.lower() == "bearer" else None
        if asker is None:
            return refusal(401, "This session token is none of a shop that is linked here.")
        order = _ORDER.fullmatch(request.query_params.get("order", ""))
        if order is None:
            return refusal(400, "order has to be the gid of an order.")
        gid = f"gid://shopify/Order/{order[1]}"
        shop, visitor = asker.shop.store_id, _visitor(token)
        wait_s = guesses.ask(shop, visitor)
        if wait_s:
            return too_many(wait_s)
        confirmation = request.query_params.get("confirmation", "")
        language = spoken(request.headers.get("accept-language", ""))
        found = await following.confirmed(asker, gid, confirmation, language)
        if found is None:
            return refusal(404, "Nothing is known of this order.")
        guesses.was_right(shop, visitor)
        return JSONResponse({"deliveries": found}, headers=OPEN)

    return [Route("/shopify/tracking", tracking, methods=["GET", "OPTIONS"])]


def _visitor(token: str) -> str:
    """A page of one shopper: the part of its token that is signed, as a signature has several spellings.

    Not the order: who guesses at one would keep its own shopper out.
    """
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()


def refusal(status: int, message: str, headers: Mapping[str, str] = OPEN) -> JSONResponse:
    """An answer that is no list of deliveries."""
    return JSONResponse({"error": message}, status, dict(headers))


def too_many(wait_s: float) -> JSONResponse:
    """Come again, and when."""
    answer = refusal(429, "That was asked too often; please wait.")
    answer.headers["Retry-After"] = str(int(wait_s) + 1)
    return answer
