"""Answers that do not arrive: the connection is cut, or nobody ever says a word."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

CUT_KEY = "doorstep.cut"
"""ASGI extension with which our web server lets an app close the connection; see `serving`."""


class CutOff(Response):
    """Closes the connection before the answer, or in the middle of it.

    Behind a web server without that extension, headers are sent before the connection closes.
    """

    def __init__(self, good: Response, *, sends_half: bool) -> None:
        super().__init__(good.body, good.status_code, dict(good.headers))
        self._sends_half = sends_half

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Send as much as gets through."""
        cut = scope.get("extensions", {}).get(CUT_KEY, {}).get("cut")
        if self._sends_half or cut is None:
            headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
            headers.append((b"content-length", str(max(2, len(self.body))).encode()))
            await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
            half = bytes(self.body)[: len(self.body) // 2] if self._sends_half else b""
            await send({"type": "http.response.body", "body": half, "more_body": True})
        if cut is not None:
            cut()


class Silence(Response):
    """Says nothing until the caller hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Wait."""
        while (await receive())["type"] != "http.disconnect":
            pass
