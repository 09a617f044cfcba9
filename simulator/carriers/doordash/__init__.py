"""A simulated DoorDash Drive: signed tokens, quotes, Dashers that move, and webhooks (OpenAPI 2.1)."""

from simulator.carriers.doordash.actor import FakeDoorDash
from simulator.carriers.doordash.problems import ERRORS

__all__ = ["ERRORS", "FakeDoorDash"]
