"""What goes wrong with deliveries: kinds, severities and the life of an incident.

GraphQL calls an incident `DeliveryException`; in code "exception" means Python's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.audit import Actor, Entry
from doorstep.money import Money


class IncidentKind(StrEnum):
    """What is wrong; grows, so readers need a default branch."""

    LATE_RISK = "LATE_RISK"
    ETA_PAST_PROMISE = "ETA_PAST_PROMISE"
    NO_COURIER = "NO_COURIER"
    COURIER_CANCELLED = "COURIER_CANCELLED"
    QUOTE_EXPIRED = "QUOTE_EXPIRED"
    CARRIER_DOWN = "CARRIER_DOWN"
    MISSED_PICKUP = "MISSED_PICKUP"
    MERCHANT_NOT_READY = "MERCHANT_NOT_READY"
    STALLED = "STALLED"
    OFF_ROUTE = "OFF_ROUTE"
    GPS_SILENT = "GPS_SILENT"
    GPS_IMPLAUSIBLE = "GPS_IMPLAUSIBLE"
    ADDRESS_PROBLEM = "ADDRESS_PROBLEM"
    ACCESS_PROBLEM = "ACCESS_PROBLEM"
    RECIPIENT_UNAVAILABLE = "RECIPIENT_UNAVAILABLE"
    SECOND_FAILED_ATTEMPT = "SECOND_FAILED_ATTEMPT"
    REFUSED = "REFUSED"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    ITEM_MISMATCH = "ITEM_MISMATCH"
    DAMAGED = "DAMAGED"
    LOST = "LOST"
    TEMPERATURE = "TEMPERATURE"
    PROOF_MISMATCH = "PROOF_MISMATCH"
    RETURN_OVERDUE = "RETURN_OVERDUE"
    COST_VARIANCE = "COST_VARIANCE"
    WEATHER = "WEATHER"
    CUSTOMS = "CUSTOMS"
    SHOPPER_UNREACHABLE = "SHOPPER_UNREACHABLE"
    OTHER = "OTHER"


class Severity(StrEnum):
    """How soon a person must answer if no machine mends it."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"

    @property
    def response_time(self) -> timedelta:
        """5, 15 and 60 minutes; LOW has no timer and answers with a day."""
        minutes = {Severity.CRITICAL: 5, Severity.HIGH: 15, Severity.MEDIUM: 60, Severity.LOW: 24 * 60}
        return timedelta(minutes=minutes[self])

    @property
    def above(self) -> Severity | None:
        """The next worse one; None for the worst."""
        worst_first = list(Severity)
        place = worst_first.index(self)
        return worst_first[place - 1] if place else None


class IncidentStatus(StrEnum):
    """Where the incident stands; the first three are in the queue."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    WAITING = "WAITING"
    RESOLVED = "RESOLVED"


LIVE_STATUSES = (IncidentStatus.OPEN, IncidentStatus.ACKNOWLEDGED, IncidentStatus.WAITING)


class Resolution(StrEnum):
    """How an incident ended."""

    FIXED = "FIXED"
    FALSE_ALARM = "FALSE_ALARM"
    ACCEPTED_LOSS = "ACCEPTED_LOSS"
    REFUNDED = "REFUNDED"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


class StepAction(StrEnum):
    """What a playbook or a person can do about it."""

    WAIT = "WAIT"
    RETRY = "RETRY"
    NEXT_QUOTE = "NEXT_QUOTE"
    REDISPATCH = "REDISPATCH"
    REROUTE = "REROUTE"
    REPROMISE = "REPROMISE"
    RAISE_OFFER = "RAISE_OFFER"
    NOTIFY_SHOPPER = "NOTIFY_SHOPPER"
    NOTIFY_OPERATOR = "NOTIFY_OPERATOR"
    NOTIFY_STORE = "NOTIFY_STORE"
    PING_DRIVER = "PING_DRIVER"
    ASK_SHOPPER = "ASK_SHOPPER"
    RESCHEDULE = "RESCHEDULE"
    RETURN = "RETURN"
    REFUND_DRAFT = "REFUND_DRAFT"
    CLAIM = "CLAIM"
    ESCALATE = "ESCALATE"
    OTHER = "OTHER"


class StepStatus(StrEnum):
    """How a step went, or why it has not gone yet."""

    PENDING = "PENDING"
    """It will be taken; nothing has been done."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    """There was nothing to do at that moment."""

    UNDONE = "UNDONE"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    """A machine may not; a person may."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was tried, or waits for a person.

    Attributes
    ----------
    at
        When it was begun.
    id
        The same however often it is tried (`step_id`); empty for steps that were kept before they had one.
    cost
        What it has cost beside what had been agreed; None where it cost nothing.
    undo
        What taking it back needs to know; empty where it cannot be taken back.
    place
        Which step of the playbook it is, counted from 0; None for what is no playbook's.
    playbook_id
        Whose step it is; empty for what is no playbook's.
    by
        Who wanted it.
    """

    action: StepAction
    status: StepStatus
    reason: str
    at: datetime
    id: str = ""
    ended_at: datetime | None = None
    cost: Money | None = None
    undo: Mapping[str, str] = field(default_factory=dict)
    place: int | None = None
    playbook_id: str = ""
    by: Actor = Actor.PLAYBOOK

    @property
    def can_undo(self) -> bool:
        """Whether it can be taken back as far as is known; the world may have gone on."""
        return self.status is StepStatus.DONE and bool(self.undo)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs mending; at most one live one for each (subject, kind).

    Attributes
    ----------
    title
        For a person, no personal data.
    evidence
        What is known and how.
    fulfillment_order_id
        What it is about as long as there is no delivery.
    account_id
        The carrier account that it is about, where it is about nothing smaller.
    due_at
        A person answers by then; as much later as something is waited for.
    assignee_id
        The person who has it.
    escalations
        How often it was made worse, by hand or by the timer.
    missed
        The severities at which nobody answered in time, each once.
    waiting_for, waiting_until
        Why nobody has to answer yet, and how long at most; while the status is WAITING.
    about
        Which of the merchant's other things it is about, by its id; empty where it is about the whole shop.
    """

    id: str
    merchant_id: str
    kind: IncidentKind
    severity: Severity
    status: IncidentStatus
    title: str
    evidence: str
    raised_at: datetime
    due_at: datetime
    delivery_id: str | None = None
    fulfillment_order_id: str | None = None
    leg_id: str | None = None
    driver_id: str | None = None
    raw_code: str = ""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: Actor | None = None
    resolution: Resolution | None = None
    steps: tuple[Step, ...] = ()
    history: tuple[Entry, ...] = ()
    version: int = 1
    account_id: str | None = None
    assignee_id: str | None = None
    escalations: int = 0
    missed: tuple[Severity, ...] = ()
    waiting_for: str = ""
    waiting_until: datetime | None = None
    about: str = ""

    @property
    def subject(self) -> str:
        """What it is about, for de-duplication."""
        about = self.delivery_id or self.driver_id or self.fulfillment_order_id or self.account_id
        return about or self.about or self.merchant_id

    @property
    def is_live(self) -> bool:
        """Whether it is in the queue."""
        return self.status in LIVE_STATUSES

    @property
    def needed_person(self) -> bool:
        """Whether a person did something about it, was asked to, or let the time for that pass."""
        acted = {self.resolved_by, *(line.by for line in self.history), *(step.by for step in self.steps)}
        is_asked = any(
            step.status is StepStatus.NEEDS_APPROVAL or step.action is StepAction.ESCALATE
            for step in self.steps
        )
        return Actor.PERSON in acted or is_asked or self.escalations > 0 or bool(self.missed)

    @property
    def next_step_id(self) -> str:
        """The id of the step that is written down next."""
        return step_id(self.id, len(self.steps))


_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def step_id(incident_id: str, number: int) -> str:
    """The id of a step, counted from 0: the incident's own with its last ten bits for the number.

    So that a step alone tells where to look for it: `ids_around` of it hold the incident's. From the
    1,025th step on the number of whole rounds stands behind it.
    """
    rounds = f"-{number >> 10}" if number >> 10 else ""
    return f"pbs_{incident_id[4:-2]}{_DIGITS[number >> 5 & 31]}{_DIGITS[number & 31]}{rounds}"


def ids_around(step_id: str) -> tuple[str, str]:
    """The least and the greatest id that the incident of a step can have."""
    stem = f"exc_{step_id.partition('-')[0][4:-2]}"
    return f"{stem}00", f"{stem}zz"
