"""What DoorDash Drive is called, in codes and in sentences."""

from __future__ import annotations

SYSTEM = "doordash"
NAME = "DoorDash Drive"
