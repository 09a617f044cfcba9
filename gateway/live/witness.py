"""Sees to it that what was committed is told, though whoever committed it is gone."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Sequence

from gateway.live.message import LiveMessage

PATIENCE_S = 2.0
"""What was committed is told within some 50 ms by whoever committed it; after this it will hardly be."""

LATE_S = 0.25

MOST_REMEMBERED = 20_000


class Witness:
    """Hears what was committed (by the database) and what was told (by the shared stream), in either order.

    Parameters
    ----------
    tell
        Called with what was committed and not told in time, and its token.
    patience_s
        After this, and up to half as long again so that not all processes tell the same, it is told here.
    """

    def __init__(
        self, tell: Callable[[Sequence[LiveMessage], str], None], *, patience_s: float = PATIENCE_S
    ) -> None:
        self._tell = tell
        self._patience_s = patience_s
        self._untold: dict[str, asyncio.TimerHandle] = {}
        self._told: OrderedDict[str, None] = OrderedDict()

    @property
    def untold_count(self) -> int:
        """How many were committed and are not told yet."""
        return len(self._untold)

    def committed(self, token: str, messages: Sequence[LiveMessage]) -> None:
        """These messages follow from something that another process committed."""
        if token in self._told:
            del self._told[token]
            return
        self._wait(token, messages)

    def told(self, token: str) -> None:
        """Its messages came."""
        timer = self._untold.pop(token, None)
        if timer is not None:
            timer.cancel()
            return
        self._told[token] = None
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)

    def close(self) -> None:
        """Wait for nothing any more."""
        for timer in self._untold.values():
            timer.cancel()
        self._untold.clear()

    def _wait(self, token: str, messages: Sequence[LiveMessage]) -> None:
        wait_s = self._patience_s * random.uniform(1.0, 1.5)  # noqa: S311 - spreads load, guards nothing
        loop = asyncio.get_running_loop()
        due_s = loop.time() + wait_s
        self._untold[token] = loop.call_at(due_s, self._overdue, token, messages, due_s)

    def _overdue(self, token: str, messages: Sequence[LiveMessage], due_s: float) -> None:
        if asyncio.get_running_loop().time() - due_s > max(LATE_S, self._patience_s / 2):
            # This process is behind, with what it has to read too: it may be among that.
            self._wait(token, messages)
            return
        del self._untold[token]
        self._tell(messages, token)
