"""The way out of a socket: takes messages without waiting, and says when it has no room.

ASGI hides how much waits to be sent. A server of ours offers its own way out in the scope (`EXTENSION`); any
other is written to by a task that lives only while something waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

EXTENSION = "doorstep.outlet"
"""Key in `scope["extensions"]`; its value is {"outlet": an `Outlet`}."""

ROOM_BYTES = 65_536


class Outlet(Protocol):
    """One socket's.

    Attributes
    ----------
    has_written
        Whether something was sent since somebody put this to False.
    """

    has_written: bool

    @property
    def is_full(self) -> bool:
        """Whether the other side reads slower than it is written to: what is not yet sent waits elsewhere."""
        ...

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call this whenever there is room again."""
        ...

    def on_full(self, listener: Callable[[], None]) -> None:
        """Call this whenever it has become full."""
        ...

    @property
    def frame(self) -> Callable[[bytes], bytes]:
        """From a text message, UTF-8, to the bytes of the line, which sockets with the same one may share."""
        ...

    def put(self, frame: bytes) -> bool:
        """Take bytes that `frame` made, full or not; True where they are the first since `flush`.

        Nothing happens on a socket that has ended.
        """
        ...

    def flush(self) -> None:
        """Write what was put, all in one."""
        ...

    def send(self, text: bytes) -> None:
        """Write one text message, UTF-8, behind what was put; full or not."""
        ...

    def abort(self) -> None:
        """End the connection now, with what waits to be sent."""
        ...

    def close(self) -> None:
        """Send nothing more."""
        ...


class AsgiOutlet:
    """Over any ASGI server."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._has_room: Callable[[], None] | None = None
        self._is_filled: Callable[[], None] | None = None
        self._is_closed = False
        self.has_written = False

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more should be made."""
        return self._waiting_bytes > ROOM_BYTES

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call this whenever there is room again."""
        self._has_room = listener

    def on_full(self, listener: Callable[[], None]) -> None:
        """Call this whenever it has become full."""
        self._is_filled = listener

    @property
    def frame(self) -> Callable[[bytes], bytes]:
        """The server makes frames itself."""
        return _as_it_is

    def put(self, frame: bytes) -> bool:
        """The same as `send`: each goes to the server by itself."""
        self.send(frame)
        return False

    def flush(self) -> None:
        """Nothing was kept back."""

    def send(self, text: bytes) -> None:
        """Put a message in line."""
        if self._is_closed:
            return
        self.has_written = True
        was_full = self.is_full
        self._waiting.append(text)
        self._waiting_bytes += len(text)
        if self._task is None:
            self._task = asyncio.create_task(self._pump())
        if not was_full and self.is_full and self._is_filled is not None:
            self._is_filled()

    def abort(self) -> None:
        """ASGI cannot: the server ends it when its own pings are not answered."""
        self.close()

    def close(self) -> None:
        """Send nothing more."""
        self._is_closed = True
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def drained(self) -> None:
        """Wait until what was put in line is written."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _pump(self) -> None:
        try:
            while self._waiting:
                text = self._waiting.popleft()
                await self._websocket.send_text(text.decode())
                was_full = self.is_full
                self._waiting_bytes -= len(text)
                if was_full and not self.is_full and self._has_room is not None:
                    self._has_room()
        except (RuntimeError, WebSocketDisconnect):
            # The socket was closed meanwhile; whoever reads from it is told.
            self._is_closed = True
        finally:
            self._task = None


def outlet_of(websocket: WebSocket) -> Outlet:
    """The server's own where it has one."""
    offered = websocket.scope.get("extensions", {}).get(EXTENSION)
    return AsgiOutlet(websocket) if offered is None else offered["outlet"]


def _as_it_is(text: bytes) -> bytes:
    return text
