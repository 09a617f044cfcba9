"""A simulated Uber Direct: accounts, quotes, couriers that move, and webhooks (OpenAPI 1.0.1)."""

from simulator.carriers.uber_direct.actor import FakeUberDirect
from simulator.carriers.uber_direct.problems import MAGIC_ZIPS

__all__ = ["MAGIC_ZIPS", "FakeUberDirect"]
