"""A plan as CSV (RFC 4180, UTF-8): a row for each stop, and for each delivery without a place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from doorstep.geo import LatLng
from doorstep.window import Window
from gateway.flow.showing.sheet import LooseDelivery, PlanSheet, StopLine, TourSheet

CONTENT_TYPE = "text/csv; charset=utf-8"

COLUMNS = (
    "tour",
    "driver",
    "vehicle",
    "sequence",
    "kind",
    "planned_arrival",
    "planned_departure",
    "window_from",
    "window_to",
    "late_minutes",
    "reference",
    "delivery_id",
    "recipient",
    "address",
    "latitude",
    "longitude",
    "weight_kg",
    "unassigned_because",
    "tour_distance_km",
    "tour_co2e_kg",
    "tour_on_time_rate",
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(sheet: PlanSheet, *, with_names: bool = False) -> bytes:
    """Times in the plan's zone; recipients are told only with names, addresses and drivers always are.

    Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV injection").
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for row in _rows(sheet):
        if not with_names:
            row["recipient"] = ""
        writer.writerow({name: _guarded(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8", "replace")


def _rows(sheet: PlanSheet) -> Iterator[dict[str, str | float]]:
    for number, tour in enumerate(sheet.tours, start=1):
        for stop in tour.stops:
            yield _row(sheet, number, tour, stop)
    for loose in sheet.loose:
        yield _loose_row(sheet, loose)


def _row(sheet: PlanSheet, number: int, tour: TourSheet, stop: StopLine) -> dict[str, str | float]:
    return {
        "tour": number,
        "driver": tour.driver,
        "vehicle": tour.vehicle,
        "sequence": stop.number,
        "kind": stop.kind.value,
        "planned_arrival": _time(sheet, stop.service_start),
        "planned_departure": _time(sheet, stop.departure),
        **_window(sheet, stop.window),
        "late_minutes": -(-stop.late_s // 60),
        "reference": stop.reference,
        "delivery_id": stop.delivery_id,
        "recipient": stop.recipient,
        "address": stop.address,
        **_place(stop.place),
        "weight_kg": stop.weight_g / 1000,
        **_totals(tour),
    }


def _totals(tour: TourSheet) -> dict[str, str | float]:
    """Of the whole tour, in each of its rows; what nobody knows stays empty."""
    totals: dict[str, str | float] = {"tour_distance_km": tour.distance_m / 1000}
    if tour.co2e_g is not None:
        totals["tour_co2e_kg"] = tour.co2e_g / 1000
    if tour.on_time_rate is not None:
        totals["tour_on_time_rate"] = round(tour.on_time_rate, 4)
    return totals


def _loose_row(sheet: PlanSheet, loose: LooseDelivery) -> dict[str, str | float]:
    return {
        **_window(sheet, loose.window),
        "reference": loose.reference,
        "delivery_id": loose.delivery_id,
        "recipient": loose.recipient,
        "address": loose.address,
        **_place(loose.place),
        "weight_kg": loose.weight_g / 1000,
        "unassigned_because": loose.reason or "no reason is known",
    }


def _window(sheet: PlanSheet, window: Window | None) -> dict[str, str | float]:
    if window is None:
        return {}
    return {"window_from": _time(sheet, window.start), "window_to": _time(sheet, window.end)}


def _place(place: LatLng | None) -> dict[str, str | float]:
    return {} if place is None else {"latitude": round(place.lat, 6), "longitude": round(place.lng, 6)}


def _time(sheet: PlanSheet, instant: datetime) -> str:
    return instant.astimezone(sheet.zone).isoformat(timespec="minutes")


def _guarded(value: str | float) -> str | float:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
