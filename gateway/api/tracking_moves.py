"""What of a delivery a new place changes, for its shopper and for the merchant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from doorstep.delivery import Delivery
from doorstep.geo import LatLng
from doorstep.position import Position
from doorstep.visibility import TrackingAudience, TrackingField, VisibilityRules
from gateway.api import shopper_view
from gateway.api.scalars import instant_text
from gateway.api.sharing.moves import Leaves, Mask, Moved, Moves, Write
from gateway.api.types.enums import PositionHidden, UpdateKind
from gateway.api.types.places import age_s, whole

_encode = msgspec.json.Encoder().encode

_SOMEWHERE = LatLng(0.0, 0.0)


def _place(fix: Position, now: datetime) -> tuple[object, ...]:
    at = fix.location
    return (
        at.lat,
        at.lng,
        instant_text(fix.recorded_at),
        age_s(fix, now),
        whole(fix.heading_deg),
        fix.speed_mps,
        whole(fix.accuracy_m),
        False,
    )


_LEAVES = Leaves(
    _place,
    {
        "LatLng.latitude": 0,
        "LatLng.longitude": 1,
        "Position.recordedAt": 2,
        "Position.ageSeconds": 3,
        "Position.headingDegrees": 4,
        "Position.speedMetersPerSecond": 5,
        "Position.accuracyMeters": 6,
        # What is told as it comes was heard.
        "Position.isPredicted": 7,
    },
)


def _head(update: str) -> dict[str, Write]:
    return {
        f"{update}.cursor": lambda moved: _encode(moved.cursor),
        f"{update}.sentAt": lambda moved: moved.told_at,
    }


def _hidden(moved: Moved) -> bytes:
    return b"null" if moved.hidden is None else _encode(moved.hidden.name)


def _shown(moved: Moved) -> Position | None:
    return moved.position if moved.hidden is None else None


def _may_tell(update: Any, now: datetime) -> bool:
    # Whose link has ended is told so, which takes the long way.
    shown = update.tracking
    return shown is not None and (shown.expires_at is None or shown.expires_at > now)


def _mask(update: Any, now: datetime) -> Mask:
    return mask_of(update.tracking.kept, update.tracking.rules, now)


def mask_of(kept: Delivery, rules: VisibilityRules, now: datetime) -> Mask:
    """What hides the places to come of a delivery from its shopper, until the delivery changes.

    With a rule that goes by the minutes until the arrival that is asked each time, else once: of a place only
    its age counts then.
    """
    rule = rules.of(TrackingAudience.SHOPPER, TrackingField.LIVE_PLACE)
    if rule is not None and rule.minutes_before is not None:
        return lambda fix, now: shopper_view.position_hidden(kept, fix, rules, now)
    always = shopper_view.position_hidden(kept, Position(_SOMEWHERE, now), rules, now)
    return _if_silent if always is None else lambda _fix, _now: always


def _if_silent(fix: Position, now: datetime) -> PositionHidden | None:
    return PositionHidden.SILENT if now - fix.recorded_at > shopper_view.SILENT_AFTER else None


def _goes_by_time(update: Any) -> bool:
    return any(rule.minutes_before is not None for rule in update.tracking.rules.rules)


TRACKING_MOVES = Moves(
    constants={"TrackingUpdate.kind": UpdateKind.CHANGE.name},
    heads={**_head("TrackingUpdate"), "Tracking.positionHidden": _hidden},
    holes={"Tracking.position": _shown},
    leaves=_LEAVES,
    # Places in windows are taken by others.
    never=frozenset({"Tracking.slots"}),
    may_tell=_may_tell,
    mask=_mask,
    goes_by_time=_goes_by_time,
)

DELIVERY_MOVES = Moves(
    constants={"DeliveryUpdate.kind": UpdateKind.CHANGE.name},
    heads=_head("DeliveryUpdate"),
    holes={},
    leaves=_LEAVES,
    # These move with the place, or with the van's state and tour.
    never=frozenset({"Delivery.tracking", "Delivery.driver", "Delivery.stop", "Leg.position"}),
    may_tell=lambda update, _: update.delivery is not None,
    mask=lambda _update, _now: lambda _fix, _at: None,
    goes_by_time=lambda _: False,
)
