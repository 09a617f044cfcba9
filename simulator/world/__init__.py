"""The simulated world: one city, one clock, two stores, five carriers, three vans, a day of shoppers."""

from simulator.world.report import DayReport, count_day
from simulator.world.settings import WorldSettings
from simulator.world.world import World

__all__ = ["DayReport", "World", "WorldSettings", "count_day"]
