"""Answers: the few shapes in which an action says what it would do, has done, or cannot do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from doorstep.incident import StepStatus
from doorstep.money import Money
from gateway.flow.mending.action import Foresight, Outcome


def possible(
    effect: str, *, cost: Money | None = None, new_eta: datetime | None = None, can_undo: bool = False
) -> Foresight:
    """It can be done now."""
    return Foresight(is_possible=True, effect=effect, cost=cost, new_eta=new_eta, can_undo=can_undo)


def impossible(why: str) -> Foresight:
    """It cannot be done now."""
    return Foresight(is_possible=False, effect=why)


def done(
    reason: str, *, cost: Money | None = None, undo: Mapping[str, str] | None = None, is_mended: bool = False
) -> Outcome:
    """It was done."""
    return Outcome(StepStatus.DONE, reason, cost=cost, undo=undo or {}, is_mended=is_mended)


def skipped(why: str) -> Outcome:
    """There was nothing to do."""
    return Outcome(StepStatus.SKIPPED, why)


def failed(why: str) -> Outcome:
    """It was tried in vain, or came too late."""
    return Outcome(StepStatus.FAILED, why)


def undone(reason: str) -> Outcome:
    """It was taken back."""
    return Outcome(StepStatus.UNDONE, reason)


def most(before: Money | None, may_spend: Money | None) -> Money | None:
    """The highest price that costs no more than `may_spend` beside what was to be paid; None for any."""
    if may_spend is None or before is None or before.currency != may_spend.currency:
        return may_spend
    return before + may_spend
