"""`POST /checkout/woocommerce/rates`, `choose` and `test`: what our plugin calls from the shop's server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Protocol

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.clock import Clock
from doorstep.errors import (
    DoorstepError,
    IdempotencyConflict,
    InvalidInput,
    OptionExpired,
    SlotUnavailable,
)
from doorstep.health import HealthCheck
from doorstep.order import Store
from doorstep.quote import Choice, DeliveryMode, QuoteSet
from doorstep.slot import Slot
from gateway.checkout.bodies import read_body
from gateway.checkout.counter import Counter, NotNow, Shop
from gateway.checkout.woocommerce.answer import choice_of, rates_of, slots_of
from gateway.checkout.woocommerce.reading import read_cart

log = structlog.get_logger(__name__)

BUDGET_HEADER = "x-doorstep-budget-ms"
USUAL_BUDGET_S = 1.8
"""Of the two seconds that the plugin waits."""

_MOST_DIGITS = 4
"""Of a budget: nobody keeps a shopper waiting for longer than that."""

SLOTS_S, LEFT_OVER_S = 0.4, 0.1
"""For looking up slots once the options are there, at most; and what is left to send the answer."""


Name = Annotated[str, msgspec.Meta(max_length=255)]
"""As long as GraphQL takes the names that shops give to things."""


class Wish(msgspec.Struct, frozen=True):
    """What the shopper takes, just before paying; `package` is the part of the cart that it is for."""

    idempotency_key: Name
    options_id: Name
    option_id: Name
    slot_id: Name | None = None
    cart_id: Name | None = None
    package: Name | int | None = None
    locale: str | None = None


class Clerk(Protocol):
    """What happens for a shop that may ask."""

    @property
    def shop(self) -> Shop: ...
    async def choose(self, wish: Wish) -> Choice:
        """Lock the option, and hold its slot.

        Raises
        ------
        OptionExpired, SlotUnavailable
            If the shopper has to choose anew.
        """
        ...

    async def slots(self, quote_set: QuoteSet) -> Mapping[str, Sequence[Slot]]:
        """The slots that can still be had, soonest first, by id of the option; in the door's time zone."""
        ...

    async def test(self) -> tuple[str, Store, Sequence[HealthCheck]]:
        """The merchant's name, the store, and what the last look at its link found."""
        ...


FindClerk = Callable[[str, str], Awaitable[Clerk | None]]
"""By the site (our id of the store) and its publishable key."""

Answer = Callable[[Clerk, bytes, float], Awaitable[Response]]


def woocommerce_routes(counter: Counter, find: FindClerk, clock: Clock) -> list[Route]:
    """What our plugin calls. Errors are `{"code", "message", "retryable"}`, as in GraphQL."""

    async def rates(clerk: Clerk, body: bytes, budget_s: float) -> Response:
        began = time.monotonic()
        question, locale = read_cart(body, budget_s)
        shown = await counter.ask(clerk.shop, question)
        left_s = budget_s - LEFT_OVER_S - (time.monotonic() - began)
        slots = await _slots_in_time(clerk, shown.quote_set, left_s)
        return JSONResponse(rates_of(shown, slots, locale, clock.now()))

    async def choose(clerk: Clerk, body: bytes, _budget_s: float) -> Response:
        try:
            wish = msgspec.json.decode(body, type=Wish)
        except msgspec.MsgspecError as error:
            raise InvalidInput(f"This is no choice of the plugin: {error}.") from None
        locale = wish.locale or ""
        try:
            return JSONResponse(choice_of(await clerk.choose(wish), locale))
        except SlotUnavailable as gone:
            left = slots_of(gone.alternatives, locale)
            return _problem(409, gone.code, gone.message, retryable=gone.retryable, slots=left)

    async def test(clerk: Clerk, _body: bytes, _budget_s: float) -> Response:
        merchant, store, checks = await clerk.test()
        found = [{"code": one.name, "passed": one.passed, "text": one.text} for one in checks]
        link = {"id": store.id, "status": str(store.status)}
        return JSONResponse({"merchant": merchant, "store": link, "checks": found})

    async def answered(request: Request, answer: Answer) -> Response:
        began = time.monotonic()
        body = await read_body(request)
        if body is None:
            return _problem(413, "TOO_LARGE", "The body is longer than a cart can be.")
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        site = request.headers.get("x-doorstep-site", "")
        clerk = await find(site, key.strip()) if scheme.lower() == "bearer" else None
        if clerk is None:
            return _problem(401, "UNAUTHENTICATED", "This shop is not connected; connect it again.")
        return await answer(clerk, body, _budget_s(request) - (time.monotonic() - began))

    def answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await answered(request, answer)
            except ClientDisconnect:
                return Response(status_code=400)
            except NotNow as reason:
                return _problem(503, "UNAVAILABLE", str(reason), retryable=True)
            except DoorstepError as error:
                status = 409 if isinstance(error, OptionExpired | IdempotencyConflict) else 400
                return _problem(status, error.code, error.message, retryable=error.retryable)
            except Exception as error:
                # The type only: messages of databases quote rows. The plugin has a rate of its own for this.
                log.warning("a checkout could not be answered", error=type(error).__name__)
                return _problem(503, "UNAVAILABLE", "Please try again in a moment.", retryable=True)

        return endpoint

    prefix = "/checkout/woocommerce"
    return [
        Route(f"{prefix}/rates", answering(rates), methods=["POST"]),
        Route(f"{prefix}/choose", answering(choose), methods=["POST"]),
        Route(f"{prefix}/test", answering(test), methods=["POST"]),
    ]


async def _slots_in_time(clerk: Clerk, quote_set: QuoteSet, left_s: float) -> Mapping[str, Sequence[Slot]]:
    """What can be picked, if that is known in time: an option without its slots is better than a late one."""
    if all(quote.offer.mode is not DeliveryMode.OWN_FLEET for quote in quote_set.quotes):
        return {}
    try:
        async with asyncio.timeout(max(0.0, min(SLOTS_S, left_s))):
            return await clerk.slots(quote_set)
    except Exception as error:
        log.warning("slots could not be shown", store_id=clerk.shop.store_id, error=type(error).__name__)
        return {}


def _problem(status: int, code: str, message: str, *, retryable: bool = False, **more: object) -> Response:
    return JSONResponse({"code": code, "message": message, "retryable": retryable, **more}, status)


def _budget_s(request: Request) -> float:
    given_ms = request.headers.get(BUDGET_HEADER, "")
    is_told = given_ms.isdecimal() and len(given_ms) <= _MOST_DIGITS and int(given_ms) > 0
    return int(given_ms) / 1000 if is_told else USUAL_BUDGET_S
