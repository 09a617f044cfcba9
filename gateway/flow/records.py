"""What the flow keeps beside the language of the ground floor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doorstep.geo import LatLng
from doorstep.position import Position
from doorstep.privacy import PrivacyKind
from gateway.flow.tracking.along import Along
from gateway.flow.tracking.motion import StopState, WayState


@dataclass(frozen=True, slots=True)
class Warmth:
    """What a van's thermometer said, degrees Celsius."""

    at: datetime
    celsius: float


@dataclass(frozen=True, slots=True)
class VanWatch:
    """What is remembered from one look at a van to the next.

    Attributes
    ----------
    place, since
        It has not been farther from here than a little since then, by its device's clock.
    faults, faults_since
        How many fixes had been ignored as faked or jumping when counting began anew, and when that was.
    warmth
        Readings of the last hour, oldest first.
    """

    place: LatLng
    since: datetime
    faults: int
    faults_since: datetime
    warmth: tuple[Warmth, ...] = ()


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
    along
        Where on that way it is; None where there is no way.
    read_to
        Up to when its fixes were looked at; None means up to `position`, which may be a newer one.
    rejected
        Fixes that moved nothing so far, by `FixFault`.
    watch
        What the last look at the van remembers.
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
    along: Along | None = None
    read_to: datetime | None = None
    rejected: dict[str, int] | None = None
    watch: VanWatch | None = None


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


@dataclass(frozen=True, slots=True)
class StoreSync:
    """How far a store has been read, and how it answers.

    Attributes
    ----------
    orders_until, parts_until
        The store's own time: every change of orders, and of their parts, up to here is kept. None before the
        first walk.
    history_until
        The largest time of change that a first reading which broke off had kept.
    history_read_at, rescanned_at, counted_at
        Our time of the last whole reading, of the last nightly second look and of the last count.
    answered_at
        Our time when the store last answered as it should.
    away_since, tried_at
        When it stopped, and when it was last tried since; None while it answers.
    claimed_until
        Until then somebody is walking through it.
    turn
        Grows with each claim: who has an older one has lost it.
    wants_full
        The next walk reads everything anew.
    problem_code, problem_text
        What it said or did instead, in words a merchant understands; "" while it answers.
    """

    store_id: str
    merchant_id: str
    orders_until: datetime | None = None
    parts_until: datetime | None = None
    history_until: datetime | None = None
    history_read_at: datetime | None = None
    rescanned_at: datetime | None = None
    counted_at: datetime | None = None
    answered_at: datetime | None = None
    away_since: datetime | None = None
    tried_at: datetime | None = None
    claimed_until: datetime | None = None
    turn: int = 0
    wants_full: bool = False
    problem_code: str = ""
    problem_text: str = ""


class ReportStatus(StrEnum):
    """Whether a store shows what it should of one fulfillment order."""

    DUE = "DUE"
    DONE = "DONE"
    REFUSED = "REFUSED"
    """The store will not take it; it is told again when there is something else to tell, when the order
    changes there, and now and then for some days.
    """


@dataclass(frozen=True, slots=True)
class ReportState:
    """What a store was told of the delivery of one fulfillment order.

    Attributes
    ----------
    unit_id
        The fulfillment order.
    due_at
        When it is told next by itself; None where it is not.
    told
        The connector's own notes; see `StoreConnector.report`.
    digest
        Of the last report that the store took or refused.
    carried
        What the delivery carried when the store first heard of it, as (line, pieces): what the store itself
        has left to ship shrinks by that.
    in_doubt
        A call began whose end nobody has written down.
    claimed_until
        Until then somebody is telling it.
    turn
        How often somebody began to tell it: whoever finds another turn than its own was taken over from.
    asked_again
        Somebody wanted it told while somebody else was at it.
    refused_since, refused_at
        When the store first refused what it refuses, and when it last did.
    """

    unit_id: str
    merchant_id: str
    store_id: str
    status: ReportStatus
    due_at: datetime | None
    attempts: int = 0
    told: str = ""
    digest: str = ""
    carried: tuple[tuple[str, int], ...] = ()
    in_doubt: bool = False
    claimed_until: datetime | None = None
    turn: int = 0
    asked_again: bool = False
    refused_since: datetime | None = None
    refused_at: datetime | None = None
    reported_at: datetime | None = None
    problem_code: str = ""
    problem_text: str = ""


class PrivacyStatus(StrEnum):
    """Whether a request about somebody's data was met."""

    WAITING = "WAITING"
    """A person has to answer it: the merchant gives the shopper what was asked for."""
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """Somebody asked for their data, or that it is forgotten. Holds none of it: ids alone.

    Attributes
    ----------
    order_ids
        Ours, that it is about; of a whole store those that could not be erased yet.
    received_at
        Of a whole store: it is about what was kept by then.
    due_at
        Shopify gives 30 days.
    orders_after, orders_until
        Of a whole store: its orders behind the one and up to the other have not been looked at; "" at the
        end once all have.
    """

    id: str
    merchant_id: str
    store_id: str
    kind: PrivacyKind
    external_id: str
    order_ids: tuple[str, ...]
    status: PrivacyStatus
    received_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    orders_after: str = ""
    orders_until: str = ""
