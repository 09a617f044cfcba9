"""What goes wrong with a simulated carrier's servers when somebody wants it to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOST_S = 60.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    operation: str


class Mishaps:
    """Outage, slowness and refusals to order. Nothing goes wrong by itself."""

    def __init__(self) -> None:
        self.is_down = False
        self._slow_s = 0.0
        self._hurry = asyncio.Event()
        self._losses: list[str] = []
        self._refusals: list[_Refusal] = []

    def outage(self, on: bool) -> None:
        """Answer everything with a proxy's bare 503."""
        self.is_down = on

    def slow(self, seconds: float) -> None:
        """Do the work at once and answer `seconds` machine seconds later; 0 lets waiting answers go."""
        self._slow_s = seconds
        self._hurry.set()
        self._hurry = asyncio.Event()

    def lose_next_answer(self, path_end: str) -> None:
        """Do what the next POST to a path with this end asks for, and keep the answer back for a minute.

        `slow(0)` lets it go earlier.
        """
        self._losses.append(path_end)

    def refuse_next(self, code: str, operation: str) -> None:
        """Refuse the next call of this operation, once; several calls queue up."""
        self._refusals.append(_Refusal(code, operation))

    def take_refusal(self, operation: str) -> str:
        """The code that the operation at hand is refused with, "" where it may go on."""
        for refusal in self._refusals:
            if refusal.operation == operation:
                self._refusals.remove(refusal)
                return refusal.code
        return ""

    def take_delay(self, method: str, path: str) -> float:
        """Machine seconds that this call's answer is kept back."""
        for path_end in self._losses:
            if method == "POST" and path.endswith(path_end):
                self._losses.remove(path_end)
                return _LOST_S
        return self._slow_s

    async def dawdle(self, seconds: float) -> None:
        """Wait that long, or until things are prompt again."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return


class MishapLayer:
    """ASGI layer that lets the mishaps happen around an app."""

    def __init__(self, app: ASGIApp, mishaps: Mishaps) -> None:
        self._app = app
        self._mishaps = mishaps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the app while it is down, and hold its answers back while it is slow."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._mishaps.is_down:
            await PlainTextResponse("upstream connect error", 503)(scope, receive, send)
            return
        delay_s = self._mishaps.take_delay(scope["method"], scope["path"])

        async def send_late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._mishaps.dawdle(delay_s)
            await send(message)

        await self._app(scope, receive, send_late)
