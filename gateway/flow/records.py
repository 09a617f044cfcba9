"""What the flow keeps beside the language of the ground floor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doorstep.position import Position
from gateway.flow.motion import StopState, WayState


@dataclass(frozen=True, slots=True)
class DriverState:
    """What a driver's device last said, and what follows from it.

    Attributes
    ----------
    stop_id, at_stop
        The stop that is next or being served, and how the van stands to it.
    at_next
        While it is being served: how the van stands to the one after.
    way
        How the van stands to the way that was planned.
    eta_at
        When the ETAs of the route were last computed.
    rejected
        Fixes ignored so far, by reason.
    """

    driver_id: str
    merchant_id: str
    position: Position
    seen_at: datetime
    stop_id: str = ""
    at_stop: StopState = field(default_factory=StopState)
    at_next: StopState = field(default_factory=StopState)
    way: WayState = field(default_factory=WayState)
    eta_at: datetime | None = None
    rejected: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class InboxRecord:
    """A verified webhook as it lies in the inbox.

    Attributes
    ----------
    source
        The store's or carrier account's id.
    body
        The raw bytes; personal data.
    """

    id: str
    merchant_id: str
    source: str
    kind: str
    topic: str
    external_id: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime
    handled_at: datetime | None = None


class QuarantineStatus(StrEnum):
    """Life of a quarantined message."""

    WAITING = "WAITING"
    REPLAYED = "REPLAYED"
    DISCARDED = "DISCARDED"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An incoming message that could not be understood; nothing else waits for it.

    Attributes
    ----------
    source
        Id of the store or carrier account.
    raw_body
        As received; personal data.
    """

    id: str
    merchant_id: str
    source: str
    topic: str
    external_id: str
    received_at: datetime
    attempts: int
    status: QuarantineStatus
    problem_code: str
    problem_message: str
    problem_path: tuple[str, ...]
    raw_body: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """An idempotency key with the id of what was made under it.

    Attributes
    ----------
    digest
        Of the input, so that reuse with another one is noticed.
    answer
        JSON that the operation can rebuild its answer from.
    """

    operation: str
    key: str
    digest: str
    answer: str
    first_seen_at: datetime
