"""Addresses as Uber takes them, and the ways between them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng, distance_m
from simulator.carriers.uber_direct.problems import Problem

DETOUR = 1.3
"""Streets are longer than the crow's way by about this factor."""

_DEGREES_A_METRE = 1 / 111_195


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a delivery."""

    street: str
    street_2: str
    city: str
    state: str
    zip_code: str
    country: str
    at: LatLng

    @property
    def one_line(self) -> str:
        """As Uber's answers show it."""
        return f"{self.street}, {self.city}, {self.state} {self.zip_code}, {self.country}"


@dataclass(frozen=True, slots=True)
class Trip:
    """A ride in a straight line at even speed; the detour is in its time."""

    start: LatLng
    end: LatLng
    leaves_at: datetime
    arrives_at: datetime

    def position(self, now: datetime) -> LatLng:
        """Where the courier is: at the ends before and after, on the great circle between."""
        whole_s = (self.arrives_at - self.leaves_at).total_seconds()
        done_s = (now - self.leaves_at).total_seconds()
        share = 1.0 if whole_s <= 0 else min(1.0, max(0.0, done_s / whole_s))
        return between(self.start, self.end, share)


def trip(start: LatLng, end: LatLng, leaves_at: datetime, speed_mps: float) -> Trip:
    """The ride from `start` to `end` at a speed along the streets."""
    return Trip(start, end, leaves_at, leaves_at + timedelta(seconds=ride_s(start, end, speed_mps)))


def ride_s(start: LatLng, end: LatLng, speed_mps: float) -> float:
    """Seconds that a ride takes."""
    return distance_m(start, end) * DETOUR / speed_mps


def between(start: LatLng, end: LatLng, share: float) -> LatLng:
    """The point `share` (0 to 1) of the way along the great circle."""
    a, b = _vector(start), _vector(end)
    angle = math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(a, b, strict=True)))))
    if angle < 1e-12:
        return end
    left, right = math.sin((1 - share) * angle), math.sin(share * angle)
    x, y, z = ((left * p + right * q) / math.sin(angle) for p, q in zip(a, b, strict=True))
    return LatLng(math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)))


def moved(origin: LatLng, metres: float, bearing_deg: float) -> LatLng:
    """The point some metres away; good to a few metres within a city."""
    north, east = (metres * turn(math.radians(bearing_deg)) for turn in (math.cos, math.sin))
    lng = origin.lng + east * _DEGREES_A_METRE / math.cos(math.radians(origin.lat))
    return LatLng(origin.lat + north * _DEGREES_A_METRE, lng)


def read_place(body: Mapping[str, object], side: str, centre: LatLng) -> Place:
    """Read `<side>_address`, a string that holds JSON or plain text, and its coordinates.

    Without coordinates the place is somewhere near `centre`, the same for the same text.

    Raises
    ------
    Problem
        `invalid_params`, if it is missing, or an object where a string belongs.
    """
    raw = body.get(f"{side}_address")
    if not isinstance(raw, str) or not raw.strip():
        raise Problem("invalid_params", {"param_details": {f"{side}_address": "must be a string"}})
    try:
        parsed: object = json.loads(raw)
    except ValueError:
        parsed = {"street_address": [raw]}
    if not isinstance(parsed, dict):
        raise Problem("invalid_params", {"param_details": {f"{side}_address": "is not an address"}})
    lines = parsed.get("street_address")
    streets = [str(line) for line in lines] if isinstance(lines, list) else [str(lines or "")]
    lat, lng = body.get(f"{side}_latitude"), body.get(f"{side}_longitude")
    has_fix = isinstance(lat, int | float) and isinstance(lng, int | float)
    return Place(
        street=streets[0] if streets else "",
        street_2=streets[1] if len(streets) > 1 else "",
        city=str(parsed.get("city", "")),
        state=str(parsed.get("state", "")),
        zip_code=str(parsed.get("zip_code", "")),
        country=str(parsed.get("country", "")),
        at=LatLng(float(str(lat)), float(str(lng))) if has_fix else _somewhere(raw, centre),
    )


def _somewhere(raw: str, centre: LatLng) -> LatLng:
    digest = hashlib.sha256(raw.encode()).digest()
    return moved(centre, 300 + digest[0] * 15, digest[1] * 360 / 256)


def _vector(at: LatLng) -> tuple[float, float, float]:
    lat, lng = math.radians(at.lat), math.radians(at.lng)
    return (math.cos(lat) * math.cos(lng), math.cos(lat) * math.sin(lng), math.sin(lat))
