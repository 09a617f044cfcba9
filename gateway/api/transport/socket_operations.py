"""The operations of one socket: Strawberry runs each up to a subscription's snapshot, `sharing` goes on."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any

import msgspec
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.api.context import Context
from gateway.api.ports.session import RequestInfo, Session
from gateway.api.sharing.follower import Follower
from gateway.api.sharing.outlet import Outlet
from gateway.api.sharing.sharing import Sharing
from gateway.api.sharing.told import Asked, payload_of
from gateway.api.transport.endpoint import Endpoint
from gateway.api.transport.hang_up import BAD_REQUEST, ID_TAKEN, HangUp

_LOOK_EVERY = 16
"""What waits is added up once in so many messages that a full socket has no room for."""

_log = logging.getLogger("gateway.api")


class SocketOperations:
    """Runs them; leaves no task behind.

    Parameters
    ----------
    overflowed
        Called when more waits for the socket than may.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        sharing: Sharing,
        outlet: Outlet,
        request: RequestInfo,
        overflowed: Callable[[], None],
    ) -> None:
        self._endpoint = endpoint
        self._sharing = sharing
        self._outlet = outlet
        self._request = request
        self._overflowed = overflowed
        self._running: dict[str, asyncio.Task[None] | Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room: asyncio.Event | None = None
        self._held_count = 0

    async def begin(self, id_: object, payload: object, session: Session) -> None:
        """Run what is asked for.

        Raises
        ------
        HangUp
            If that is nothing one could run, or its name is taken.
        """
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict):
            raise HangUp(BAD_REQUEST, "subscribe needs an id and a payload")
        if not isinstance(payload.get("query"), str) or not isinstance(payload.get("variables"), dict | None):
            raise HangUp(BAD_REQUEST, "payload needs a query, and variables as an object")
        if id_ in self._running:
            raise HangUp(ID_TAKEN, f"Subscriber for {id_} already exists"[:120])
        most = self._endpoint.settings.max_operations_per_socket
        if len(self._running) >= most:
            await self._fail(id_, f"This socket already runs {most} operations.", "TOO_MANY_OPERATIONS")
            return
        self._running[id_] = self.spawn(self._run(id_, payload, session))

    async def complete(self, id_: object) -> None:
        """End one, if there is such."""
        running = self._running.pop(id_, None) if isinstance(id_, str) else None
        if isinstance(running, Follower):
            await running.leave()
        elif running is not None:
            running.cancel()

    async def end_all(self) -> None:
        """End whatever runs."""
        followers = [each for each in self._running.values() if isinstance(each, Follower)]
        self._running.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(each.leave() for each in followers), return_exceptions=True)

    async def send(self, message: Mapping[str, object]) -> None:
        """Write when there is room."""
        await self._has_room_now()
        self._outlet.send(msgspec.json.encode(message))

    def has_room(self) -> None:
        """The socket can be written to again."""
        self._held_count = 0
        if self._room is not None:
            self._room.set()
        for running in self._running.values():
            if isinstance(running, Follower):
                running.wake()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that ends with the socket."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, id_: str, payload: Mapping[str, Any], session: Session) -> None:
        own = asyncio.current_task()
        context = Context(session, self._endpoint.clock, self._request, goes_on=True)
        try:
            await self._stream(id_, payload, context)
        except Exception as error:
            # A fault of ours must not take the other operations of this socket with it.
            _log.error("an operation over a socket failed: %s", type(error).__name__)
            await self._fail(id_, "Something went wrong on our side.", "INTERNAL")
        finally:
            if context.standing is not None:
                await context.standing.stack.aclose()
            if self._running.get(id_) is own:
                del self._running[id_]

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
                if self._endpoint.has_ended(context.session):
                    return
                if not isinstance(result, ExecutionResult):
                    await self._fail(id_, "@defer and @stream are not served here.", "BAD_REQUEST")
                    return
                if isinstance(result, PreExecutionError):
                    errors = [error.formatted for error in result.errors or ()]
                    await self.send({"id": id_, "type": "error", "payload": errors})
                    return
                await self.send({"id": id_, "type": "next", "payload": payload_of(result)})
                context.cost = None
        if context.standing is None:
            await self.send({"id": id_, "type": "complete"})
        elif self._running.get(id_) is asyncio.current_task():
            self._go_on(id_, asked, context)

    def _go_on(self, id_: str, asked: Asked, context: Context) -> None:
        assert context.standing is not None  # noqa: S101 - who calls has looked
        # Nothing of the snapshot was told where it resumed: then the price comes with what is told first.
        extensions = None if context.cost is None else {"cost": context.cost}
        self._running[id_] = Follower(
            self._sharing,
            self._outlet,
            id_,
            asked,
            context.standing,
            first_extensions=extensions,
            ended=self._has_ended,
            held=self._held,
        )
        context.standing = None

    def _has_ended(self, follower: Follower, by_fault: bool) -> None:
        if self._running.get(follower.id_) is follower:
            del self._running[follower.id_]
            if by_fault:
                self._tell_failure(follower.id_, "Something went wrong on our side.", "INTERNAL")
            else:
                self._outlet.send(msgspec.json.encode({"id": follower.id_, "type": "complete"}))
        self.spawn(follower.leave())

    def _held(self) -> None:
        self._held_count += 1
        if self._held_count % _LOOK_EVERY:
            return
        followers = (each for each in self._running.values() if isinstance(each, Follower))
        if sum(each.waiting_bytes for each in followers) > self._endpoint.settings.max_waiting_bytes:
            self._overflowed()

    async def _fail(self, id_: str, message: str, code: str) -> None:
        await self._has_room_now()
        self._tell_failure(id_, message, code)

    def _tell_failure(self, id_: str, message: str, code: str) -> None:
        error = {"message": message, "extensions": {"code": code, "retryable": code == "INTERNAL"}}
        self._outlet.send(msgspec.json.encode({"id": id_, "type": "error", "payload": [error]}))

    async def _has_room_now(self) -> None:
        while self._outlet.is_full:
            self._room = asyncio.Event()
            await self._room.wait()
