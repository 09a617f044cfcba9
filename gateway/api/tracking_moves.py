"""What of a shopper's page a new place changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.api import shopper_view
from gateway.api.sharing.moves import Moved, Moves
from gateway.api.types.enums import PositionHidden, UpdateKind
from gateway.api.types.places import Position


def _hidden(moved: Moved) -> PositionHidden | None:
    return shopper_view.position_hidden(moved.update.tracking.kept, moved.position, moved.now)


def _position(moved: Moved) -> Position | None:
    return None if _hidden(moved) is not None else Position.of(moved.position, moved.now)


def _may_tell(update: Any, now: datetime) -> bool:
    # Whose link has ended is told so, which takes the long way.
    shown = update.tracking
    return shown is not None and (shown.expires_at is None or shown.expires_at > now)


TRACKING_MOVES = Moves(
    holes={
        "TrackingUpdate.cursor": lambda moved: moved.cursor,
        "TrackingUpdate.kind": lambda _: UpdateKind.CHANGE,
        "TrackingUpdate.sentAt": lambda moved: moved.now,
        "Tracking.position": _position,
        "Tracking.positionHidden": _hidden,
    },
    # Places in windows are taken by others.
    never=frozenset({"Tracking.slots"}),
    may_tell=_may_tell,
)
