"""A carrier's own books, for counting what it was really asked to carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BookState(StrEnum):
    """How a booking stands in the carrier's books."""

    LIVE = "live"
    CANCELLED = "cancelled"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One booking as the carrier would bill it.

    Attributes
    ----------
    reference
        The customer's own, as sent while booking.
    """

    external_id: str
    reference: str
    state: BookState
    booked_at: datetime
