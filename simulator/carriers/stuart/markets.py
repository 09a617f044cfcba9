"""Where Stuart rides, what it charges there, and how places are found on the map."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime

from doorstep.geo import LatLng, distance_m

DETOUR = 1.3
"""Streets are longer than the crow's way by about this factor."""

_DEGREES_A_METRE = 1 / 111_195


@dataclass(frozen=True, slots=True)
class Market:
    """One city.

    Attributes
    ----------
    radius_m
        How far from its centre addresses may lie.
    tax
        Share that is added to prices.
    """

    city: str
    centre: LatLng
    currency: str
    radius_m: float = 15_000.0
    tax: float = 0.2


MARKETS = (
    Market("Paris", LatLng(48.8566, 2.3522), "EUR"),
    Market("Lyon", LatLng(45.7640, 4.8357), "EUR"),
    Market("London", LatLng(51.5074, -0.1278), "GBP"),
    Market("Manchester", LatLng(53.4808, -2.2426), "GBP"),
    Market("Barcelona", LatLng(41.3874, 2.1686), "EUR", tax=0.21),
)


@dataclass(frozen=True, slots=True)
class Trip:
    """A ride in a straight line at even speed; the detour is in its time."""

    start: LatLng
    end: LatLng
    leaves_at: datetime
    arrives_at: datetime

    def position(self, now: datetime) -> LatLng:
        """Where the courier is: at the ends before and after. A city is small enough to be flat."""
        whole_s = (self.arrives_at - self.leaves_at).total_seconds()
        done_s = (now - self.leaves_at).total_seconds()
        share = 1.0 if whole_s <= 0 else min(1.0, max(0.0, done_s / whole_s))
        return LatLng(
            self.start.lat + (self.end.lat - self.start.lat) * share,
            self.start.lng + (self.end.lng - self.start.lng) * share,
        )


def ride_s(start: LatLng, end: LatLng, speed_mps: float) -> float:
    """Seconds that a ride takes along the streets."""
    return distance_m(start, end) * DETOUR / speed_mps


def moved(origin: LatLng, metres: float, bearing_deg: float) -> LatLng:
    """The point some metres away; good to a few metres within a city."""
    north, east = (metres * turn(math.radians(bearing_deg)) for turn in (math.cos, math.sin))
    lng = origin.lng + east * _DEGREES_A_METRE / math.cos(math.radians(origin.lat))
    return LatLng(origin.lat + north * _DEGREES_A_METRE, lng)


def market_at(markets: tuple[Market, ...], place: LatLng) -> Market | None:
    """The city that a place belongs to."""
    return next((market for market in markets if distance_m(market.centre, place) <= market.radius_m), None)


def geocoded(markets: tuple[Market, ...], address: str) -> LatLng | None:
    """Somewhere in the city that the address names, the same for the same text; None where it names none."""
    named = next((market for market in markets if market.city.casefold() in address.casefold()), None)
    if named is None:
        return None
    digest = hashlib.sha256(address.encode()).digest()
    return moved(named.centre, 300 + digest[0] * 10, digest[1] * 360 / 256)
