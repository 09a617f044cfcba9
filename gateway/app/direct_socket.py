"""uvicorn's WebSocket with a way out that does not wait: see `gateway.api.sharing.outlet`."""

from __future__ import annotations

import socket
from asyncio import BaseTransport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from gateway.api.sharing.outlet import EXTENSION, ROOM_BYTES

UNSENT_OPTION: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
UNSENT_BYTES = 32_768

_TEXT = b"\x81"
"""The first byte of a whole text message (RFC 6455, 5.2)."""


class DirectSocket(WebSocketsSansIOProtocol):
    """Offers a `DirectOutlet` to the application."""

    outlet: DirectOutlet | None = None

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

    def pause_writing(self) -> None:
        """As much waits to be sent as uvicorn allows."""
        super().pause_writing()
        if self.outlet is not None and self.outlet.has_filled is not None:
            self.outlet.has_filled()

    def resume_writing(self) -> None:
        """Most of it was sent."""
        super().resume_writing()
        if self.outlet is not None and self.outlet.has_room is not None:
            self.outlet.has_room()


class DirectOutlet:
    """Writes whole frames to the transport; what the transport holds is bounded by who asks `is_full` first.

    Attributes
    ----------
    frame
        From a text to a frame of the line.
    has_written
        Whether something was sent since somebody put this to False.
    has_room, has_filled
        Called when it is so.
    """

    __slots__ = (
        "_kept",
        "_kept_bytes",
        "_protocol",
        "_writable",
        "frame",
        "has_filled",
        "has_room",
        "has_written",
    )

    def __init__(self, protocol: DirectSocket) -> None:
        self._protocol = protocol
        self._writable = protocol.writable.is_set
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        # The protocol itself makes frames where it was agreed to pack messages.
        self.frame: Callable[[bytes], bytes] = self._packed if protocol.conn.extensions else _frame
        self.has_written = False
        self.has_room: Callable[[], None] | None = None
        self.has_filled: Callable[[], None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether the other side reads slower than it is written to."""
        return self._kept_bytes > ROOM_BYTES or not self._writable()

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call this whenever there is room again."""
        self.has_room = listener

    def on_full(self, listener: Callable[[], None]) -> None:
        """Call this whenever it has become full."""
        self.has_filled = listener

    def put(self, frame: bytes) -> bool:
        """Keep a frame until `flush`."""
        self._kept.append(frame)
        self._kept_bytes += len(frame)
        return len(self._kept) == 1

    def flush(self) -> None:
        """Write what was put: one system call for all of them."""
        kept = self._kept
        if not kept:
            return
        frames = kept[0] if len(kept) == 1 else b"".join(kept)
        had_room = self._kept_bytes <= ROOM_BYTES
        kept.clear()
        self._kept_bytes = 0
        protocol = self._protocol
        if not (protocol.close_sent or protocol.conn.state is not OPEN or protocol.transport.is_closing()):
            self.has_written = True
            protocol.transport.write(frames)
        if not had_room and self._writable() and self.has_room is not None:
            # The transport was never full, so it tells nobody.
            self.has_room()

    def send(self, text: bytes) -> None:
        """Write one text message, UTF-8."""
        self.put(self.frame(text))
        self.flush()

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


def _frame(text: bytes) -> bytes:
    size = len(text)
    if size < 126:
        return _TEXT + size.to_bytes(1) + text
    if size < 65_536:
        return _TEXT + b"\x7e" + size.to_bytes(2) + text
    return _TEXT + b"\x7f" + size.to_bytes(8) + text
