"""Spans of time: half-open windows of aware UTC instants, and the promise made to a shopper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


def require_utc(name: str, instant: datetime) -> datetime:
    """Return `instant` in UTC.

    Raises
    ------
    ValueError
        If it carries no time zone; `name` says which field is wrong.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{name} must carry a time zone, got the naive {instant.isoformat()}")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The instants from `start` up to, not including, `end`.

    Raises
    ------
    ValueError
        If an instant is naive or `end` lies before `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", require_utc("start", self.start))
        object.__setattr__(self, "end", require_utc("end", self.end))
        if self.end < self.start:
            raise ValueError(f"window ends at {self.end} before it starts at {self.start}")

    @classmethod
    def around(cls, instant: datetime, *, before_s: float, after_s: float) -> Window:
        """A window that starts `before_s` seconds before an instant and ends `after_s` after it."""
        return cls(instant - timedelta(seconds=before_s), instant + timedelta(seconds=after_s))

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return (self.end - self.start).total_seconds()

    def contains(self, instant: datetime) -> bool:
        """Whether `start <= instant < end`."""
        return self.start <= instant < self.end

    def overlap(self, other: Window) -> Window | None:
        """The span that both share, None where they do not meet."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None


class PromiseBasis(StrEnum):
    """What a promise rests on."""

    SLOT = "SLOT"
    CARRIER_COMMITMENT = "CARRIER_COMMITMENT"
    PREDICTED = "PREDICTED"
    CALENDAR = "CALENDAR"
    APPROXIMATE = "APPROXIMATE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Promise:
    """When something will arrive.

    Attributes
    ----------
    time_zone
        IANA zone of the destination, for wording days.
    confidence
        Probability of arriving before `window.end`, 0 to 1; None where nobody measured it.
    """

    window: Window
    time_zone: str
    basis: PromiseBasis
    confidence: float | None = None
