"""How a carrier did, counted from what happened."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.money import Money

PRIOR_GOOD, PRIOR_ALL = 19.0, 20.0
"""A carrier without a record counts as one that did well 19 times of 20, until it shows otherwise."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One account with one carrier over some days.

    Attributes
    ----------
    deliveries
        Bookings that came to an end.
    on_time, first_attempt
        How many arrived within their promise, and how many at the first attempt.
    cancelled
        Bookings that the carrier dropped.
    asked, answered
        Questions for a price, and those that were answered in time.
    average_cost
        Of a booking; None without one.
    p95_response_ms
        Of its quotes; None without one.
    """

    account_id: str
    days: int
    deliveries: int = 0
    on_time: int = 0
    first_attempt: int = 0
    cancelled: int = 0
    incidents: int = 0
    asked: int = 0
    answered: int = 0
    average_cost: Money | None = None
    p95_response_ms: int | None = None

    @property
    def reliability(self) -> float:
        """Chance that a booking goes well, 0 to 1: what was seen, leaning on the prior while that is little.

        A booking that the carrier dropped counts as one that did not go well.
        """
        seen = self.deliveries + self.cancelled
        return (self.on_time + PRIOR_GOOD) / (seen + PRIOR_ALL)
