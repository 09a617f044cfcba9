"""How messages and positions are written between processes: JSON arrays, a batch at a time.

A process of another version may write something else: reading raises `ValueError`, and the reader asks its
watchers to take a new snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.live.message import LiveKind, LiveMessage


class _Change(msgspec.Struct, array_like=True, frozen=True):
    topic: str
    entity_id: str
    kind: LiveKind


class _Fix(msgspec.Struct, array_like=True, frozen=True):
    lat: float
    lng: float
    recorded_s: float
    speed_mps: float | None
    heading_deg: float | None
    accuracy_m: float | None
    is_mock: bool


class _Move(msgspec.Struct, array_like=True, frozen=True):
    topic: str
    entity_id: str
    fix: _Fix


_encoder = msgspec.json.Encoder()
_changes = msgspec.json.Decoder(list[_Change])
_moves = msgspec.json.Decoder(list[_Move])
_fix = msgspec.json.Decoder(_Fix)


def write_changes(messages: Iterable[LiveMessage]) -> bytes:
    """One entry of the shared stream."""
    return _encoder.encode([_Change(m.topic, m.entity_id, m.kind) for m in messages])


def read_changes(data: bytes) -> list[LiveMessage]:
    """What `write_changes` wrote; raises `ValueError`."""
    return [LiveMessage("", c.topic, c.entity_id, c.kind) for c in _changes.decode(data)]


def write_moves(messages: Iterable[LiveMessage]) -> bytes:
    """One message of the shared channel; those without a position are left out."""
    moves = [_Move(m.topic, m.entity_id, _to_fix(m.position)) for m in messages if m.position is not None]
    return _encoder.encode(moves)


def read_moves(data: bytes) -> list[LiveMessage]:
    """What `write_moves` wrote; raises `ValueError`."""
    return [
        LiveMessage("", m.topic, m.entity_id, LiveKind.MOVED, _to_position(m.fix))
        for m in _moves.decode(data)
    ]


def write_position(position: Position) -> bytes:
    """One field of the hash of last positions."""
    return _encoder.encode(_to_fix(position))


def read_position(data: bytes) -> Position:
    """What `write_position` wrote; raises `ValueError`."""
    return _to_position(_fix.decode(data))


def _to_fix(position: Position) -> _Fix:
    return _Fix(
        position.location.lat,
        position.location.lng,
        position.recorded_at.timestamp(),
        position.speed_mps,
        position.heading_deg,
        position.accuracy_m,
        position.is_mock,
    )


def _to_position(fix: _Fix) -> Position:
    try:
        recorded_at = datetime.fromtimestamp(fix.recorded_s, UTC)
    except (OverflowError, OSError):
        raise ValueError("the instant of a position lies outside of all calendars") from None
    return Position(
        LatLng(fix.lat, fix.lng),
        recorded_at,
        fix.speed_mps,
        fix.heading_deg,
        fix.accuracy_m,
        fix.is_mock,
    )
