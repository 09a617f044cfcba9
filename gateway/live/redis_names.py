"""What the shared server holds, none of which must not be lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

CHANGES = "doorstep:live:changes"
"""Stream: batches of changes of all merchants, in the field `BATCH`."""

BATCH = b"batch"

TOLD = b"told"
"""Beside a batch: tokens of the commits that are told with it, a blank between two."""

MOVES = "doorstep:live:moves"
"""Channel: batches of positions, where the server knows no sharded channels (before Redis 7)."""

SHARDS = tuple(f"{MOVES}:{number}" for number in range(16))
"""Sharded channels: batches of positions, all of one merchant's through the same one."""

KEPT_ENTRIES = 10_000
"""Roughly so many entries of the stream are kept for processes that were cut off."""


def shard_of(merchant_id: str) -> str:
    """The channel of a merchant's positions."""
    return SHARDS[crc32(merchant_id.encode()) % len(SHARDS)]


def positions_key(merchant_id: str) -> str:
    """Hash: driver id -> last position."""
    return f"doorstep:live:positions:{merchant_id}"


def pauses_s() -> Iterator[float]:
    """Seconds to wait before each further try: doubling from 50 ms to 5 s, give or take a quarter."""
    pause_s = 0.05
    while True:
        # Processes that lost the same server must not all come back at the same moment.
        yield pause_s * random.uniform(0.75, 1.25)  # noqa: S311 -- spreads load, guards nothing
        pause_s = min(5.0, pause_s * 2)


@dataclass(slots=True)
class Reach:
    """What of the shared server is in reach; "" is well, else the type of the last error.

    Attributes
    ----------
    has_shards
        Whether it knows sharded channels, as far as one has found out.
    """

    writing: str = ""
    changes: str = ""
    moves: str = ""
    has_shards: bool = False

    @property
    def problem(self) -> str:
        """The first thing that is wrong, "" if nothing is."""
        return self.writing or self.changes or self.moves
