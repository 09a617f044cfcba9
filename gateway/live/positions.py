"""Where each driver was seen last: the snapshot that a map begins with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from doorstep.clock import Clock
from doorstep.position import Position
from gateway.live.message import LiveKind, LiveMessage, is_drivers, merchant_of

KEPT_FOR = timedelta(hours=12)
"""A driver who was not seen for a shift is on no map."""


class LastPositions(Protocol):
    """Last positions by merchant and driver; newer wins by `recorded_at`."""

    async def put(self, merchant_id: str, driver_id: str, position: Position) -> None:
        """Keep a driver's position. `Live.publish` of a move on `drivers` does so by itself."""
        ...

    async def all(self, merchant_id: str) -> dict[str, Position]:
        """Driver id -> last position, of those seen within `KEPT_FOR`."""
        ...

    async def forget(self, merchant_id: str, driver_id: str) -> None:
        """Take a driver off the map: the shift is over."""
        ...


class ProcessPositions:
    """Last positions as far as this process knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_merchant: dict[str, dict[str, Position]] = {}

    async def put(self, merchant_id: str, driver_id: str, position: Position) -> None:
        """Keep a position unless a newer one is known."""
        self.note(merchant_id, driver_id, position)

    async def all(self, merchant_id: str) -> dict[str, Position]:
        """Driver id -> last position, of those seen within `KEPT_FOR`; the others are forgotten."""
        known = keep_recent(self._by_merchant.get(merchant_id, {}), self._clock)
        if known:
            self._by_merchant[merchant_id] = known
        else:
            self._by_merchant.pop(merchant_id, None)
        return dict(known)

    async def forget(self, merchant_id: str, driver_id: str) -> None:
        """Take a driver off the map."""
        self._by_merchant.get(merchant_id, {}).pop(driver_id, None)

    def note(self, merchant_id: str, driver_id: str, position: Position) -> None:
        """`put` without the ceremony."""
        known = self._by_merchant.setdefault(merchant_id, {})
        old = known.get(driver_id)
        if old is None or old.recorded_at <= position.recorded_at:
            known[driver_id] = position

    def note_moves(self, messages: Iterable[LiveMessage]) -> None:
        """Keep the positions of all drivers among these messages."""
        for message in messages:
            if is_driver_move(message) and message.position is not None:
                self.note(merchant_of(message.topic), message.entity_id, message.position)


def is_driver_move(message: LiveMessage) -> bool:
    """Whether this moves a driver, rather than the courier of one delivery."""
    return message.kind is LiveKind.MOVED and is_drivers(message.topic)


def keep_recent(positions: dict[str, Position], clock: Clock) -> dict[str, Position]:
    """Those seen within `KEPT_FOR`."""
    oldest = clock.now() - KEPT_FOR
    return {driver: position for driver, position in positions.items() if position.recorded_at >= oldest}
