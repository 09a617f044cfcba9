"""Answers that do not arrive, or not whole."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SEND_KEY = "simulator.send"
"""Where the web server's own `send` is kept, before Starlette wraps it."""


class Cut(Response):
    """Ends the connection: before a single byte, or after half of a body."""

    def __init__(self, half_of: bytes = b"") -> None:
        super().__init__()
        self._half_of = half_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to be sent, and hang up."""
        if self._half_of:
            length = str(len(self._half_of)).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", length)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            half = self._half_of[: len(self._half_of) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        transport = _transport_of(scope.get(SEND_KEY, send))
        if transport is None:
            return
        transport.close()
        # The web server hears of it in its next round; until then it would answer 500 in our name.
        while (await receive())["type"] != "http.disconnect":
            pass


def _transport_of(send: Any) -> asyncio.Transport | None:
    """The connection under uvicorn's `send`; there is no other way to hang up from within an application."""
    found = getattr(getattr(send, "__self__", None), "transport", None)
    return found if isinstance(found, asyncio.Transport) or hasattr(found, "close") else None
