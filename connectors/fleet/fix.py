"""The parts that every tracking message has: a moment, a place, and measures that may be unknown."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.position import DeviceFix, Position

Path = tuple[str, ...]

_MILLISECONDS_FROM = 1e11
"""Unix seconds reach this in the year 5138, milliseconds did in 1973."""


def fix_of(
    device_id: str,
    lat: tuple[float, Path],
    lng: tuple[float, Path],
    recorded_at: datetime,
    *,
    speed_mps: float | None,
    heading_deg: float | None,
    accuracy_m: float | None,
    is_mock: bool,
) -> DeviceFix:
    """Put a fix together; negative measures are unknown ones. Coordinates come with their paths.

    Raises
    ------
    InvalidInput
        If a coordinate is out of its range.
    """
    for (degrees, path), most in ((lat, 90), (lng, 180)):
        if not (math.isfinite(degrees) and -most <= degrees <= most):
            raise InvalidInput(f"{'.'.join(path)} must lie in [-{most}, {most}] degrees.", path=path)
    heading = _known(heading_deg)
    position = Position(
        location=LatLng(lat[0], lng[0]),
        recorded_at=recorded_at,
        speed_mps=_known(speed_mps),
        heading_deg=None if heading is None else heading % 360,
        accuracy_m=_known(accuracy_m),
        is_mock=is_mock,
    )
    return DeviceFix(device_id, position)


def instant_of(value: float | str | None, path: Path) -> datetime:
    """A moment given as unix seconds, milliseconds or ISO 8601; without a zone it is UTC.

    Raises
    ------
    InvalidInput
        If it is missing or none of these.
    """
    wrong = InvalidInput(f"{'.'.join(path)} must be unix seconds, milliseconds or ISO 8601.", path=path)
    if value is None or value == "":
        raise InvalidInput(f"{'.'.join(path)} is missing.", path=path)
    try:
        stamp = float(value)
    except ValueError:
        return _from_iso(str(value), wrong)
    try:
        return datetime.fromtimestamp(stamp / 1000 if abs(stamp) >= _MILLISECONDS_FROM else stamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise wrong from None


def number_of(text: str | None, path: Path) -> float | None:
    """A number of a query; None where it is missing or empty.

    Raises
    ------
    InvalidInput
        If it is no finite number.
    """
    if text is None or not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"{'.'.join(path)} must be a number.", path=path)
    return number


def _from_iso(text: str, wrong: InvalidInput) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None


def _known(measure: float | None) -> float | None:
    return None if measure is None or measure < 0 else measure
