"""A simulated EasyPost: rates, labels, refunds, trackers and webhooks (API v2)."""

from simulator.carriers.easypost.actor import FakeEasyPost
from simulator.carriers.easypost.problems import MAGIC_ZIPS

__all__ = ["MAGIC_ZIPS", "FakeEasyPost"]
