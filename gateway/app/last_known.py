"""Last known: who asks at a checkout, from memory where the database does not say it in time."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

QUICK_S, PATIENT_S = 0.15, 1.0
"""For looking somebody up: who is remembered, and who is not."""

BELIEVED_FOR_S = 3600.0
"""How long somebody is let in from memory after they were last found. Machine seconds."""

MOST = 10_000


class LastKnown[Who]:
    """Looks up each time, and remembers whom it found; one for each process.

    Parameters
    ----------
    now_s
        Machine seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._known: OrderedDict[str, tuple[float, Who]] = OrderedDict()

    async def find(self, name: str, load: Callable[[], Awaitable[Who | None]]) -> Who | None:
        """Whom `load` finds, or found last where it fails or takes too long.

        Whoever it does not find is forgotten, so that nobody comes in who may not any more.

        Raises
        ------
        Exception
            What `load` raises, or TimeoutError, where nobody of this name is remembered.
        """
        before = self._remembered(name)
        try:
            async with asyncio.timeout(PATIENT_S if before is None else QUICK_S):
                found = await load()
        except Exception as error:
            if before is None:
                raise
            log.warning("somebody is let in from memory", error=type(error).__name__)
            return before
        self._known.pop(name, None)
        if found is not None:
            self._known[name] = (self._now_s(), found)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return found

    def _remembered(self, name: str) -> Who | None:
        known = self._known.get(name)
        return known[1] if known is not None and self._now_s() - known[0] < BELIEVED_FOR_S else None
