"""Calls that only a shop's own server can make: `POST /woocommerce/orders/show`, `orders/book`, `disconnect`.

Signed by the plugin: base64 of HMAC-SHA256 over the timestamp, a dot and the raw body, with the secret that
it was handed. Errors are `{"code", "message", "retryable"}`, as for carts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
    NotFound,
    RemoteError,
    StateConflict,
)
from doorstep.secret import Secret
from gateway.checkout.bodies import read_body
from gateway.checkout.pressure import Pressure

log = structlog.get_logger(__name__)

TOLERANCE_S = 300.0
"""How far the shop's clock may be off, and how long a call can be sent again by whoever has seen it.

What can be repeated then is harmless: showing changes nothing, booking goes by its own key, and disconnecting
wipes the secret that it was signed with. The path is not signed: no body of one call is one of another that
does more.
"""

LONGEST_ID = 100
"""Letters of an order's id, and of a key."""

_NOTHING_SAID = (b"", b"{}", b"[]")
"""PHP writes an empty object as a list."""

_NOBODY = Secret("signs nothing; compared with, so that an unknown site takes as long as a wrong signature")


class Desk(Protocol):
    """What happens for a shop that has signed."""

    @property
    def site(self) -> str:
        """Our id of the store."""
        ...

    async def show(self, order_id: str) -> Mapping[str, object]:
        """How an order stands, by the shop's id of it."""
        ...

    async def book(self, order_id: str, key: str) -> Mapping[str, object]:
        """Book what of an order is not; the same key is the same press of the button."""
        ...

    async def disconnect(self) -> None:
        """Let go of the store."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A shop, and what it may sign with."""

    secrets: Sequence[Secret]
    desk: Desk


OpenSite = Callable[[str], Awaitable[Opened | None]]
"""By the site (our id of the store); None where it has no plugin that may sign."""


class _Order(msgspec.Struct):
    order_id: str
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a call says of itself, as it came."""

    timestamp: str
    signature: str

    def is_good(self, secrets: Sequence[Secret], body: bytes, now: datetime) -> bool:
        """Whether one of the secrets made it, lately; every secret is tried, in constant time."""
        is_number = self.timestamp.isascii() and self.timestamp.isdecimal() and len(self.timestamp) <= 12
        stamp = int(self.timestamp) if is_number else 0
        text = self.timestamp.encode() + b"." + body
        given = self.signature.encode()
        matches = [hmac.compare_digest(_sign(secret, text), given) for secret in secrets or (_NOBODY,)]
        return bool(secrets) and any(matches) and abs(now.timestamp() - stamp) <= TOLERANCE_S


Answer = Callable[[Desk, bytes], Awaitable[Mapping[str, object]]]


def signed_routes(
    open_site: OpenSite, clock: Clock, passes_by_itself: Callable[[Exception], bool]
) -> list[Route]:
    """What the plugin calls for the people who run the shop.

    Parameters
    ----------
    passes_by_itself
        Whether an error is the database's for the moment.
    """
    pressure = Pressure()

    async def show(desk: Desk, body: bytes) -> Mapping[str, object]:
        return await desk.show(_read(body).order_id)

    async def book(desk: Desk, body: bytes) -> Mapping[str, object]:
        order = _read(body)
        if not 0 < len(order.idempotency_key) <= LONGEST_ID:
            text = f"idempotency_key must have 1 to {LONGEST_ID} letters."
            raise InvalidInput(text, path=("idempotency_key",))
        return await desk.book(order.order_id, order.idempotency_key)

    async def disconnect(desk: Desk, body: bytes) -> Mapping[str, object]:
        if body.strip() not in _NOTHING_SAID:
            raise InvalidInput("disconnect takes an empty body: {} or [].")
        await desk.disconnect()
        return {"disconnected": True}

    async def answered(request: Request, answer: Answer) -> Response:
        body = await read_body(request)
        if body is None:
            return _problem(413, "TOO_LARGE", "The body is too long.")
        headers = request.headers
        opened = await open_site(headers.get("x-doorstep-site", "")[:LONGEST_ID])
        made = Signature(headers.get("x-doorstep-timestamp", ""), headers.get("x-doorstep-signature", ""))
        is_good = made.is_good(opened.secrets if opened else (), body, clock.now())
        if opened is None or not is_good:
            text = "This shop is not connected, or its clock is minutes off; connect it again."
            return _problem(401, "UNAUTHENTICATED", text)
        with pressure.question(opened.desk.site) as has_turn:
            if not has_turn:
                wait = {"Retry-After": "1"}
                return _problem(429, "RATE_LIMITED", "Too many calls at once.", retryable=True, headers=wait)
            return JSONResponse(await answer(opened.desk, body))

    def answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await answered(request, answer)
            except ClientDisconnect:
                return Response(status_code=400)
            except DoorstepError as error:
                return _refusal(error)
            except Exception as error:
                # The type only: messages of databases quote rows.
                log.warning("a shop's own call could not be answered", error=type(error).__name__)
                if passes_by_itself(error):
                    return _problem(503, "UNAVAILABLE", "Please try again in a moment.", retryable=True)
                return _problem(500, "INTERNAL", "Something is wrong in the gateway; its log says what.")

        return endpoint

    prefix = "/woocommerce"
    return [
        Route(f"{prefix}/orders/show", answering(show), methods=["POST"]),
        Route(f"{prefix}/orders/book", answering(book), methods=["POST"]),
        Route(f"{prefix}/disconnect", answering(disconnect), methods=["POST"]),
    ]


def _sign(secret: Secret, text: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.reveal().encode(), text, hashlib.sha256).digest())


def _read(body: bytes) -> _Order:
    try:
        order = msgspec.json.decode(body, type=_Order)
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"This is no call of the plugin: {error}.") from None
    if not 0 < len(order.order_id) <= LONGEST_ID:
        raise InvalidInput(f"order_id must have 1 to {LONGEST_ID} letters.", path=("order_id",))
    return order


def _refusal(error: DoorstepError) -> Response:
    status = 400
    for kinds, code in _STATUSES:
        if isinstance(error, kinds):
            status = code
            break
    return _problem(status, error.code, error.message, retryable=error.retryable, path=error.path)


_STATUSES: tuple[tuple[type[DoorstepError] | tuple[type[DoorstepError], ...], int], ...] = (
    (NotFound, 404),
    ((StateConflict, IdempotencyConflict), 409),
    (RemoteError, 502),
)


def _problem(
    status: int,
    code: str,
    message: str,
    *,
    retryable: bool = False,
    path: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    where = {"path": list(path)} if path else {}
    told = {"code": code, "message": message, **where, "retryable": retryable}
    return JSONResponse(told, status, headers)
