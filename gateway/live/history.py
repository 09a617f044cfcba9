"""The last messages of each topic, so that a watcher whose line broke misses none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.live.cursor import Place
from gateway.live.message import LiveMessage


@dataclass(slots=True)
class _Ring:
    """Messages of one topic; everything at or before `floor` may be gone."""

    floor: Place
    # A list: most topics are one delivery with a handful of messages, and an empty deque takes 760 bytes.
    entries: list[tuple[Place, LiveMessage]] = field(default_factory=list)


class History:
    """Bounded twice: so many messages of each topic, and so many in all, the quietest topics going first.

    Parameters
    ----------
    per_topic, total
        Numbers of messages; one costs about 700 bytes (measured, CPython 3.13).
    """

    def __init__(self, *, per_topic: int = 256, total: int = 20_000) -> None:
        self._per_topic = per_topic
        self._total = total
        self._count = 0
        self._floor = Place()
        self._rings: OrderedDict[str, _Ring] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def clear(self, floor: Place) -> None:
        """Forget everything; nothing at or before `floor` can be resumed from."""
        self._rings.clear()
        self._count = 0
        self._floor = floor

    def add(self, place: Place, message: LiveMessage) -> None:
        """Keep a message; places only ever grow."""
        ring = self._rings.get(message.topic)
        if ring is None:
            ring = self._rings[message.topic] = _Ring(self._floor)
        else:
            self._rings.move_to_end(message.topic)
        ring.entries.append((place, message))
        self._count += 1
        if len(ring.entries) > self._per_topic:
            ring.floor, _ = ring.entries.pop(0)
            self._count -= 1
        while self._count > self._total:
            self._drop_quietest()

    def after(self, topics: Iterable[str], place: Place) -> list[tuple[Place, LiveMessage]] | None:
        """Messages of these topics after a place, oldest first; None where some of them may be gone."""
        found: list[tuple[Place, LiveMessage]] = []
        for topic in topics:
            ring = self._rings.get(topic)
            if place < (self._floor if ring is None else ring.floor):
                return None
            if ring is not None:
                found += [entry for entry in ring.entries if entry[0] > place]
        return sorted(found, key=lambda entry: entry[0])

    def _drop_quietest(self) -> None:
        _, ring = self._rings.popitem(last=False)
        self._count -= len(ring.entries)
        # Topics without a ring share one floor: the latest place that any forgotten one had.
        self._floor = max(self._floor, ring.floor, ring.entries[-1][0])
