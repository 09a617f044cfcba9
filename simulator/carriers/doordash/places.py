"""Addresses as DoorDash takes them, one line of text, and the ways between them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng, distance_m

DETOUR = 1.3
"""Streets are longer than the crow's way by about this factor."""

CURRENCIES: dict[str, str] = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD"}
"""The countries that it works in."""

Geocode = Callable[[str], LatLng | None]

_DEGREES_A_METRE = 1 / 111_195


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a delivery."""

    address: str
    country: str
    at: LatLng


@dataclass(frozen=True, slots=True)
class Trip:
    """A ride at even speed; the detour is in its time."""

    start: LatLng
    end: LatLng
    leaves_at: datetime
    arrives_at: datetime

    def position(self, now: datetime) -> LatLng:
        """Where the Dasher is: at the ends before and after, on the straight way between."""
        whole_s = (self.arrives_at - self.leaves_at).total_seconds()
        done_s = (now - self.leaves_at).total_seconds()
        share = 1.0 if whole_s <= 0 else min(1.0, max(0.0, done_s / whole_s))
        # Within a city the straight line in degrees is as good as the great circle.
        lat = self.start.lat + (self.end.lat - self.start.lat) * share
        return LatLng(lat, self.start.lng + (self.end.lng - self.start.lng) * share)


def trip(start: LatLng, end: LatLng, leaves_at: datetime, speed_mps: float) -> Trip:
    """The ride from `start` to `end` at a speed along the streets."""
    return Trip(start, end, leaves_at, leaves_at + timedelta(seconds=ride_s(start, end, speed_mps)))


def ride_s(start: LatLng, end: LatLng, speed_mps: float) -> float:
    """Seconds that a ride takes."""
    return distance_m(start, end) * DETOUR / speed_mps


def moved(origin: LatLng, metres: float, bearing_deg: float) -> LatLng:
    """The point some metres away; good to a few metres within a city."""
    north, east = (metres * turn(math.radians(bearing_deg)) for turn in (math.cos, math.sin))
    lng = origin.lng + east * _DEGREES_A_METRE / math.cos(math.radians(origin.lat))
    return LatLng(origin.lat + north * _DEGREES_A_METRE, lng)


def country_of(address: str) -> str:
    """The country at the end of an address; the United States where none is named."""
    last = address.rpartition(",")[2].strip()
    return last if len(last) == 2 and last.isalpha() and last.isupper() else "US"


def somewhere(address: str, centre: LatLng) -> LatLng:
    """A place within a few kilometres of `centre`, the same for the same text."""
    digest = hashlib.sha256(address.encode()).digest()
    return moved(centre, 300 + digest[0] * 15, digest[1] * 360 / 256)
