"""What people read of the steps of a playbook."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.incident import StepAction as Do

_LABELS: Mapping[Do, str] = {
    Do.WAIT: "Wait",
    Do.RETRY: "Try again",
    Do.NEXT_QUOTE: "Book the next in line",
    Do.REDISPATCH: "Send another courier",
    Do.REROUTE: "Plan the tours again",
    Do.REPROMISE: "Promise another time",
    Do.RAISE_OFFER: "Offer the courier more",
    Do.NOTIFY_SHOPPER: "Tell the shopper",
    Do.NOTIFY_OPERATOR: "Tell the operators",
    Do.NOTIFY_STORE: "Tell the store",
    Do.PING_DRIVER: "Write to the driver",
    Do.ASK_SHOPPER: "Ask the shopper",
    Do.RESCHEDULE: "Deliver on another day",
    Do.RETURN: "Bring it back",
    Do.REFUND_DRAFT: "Draft a refund",
    Do.CLAIM: "Draft a claim",
    Do.ESCALATE: "Make it more urgent",
}


def label_of(action: Do) -> str:
    """What stands on the button."""
    return _LABELS.get(action, action.replace("_", " ").capitalize())
