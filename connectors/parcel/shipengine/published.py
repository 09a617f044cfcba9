"""The keys that ShipEngine publishes: fetched beforehand, kept, and never at an address out of a message.

The next key is shown for a while beside the one that signs (seen in public integrations), so that keys of an
hour ago nearly always do; one that they lack is looked for once more.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping

from connectors.parcel.shipengine.client import ShipEngineClient
from connectors.parcel.shipengine.signatures import KEY_ID
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError
from doorstep.json_reading import children, text
from doorstep.secret import Secret

FRESH_FOR_S = 3600.0
KEPT_FOR_S = 24 * 3600.0
"""What could not be fetched anew is believed for so long."""

ASK_AGAIN_AFTER_S = 60.0
"""However many strangers write: ShipEngine hears no more of it."""

_LARGEST = 64 * 1024
_LONGEST_ID = 500


class KeyBook:
    """The JWKS of one host.

    Parameters
    ----------
    seconds
        The machine's; handed in by tests.
    """

    def __init__(self, client: ShipEngineClient, seconds: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._seconds = seconds
        self._keys = Secret("")
        self._ids: frozenset[str] = frozenset()
        self._fetched_s = -math.inf
        self._asked_s = -math.inf
        self._turn = asyncio.Lock()

    async def keys_for(self, headers: Mapping[str, str], budget_s: float) -> Secret | None:
        """The key set for a message with these headers; None for one that is not signed, or without any."""
        key_id = headers.get(KEY_ID, "")
        if not key_id or len(key_id) > _LONGEST_ID:
            return None
        return await self.read(budget_s, key_id=key_id)

    async def read(self, budget_s: float, *, key_id: str = "") -> Secret | None:
        """The key set as it is known, asked for anew where it is old or lacks a key; never raises."""
        deadline = Deadline(budget_s)
        try:
            async with asyncio.timeout(deadline.left_s), self._turn:
                now_s = self._seconds()
                is_old = now_s >= self._fetched_s + FRESH_FOR_S
                lacks_it = bool(key_id) and key_id not in self._ids
                if (is_old or lacks_it) and now_s >= self._asked_s + ASK_AGAIN_AFTER_S:
                    self._asked_s = now_s
                    await self._fetch(deadline)
        except (TimeoutError, RemoteError):
            pass  # what is kept has to do
        is_kept = bool(self._ids) and self._seconds() < self._fetched_s + KEPT_FOR_S
        return self._keys if is_kept else None

    async def _fetch(self, deadline: Deadline) -> None:
        answer = await self._client.published_keys(deadline)
        ids = frozenset(text(key, "kid") for key in children(answer.body, "keys")) - {""}
        if answer.is_yes and ids and len(answer.raw) <= _LARGEST:
            self._keys, self._ids = Secret(answer.raw.decode("utf-8", "replace")), ids
            self._fetched_s = self._seconds()
