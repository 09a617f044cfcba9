"""What a shopper may know of a delivery: pure rules, so that nothing leaks by a forgotten field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryEvent, as_it_was
from doorstep.delivery_status import DeliveryStage, DeliveryStatus, stage_of
from doorstep.failed_attempt import AttemptChoice, FailedAttempt
from doorstep.merchant import AttemptRules
from doorstep.position import Position
from doorstep.visibility import (
    Shown,
    TrackingAudience,
    TrackingField,
    VisibilityRule,
    VisibilityRules,
)
from gateway.api.types.enums import PositionHidden, TrackingAction

SILENT_AFTER = timedelta(minutes=5)
"""A place older than this says nothing about now."""

PLACE_DIGITS = 3
"""Decimals of a degree that a destination is rounded to, about 100 m."""

_HEADLINES = {
    DeliveryStage.PREPARING: "Your order is being prepared",
    DeliveryStage.ON_THE_WAY: "Your order is on its way",
    DeliveryStage.NEARBY: "Your order is almost there",
    DeliveryStage.DELIVERED: "Your order was delivered",
    DeliveryStage.NOT_DELIVERED: "Your order will not be delivered",
    DeliveryStage.NEEDS_ATTENTION: "Your delivery needs your attention",
}
_USUAL_WAY = (
    DeliveryStage.PREPARING,
    DeliveryStage.ON_THE_WAY,
    DeliveryStage.NEARBY,
    DeliveryStage.DELIVERED,
)
_ACTIONS = {
    AttemptChoice.TRY_AGAIN: TrackingAction.RESCHEDULE,
    AttemptChoice.SAFE_PLACE: TrackingAction.CHOOSE_SAFE_PLACE,
}


@dataclass(frozen=True, slots=True)
class Milestone:
    """One row of the shopper's timeline, done or to come."""

    stage: DeliveryStage
    text: str
    at: datetime | None
    is_done: bool


def headline(delivery: Delivery) -> str:
    """One sentence; a later version words it in the shopper's language."""
    if delivery.status is DeliveryStatus.READY_FOR_COLLECTION:
        return "Your order is ready for collection"
    if delivery.status is DeliveryStatus.ATTEMPT_FAILED:
        return "Your order could not be handed over"
    return _HEADLINES[delivery.stage]


def timeline(delivery: Delivery, events: Sequence[DeliveryEvent]) -> tuple[Milestone, ...]:
    """The usual way from shop to door; a stage beside it takes the place of what can no longer follow."""
    reached: dict[DeliveryStage, datetime] = {DeliveryStage.PREPARING: delivery.created_at}
    for event in as_it_was(events):
        reached.setdefault(stage_of(event.status), event.occurred_at)
    stage = delivery.stage
    if stage in _USUAL_WAY:
        done = _USUAL_WAY.index(stage)
        return tuple(
            Milestone(step, _HEADLINES[step], reached.get(step) if index <= done else None, index <= done)
            for index, step in enumerate(_USUAL_WAY)
        )
    passed = [step for step in _USUAL_WAY if step in reached and step is not DeliveryStage.DELIVERED]
    rows = [Milestone(step, _HEADLINES[step], reached[step], is_done=True) for step in passed]
    rows.append(Milestone(stage, headline(delivery), reached.get(stage, delivery.updated_at), is_done=True))
    return tuple(rows)


def position_hidden(
    delivery: Delivery, fix: Position | None, rules: VisibilityRules, now: datetime
) -> PositionHidden | None:
    """Why the place is not shown; None where it may be."""
    rule = rules.of(TrackingAudience.SHOPPER, TrackingField.LIVE_PLACE)
    if delivery.is_over:
        return PositionHidden.FINISHED
    if delivery.stage is DeliveryStage.PREPARING:
        return PositionHidden.NOT_STARTED
    if fix is None or rule is None or rule.shown is Shown.NEVER:
        return PositionHidden.NOT_SHARED
    return _held_back(delivery, fix, rule, now)


def _held_back(
    delivery: Delivery, fix: Position, rule: VisibilityRule, now: datetime
) -> PositionHidden | None:
    """Why a place that is known and may be shown at some time is not shown now."""
    if not rule.is_near_by_stops(delivery):
        return PositionHidden.TOO_MANY_STOPS_BEFORE
    if not rule.allows(delivery, now):
        return PositionHidden.TOO_EARLY
    return PositionHidden.SILENT if now - fix.recorded_at > SILENT_AFTER else None


def actions(last_attempt: FailedAttempt | None, rules: AttemptRules) -> tuple[TrackingAction, ...]:
    """What the shopper may do now: what is open after a failed attempt, as far as the merchant lets."""
    if last_attempt is None or not last_attempt.is_open:
        return ()
    open_now = [choice for choice in last_attempt.choices if choice in rules.shopper_may]
    return tuple(_ACTIONS[choice] for choice in open_now if choice in _ACTIONS)
