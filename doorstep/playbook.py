"""Playbooks: what a machine does about an incident of a kind, step by step, and what it may spend on that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.errors import Issue
from doorstep.incident import IncidentKind, StepAction
from doorstep.money import Money

LONGEST_NAME = 100
LONGEST_TEMPLATE = 500
MOST_STEPS = 20
LONGEST_AFTER_S = 14 * 86_400

TELLING = frozenset(
    {
        StepAction.NOTIFY_SHOPPER,
        StepAction.NOTIFY_OPERATOR,
        StepAction.NOTIFY_STORE,
        StepAction.ASK_SHOPPER,
        StepAction.PING_DRIVER,
        StepAction.REPROMISE,
    }
)
"""Actions that use words, which a template may name."""


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """One step to take.

    Attributes
    ----------
    after_s
        Not before the incident has stood for so long, seconds.
    needs_approval
        A machine proposes it and a person takes it.
    template
        The words to use, for steps that tell somebody; None for the usual ones.
    """

    action: StepAction
    after_s: int = 0
    needs_approval: bool = False
    template: str | None = None

    @property
    def after(self) -> timedelta:
        """`after_s` as a span."""
        return timedelta(seconds=self.after_s)


@dataclass(frozen=True, slots=True)
class Playbook:
    """Steps for incidents of some kinds; a merchant has at most one for each kind.

    It is built as it was written, so that a draft can be shown with everything that is wrong with it:
    `faults_of` says that.

    Attributes
    ----------
    steps
        In the order in which they are taken; none leaves everything to people.
    spend_cap
        What a machine may spend on one incident beside what was agreed before it; None leaves that to the
        merchant's spending rules, and what they say nothing of must not cost anything.
    enabled
        False takes no step: people mend these.
    version
        0 for what Doorstep does where a merchant has said nothing.
    """

    id: str
    merchant_id: str
    name: str
    kinds: tuple[IncidentKind, ...]
    steps: tuple[StepTemplate, ...]
    updated_at: datetime
    spend_cap: Money | None = None
    enabled: bool = True
    version: int = 1

    @property
    def is_standard(self) -> bool:
        """Whether it comes with Doorstep."""
        return self.version == 0

    def names(self, action: StepAction) -> bool:
        """Whether a machine may take such a step by itself."""
        return self.enabled and any(one.action is action and not one.needs_approval for one in self.steps)


@dataclass(frozen=True, slots=True)
class WantedStep:
    """A step of a playbook, as it is counted whether an incident of a kind has had it.

    Attributes
    ----------
    times
        How many steps with this action there are up to this one: so often it must have been taken.
    """

    kind: IncidentKind
    action: StepAction
    times: int
    after_s: int


def faults_of(playbook: Playbook, currency: str) -> Iterator[Issue]:
    """Everything that is wrong with it, by field in the words of the API.

    Parameters
    ----------
    currency
        Of the merchant; the cap must be in it.
    """
    if not 0 < len(playbook.name.strip()) <= LONGEST_NAME:
        yield Issue(("name",), f"name must have 1 to {LONGEST_NAME} letters.")
    if not playbook.kinds:
        yield Issue(("kinds",), "kinds must name at least one kind of exception.")
    if len(set(playbook.kinds)) < len(playbook.kinds):
        yield Issue(("kinds",), "kinds names one of them twice.")
    cap = playbook.spend_cap
    if cap is not None and cap.currency != currency:
        yield Issue(("spendCap", "currencyCode"), f"spendCap must be in {currency}.", "UNSUPPORTED_CURRENCY")
    if cap is not None and cap.minor < 0:
        yield Issue(("spendCap", "amount"), "spendCap must not be negative.")
    if len(playbook.steps) > MOST_STEPS:
        yield Issue(("steps",), f"steps takes at most {MOST_STEPS}.", "TOO_MANY")
    before_s = 0
    for place, step in enumerate(playbook.steps):
        for issue in _faults_of_step(step, before_s):
            yield Issue(("steps", str(place), *issue.path), issue.message, issue.code)
        before_s = max(before_s, step.after_s)


def _faults_of_step(step: StepTemplate, before_s: int) -> Iterator[Issue]:
    if step.action is StepAction.OTHER:
        yield Issue(("action",), "action must be something that a machine knows how to do.")
    if not 0 <= step.after_s <= LONGEST_AFTER_S:
        yield Issue(("afterSeconds",), f"afterSeconds must be 0 to {LONGEST_AFTER_S}, got {step.after_s}.")
    elif step.after_s < before_s:
        text = (
            f"afterSeconds counts from when the exception was raised, and the step before waits {before_s}."
        )
        yield Issue(("afterSeconds",), text)
    if step.template is None:
        return
    if step.action not in TELLING:
        yield Issue(("template",), f"template has no meaning for {step.action}: it tells nobody.")
    elif not 0 < len(step.template.strip()) <= LONGEST_TEMPLATE:
        yield Issue(("template",), f"template must have 1 to {LONGEST_TEMPLATE} letters.")
