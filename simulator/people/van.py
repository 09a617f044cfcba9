"""A van and who drives it: where it is at any instant, and what was handed over when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.geo import LatLng
from simulator.people.tour import Parcel, Tour, TourStop, Way


@dataclass(frozen=True, slots=True)
class DriverProfile:
    """A driver as the operator enters them.

    Attributes
    ----------
    device_id
        What the phone calls itself.
    depot
        Where tours begin and end; `depot_key` names that place in the world.
    shift_start, shift_end
        "HH:MM" in the city's time zone.
    pace
        Times the planner's average speed, 0.9 to 1.15.
    """

    name: str
    device_id: str
    vehicle_name: str
    depot_key: str
    depot: LatLng
    shift_start: str
    shift_end: str
    capacity_g: int
    pace: float


class VanPhase(StrEnum):
    """What a van is doing."""

    PARKED = "parked"
    DRIVING = "driving"
    AT_DOOR = "at_door"


@dataclass(frozen=True, slots=True)
class Handed:
    """A parcel handed over, as the driver writes it down."""

    device_id: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a driver was told to deliver.

    Attributes
    ----------
    is_live
        It is still theirs: on their list, on the tour that they drive, or handed over by them.
    """

    device_id: str
    reference: str
    tour_id: str
    at: datetime
    is_live: bool


class Van:
    """Drives tours exactly, however far apart the calls of `advance` are.

    A tour that has begun is driven as it was told, but for stops that are called off.
    """

    def __init__(self, profile: DriverProfile, now: datetime) -> None:
        self.profile = profile
        self.phase = VanPhase.PARKED
        self.handed: list[Handed] = []
        self._time = now
        self._tours: dict[str, Tour] = {}
        self._begun: set[str] = set()
        self._told: dict[str, Told] = {}
        self._tour: Tour | None = None
        self._way = Way((), profile.depot, ())
        self._along_m = 0.0
        self._visited = 0
        self._leaves_at = now

    @property
    def tour(self) -> Tour | None:
        """What is driven now."""
        return self._tour

    @property
    def speed_mps(self) -> float:
        """Metres a second at this instant."""
        return self._tour_speed_mps if self.phase is VanPhase.DRIVING else 0.0

    @property
    def location(self) -> LatLng:
        """Where it stands or drives."""
        if self._tour is not None and self.phase is VanPhase.AT_DOOR:
            return self._tour.stops[self._visited].location
        return self._way.at(self._along_m)

    @property
    def bearing_deg(self) -> float:
        """Which way it heads."""
        return self._way.bearing_deg(self._along_m)

    @property
    def remaining_s(self) -> float:
        """How long the tour will last from here, at least: driving alone."""
        if self._tour is None:
            return 0.0
        return (self._way.length_m - self._along_m) / self._tour_speed_mps

    def told(self) -> list[Told]:
        """Everything that this driver ever heard of, newest telling of each."""
        return list(self._told.values())

    @property
    def next_parcels(self) -> tuple[Parcel, ...]:
        """What will be handed over next."""
        stop = self._next_stop()
        return stop.parcels if stop is not None else ()

    def has_begun(self, tour_id: str) -> bool:
        """Whether it is driven, or has been."""
        return tour_id in self._begun

    def tell(self, tours: Sequence[Tour], now: datetime) -> None:
        """Take news of all tours that are published or started for this driver and not begun yet."""
        self._tours = {tour.id: tour for tour in tours if tour.id not in self._begun}
        self._write_down(now)

    def call_off(self, delivery_id: str, now: datetime) -> None:
        """Keep a parcel in the van that nobody is to have any more."""
        if self._tour is not None:
            stops = tuple(stop.without(delivery_id) for stop in self._tour.stops)
            self._tour = replace(self._tour, stops=stops)
            self._write_down(now)

    def advance(self, now: datetime) -> None:
        """Do all that happens up to `now`, at its own instants."""
        while self._time < now:
            if self.phase is VanPhase.PARKED:
                self._rest(now)
            elif self.phase is VanPhase.DRIVING:
                self._drive(now)
            else:
                self._stand(now)

    def _write_down(self, now: datetime) -> None:
        own = {reference: tour.id for tour in self._tours.values() for reference in tour.references}
        if self._tour is not None:
            own |= dict.fromkeys(self._tour.references, self._tour.id)
        done = {handed.reference for handed in self.handed}
        for reference, old in self._told.items():
            self._told[reference] = replace(old, is_live=reference in own or reference in done)
        for reference, tour_id in own.items():
            if reference not in self._told or self._told[reference].tour_id != tour_id:
                self._told[reference] = Told(self.profile.device_id, reference, tour_id, now, True)

    def _rest(self, now: datetime) -> None:
        due = [tour for tour in self._tours.values() if tour.starts_at <= now]
        if not due:
            self._time = now
            return
        tour = min(due, key=lambda tour: (tour.starts_at, tour.id))
        del self._tours[tour.id]
        self._begun.add(tour.id)
        self._tour = tour
        self._way = Way(tour.path, self.profile.depot, [stop.location for stop in tour.stops])
        self._along_m, self._visited = 0.0, 0
        self._time = max(self._time, tour.starts_at)
        self.phase = VanPhase.DRIVING

    def _drive(self, now: datetime) -> None:
        stop = self._next_stop()
        goal_m = self._way.length_m if stop is None else self._way.door_m[self._visited]
        lasts_s = max(0.0, goal_m - self._along_m) / self._tour_speed_mps
        arrives_at = self._time + timedelta(seconds=lasts_s)
        if arrives_at > now:
            self._along_m += self._tour_speed_mps * (now - self._time).total_seconds()
            self._time = now
            return
        self._time, self._along_m = arrives_at, max(self._along_m, goal_m)
        if stop is None:
            self.phase, self._tour = VanPhase.PARKED, None
            self._way, self._along_m = Way((), self.profile.depot, ()), 0.0
            return
        self.phase = VanPhase.AT_DOOR
        begins_at = max(arrives_at, stop.opens_at or arrives_at)
        self._leaves_at = begins_at + timedelta(seconds=stop.service_s)

    def _stand(self, now: datetime) -> None:
        stop = self._tour.stops[self._visited] if self._tour is not None else None
        parcels = stop.parcels if stop is not None else ()
        leaves_at = self._leaves_at if parcels else self._time
        if leaves_at > now:
            self._time = now
            return
        self._time = max(self._time, leaves_at)
        device_id = self.profile.device_id
        self.handed += [Handed(device_id, parcel.reference, self._time) for parcel in parcels]
        self._visited += 1
        self.phase = VanPhase.DRIVING

    def _next_stop(self) -> TourStop | None:
        """The door at hand, or the next one that still gets something; the others are driven past."""
        stops = self._tour.stops if self._tour is not None else ()
        while self._visited < len(stops) and not stops[self._visited].parcels:
            if self.phase is VanPhase.AT_DOOR:
                return None
            self._visited += 1
        return stops[self._visited] if self._visited < len(stops) else None

    @property
    def _tour_speed_mps(self) -> float:
        return max(1.0, (self._tour.speed_mps if self._tour else 1.0) * self.profile.pace)
