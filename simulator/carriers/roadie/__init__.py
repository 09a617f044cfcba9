"""A simulated Roadie: estimates, shipments, drivers and webhooks (API v1, as far as it is public)."""

from simulator.carriers.roadie.actor import FakeRoadie
from simulator.carriers.roadie.problems import ERRORS
from simulator.carriers.roadie.rounds import Pace

__all__ = ["ERRORS", "FakeRoadie", "Pace"]
