"""A simulated ShipEngine: rates, labels, voids, tracking and signed webhooks (API 1.1.202604)."""

from simulator.carriers.shipengine.actor import FakeShipEngine
from simulator.carriers.shipengine.problems import MAGIC_POSTCODES

__all__ = ["MAGIC_POSTCODES", "FakeShipEngine"]
