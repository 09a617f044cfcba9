"""How a carrier's servers feel: a tester makes one slow, failing or away while the world runs."""

from __future__ import annotations

import asyncio
import contextlib
from enum import StrEnum

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLOW_S = 3.0
"""Machine seconds: longer than a quote waits, shorter than a booking does."""


class Mood(StrEnum):
    """What becomes of a call."""

    WELL = "well"
    SLOW = "slow"
    FAILING = "failing"
    AWAY = "away"


class MoodLayer:
    """ASGI layer around a carrier's app.

    SLOW does the work at once and answers `slow_s` later. FAILING answers a proxy's bare 503. AWAY takes
    calls in and answers nobody; what it held gets a 503 when the mood changes. The last two do no work, so
    that nothing is booked of which nobody hears. Couriers who are on their way ride on in any mood.
    """

    def __init__(self, app: ASGIApp, *, slow_s: float = SLOW_S) -> None:
        self._app = app
        self._slow_s = slow_s
        self._mood = Mood.WELL
        self._changed = asyncio.Event()

    @property
    def mood(self) -> Mood:
        """The mood at the moment."""
        return self._mood

    def feel(self, mood: Mood) -> None:
        """Change the mood; whoever was kept waiting is let go."""
        self._mood = mood
        self._changed.set()
        self._changed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the mood is when the call comes."""
        if scope["type"] != "http" or self._mood is Mood.WELL:
            await self._app(scope, receive, send)
        elif self._mood is Mood.SLOW:
            await self._app(scope, receive, self._late(send))
        else:
            if self._mood is Mood.AWAY:
                await self._hold(receive)
            await PlainTextResponse("upstream connect error", 503)(scope, receive, send)

    def _late(self, send: Send) -> Send:
        changed = self._changed

        async def send_late(message: Message) -> None:
            if message["type"] == "http.response.start":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self._slow_s)
            await send(message)

        return send_late

    async def _hold(self, receive: Receive) -> None:
        """Until the mood changes or the caller hangs up."""
        waits = [asyncio.ensure_future(self._changed.wait()), asyncio.ensure_future(_hung_up(receive))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
