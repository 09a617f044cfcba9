"""uvicorn's WebSocket with a way out that does not wait: see `gateway.api.sharing.outlet`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from gateway.api.sharing.outlet import EXTENSION

_TEXT = b"\x81"
"""The first byte of a whole text message (RFC 6455, 5.2)."""


class DirectSocket(WebSocketsSansIOProtocol):
    """Offers a `DirectOutlet` to the application."""

    outlet: DirectOutlet | None = None

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
    has_room, has_filled
        Called when it is so.
    """

    __slots__ = ("_protocol", "has_filled", "has_room")

    def __init__(self, protocol: DirectSocket) -> None:
        self._protocol = protocol
        self.has_room: Callable[[], None] | None = None
        self.has_filled: Callable[[], None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether the other side reads slower than it is written to."""
        return not self._protocol.writable.is_set()

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call this whenever there is room again."""
        self.has_room = listener

    def on_full(self, listener: Callable[[], None]) -> None:
        """Call this whenever it has become full."""
        self.has_filled = listener

    def send(self, text: bytes) -> None:
        """Write one text message, UTF-8."""
        protocol = self._protocol
        connection = protocol.conn
        if protocol.close_sent or connection.state is not OPEN or protocol.transport.is_closing():
            return
        if connection.extensions:
            # It was agreed to pack messages.
            connection.send_text(text)
            protocol.transport.write(b"".join(connection.data_to_send()))
        else:
            protocol.transport.write(_head(len(text)) + text)

    def abort(self) -> None:
        """End the connection now, with what waits to be sent."""
        self._protocol.transport.abort()

    def close(self) -> None:
        """Call nobody any more."""
        self.has_room = self.has_filled = None


def _head(size: int) -> bytes:
    if size < 126:
        return _TEXT + size.to_bytes(1)
    if size < 65_536:
        return _TEXT + b"\x7e" + size.to_bytes(2)
    return _TEXT + b"\x7f" + size.to_bytes(8)
