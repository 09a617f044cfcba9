"""`POST /checkout/shopify/rates/{door}`: signed by Shopify, at an address that only this shop was given."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.errors import BadSignature, InvalidInput
from gateway.checkout.bodies import read_body
from gateway.checkout.counter import Counter, NotNow, Shop
from gateway.checkout.shopify.answer import rates_of
from gateway.checkout.shopify.reading import read_call

log = structlog.get_logger(__name__)

PATH = "/checkout/shopify/rates/{door}"
TIMEOUT_HEADER = "x-shopify-timeout"

USUAL_TIMEOUT_S = 3.0
"""The shortest of Shopify's: 10 s below 1,500 calls a minute, 3 s above 3,000 (Admin API 2026-10)."""

ON_THE_WAY_S = 0.3
"""Of that: Shopify counts from when it asks until it has read the answer."""

_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Caller:
    """A shop that may ask.

    Attributes
    ----------
    opens
        Whether the last part of the address is this shop's.
    verify
        Raises `BadSignature` unless its app has signed these headers and bytes.
    """

    shop: Shop
    opens: Callable[[str], bool]
    verify: Callable[[Mapping[str, str], bytes], None]


FindCaller = Callable[[str], Awaitable[Caller | None]]
"""By the shop's domain."""


def shopify_routes(counter: Counter, find: FindCaller) -> list[Route]:
    """Where Shopify asks for rates.

    No answer of ours is a 5xx, and none sends Shopify elsewhere. Rates that nobody has are a 404, upon which
    the merchant's own backup rates are shown; an empty list says that nobody delivers there.
    """

    async def rates(request: Request) -> Response:
        try:
            return await answered(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except NotNow:
            return _BACKUP_RATES
        except Exception as error:
            log.warning("a checkout is left to backup rates", error=type(error).__name__)
            return _BACKUP_RATES

    async def answered(request: Request) -> Response:
        began = time.monotonic()
        body = await read_body(request)
        caller = await find(request.headers.get("x-shopify-shop-domain", "").lower())
        if body is None or caller is None or not _is_let_in(caller, request, body):
            return JSONResponse({"error": "Nobody here has linked that shop."}, 401)
        try:
            left_s = _timeout_s(request) - ON_THE_WAY_S - (time.monotonic() - began)
            question, locale = read_call(body, left_s)
            shown = await counter.ask(caller.shop, question)
        except InvalidInput as problem:
            log.warning("a CarrierService call could not be read", store_id=caller.shop.store_id)
            return JSONResponse({"error": problem.message}, 400)
        return JSONResponse(rates_of(shown.quote_set, locale))

    return [Route(PATH, rates, methods=["POST"])]


_BACKUP_RATES = JSONResponse({"error": "No rates are known just now."}, 404)


def _is_let_in(caller: Caller, request: Request, body: bytes) -> bool:
    if not caller.opens(request.path_params["door"]):
        return False
    try:
        caller.verify(request.headers, body)
    except BadSignature:
        return False
    return True


def _timeout_s(request: Request) -> float:
    given_ms = request.headers.get(TIMEOUT_HEADER, "")
    is_told = given_ms.isdecimal() and len(given_ms) <= _MOST_DIGITS and int(given_ms) > 0
    return int(given_ms) / 1000 if is_told else USUAL_TIMEOUT_S
