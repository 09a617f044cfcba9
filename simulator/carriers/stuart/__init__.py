"""A simulated Stuart: clients, prices, jobs, couriers that move, and webhooks (API v2)."""

from simulator.carriers.stuart.actor import FakeStuart
from simulator.carriers.stuart.markets import MARKETS, Market
from simulator.carriers.stuart.problems import ERRORS
from simulator.carriers.stuart.rounds import Pace

__all__ = ["ERRORS", "MARKETS", "FakeStuart", "Market", "Pace"]
