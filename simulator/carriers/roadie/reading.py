"""Estimates and shipments as they are sent, with what Roadie needs of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from doorstep.geo import LatLng, distance_m
from simulator.carriers.roadie.ledger import Ask, Json, Place
from simulator.carriers.roadie.problems import Problem, magic_name

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_PHONE = re.compile(r"[0-9]{10}")
_METRES_A_MILE = 1609.344
_DETOUR = 1.3
_UNKNOWN_MILES = 5.0
_LONGEST_MILES = 350.0
_HEAVIEST_POUNDS = 1_000.0


def read_ask(body: Json, now: datetime, *, is_booking: bool) -> Ask:
    """Check what was asked; raises `Problem` with the parameter that is wrong."""
    pickup = _place(body, "pickup_location", needs_contact=is_booking)
    delivery = _place(body, "delivery_location", needs_contact=is_booking)
    pickup_after = _instant(body, "pickup_after", "pickup_after")
    window = body.get("deliver_between")
    if not isinstance(window, Mapping):
        raise Problem("deliver_between")
    start = _instant(window, "start", "deliver_between")
    end = _instant(window, "end", "deliver_between")
    if end <= start or end <= now or end <= pickup_after:
        raise Problem("deliver_between")
    miles = _UNKNOWN_MILES
    if pickup.at is not None and delivery.at is not None:
        miles = round(distance_m(pickup.at, delivery.at) * _DETOUR / _METRES_A_MILE, 3)
    if miles > _LONGEST_MILES:
        raise Problem("delivery_location")
    return Ask(body, pickup, delivery, pickup_after, start, end, miles, _pounds(body))


def _place(body: Json, name: str, *, needs_contact: bool) -> Place:
    sent = body.get(name)
    if not isinstance(sent, Mapping):
        raise Problem(name)
    address, contact = _child(sent, "address"), _child(sent, "contact")
    magic = magic_name(str(address.get("street1", "")))
    if magic:
        raise Problem(magic)
    for part in ("street1", "city", "state", "zip"):
        if not address.get(part):
            raise Problem(name, f"{name}.address.{part}")
    if not _ZIP.fullmatch(str(address["zip"])):
        raise Problem(name, f"{name}.address.zip")
    if needs_contact and not (contact.get("name") and _PHONE.fullmatch(str(contact.get("phone", "")))):
        raise Problem(name, f"{name}.contact.phone")
    lat, lng = address.get("latitude"), address.get("longitude")
    has_fix = isinstance(lat, int | float) and isinstance(lng, int | float)
    return Place(sent, str(address["street1"]), LatLng(float(str(lat)), float(str(lng))) if has_fix else None)


def _pounds(body: Json) -> float:
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise Problem("items")
    pounds = 0.0
    for item in items:
        for measure in ("length", "width", "height", "weight"):
            value = item.get(measure) if isinstance(item, Mapping) else None
            if not isinstance(value, int | float) or value <= 0:
                raise Problem("items", f"items.{measure}")
        pounds += float(item["weight"]) * int(item.get("quantity", 1))
    if pounds > _HEAVIEST_POUNDS:
        raise Problem("items", "items.weight")
    return pounds


def _instant(data: Json, name: str, parameter: str) -> datetime:
    try:
        return datetime.fromisoformat(str(data.get(name))).astimezone(UTC)
    except ValueError:
        raise Problem(parameter) from None


def _child(data: Json, name: str) -> Json:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}
