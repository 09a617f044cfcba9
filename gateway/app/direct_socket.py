"""uvicorn's WebSocket with a way out that does not wait: see `gateway.api.sharing.outlet`."""

from __future__ import annotations

import array
import socket
import sys
from asyncio import BaseTransport, Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from gateway.api.sharing.outlet import EXTENSION, ROOM_BYTES

if sys.platform == "linux":
    import fcntl
    import termios

UNSENT_OPTION: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
UNSENT_BYTES = 32_768

ASKED_EVERY = 3
"""Keep-alives of which one asks the other side, however well it acknowledges."""

_TEXT = b"\x81"
"""The first byte of a whole text message (RFC 6455, 5.2)."""


class DirectSocket(WebSocketsSansIOProtocol):
    """Offers a `DirectOutlet` to the application."""

    outlet: DirectOutlet | None = None
    unasked = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Have the kernel keep little that is not sent yet: what nobody reads waits where it is counted."""
        super().connection_made(transport)
        line = transport.get_extra_info("socket")
        if UNSENT_OPTION is not None and line is not None and line.family != socket.AF_UNIX:
            line.setsockopt(socket.IPPROTO_TCP, UNSENT_OPTION, UNSENT_BYTES)

    async def run_asgi(self) -> None:
        """Run the application, with the way out in its scope."""
        self.outlet = DirectOutlet(self)
        scope: Any = self.scope
        scope["extensions"][EXTENSION] = {"outlet": self.outlet}
        try:
            await super().run_asgi()
        finally:
            self.outlet.close()
            self.outlet = None

    def send_keepalive_ping(self) -> None:
        """Ask whether somebody is there, unless what was written since has been acknowledged.

        A question and its answer cost as much as three live messages. Only the next machine acknowledges,
        which may be a proxy of one who is gone: so the other side itself is asked now and then.
        """
        outlet, self.unasked = self.outlet, self.unasked + 1
        if outlet is None or self.unasked >= ASKED_EVERY or not outlet.has_been_heard():
            self.unasked = 0
            super().send_keepalive_ping()
        else:
            self.schedule_ping()

    def pause_writing(self) -> None:
        """As much waits to be sent as uvicorn allows."""
        super().pause_writing()
        if self.outlet is not None:
            self.outlet.is_paused = True
            if self.outlet.has_filled is not None:
                self.outlet.has_filled()

    def resume_writing(self) -> None:
        """Most of it was sent."""
        super().resume_writing()
        if self.outlet is not None:
            self.outlet.is_paused = False
            if self.outlet.has_room is not None:
                self.outlet.has_room()


class DirectOutlet:
    """Writes whole frames to the transport; what the transport holds is bounded by who asks `is_full` first.

    Attributes
    ----------
    frame
        From a text to a frame of the line.
    has_written
        Whether something was sent since somebody put this to False.
    has_spoken
        The same, for `has_been_heard`.
    is_paused
        Whether the transport holds as much as it may.
    has_room, has_filled
        Called when it is so.
    """

    __slots__ = (
        "_kept",
        "_protocol",
        "frame",
        "has_filled",
        "has_room",
        "has_spoken",
        "has_written",
        "is_paused",
    )

    def __init__(self, protocol: DirectSocket) -> None:
        self._protocol = protocol
        self._kept = b""
        # The protocol itself makes frames where it was agreed to pack messages.
        self.frame: Callable[[bytes], bytes] = self._packed if protocol.conn.extensions else _frame
        self.has_written = self.has_spoken = self.is_paused = False
        self.has_room: Callable[[], None] | None = None
        self.has_filled: Callable[[], None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether the other side reads slower than it is written to."""
        return self.is_paused or len(self._kept) > ROOM_BYTES

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call this whenever there is room again."""
        self.has_room = listener

    def on_full(self, listener: Callable[[], None]) -> None:
        """Call this whenever it has become full."""
        self.has_filled = listener

    def put(self, frame: bytes) -> bool:
        """Keep a frame until `flush`."""
        if self._kept:
            self._kept += frame
            return False
        self._kept = frame
        return True

    def flush(self) -> None:
        """Write what was put: one system call for all of them."""
        frames, protocol = self._kept, self._protocol
        if not frames:
            return
        self._kept = b""
        if not protocol.close_sent and protocol.conn.state is OPEN and not protocol.transport.is_closing():
            self.has_written = self.has_spoken = True
            protocol.transport.write(frames)
        if len(frames) > ROOM_BYTES and not self.is_paused and self.has_room is not None:
            # The transport was never full, so it tells nobody.
            self.has_room()

    def send(self, text: bytes) -> None:
        """Write one text message, UTF-8."""
        self.put(self.frame(text))
        self.flush()

    def has_been_heard(self) -> bool:
        """Whether something was sent since this was asked last, and all of it has been acknowledged."""
        has_spoken, self.has_spoken = self.has_spoken, False
        transport = self._protocol.transport
        if not has_spoken or transport.is_closing() or transport.get_write_buffer_size():
            return False
        return not _unacknowledged_bytes(transport)

    def abort(self) -> None:
        """End the connection now, with what waits to be sent."""
        self._protocol.transport.abort()

    def close(self) -> None:
        """Call nobody any more."""
        self.has_room = self.has_filled = None

    def _packed(self, text: bytes) -> bytes:
        connection = self._protocol.conn
        if connection.state is not OPEN:
            return b""
        connection.send_text(text)
        return b"".join(connection.data_to_send())


def _unacknowledged_bytes(transport: Transport) -> int:
    line, size = transport.get_extra_info("socket"), array.array("i", [1])
    # Elsewhere nobody can say: as good as some.
    if line is not None and sys.platform == "linux":
        fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, size)
    return size[0]


def _frame(text: bytes) -> bytes:
    size = len(text)
    if size < 126:
        return _TEXT + size.to_bytes(1) + text
    if size < 65_536:
        return _TEXT + b"\x7e" + size.to_bytes(2) + text
    return _TEXT + b"\x7f" + size.to_bytes(8) + text
