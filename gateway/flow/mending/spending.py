"""What a machine has spent on an incident, and what it may still spend. Pure."""

from __future__ import annotations

from doorstep.audit import Actor
from doorstep.incident import Incident, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook

BY_RULES = frozenset({StepAction.RETRY, StepAction.NEXT_QUOTE, StepAction.REDISPATCH, StepAction.RAISE_OFFER})
"""Actions that keep to the merchant's spending rules by themselves, where a playbook has no cap."""

_UNSPENT = frozenset({StepStatus.PENDING, StepStatus.NEEDS_APPROVAL, StepStatus.UNDONE})


def spent_on(incident: Incident, currency: str) -> Money:
    """What machines have spent on it in a currency; what people decided is theirs."""
    costs = (
        step.cost.minor
        for step in incident.steps
        if step.cost is not None
        and step.cost.currency == currency
        and step.by is not Actor.PERSON
        and step.status not in _UNSPENT
    )
    return Money(sum(costs), currency)


def left_of(playbook: Playbook, incident: Incident) -> Money | None:
    """What the cap leaves for a machine, never negative; None where there is no cap."""
    cap = playbook.spend_cap
    if cap is None:
        return None
    left = cap - spent_on(incident, cap.currency)
    return left if left.minor > 0 else Money(0, cap.currency)


def why_not(playbook: Playbook, incident: Incident, action: StepAction, cost: Money | None) -> str:
    """Why a machine may not spend so much, for a dispatcher; empty where it may."""
    if cost is None or cost.minor <= 0:
        return ""
    left = left_of(playbook, incident)
    if left is None:
        return "" if action in BY_RULES else f"It costs {cost}, and the playbook has no cap for that."
    if left.currency != cost.currency:
        return f"It costs {cost}, and the cap is in {left.currency}."
    return f"It costs {cost}, and {left} of {playbook.spend_cap} is left." if cost > left else ""
