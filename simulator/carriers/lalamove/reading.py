"""What is asked of Lalamove, read strictly: every field that is wrong has its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doorstep.geo import LatLng
from doorstep.json_reading import child, children, text
from doorstep.money import InvalidAmount, Money
from simulator.carriers.lalamove.ledger import Stop
from simulator.carriers.lalamove.problems import Problem

type Json = Mapping[str, object]

_MOST_STOPS = 16
_HORIZON = timedelta(days=30)
_TOLERANCE = timedelta(minutes=1)
_LONGEST_REMARKS = 1500
_E164 = re.compile(r"^\+[1-9]\d{1,14}$")


def read_stops(data: Json) -> tuple[Stop, ...]:
    """Places with their addresses, and the people there where they are named.

    Raises
    ------
    Problem
        If there are too few or too many, or one lies nowhere.
    """
    stops = children(data, "stops")
    if len(stops) < 2:
        raise Problem("ERR_INSUFFICIENT_STOPS", "/data/stops")
    if len(stops) > _MOST_STOPS:
        raise Problem("ERR_TOO_MANY_STOPS", "/data/stops")
    return tuple(_stop(stop, place) for place, stop in enumerate(stops))


def read_schedule(data: Json, now: datetime) -> datetime | None:
    """When the driver shall come, None for at once.

    Raises
    ------
    Problem
        If it is no instant in UTC, in the past, or more than thirty days ahead.
    """
    raw = data.get("scheduleAt")
    if raw is None:
        return None
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        raise Problem("ERR_INVALID_FIELD", "/data/scheduleAt") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if not now - _TOLERANCE <= at <= now + _HORIZON:
        raise Problem("ERR_INVALID_SCHEDULE_TIME", "/data/scheduleAt")
    return at


def read_people(data: Json, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """The stops of a quotation with the sender and the recipients of its order.

    Raises
    ------
    Problem
        If somebody is missing, or a phone number is not E.164.
    """
    people = {text(person, "stopId"): person for person in (child(data, "sender"), *_recipients(data))}
    return tuple(_with_person(stop, people.get(stop.id)) for stop in stops)


def read_fee(data: Json, currency: str) -> int:
    """A priority fee in minor units.

    Raises
    ------
    Problem
        If it is no amount of the currency.
    """
    raw = data.get("priorityFee")
    if not isinstance(raw, str):
        raise Problem("ERR_MISSING_FIELD", "/data/priorityFee")
    try:
        return Money.parse(raw, currency).minor
    except InvalidAmount:
        raise Problem("ERR_INVALID_TIPS", "/data/priorityFee") from None


def _recipients(data: Json) -> tuple[Json, ...]:
    recipients = children(data, "recipients")
    if not recipients:
        raise Problem("ERR_MISSING_FIELD", "/data/recipients")
    return recipients


def _stop(stop: Json, place: int) -> Stop:
    pointer = f"/data/stops/{place}"
    coordinates = child(stop, "coordinates")
    if not text(stop, "address"):
        raise Problem("ERR_MISSING_FIELD", f"{pointer}/address")
    if not coordinates:
        raise Problem("ERR_REVERSE_GEOCODE_FAILURE", f"{pointer}/coordinates")
    try:
        at = LatLng(float(text(coordinates, "lat")), float(text(coordinates, "lng")))
    except ValueError:
        raise Problem("ERR_INVALID_FIELD", f"{pointer}/coordinates/lat") from None
    phone = text(stop, "phone")
    if phone:
        _require_phone(phone)
    return Stop("", at, text(stop, "address"), text(stop, "name"), phone, text(stop, "remarks"))


def _with_person(stop: Stop, person: Json | None) -> Stop:
    if person is None or not text(person, "name"):
        raise Problem("ERR_MISSING_FIELD", "/data/recipients/stopId")
    _require_phone(text(person, "phone"))
    remarks = text(person, "remarks")
    if len(remarks) > _LONGEST_REMARKS:
        raise Problem("ERR_INVALID_FIELD", "/data/recipients/remarks")
    return replace(stop, name=text(person, "name"), phone=text(person, "phone"), remarks=remarks)


def _require_phone(phone: str) -> None:
    if not _E164.match(phone):
        raise Problem("ERR_INVALID_PHONE_NUMBER")
