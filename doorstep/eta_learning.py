"""What is learned of arrivals: what was said, what came of it, and the versions of what answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doorstep.eta import EtaBasis

HORIZONS_S = (0, 600, 1800, 3600, 7200, 21600)
"""A delivery is looked at once in each of these spans before its arrival, seconds; the first begins at 0."""

SHORTEST_S = 300.0
"""A shorter reckoned time counts as this long: of two minutes a quarter says nothing."""

CONFIDENCE = 0.9
"""What intervals that were learned are to hold with."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The quantiles .05, .5 and .95 of a time from now, seconds."""

    low_s: float
    middle_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class EtaTrip:
    """What was said of an arrival at one moment, and when it was.

    Attributes
    ----------
    horizon
        Place in `HORIZONS_S` of `reckoned_s`.
    reckoned_s
        From `asked_at` to the arrival, by road or as the carrier said.
    ahead_of_utc_s
        Of the clock at the door.
    said
        What people were told.
    version
        Of what answered; 0 where nothing had been learned.
    promised_s, late_risk
        From `asked_at` to the end of the promise, and the probability that was told of arriving after it;
        None without a promise.
    """

    delivery_id: str
    horizon: int
    asked_at: datetime
    carrier: str
    service: str
    mode: str
    driver_id: str
    basis: EtaBasis
    reckoned_s: float
    stops_before: int
    parcels: int
    ahead_of_utc_s: int
    said: Spans
    version: int = 0
    arrived_at: datetime | None = None
    promised_s: float | None = None
    late_risk: float | None = None

    @property
    def took_s(self) -> float:
        """From `asked_at` to the arrival; only of those that arrived."""
        if self.arrived_at is None:
            raise ValueError(f"delivery {self.delivery_id} has not arrived")
        return (self.arrived_at - self.asked_at).total_seconds()


def horizon_of(reckoned_s: float) -> int:
    """The place in `HORIZONS_S` of a time that is still ahead."""
    return max(place for place, begins_s in enumerate(HORIZONS_S) if begins_s <= max(0.0, reckoned_s))


@dataclass(frozen=True, slots=True)
class CarrierRatios:
    """Quantiles .05, .5 and .95 of arrival over reckoned time, of how many deliveries.

    Attributes
    ----------
    carrier
        "" for any other.
    """

    carrier: str
    low: float
    middle: float
    high: float
    count: int

    def spans(self, reckoned_s: float) -> Spans:
        """The same of a time that is reckoned."""
        base = max(reckoned_s, SHORTEST_S)
        low, middle, high = (
            max(0.0, reckoned_s + base * (each - 1)) for each in (self.low, self.middle, self.high)
        )
        return Spans(low, middle, high)


@dataclass(frozen=True, slots=True)
class EtaVersion:
    """What answers for a merchant since a moment: a model, or the table of carriers alone.

    Attributes
    ----------
    number
        From 1, in their order.
    is_current
        It answers now; of all versions one does.
    has_model
        Otherwise the table answers.
    trips
        It was learned from.
    error_s, coverage
        On the newest trips, which it had not seen: mean absolute error, how often its interval of 90 % held.
    worst_coverage, worst_slice
        In which part of them it held least, and how often there; "" where no part was large enough.
    reckoned_error_s, before_error_s
        Of what was reckoned, and of the version that answered before, on the same trips.
    carriers
        The table; the last one is for any other.
    note
        Why it answers or does not, for people.
    """

    number: int
    trained_at: datetime
    is_current: bool
    has_model: bool
    trips: int
    carriers: tuple[CarrierRatios, ...]
    error_s: float | None = None
    coverage: float | None = None
    worst_coverage: float | None = None
    worst_slice: str = ""
    reckoned_error_s: float | None = None
    before_error_s: float | None = None
    note: str = ""

    def ratios_of(self, carrier: str) -> CarrierRatios:
        """The row of a carrier, or of any other."""
        return next((row for row in self.carriers if row.carrier == carrier), self.carriers[-1])
