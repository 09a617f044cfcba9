"""GraphQL over WebSocket: the protocol graphql-transport-ws (enisdenjo/graphql-ws, PROTOCOL.md).

Written here and not taken from Strawberry because it needs what that lacks: pings of the server, an end when
the credential ends, one context for each operation, and pauses that reach back to the source: an event is
only asked for once the one before it is written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import aclosing
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.api.endpoint import Endpoint, OriginRefused, request_info
from gateway.api.ports import CredentialRejected, Session

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


class HangUp(Exception):
    """End the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One socket, from its acceptance to its end; leaves no task behind."""

    def __init__(self, websocket: WebSocket, endpoint: Endpoint) -> None:
        self._websocket = websocket
        self._endpoint = endpoint
        self._info = request_info(websocket.headers, "websocket")
        self._session: Session | None = None
        self._is_init_received = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._hang_up: HangUp | None = None

    async def serve(self) -> None:
        """Speak until one side ends it."""
        if PROTOCOL not in self._websocket.scope.get("subprotocols", ()):
            await self._websocket.accept()
            await self._websocket.close(BAD_SUBPROTOCOL, f"Subprotocol must be {PROTOCOL}")
            return
        await self._websocket.accept(subprotocol=PROTOCOL)
        self._spawn(self._await_init())
        self._spawn(self._listen())
        try:
            await self._ended.wait()
        finally:
            await self._clean_up()

    async def _clean_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._hang_up is not None:
            try:
                await self._websocket.close(self._hang_up.code, self._hang_up.reason)
            except (RuntimeError, WebSocketDisconnect):
                # The other side was faster.
                pass

    async def _listen(self) -> None:
        try:
            while True:
                await self._take(await self._websocket.receive_text())
        except WebSocketDisconnect:
            self._end(None)
        except KeyError:
            self._end(HangUp(BAD_REQUEST, "Messages must be text"))
        except HangUp as hang_up:
            self._end(hang_up)
        except Exception as error:
            # A fault of ours: say so rather than keep a socket that nobody listens to.
            _log.error("a socket failed: %s", type(error).__name__)
            self._end(HangUp(INTERNAL, "Internal error"))

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
                self._complete(message.get("id"))
            case _:
                raise HangUp(BAD_REQUEST, "Unknown message type")

    async def _init(self, payload: object) -> None:
        if self._is_init_received:
            raise HangUp(INIT_TWICE, "Too many initialisation requests")
        self._is_init_received = True
        fields = payload if isinstance(payload, dict) else {}
        given = next((value for name, value in fields.items() if str(name).lower() == "authorization"), None)
        try:
            session = await self._endpoint.admit(given if isinstance(given, str) else None, self._info)
        except CredentialRejected as rejected:
            raise HangUp(UNAUTHORIZED, f"Unauthorized: {rejected}"[:120]) from None
        except OriginRefused as refused:
            raise HangUp(UNAUTHORIZED, f"Unauthorized: {refused}"[:120]) from None
        self._session = session
        await self._send({"type": "connection_ack"})
        self._spawn(self._ping())
        if session.caller.expires_at is not None:
            self._spawn(self._await_end(session))

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

    def _complete(self, id_: object) -> None:
        task = self._operations.pop(id_, None) if isinstance(id_, str) else None
        if task is not None:
            task.cancel()

    async def _run(self, id_: str, payload: Mapping[str, Any], session: Session) -> None:
        own = asyncio.current_task()
        try:
            await self._stream(id_, payload, session)
        except WebSocketDisconnect:
            pass
        except Exception as error:
            # A fault of ours must not take the other operations of this socket with it.
            _log.error("an operation over a socket failed: %s", type(error).__name__)
            await self._fail(id_, "Something went wrong on our side.", "INTERNAL")
        finally:
            if self._operations.get(id_) is own:
                del self._operations[id_]

    async def _stream(self, id_: str, payload: Mapping[str, Any], session: Session) -> None:
        name = payload.get("operationName")
        source = await self._endpoint.schema.stream(
            payload["query"],
            variable_values=payload.get("variables") or {},
            context_value=self._endpoint.context(session, self._info),
            operation_name=name if isinstance(name, str) else None,
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
                await self._send({"id": id_, "type": "next", "payload": _payload(result)})
        await self._send({"id": id_, "type": "complete"})

    async def _fail(self, id_: str, message: str, code: str) -> None:
        error = {"message": message, "extensions": {"code": code, "retryable": code == "INTERNAL"}}
        try:
            await self._send({"id": id_, "type": "error", "payload": [error]})
        except WebSocketDisconnect:
            # Nobody is left to be told.
            pass

    async def _await_init(self) -> None:
        await asyncio.sleep(self._endpoint.settings.connection_init_s)
        if not self._is_init_received:
            self._end(HangUp(INIT_TIMEOUT, "Connection initialisation timeout"))

    async def _ping(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._endpoint.settings.ping_every_s)
                await self._send({"type": "ping"})
        except WebSocketDisconnect:
            pass

    async def _await_end(self, session: Session) -> None:
        ends = session.caller.expires_at
        while ends is not None and not self._endpoint.has_ended(session):
            left_s = (ends - self._endpoint.clock.now()).total_seconds()
            # The clock may run faster than the machine's: look again before long.
            await asyncio.sleep(min(max(left_s, 0.01), self._endpoint.settings.ping_every_s))
        self._end(HangUp(FORBIDDEN, "The credential has ended"))

    def _end(self, hang_up: HangUp | None) -> None:
        if not self._ended.is_set():
            self._hang_up = hang_up
            self._ended.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, message: Mapping[str, object]) -> None:
        try:
            await self._websocket.send_text(msgspec.json.encode(message).decode())
        except RuntimeError:
            # Starlette's word for a socket that was closed meanwhile.
            raise WebSocketDisconnect from None


def _payload(result: ExecutionResult) -> dict[str, object]:
    payload: dict[str, object] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload
