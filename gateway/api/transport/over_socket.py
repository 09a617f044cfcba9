"""GraphQL over WebSocket: the protocol graphql-transport-ws (enisdenjo/graphql-ws, PROTOCOL.md).

Written here and not taken from Strawberry because it needs what that lacks: pings of the server, an end when
the credential ends, one context for each operation, pauses that reach back to the source, and subscriptions
that wait without a task.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.api.ports.session import CredentialRejected, Session
from gateway.api.sharing.outlet import AsgiOutlet, outlet_of
from gateway.api.sharing.sharing import Sharing
from gateway.api.transport.endpoint import Endpoint, OriginRefused, request_info
from gateway.api.transport.hang_up import (
    BAD_REQUEST,
    BAD_SUBPROTOCOL,
    FORBIDDEN,
    INIT_TIMEOUT,
    INIT_TWICE,
    INTERNAL,
    TOO_SLOW,
    UNAUTHORIZED,
    HangUp,
)
from gateway.api.transport.socket_operations import SocketOperations

PROTOCOL = "graphql-transport-ws"
_log = logging.getLogger("gateway.api")

_CLOSING_S = 1.0

HELD_UP_S = 0.25
"""A timer that rings so late tells that this process was held up, not that nobody spoke."""

_SLOW = "The socket is read too slowly; come back with your last cursors"


class Connection:
    """One socket, from its acceptance to its end; leaves no task behind.

    The task that serves it is the one that reads from it; what has to happen at some time is a timer.
    """

    def __init__(self, websocket: WebSocket, endpoint: Endpoint, sharing: Sharing) -> None:
        self._websocket = websocket
        self._endpoint = endpoint
        self._info = request_info(websocket.headers, "websocket")
        self._outlet = outlet_of(websocket)
        self._session: Session | None = None
        self._authorization: str | None = None
        self._is_init_received = False
        self._operations = SocketOperations(endpoint, sharing, self._outlet, self._info, self._is_slow)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._line = asyncio.timeout(None)
        self._is_ended = False
        self._hang_up: HangUp | None = None

    async def serve(self) -> None:
        """Speak until one side ends it."""
        if PROTOCOL not in self._websocket.scope.get("subprotocols", ()):
            await self._websocket.accept()
            await self._websocket.close(BAD_SUBPROTOCOL, f"Subprotocol must be {PROTOCOL}")
            return
        await self._websocket.accept(subprotocol=PROTOCOL)
        self._outlet.on_room(self._has_room)
        self._outlet.on_full(self._is_full)
        self._await_init()
        try:
            # A timer that ends the socket moves this deadline to now.
            async with self._line:
                await self._listen()
        except TimeoutError:
            pass
        finally:
            await self._clean_up()

    async def _clean_up(self) -> None:
        self._is_ended = True
        for timer in self._timers.values():
            timer.cancel()
        await self._operations.end_all()
        if self._hang_up is not None:
            await self._close(self._hang_up)
        self._outlet.close()

    async def _close(self, hang_up: HangUp) -> None:
        if self._outlet.is_full:
            # Nobody would read the word.
            self._outlet.abort()
            return
        try:
            async with asyncio.timeout(_CLOSING_S):
                if isinstance(self._outlet, AsgiOutlet):
                    await self._outlet.drained()
                await self._websocket.close(hang_up.code, hang_up.reason)
        except (RuntimeError, WebSocketDisconnect, TimeoutError):
            # The other side was faster, or does not read.
            pass

    async def _listen(self) -> None:
        try:
            while True:
                await self._take(await self._heard())
        except WebSocketDisconnect:
            self._is_ended = True
        except HangUp as hang_up:
            self._hang_up = self._hang_up or hang_up
        except Exception as error:
            # A fault of ours: say so rather than keep a socket that nobody listens to.
            _log.error("a socket failed: %s", type(error).__name__)
            self._hang_up = self._hang_up or HangUp(INTERNAL, "Internal error")

    async def _heard(self) -> str:
        try:
            return await self._websocket.receive_text()
        except KeyError:
            raise HangUp(BAD_REQUEST, "Messages must be text") from None

    async def _take(self, text: str) -> None:
        if len(text) > self._endpoint.settings.max_body_bytes:
            raise HangUp(BAD_REQUEST, "Message is too long")
        try:
            message = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            raise HangUp(BAD_REQUEST, "Message is not JSON") from None
        kind = message.get("type") if isinstance(message, dict) else None
        match kind:
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._operations.send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message.get("id"), message.get("payload"))
            case "complete":
                await self._operations.complete(message.get("id"))
            case _:
                raise HangUp(BAD_REQUEST, "Unknown message type")

    def _await_init(self) -> None:
        self._call_in("init", self._endpoint.settings.connection_init_s, self._no_init)

    def _no_init(self) -> None:
        if asyncio.get_running_loop().time() - self._timers["init"].when() > HELD_UP_S:
            # What was said in time may lie unread: timers ring before anybody reads.
            self._await_init()
        else:
            self._end(HangUp(INIT_TIMEOUT, "Connection initialisation timeout"))

    async def _init(self, payload: object) -> None:
        if self._is_init_received:
            raise HangUp(INIT_TWICE, "Too many initialisation requests")
        self._is_init_received = True
        self._timers.pop("init").cancel()
        fields = payload if isinstance(payload, dict) else {}
        given = next((value for name, value in fields.items() if str(name).lower() == "authorization"), None)
        authorization = given if isinstance(given, str) else None
        try:
            session = await self._endpoint.admit(authorization, self._info)
        except CredentialRejected as rejected:
            raise HangUp(UNAUTHORIZED, f"Unauthorized: {rejected}"[:120]) from None
        except OriginRefused as refused:
            raise HangUp(UNAUTHORIZED, f"Unauthorized: {refused}"[:120]) from None
        self._session, self._authorization = session, authorization
        await self._operations.send({"type": "connection_ack"})
        self._call_in("ping", self._endpoint.settings.ping_every_s, self._ping)
        self._await_end()

    async def _subscribe(self, id_: object, payload: object) -> None:
        if self._session is None:
            raise HangUp(UNAUTHORIZED, "Unauthorized")
        if self._endpoint.has_ended(self._session):
            raise HangUp(FORBIDDEN, "The credential has ended")
        await self._operations.begin(id_, payload, self._session)

    def _ping(self) -> None:
        self._call_in("ping", self._endpoint.settings.ping_every_s, self._ping)
        if not self._outlet.has_written and not self._outlet.is_full:
            self._outlet.send(b'{"type":"ping"}')
        # Whatever is told says as well as a ping that somebody is here.
        self._outlet.has_written = False
        if self._session is not None and self._endpoint.is_revocable(self._session):
            self._operations.spawn(self._look_for_revocation(self._session))

    def _await_end(self) -> None:
        session = self._session
        ends = None if session is None else session.caller.expires_at
        if session is None or ends is None:
            return
        if self._endpoint.has_ended(session):
            self._end(HangUp(FORBIDDEN, "The credential has ended"))
            return
        left_s = (ends - self._endpoint.clock.now()).total_seconds()
        # The clock may run faster than the machine's: look again before long.
        soon_s = min(max(left_s, 0.01), self._endpoint.settings.ping_every_s)
        self._call_in("end", soon_s, self._await_end)

    async def _look_for_revocation(self, session: Session) -> None:
        try:
            if await self._endpoint.is_revoked(self._authorization, self._info, session):
                self._end(HangUp(FORBIDDEN, "The credential has ended"))
        except Exception as error:
            # Nobody can be asked at the moment, as when the database restarts: it is asked again.
            _log.warning("a credential could not be looked up: %s", type(error).__name__)

    def _end(self, hang_up: HangUp) -> None:
        if not self._is_ended:
            self._is_ended = True
            self._hang_up = hang_up
            self._line.reschedule(asyncio.get_running_loop().time())

    def _call_in(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, call)

    def _is_full(self) -> None:
        self._call_in("full", self._endpoint.settings.slow_socket_s, self._is_slow)

    def _is_slow(self) -> None:
        self._end(HangUp(TOO_SLOW, _SLOW))

    def _has_room(self) -> None:
        timer = self._timers.pop("full", None)
        if timer is not None:
            timer.cancel()
        self._operations.has_room()
