"""Attempts to hand goods over that failed, and what can be done about each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.audit import Actor
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.window import Window


class AttemptFailure(StrEnum):
    """Why nobody took the goods in."""

    NOT_HOME = "NOT_HOME"
    REFUSED = "REFUSED"
    ADDRESS_NOT_FOUND = "ADDRESS_NOT_FOUND"
    NO_ACCESS = "NO_ACCESS"
    DAMAGED = "DAMAGED"
    MISSING_ITEM = "MISSING_ITEM"
    AGE_CHECK_FAILED = "AGE_CHECK_FAILED"
    ID_CHECK_FAILED = "ID_CHECK_FAILED"
    PIN_FAILED = "PIN_FAILED"
    CLOSED = "CLOSED"
    UNSAFE = "UNSAFE"
    OUT_OF_TIME = "OUT_OF_TIME"
    OTHER = "OTHER"


INCIDENT_OF: dict[AttemptFailure, IncidentKind] = {
    AttemptFailure.NOT_HOME: IncidentKind.RECIPIENT_UNAVAILABLE,
    AttemptFailure.CLOSED: IncidentKind.RECIPIENT_UNAVAILABLE,
    AttemptFailure.REFUSED: IncidentKind.REFUSED,
    AttemptFailure.ADDRESS_NOT_FOUND: IncidentKind.ADDRESS_PROBLEM,
    AttemptFailure.NO_ACCESS: IncidentKind.ACCESS_PROBLEM,
    AttemptFailure.UNSAFE: IncidentKind.ACCESS_PROBLEM,
    AttemptFailure.DAMAGED: IncidentKind.DAMAGED,
    AttemptFailure.MISSING_ITEM: IncidentKind.ITEM_MISMATCH,
    AttemptFailure.AGE_CHECK_FAILED: IncidentKind.VERIFICATION_FAILED,
    AttemptFailure.ID_CHECK_FAILED: IncidentKind.VERIFICATION_FAILED,
    AttemptFailure.PIN_FAILED: IncidentKind.VERIFICATION_FAILED,
    AttemptFailure.OUT_OF_TIME: IncidentKind.OTHER,
    AttemptFailure.OTHER: IncidentKind.OTHER,
}
"""What is raised of a failure."""

FAILURE_OF: dict[IncidentKind, AttemptFailure] = {
    IncidentKind.RECIPIENT_UNAVAILABLE: AttemptFailure.NOT_HOME,
    IncidentKind.REFUSED: AttemptFailure.REFUSED,
    IncidentKind.ADDRESS_PROBLEM: AttemptFailure.ADDRESS_NOT_FOUND,
    IncidentKind.ACCESS_PROBLEM: AttemptFailure.NO_ACCESS,
    IncidentKind.DAMAGED: AttemptFailure.DAMAGED,
    IncidentKind.ITEM_MISMATCH: AttemptFailure.MISSING_ITEM,
    IncidentKind.VERIFICATION_FAILED: AttemptFailure.ID_CHECK_FAILED,
    IncidentKind.OTHER: AttemptFailure.OTHER,
}
"""What a carrier's trouble at the door says of the attempt; kinds that are not named here say nothing."""


class AttemptChoice(StrEnum):
    """What can be done after an attempt failed."""

    TRY_AGAIN = "TRY_AGAIN"
    SAFE_PLACE = "SAFE_PLACE"
    RETURN = "RETURN"
    GIVE_UP = "GIVE_UP"
    """Nobody goes again; what the shopper should get back is drafted, and a person pays it."""


class AttemptState(StrEnum):
    """What became of a failed attempt; the first five are still open."""

    OPEN = "OPEN"
    TRYING_AGAIN = "TRYING_AGAIN"
    LEAVING = "LEAVING"
    GOING_BACK = "GOING_BACK"
    BACK = "BACK"
    SENT_AGAIN = "SENT_AGAIN"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"
    SUPERSEDED = "SUPERSEDED"
    """Another attempt of the same delivery failed after it."""


OPEN_ATTEMPTS = frozenset(
    {
        AttemptState.OPEN,
        AttemptState.TRYING_AGAIN,
        AttemptState.LEAVING,
        AttemptState.GOING_BACK,
        AttemptState.BACK,
    }
)


class PaidBy(StrEnum):
    """Who pays for another way."""

    MERCHANT = "MERCHANT"
    SHOPPER = "SHOPPER"


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """Goods that nobody took in. Holds no personal data: what a shopper writes goes to the delivery.

    Attributes
    ----------
    event_id
        The delivery's event that told of it.
    number
        1 for the first of the goods, whichever delivery they went out with.
    choices
        Open as it stands, best first.
    answer_by
        The shopper may choose until then, then the merchant's rule does; None where a person must.
    window
        When somebody wants it to be tried again; None for as soon as possible.
    is_done
        What was decided has been carried out, as far as anybody can from here.
    cost
        Of the way back and of another try, beyond what the delivery cost at first.
    refund
        Drafted for the shopper; nobody has paid it.
    next_delivery_id
        What it was sent again as, once it had come back.
    """

    id: str
    merchant_id: str
    order_id: str
    delivery_id: str
    leg_id: str
    event_id: str
    number: int
    failure: AttemptFailure
    failed_at: datetime
    state: AttemptState
    choices: tuple[AttemptChoice, ...] = ()
    answer_by: datetime | None = None
    incident_id: str = ""
    decision: AttemptChoice | None = None
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    window: Window | None = None
    is_done: bool = False
    paid_by: PaidBy = PaidBy.MERCHANT
    cost: Money | None = None
    refund: Money | None = None
    next_delivery_id: str | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it."""
        return self.state in OPEN_ATTEMPTS
