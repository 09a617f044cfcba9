"""Arrivals: who learns from them, and when."""

from __future__ import annotations

from gateway.bootstrap.house import House
from gateway.flow.learning.eta_learned import learn_due


async def learn_arrivals(house: House, merchant_id: str) -> None:
    """Learn again where enough has turned out since the last time."""
    await learn_due(house.means, merchant_id)
