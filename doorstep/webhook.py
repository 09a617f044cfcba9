"""Outgoing webhooks: where a merchant's own systems are called, and how each call went.

The wire format is Standard Webhooks (https://www.standardwebhooks.com).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WebhookTopic(StrEnum):
    """What a call tells of; grows, so readers need a default branch."""

    ORDER_RECEIVED = "ORDER_RECEIVED"
    DELIVERY_BOOKED = "DELIVERY_BOOKED"
    DELIVERY_UPDATED = "DELIVERY_UPDATED"
    DELIVERY_COMPLETED = "DELIVERY_COMPLETED"
    DELIVERY_CANCELLED = "DELIVERY_CANCELLED"
    EXCEPTION_RAISED = "EXCEPTION_RAISED"
    EXCEPTION_RESOLVED = "EXCEPTION_RESOLVED"
    ROUTE_PUBLISHED = "ROUTE_PUBLISHED"
    RETURN_UPDATED = "RETURN_UPDATED"
    TEST = "TEST"


WAITS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, counted from the one before: three days and some hours in all."""

SECRET_OVERLAP = timedelta(days=1)
"""After a secret was rotated the one before still signs for so long."""

FAILS_FOR = timedelta(days=3)
"""An endpoint that took nothing for so long, and with it a call through all its attempts, is switched off."""


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An address of a merchant's own that is called; saved whole, archived rather than deleted.

    Attributes
    ----------
    topics
        What it is told of; a test call goes out whatever they are.
    with_personal_data
        Whether names, addresses and numbers of shoppers are in the calls.
    disabled_reason
        Why we switched it off; "" where a person did, or where it is on.
    failing_since
        When the first call went wrong since the last one that went well.
    """

    id: str
    merchant_id: str
    name: str
    url: str
    topics: tuple[WebhookTopic, ...]
    updated_at: datetime
    enabled: bool = True
    with_personal_data: bool = False
    version: int = 1
    disabled_reason: str = ""
    failing_since: datetime | None = None

    def wants(self, topic: WebhookTopic) -> bool:
        """Whether it is told of this."""
        return self.enabled and topic in self.topics


class WebhookCallStatus(StrEnum):
    """Whether an endpoint has taken a call."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    """Given up after the last attempt, or because the endpoint was switched off; replayed by hand."""


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One message for one endpoint, from the moment on that something happened.

    Attributes
    ----------
    message_id
        The same in every attempt, and for every endpoint: receivers know a repeat by it.
    subject_id
        What it is about.
    digest
        Of what it says about its subject: what an endpoint was told last is not told again.
    body
        The exact bytes that are signed, as text.
    due_at
        When it is tried next; None once it is over.
    attempts
        Made since it was queued or replayed.
    """

    id: str
    merchant_id: str
    endpoint_id: str
    message_id: str
    topic: WebhookTopic
    subject_id: str
    digest: str
    body: str
    created_at: datetime
    due_at: datetime | None
    status: WebhookCallStatus = WebhookCallStatus.WAITING
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What an endpoint did with a call.

    Attributes
    ----------
    status
        Of HTTP; None where there was no answer.
    excerpt
        The beginning of the answer's body.
    error
        In words, "" where the call went well.
    """

    status: int | None
    took_ms: int
    excerpt: str = ""
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has it: 2xx and nothing else."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether it wants no more calls."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """A line of the log of an endpoint."""

    id: str
    merchant_id: str
    endpoint_id: str
    call_id: str
    message_id: str
    topic: WebhookTopic
    sent_at: datetime
    answer: WebhookAnswer
    next_try_at: datetime | None = None
