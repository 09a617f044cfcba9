"""Where a driver or courier is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doorstep.geo import LatLng


@dataclass(frozen=True, slots=True)
class Position:
    """One fix of a receiver. Personal data of the driver.

    Attributes
    ----------
    speed_mps, heading_deg, accuracy_m
        Metres a second, degrees clockwise from north, metres; None where unknown.
    is_mock
        The phone says that the fix was faked.
    """

    location: LatLng
    recorded_at: datetime
    speed_mps: float | None = None
    heading_deg: float | None = None
    accuracy_m: float | None = None
    is_mock: bool = False


@dataclass(frozen=True, slots=True)
class DeviceFix:
    """A fix as a tracking device sends it, before it is known whose device that is."""

    device_id: str
    position: Position
