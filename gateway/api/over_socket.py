"""GraphQL over WebSocket: the protocol graphql-transport-ws (enisdenjo/graphql-ws, PROTOCOL.md).

Written here and not taken from Strawberry because it needs what that lacks: pings of the server, an end when
the credential ends, one context for each operation, pauses that reach back to the source, and subscriptions
that wait without a task: Strawberry runs an operation up to a subscription's snapshot, `sharing` goes on.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.api.context import Context
from gateway.api.endpoint import Endpoint, OriginRefused, request_info
from gateway.api.ports import CredentialRejected, Session
from gateway.api.sharing.follower import Follower
from gateway.api.sharing.group import Asked, Sharing, payload_of
from gateway.api.sharing.outlet import AsgiOutlet, outlet_of

PROTOCOL = "graphql-transport-ws"
_log = logging.getLogger("gateway.api")

# graphql-ws clients give up on 4401 and come back, with a fresh credential, on 4403.
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
BAD_SUBPROTOCOL = 4406
INIT_TIMEOUT = 4408
ID_TAKEN = 4409
INIT_TWICE = 4429
INTERNAL = 4500
TOO_SLOW = 1013

_CLOSING_S = 1.0


class HangUp(Exception):
    """End the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One socket, from its acceptance to its end; leaves no task behind.

    The task that serves it is the one that reads from it; what has to happen at some time is a timer.
    """

    def __init__(self, websocket: WebSocket, endpoint: Endpoint, sharing: Sharing) -> None:
        self._websocket = websocket
        self._endpoint = endpoint
        self._sharing = sharing
        self._info = request_info(websocket.headers, "websocket")
        self._outlet = outlet_of(websocket)
        self._session: Session | None = None
        self._authorization: str | None = None
        self._is_init_received = False
        self._operations: dict[str, asyncio.Task[None] | Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._room: asyncio.Event | None = None
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
        init_timeout = HangUp(INIT_TIMEOUT, "Connection initialisation timeout")
        self._call_in("init", self._endpoint.settings.connection_init_s, lambda: self._end(init_timeout))
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
        followers = [each for each in self._operations.values() if isinstance(each, Follower)]
        self._operations.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(each.leave() for each in followers), return_exceptions=True)
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
                    await self._outlet.flush()
                await self._websocket.close(hang_up.code, hang_up.reason)
        except (RuntimeError, WebSocketDisconnect, TimeoutError):
            # The other side was faster, or does not read.
            pass

    async def _listen(self) -> None:
        try:
            while True:
                await self._take(await self._websocket.receive_text())
        except WebSocketDisconnect:
            self._is_ended = True
        except KeyError:
            self._hang_up = self._hang_up or HangUp(BAD_REQUEST, "Messages must be text")
        except HangUp as hang_up:
            self._hang_up = self._hang_up or hang_up
        except Exception as error:
            # A fault of ours: say so rather than keep a socket that nobody listens to.
            _log.error("a socket failed: %s", type(error).__name__)
            self._hang_up = self._hang_up or HangUp(INTERNAL, "Internal error")

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
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message.get("id"), message.get("payload"))
            case "complete":
                await self._complete(message.get("id"))
            case _:
                raise HangUp(BAD_REQUEST, "Unknown message type")

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
        await self._send({"type": "connection_ack"})
        self._call_in("ping", self._endpoint.settings.ping_every_s, self._ping)
        self._await_end()

    async def _subscribe(self, id_: object, payload: object) -> None:
        if self._session is None:
            raise HangUp(UNAUTHORIZED, "Unauthorized")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict):
            raise HangUp(BAD_REQUEST, "subscribe needs an id and a payload")
        if not isinstance(payload.get("query"), str) or not isinstance(payload.get("variables"), dict | None):
            raise HangUp(BAD_REQUEST, "payload needs a query, and variables as an object")
        if id_ in self._operations:
            raise HangUp(ID_TAKEN, f"Subscriber for {id_} already exists"[:120])
        if self._endpoint.has_ended(self._session):
            raise HangUp(FORBIDDEN, "The credential has ended")
        most = self._endpoint.settings.max_operations_per_socket
        if len(self._operations) >= most:
            await self._fail(id_, f"This socket already runs {most} operations.", "TOO_MANY_OPERATIONS")
            return
        self._operations[id_] = self._spawn(self._run(id_, payload, self._session))

    async def _complete(self, id_: object) -> None:
        running = self._operations.pop(id_, None) if isinstance(id_, str) else None
        if isinstance(running, Follower):
            await running.leave()
        elif running is not None:
            running.cancel()

    async def _run(self, id_: str, payload: Mapping[str, Any], session: Session) -> None:
        own = asyncio.current_task()
        context = Context(session, self._endpoint.clock, self._info, goes_on=True)
        try:
            await self._stream(id_, payload, context)
        except Exception as error:
            # A fault of ours must not take the other operations of this socket with it.
            _log.error("an operation over a socket failed: %s", type(error).__name__)
            await self._fail(id_, "Something went wrong on our side.", "INTERNAL")
        finally:
            if context.standing is not None:
                await context.standing.stack.aclose()
            if self._operations.get(id_) is own:
                del self._operations[id_]

    async def _stream(self, id_: str, payload: Mapping[str, Any], context: Context) -> None:
        name = payload.get("operationName")
        asked = Asked(
            context.session,
            context.request,
            sys.intern(payload["query"]),
            name if isinstance(name, str) else None,
            payload.get("variables") or {},
        )
        source = await self._endpoint.schema.stream(
            asked.query,
            variable_values=dict(asked.variables),
            context_value=context,
            operation_name=asked.operation_name,
        )
        async with aclosing(source):
            async for result in source:
                if not isinstance(result, ExecutionResult):
                    await self._fail(id_, "@defer and @stream are not served here.", "BAD_REQUEST")
                    return
                if isinstance(result, PreExecutionError):
                    errors = [error.formatted for error in result.errors or ()]
                    await self._send({"id": id_, "type": "error", "payload": errors})
                    return
                await self._send({"id": id_, "type": "next", "payload": payload_of(result)})
                context.cost = None
        if context.standing is None:
            await self._send({"id": id_, "type": "complete"})
            return
        if self._operations.get(id_) is asyncio.current_task():
            # Nothing of the snapshot was told where it resumed: then the price comes with what is told first.
            extensions = None if context.cost is None else {"cost": context.cost}
            self._operations[id_] = Follower(
                self._sharing,
                self._outlet,
                id_,
                asked,
                context.standing,
                first_extensions=extensions,
                ended=self._has_ended,
            )
            context.standing = None

    def _has_ended(self, follower: Follower, by_fault: bool) -> None:
        if self._operations.get(follower.id_) is follower:
            del self._operations[follower.id_]
            if by_fault:
                self._tell_failure(follower.id_, "Something went wrong on our side.", "INTERNAL")
            else:
                self._outlet.send(msgspec.json.encode({"id": follower.id_, "type": "complete"}))
        self._spawn(follower.leave())

    async def _fail(self, id_: str, message: str, code: str) -> None:
        await self._has_room_now()
        self._tell_failure(id_, message, code)

    def _tell_failure(self, id_: str, message: str, code: str) -> None:
        error = {"message": message, "extensions": {"code": code, "retryable": code == "INTERNAL"}}
        self._outlet.send(msgspec.json.encode({"id": id_, "type": "error", "payload": [error]}))

    def _ping(self) -> None:
        self._call_in("ping", self._endpoint.settings.ping_every_s, self._ping)
        if not self._outlet.is_full:
            self._outlet.send(b'{"type":"ping"}')
        if self._session is not None and self._endpoint.is_revocable(self._session):
            self._spawn(self._look_for_revocation(self._session))

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

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _call_in(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, call)

    def _is_full(self) -> None:
        too_slow = HangUp(TOO_SLOW, "The socket is read too slowly")
        self._call_in("full", self._endpoint.settings.slow_socket_s, lambda: self._end(too_slow))

    def _has_room(self) -> None:
        timer = self._timers.pop("full", None)
        if timer is not None:
            timer.cancel()
        if self._room is not None:
            self._room.set()
        for running in self._operations.values():
            if isinstance(running, Follower):
                running.wake()

    async def _has_room_now(self) -> None:
        while self._outlet.is_full:
            self._room = asyncio.Event()
            await self._room.wait()

    async def _send(self, message: Mapping[str, object]) -> None:
        await self._has_room_now()
        self._outlet.send(msgspec.json.encode(message))
