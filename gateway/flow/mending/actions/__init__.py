"""One file for each thing that a step can do; each calls what the house does already."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.incident import StepAction
from gateway.flow.mending.action import Action
from gateway.flow.mending.actions.ask_shopper import AskShopper
from gateway.flow.mending.actions.claim import Claim
from gateway.flow.mending.actions.escalate import Escalate
from gateway.flow.mending.actions.next_quote import NextQuote
from gateway.flow.mending.actions.notify_operator import NotifyOperator
from gateway.flow.mending.actions.notify_shopper import NotifyShopper
from gateway.flow.mending.actions.notify_store import NotifyStore
from gateway.flow.mending.actions.ping_driver import PingDriver
from gateway.flow.mending.actions.raise_offer import RaiseOffer
from gateway.flow.mending.actions.redispatch import Redispatch
from gateway.flow.mending.actions.refund_draft import RefundDraft
from gateway.flow.mending.actions.repromise import Repromise
from gateway.flow.mending.actions.reroute import Reroute
from gateway.flow.mending.actions.reschedule import Reschedule
from gateway.flow.mending.actions.retry import Retry
from gateway.flow.mending.actions.send_back import SendBack
from gateway.flow.mending.actions.sensible import SENSIBLE
from gateway.flow.mending.actions.wait import Wait

ACTIONS: Mapping[StepAction, Action] = {
    StepAction.WAIT: Wait(),
    StepAction.RETRY: Retry(),
    StepAction.NEXT_QUOTE: NextQuote(),
    StepAction.REDISPATCH: Redispatch(),
    StepAction.REROUTE: Reroute(),
    StepAction.REPROMISE: Repromise(),
    StepAction.RAISE_OFFER: RaiseOffer(),
    StepAction.NOTIFY_SHOPPER: NotifyShopper(),
    StepAction.NOTIFY_OPERATOR: NotifyOperator(),
    StepAction.NOTIFY_STORE: NotifyStore(),
    StepAction.ASK_SHOPPER: AskShopper(),
    StepAction.PING_DRIVER: PingDriver(),
    StepAction.RESCHEDULE: Reschedule(),
    StepAction.RETURN: SendBack(),
    StepAction.REFUND_DRAFT: RefundDraft(),
    StepAction.CLAIM: Claim(),
    StepAction.ESCALATE: Escalate(),
}
"""All that a step can do; OTHER is what no machine knows how to do."""

__all__ = ["ACTIONS", "SENSIBLE"]
