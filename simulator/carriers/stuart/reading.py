"""Jobs as they are sent, with Stuart's rules about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from doorstep.geo import LatLng, distance_m
from simulator.carriers.stuart.ledger import Dropoff, Json, Order, Stop
from simulator.carriers.stuart.markets import DETOUR, Market, geocoded, market_at
from simulator.carriers.stuart.problems import Problem, magic_code

MOST_DROPOFFS = 8

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
_A_FURTHER_DOOR = 1.5


def read_order(body: Json, markets: tuple[Market, ...], now: datetime, *, price_factor: float) -> Order:
    """Check a job; prices are without tax.

    Raises
    ------
    Problem
        With the code of the rule that is broken.
    """
    job = _child(body, "job")
    pickup = _stop(_stops(job, "pickups", 1)[0], "pickups", markets)
    dropoffs = [_dropoff(sent, markets) for sent in _stops(job, "dropoffs", MOST_DROPOFFS)]
    _require_own_references(dropoffs)
    market = market_at(markets, pickup.at)
    if market is None or any(market_at(markets, one.stop.at) is not market for one in dropoffs):
        raise Problem("OUT_OF_RANGE")
    arranged = _arranged(pickup, dropoffs)
    pickup_at, dropoff_at = _appointment(job, "pickup_at", now), _appointment(job, "dropoff_at", now)
    if pickup_at is not None and dropoff_at is not None:
        raise Problem("RECORD_INVALID", {"job.dropoff_at": ["can not be set beside pickup_at"]})
    if dropoff_at is not None and len(arranged) > 1:
        raise Problem("RECORD_INVALID", {"job.dropoff_at": ["can not be set with several dropoffs"]})
    return Order(
        pickup=pickup,
        dropoffs=arranged,
        market=market,
        price=round(_price(pickup, arranged) * price_factor, 2),
        assignment_code=str(job.get("assignment_code", "")),
        pickup_at=pickup_at,
        dropoff_at=dropoff_at,
    )


def _dropoff(sent: Json, markets: tuple[Market, ...]) -> Dropoff:
    stop = _stop(sent, "dropoffs", markets)
    size = str(sent.get("package_type", ""))
    if size not in _SIZES:
        what = f"Package size {size} is not allowed"
        raise Problem("RECORD_INVALID", {"job.dropoffs.package_type": [what]})
    return Dropoff(
        stop=stop,
        package_type=size,
        client_reference=str(sent.get("client_reference", "")),
        description=str(sent.get("package_description", "")),
    )


def _require_own_references(dropoffs: list[Dropoff]) -> None:
    named = [one.client_reference for one in dropoffs if one.client_reference]
    if len(set(named)) < len(named):
        raise Problem("RECORD_INVALID", {"job.dropoffs.client_reference": ["must be unique"]})


def _arranged(pickup: Stop, dropoffs: list[Dropoff]) -> tuple[Dropoff, ...]:
    """The doors as the courier rides to them, the nearest first.

    Stuart's client library: its API determines the route. How is not said; this is a plain way to do it.
    """
    here, left, arranged = pickup.at, list(dropoffs), []
    while left:
        place = min(range(len(left)), key=lambda n: distance_m(here, left[n].stop.at))
        arranged.append(left.pop(place))
        here = arranged[-1].stop.at
    return tuple(arranged)


def _price(pickup: Stop, dropoffs: tuple[Dropoff, ...]) -> float:
    """What the tour costs: the largest size, the way from door to door, and something for each further door.

    Stuart publishes no prices of several drop-offs: its help centre sends who asks to the account manager.
    """
    basis, reach_m = max(_SIZES[one.package_type] for one in dropoffs)
    doors = [pickup.at, *(one.stop.at for one in dropoffs)]
    way_m = sum(distance_m(here, there) * DETOUR for here, there in pairwise(doors))
    is_far = any(
        distance_m(pickup.at, one.stop.at) * DETOUR > _SIZES[one.package_type][1] for one in dropoffs
    )
    if is_far or way_m > reach_m:
        raise Problem("JOB_DISTANCE_NOT_ALLOWED")
    return basis + _A_KILOMETRE * way_m / 1000 + _A_FURTHER_DOOR * (len(dropoffs) - 1)


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


def _stops(job: Json, name: str, most: int) -> list[Json]:
    stops = job.get(name)
    if not isinstance(stops, list) or not 1 <= len(stops) <= most:
        raise Problem("JOB_DELIVERIES_INVALID")
    if not all(isinstance(stop, Mapping) for stop in stops):
        raise Problem("JOB_DELIVERIES_INVALID")
    return stops


def _child(data: Json, name: str) -> Json:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}
