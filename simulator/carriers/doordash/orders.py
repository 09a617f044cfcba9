"""What DoorDash checks in a quote, a delivery or a change before it looks at the map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.carriers.doordash.problems import Problem

type Json = Mapping[str, object]

_TOLERANCE = timedelta(seconds=30)
_HORIZON = timedelta(days=30)
_ID = re.compile(r"^[A-Za-z0-9\-._~]+$")
_PHONE = re.compile(r"^\+[1-9][0-9]{6,14}$")
_CHOICES: dict[str, frozenset[str]] = {
    "locale": frozenset({"en-US", "fr-CA", "es-US"}),
    "action_if_undeliverable": frozenset({"return_to_pickup", "dispose"}),
    "order_fulfillment_method": frozenset(
        {"standard", "catering", "shop_stage", "shop_deliver", "parcel", "large_order"}
    ),
}
_DOOR_CHOICES: dict[str, frozenset[str]] = {
    "signature": frozenset({"required", "preferred", "none"}),
    "id_verification": frozenset({"required", "preferred", "none"}),
    "proof_of_delivery": frozenset({"photo_required", "photo_preferred", "pin_code", "none"}),
    "catering_setup": frozenset({"required", "none"}),
}
_CONTENTS = frozenset(
    {"alcohol", "pharmacy_items", "age_restricted_pharmacy_items", "tobacco", "hemp", "otc"}
)
_VEHICLES = frozenset({"car", "bicycle", "walking"})


@dataclass(frozen=True, slots=True)
class Times:
    """When goods may be fetched, and brought; None where it does not matter."""

    pickup_from: datetime
    dropoff_from: datetime | None = None


def check_whole(body: Json) -> None:
    """A quote or a delivery.

    Raises
    ------
    Problem
        `validation_error`, with every field that is wrong.
    """
    wrong = [
        (name, "is required")
        for name in ("external_delivery_id", "dropoff_address", "dropoff_phone_number")
        if not body.get(name)
    ]
    if not body.get("pickup_address") and not body.get("pickup_external_store_id"):
        wrong.append(("pickup_address", "is required"))
    external_id = body.get("external_delivery_id")
    if external_id and not _ID.match(str(external_id)):
        wrong.append(("external_delivery_id", "has characters that are not allowed"))
    wrong += _wrong_fields(body)
    if wrong:
        raise Problem("validation_error", wrong)


def check_change(body: Json) -> None:
    """A change of some fields; raises as `check_whole`."""
    wrong = list(_wrong_fields(body))
    if "external_delivery_id" in body:
        wrong.append(("external_delivery_id", "can not be changed"))
    if wrong:
        raise Problem("validation_error", wrong)


def read_times(body: Json, now: datetime) -> Times:
    """When to fetch and bring.

    Raises
    ------
    Problem
        If times contradict each other, are past, or lie too far ahead.
    """
    pickup_at, dropoff_at = _instant(body, "pickup_time"), _instant(body, "dropoff_time")
    pickup, dropoff = _window(body, "pickup_window"), _window(body, "dropoff_window")
    if pickup_at is not None and dropoff_at is not None:
        raise Problem("validation_error", [("dropoff_time", "is not allowed beside pickup_time")])
    if (pickup is None) is not (dropoff is None):
        missing = "pickup_window" if pickup is None else "dropoff_window"
        raise Problem("validation_error", [(missing, "both windows are needed")])
    for name, at in (("pickup_time", pickup_at), ("dropoff_time", dropoff_at)):
        if at is not None and at < now - _TOLERANCE:
            raise Problem("validation_error", [(name, "is in the past")])
    for name, window in (("pickup_window", pickup), ("dropoff_window", dropoff)):
        if window is not None and (window[1] <= window[0] or window[1] <= now):
            raise Problem("validation_error", [(name, "is over or ends before it starts")])
    if pickup is not None and dropoff is not None and dropoff[1] <= pickup[0]:
        raise Problem("validation_error", [("dropoff_window", "ends before the pickup window starts")])
    start = pickup[0] if pickup is not None else pickup_at or dropoff_at
    if start is not None and start > now + _HORIZON:
        raise Problem("invalid_delivery_parameters/outside_of_delivery_time")
    dropoff_from = dropoff[0] if dropoff is not None else dropoff_at
    if pickup is None and pickup_at is None and dropoff_at is not None:
        start = dropoff_at - timedelta(minutes=30)
    return Times(max(now, start) if start is not None else now, dropoff_from)


def _wrong_fields(body: Json) -> Iterator[tuple[str, str]]:
    for name in ("pickup_phone_number", "dropoff_phone_number"):
        if name in body and not _PHONE.match(str(body[name])):
            yield name, f"{body[name]} is not a phone number"
    for name in ("order_value", "tip"):
        value = body.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield name, "must be a whole number of cents"
    for name, choices in _CHOICES.items():
        if name in body and body[name] not in choices:
            yield name, "is none of the known values"
    yield from _wrong_inside(body)


def _wrong_inside(body: Json) -> Iterator[tuple[str, str]]:
    options = body.get("dropoff_options", {})
    for name, value in (options if isinstance(options, Mapping) else {"dropoff_options": ""}).items():
        if value not in _DOOR_CHOICES.get(str(name), frozenset()):
            yield f"dropoff_options.{name}", "is none of the known values"
    contains = body.get("order_contains", {})
    for name, value in (contains if isinstance(contains, Mapping) else {"order_contains": ""}).items():
        if name not in _CONTENTS or not isinstance(value, bool):
            yield f"order_contains.{name}", "is unknown, or neither true nor false"
    vehicles = body.get("dasher_allowed_vehicles", [])
    if not isinstance(vehicles, list) or not set(map(str, vehicles)) <= _VEHICLES:
        yield "dasher_allowed_vehicles", "is none of the known values"
    items = body.get("items", [])
    for item in items if isinstance(items, list) else [None]:
        if not isinstance(item, Mapping) or not item.get("name") or not isinstance(item.get("quantity"), int):
            yield "items", "need a name and a quantity each"


def _window(body: Json, name: str) -> tuple[datetime, datetime] | None:
    given = body.get(name)
    if given is None:
        return None
    start = _instant(given, "start_time") if isinstance(given, Mapping) else None
    end = _instant(given, "end_time") if isinstance(given, Mapping) else None
    if start is None or end is None:
        raise Problem("validation_error", [(name, "needs start_time and end_time")])
    return start, end


def _instant(body: Json, name: str) -> datetime | None:
    raw = body.get(name)
    if raw is None:
        return None
    try:
        parsed = datetime.fromisoformat(str(raw))
    except ValueError:
        raise Problem("validation_error", [(name, "is not ISO 8601")]) from None
    if parsed.tzinfo is None:
        raise Problem("validation_error", [(name, "has no time zone")])
    return parsed.astimezone(UTC)
