"""A simulated Lalamove: markets, quotations, drivers who come and go, and webhooks (API guide v3, 2026)."""

from simulator.carriers.lalamove.actor import FakeLalamove
from simulator.carriers.lalamove.markets import MARKETS, TEST_MARKET, Market
from simulator.carriers.lalamove.problems import ERRORS
from simulator.carriers.lalamove.rounds import Pace

__all__ = ["ERRORS", "MARKETS", "TEST_MARKET", "FakeLalamove", "Market", "Pace"]
