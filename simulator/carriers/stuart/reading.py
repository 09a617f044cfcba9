"""Jobs as they are sent, with Stuart's rules about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from doorstep.geo import LatLng, distance_m
from simulator.carriers.stuart.ledger import Json, Order, Stop
from simulator.carriers.stuart.markets import DETOUR, Market, geocoded, market_at
from simulator.carriers.stuart.problems import Problem, magic_code

_HORIZON = timedelta(days=4)
_TOLERANCE = timedelta(minutes=1)
_PHONE = re.compile(r"^\+?[0-9 ]{6,17}$")
# Size -> (what it costs beside the way, how far it goes in metres along the streets).
_SIZES = {
    "xsmall": (4.2, 12_000.0),
    "small": (4.5, 12_000.0),
    "medium": (5.9, 18_000.0),
    "large": (9.5, 24_000.0),
    "xlarge": (12.0, 24_000.0),
}
_A_KILOMETRE = 0.9


def read_order(body: Json, markets: tuple[Market, ...], now: datetime, *, price_factor: float) -> Order:
    """Check a job; prices are without tax.

    Raises
    ------
    Problem
        With the code of the rule that is broken.
    """
    job = _child(body, "job")
    pickup = _stop(_only(job, "pickups"), "pickups", markets)
    dropoff = _stop(_only(job, "dropoffs"), "dropoffs", markets)
    market = market_at(markets, pickup.at)
    if market is None or market_at(markets, dropoff.at) is not market:
        raise Problem("OUT_OF_RANGE")
    size = str(dropoff.sent.get("package_type", ""))
    if size not in _SIZES:
        what = f"Package size {size} is not allowed"
        raise Problem("RECORD_INVALID", {"job.dropoffs.package_type": [what]})
    basis, reach_m = _SIZES[size]
    way_m = distance_m(pickup.at, dropoff.at) * DETOUR
    if way_m > reach_m:
        raise Problem("JOB_DISTANCE_NOT_ALLOWED")
    pickup_at, dropoff_at = _appointment(job, "pickup_at", now), _appointment(job, "dropoff_at", now)
    if pickup_at is not None and dropoff_at is not None:
        raise Problem("RECORD_INVALID", {"job.dropoff_at": ["can not be set beside pickup_at"]})
    return Order(
        pickup=pickup,
        dropoff=dropoff,
        market=market,
        package_type=size,
        price=round((basis + _A_KILOMETRE * way_m / 1000) * price_factor, 2),
        client_reference=str(dropoff.sent.get("client_reference", "")),
        description=str(dropoff.sent.get("package_description", "")),
        assignment_code=str(job.get("assignment_code", "")),
        pickup_at=pickup_at,
        dropoff_at=dropoff_at,
    )


def _stop(sent: Json, side: str, markets: tuple[Market, ...]) -> Stop:
    address = str(sent.get("address", "")).strip()
    if not address:
        raise Problem("ADDRESS_INVALID", {f"job.{side}.address": ["must be filled"]})
    code = magic_code(address)
    if code:
        raise Problem(code)
    phone = _child(sent, "contact").get("phone")
    if phone is not None and not _PHONE.match(str(phone)):
        raise Problem("PHONE_INVALID")
    coordinates = _child(sent, "coordinates")
    lat, lng = coordinates.get("lat"), coordinates.get("long")
    if isinstance(lat, int | float) and isinstance(lng, int | float):
        return Stop(sent, address, LatLng(float(lat), float(lng)))
    if phone is None and side == "dropoffs":
        raise Problem("ADDRESS_CONTACT_PHONE_REQUIRED")
    place = geocoded(markets, address)
    if place is None:
        raise Problem("CANT_GEOCODE_ADDRESS")
    return Stop(sent, address, place)


def _appointment(job: Json, name: str, now: datetime) -> datetime | None:
    raw = job.get(name)
    if raw is None:
        return None
    try:
        at = datetime.fromisoformat(str(raw)).astimezone(UTC)
    except ValueError:
        raise Problem("RECORD_INVALID", {f"job.{name}": ["is not valid"]}) from None
    if at < now - _TOLERANCE:
        what = name.removesuffix("_at")
        raise Problem("RECORD_INVALID", {f"job.{name}": [f"can not schedule a {what} in the past"]})
    if at > now + _HORIZON + _TOLERANCE:
        raise Problem("RECORD_INVALID", {f"job.{name}": ["is too far ahead"]})
    return at


def _only(job: Json, name: str) -> Json:
    stops = job.get(name)
    if not isinstance(stops, list) or len(stops) != 1 or not isinstance(stops[0], Mapping):
        raise Problem("JOB_DELIVERIES_INVALID")
    return stops[0]


def _child(data: Json, name: str) -> Json:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}
