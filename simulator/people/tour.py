"""A driver's tour as the gateway tells it, and the way along it."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from doorstep.geo import LatLng, bearing_deg, decode_polyline, distance_m

SNAP_M = 40.0
"""A door this near to the way is reached from there."""

_USUAL_SPEED_MPS = 8.0
_SAME_PLACE_M = 100.0
LIST = """
query Tours($filter: RouteFilter!) {
  routes(first: 50, filter: $filter) { nodes { id version status driver { id name } } }
}
"""
TOUR = """
query Tour($id: ID!) {
  route(id: $id) {
    id startsAt path distanceMeters drivingSeconds
    stops {
      id sequence serviceSeconds
      location { latitude longitude }
      deliveries { id reference promise { window { start } } }
    }
  }
}
"""
PARCEL = "query Parcel($id: ID!) { delivery(id: $id) { status } }"
"""Three questions instead of one: the price of a list grows with what every entry might hold."""

NOT_WANTED = frozenset({"CANCELLED", "FAILED", "RETURNED"})
"""A parcel with one of these statuses stays in the van."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A tour as the list has it."""

    id: str
    version: int
    driver_id: str
    driver_name: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over: the gateway's delivery and the reference on its label."""

    delivery_id: str
    reference: str


@dataclass(frozen=True, slots=True)
class TourStop:
    """One door; without parcels it is driven past.

    Attributes
    ----------
    opens_at
        When the windows of all its parcels have begun; None where any time will do.
    """

    id: str
    sequence: int
    location: LatLng
    service_s: float
    parcels: tuple[Parcel, ...]
    opens_at: datetime | None = None

    def without(self, delivery_id: str) -> TourStop:
        """The same door after one of its parcels was called off."""
        return replace(self, parcels=tuple(p for p in self.parcels if p.delivery_id != delivery_id))


@dataclass(frozen=True, slots=True)
class Tour:
    """One tour of one driver; `speed_mps` is the planner's average over the whole way."""

    id: str
    starts_at: datetime
    stops: tuple[TourStop, ...]
    path: tuple[LatLng, ...]
    speed_mps: float

    @property
    def references(self) -> tuple[str, ...]:
        """Of everything that shall be handed over."""
        return tuple(parcel.reference for stop in self.stops for parcel in stop.parcels)


def read_list(data: Mapping[str, Any]) -> tuple[Heading, ...]:
    """Understand the answer to `LIST`; what cannot be read raises ValueError, KeyError or TypeError."""
    return tuple(
        Heading(node["id"], node["version"], node["driver"]["id"], node["driver"]["name"])
        for node in data["routes"]["nodes"]
        if node["driver"]
    )


def read_tour(data: Mapping[str, Any]) -> Tour:
    """Understand the answer to `TOUR`; what cannot be read raises ValueError, KeyError or TypeError."""
    node = data["route"]
    driving_s, length_m = float(node["drivingSeconds"] or 0), float(node["distanceMeters"] or 0)
    return Tour(
        id=node["id"],
        starts_at=datetime.fromisoformat(node["startsAt"]),
        stops=tuple(sorted((_stop(stop) for stop in node["stops"]), key=lambda stop: stop.sequence)),
        path=tuple(decode_polyline(node["path"] or "")),
        speed_mps=length_m / driving_s if driving_s > 0 and length_m > 0 else _USUAL_SPEED_MPS,
    )


def _stop(node: Mapping[str, Any]) -> TourStop:
    starts = [d["promise"]["window"]["start"] for d in node["deliveries"] if d["promise"]]
    return TourStop(
        id=node["id"],
        sequence=node["sequence"],
        location=LatLng(node["location"]["latitude"], node["location"]["longitude"]),
        service_s=float(node["serviceSeconds"]),
        parcels=tuple(Parcel(delivery["id"], delivery["reference"]) for delivery in node["deliveries"]),
        opens_at=max(map(datetime.fromisoformat, starts)) if starts else None,
    )


class Way:
    """The line that a tour is driven along, measured from its start.

    Parameters
    ----------
    path
        Along the roads; empty where the gateway has none, the way then goes straight from door to door.
    depot
        Where it begins and ends, whether the path says so or not.
    doors
        In the order of the visits.

    Attributes
    ----------
    length_m
        Of the whole way.
    door_m
        How far along it each door is reached; never falls.
    """

    def __init__(self, path: Sequence[LatLng], depot: LatLng, doors: Sequence[LatLng]) -> None:
        line = list(path) or [depot, *doors, depot]
        if distance_m(line[0], depot) > _SAME_PLACE_M:
            line.insert(0, depot)
        if distance_m(line[-1], depot) > _SAME_PLACE_M:
            line.append(depot)
        self._points = line
        self._passed_m = [0.0, *itertools.accumulate(distance_m(a, b) for a, b in itertools.pairwise(line))]
        self.length_m = self._passed_m[-1]
        self.door_m = tuple(self._measure(doors))

    def at(self, along_m: float) -> LatLng:
        """The point so many metres along."""
        start, end, share = self._piece(along_m)
        return LatLng(start.lat + share * (end.lat - start.lat), start.lng + share * (end.lng - start.lng))

    def bearing_deg(self, along_m: float) -> float:
        """Which way one drives there."""
        start, end, _ = self._piece(along_m)
        return bearing_deg(start, end)

    def _piece(self, along_m: float) -> tuple[LatLng, LatLng, float]:
        if len(self._points) < 2:
            return self._points[0], self._points[0], 0.0
        index = min(max(bisect.bisect_right(self._passed_m, along_m) - 1, 0), len(self._points) - 2)
        length_m = self._passed_m[index + 1] - self._passed_m[index]
        share = (along_m - self._passed_m[index]) / length_m if length_m > 0 else 0.0
        return self._points[index], self._points[index + 1], min(1.0, max(0.0, share))

    def _measure(self, doors: Sequence[LatLng]) -> Iterator[float]:
        reached_m = 0.0
        for door in doors:
            reached_m = self._nearest_pass(door, reached_m)
            yield reached_m

    def _nearest_pass(self, door: LatLng, from_m: float) -> float:
        """Where the way, from there on, first passes a door within `SNAP_M`, else where it comes nearest."""
        best_m, best_gap_m, is_near = from_m, distance_m(self.at(from_m), door), False
        for index in range(len(self._points) - 1):
            if self._passed_m[index + 1] < from_m:
                continue
            low_m = max(from_m, self._passed_m[index])
            along_m = max(low_m, self._foot_m(index, door))
            gap_m = distance_m(self.at(along_m), door)
            if gap_m < best_gap_m:
                best_m, best_gap_m = along_m, gap_m
            elif is_near and gap_m > SNAP_M:
                break
            is_near = best_gap_m <= SNAP_M
        return best_m

    def _foot_m(self, index: int, door: LatLng) -> float:
        """How far along the way the point of one piece lies that is nearest to a door; flat within a city."""
        a, b = self._points[index], self._points[index + 1]
        length_m = self._passed_m[index + 1] - self._passed_m[index]
        if length_m <= 0:
            return self._passed_m[index]
        to_door_m = distance_m(a, door)
        turn_share = (to_door_m**2 + length_m**2 - distance_m(b, door) ** 2) / (2 * length_m**2)
        return self._passed_m[index] + min(1.0, max(0.0, turn_share)) * length_m
