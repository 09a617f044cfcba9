"""A plan as it is shown: everything that a picture, a GPX or a CSV says, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.route_solution import StopKind
from doorstep.window import Window


@dataclass(frozen=True, slots=True)
class StopLine:
    """A stop of a tour.

    Attributes
    ----------
    number
        Its place on the tour, 1 is first: reloads and breaks are counted as well, as wherever else a tour is
        told.
    service_start
        When it is planned to begin.
    window
        The one that it belongs to; None where any time will do.
    reference
        What the merchant calls the delivery; no personal data.
    address, recipient
        Personal data: shown to whoever may see them.
    """

    number: int
    kind: StopKind
    place: LatLng
    service_start: datetime
    departure: datetime
    window: Window | None = None
    late_s: int = 0
    delivery_id: str = ""
    reference: str = ""
    address: str = ""
    recipient: str = ""
    weight_g: int = 0

    @property
    def is_door(self) -> bool:
        """Whether something is handed over there."""
        return self.kind not in (StopKind.RELOAD, StopKind.BREAK)


@dataclass(frozen=True, slots=True)
class TourSheet:
    """A driver's tour.

    Attributes
    ----------
    start, end
        None where it begins, or is over, at any door.
    path
        Along the roads; () where nobody knows it.
    fullness
        How full the van is where it is fullest, 1 for full; None where nobody knows.
    co2e_g
        That driving it emits, well to wheel; None where nobody knows.
    """

    driver: str
    vehicle: str
    starts_at: datetime
    ends_at: datetime
    start: LatLng | None
    end: LatLng | None
    stops: tuple[StopLine, ...]
    distance_m: int
    driving_s: int
    path: tuple[LatLng, ...] = ()
    is_approximate: bool = False
    fullness: float | None = None
    co2e_g: int | None = None

    @property
    def on_time_rate(self) -> float | None:
        """Share of its doors that are planned to begin within their windows, 0 to 1; None without any."""
        doors = self.doors
        return sum(not stop.late_s for stop in doors) / len(doors) if doors else None

    @property
    def doors(self) -> tuple[StopLine, ...]:
        """Its stops at which something is handed over."""
        return tuple(stop for stop in self.stops if stop.is_door)

    @property
    def late(self) -> int:
        """How many of them are late."""
        return sum(stop.late_s > 0 for stop in self.stops)

    @property
    def line(self) -> tuple[LatLng, ...]:
        """The way: along the roads, else straight from stop to stop."""
        if self.path and not self.is_approximate:
            return self.path
        start = () if self.start is None else (self.start,)
        end = () if self.end is None else (self.end,)
        return (*start, *(stop.place for stop in self.stops), *end)


@dataclass(frozen=True, slots=True)
class LooseDelivery:
    """A delivery without a place on any tour, and why, in a sentence."""

    delivery_id: str
    reason: str
    place: LatLng | None = None
    reference: str = ""
    address: str = ""
    recipient: str = ""
    weight_g: int = 0
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan.

    Attributes
    ----------
    method
        How it was solved and why so.
    zone
        In which its times are written.
    """

    title: str
    method: str
    cost: Money | None
    zone: tzinfo
    tours: tuple[TourSheet, ...]
    loose: tuple[LooseDelivery, ...] = ()

    @property
    def is_approximate(self) -> bool:
        """Whether the way of a tour is an estimate."""
        return any(tour.is_approximate or not tour.path for tour in self.tours)

    def clock(self, instant: datetime) -> str:
        """Time of day, "09:05"."""
        return f"{instant.astimezone(self.zone):%H:%M}"

    def span(self, window: Window | None) -> str:
        """A window as "09:00–11:00"; "" for none."""
        return f"{self.clock(window.start)}–{self.clock(window.end)}" if window else ""


def window_of(windows: tuple[Window, ...], begins: datetime) -> Window | None:
    """Of several windows the one that a service belongs to: where it begins, else the last one before."""
    before = [window for window in windows if window.start <= begins]
    return before[-1] if before else (windows[0] if windows else None)
