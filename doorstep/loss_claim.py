"""Claims against carriers for goods that were lost or damaged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.money import Money
from doorstep.proof import ProofKind


class ClaimReason(StrEnum):
    """What happened to the goods."""

    LOST = "LOST"
    DAMAGED = "DAMAGED"
    OTHER = "OTHER"


class ClaimStatus(StrEnum):
    """Where a claim stands. A person files it: no connector speaks to a carrier's claims desk."""

    DRAFT = "DRAFT"
    FILED = "FILED"
    PAID = "PAID"
    REFUSED = "REFUSED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """Something that speaks for a claim.

    Attributes
    ----------
    url
        Where the carrier keeps the picture; "" where there is none. Personal data.
    """

    kind: ProofKind
    url: str = ""
    taken_at: datetime | None = None
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class LossClaim:
    """What a merchant wants of a carrier.

    Attributes
    ----------
    amount
        Of the goods and of the delivery; a person may change it when they file it.
    file_by
        The merchant's own limit: none of the carriers' published documents that we know names one for all
        of its services.
    reference
        The carrier's number of the claim, once it is filed.
    paid
        What it paid.
    """

    id: str
    merchant_id: str
    order_id: str
    delivery_id: str
    leg_id: str
    carrier: str
    incident_id: str
    reason: ClaimReason
    status: ClaimStatus
    amount: Money
    opened_at: datetime
    file_by: datetime
    tracking_number: str = ""
    evidence: tuple[ClaimEvidence, ...] = ()
    reference: str = ""
    filed_at: datetime | None = None
    settled_at: datetime | None = None
    paid: Money | None = None
    version: int = 1
