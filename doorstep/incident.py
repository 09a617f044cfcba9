"""What goes wrong with deliveries: kinds, severities and the life of an incident.

GraphQL calls an incident `DeliveryException`; in code "exception" means Python's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


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


class IncidentStatus(StrEnum):
    """Where the incident stands; the first three are in the queue."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    WAITING = "WAITING"
    RESOLVED = "RESOLVED"


LIVE_STATUSES = (IncidentStatus.OPEN, IncidentStatus.ACKNOWLEDGED, IncidentStatus.WAITING)


class Actor(StrEnum):
    """Who did something."""

    PERSON = "PERSON"
    PLAYBOOK = "PLAYBOOK"
    CARRIER = "CARRIER"
    DRIVER = "DRIVER"
    SHOPPER = "SHOPPER"
    OTHER = "OTHER"


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
    NOTIFY_OPERATOR = "NOTIFY_OPERATOR"
    ASK_SHOPPER = "ASK_SHOPPER"
    RESCHEDULE = "RESCHEDULE"
    RETURN = "RETURN"
    REFUND_DRAFT = "REFUND_DRAFT"
    CLAIM = "CLAIM"
    ESCALATE = "ESCALATE"
    OTHER = "OTHER"


class StepStatus(StrEnum):
    """How a step went."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was tried."""

    action: StepAction
    status: StepStatus
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit trail."""

    at: datetime
    by: Actor
    text: str


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
        A person answers by then; the queue sorts by it.
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

    @property
    def subject(self) -> str:
        """What it is about, for de-duplication."""
        about = self.delivery_id or self.driver_id or self.fulfillment_order_id or self.account_id
        return about or self.merchant_id

    @property
    def is_live(self) -> bool:
        """Whether it is in the queue."""
        return self.status in LIVE_STATUSES
