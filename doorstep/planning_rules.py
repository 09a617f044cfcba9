"""How a merchant wants tours to be planned."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.money import Money
from doorstep.route_problem import BalanceMeasure

SERVICE_S = 180
"""Seconds at a door: park, walk, hand over."""

LEAD_S = 600
"""Seconds to pick the goods of a tour and to load them."""


@dataclass(frozen=True, slots=True)
class PlanningRules:
    """How tours are planned; what a driver says of itself counts before it.

    Attributes
    ----------
    service_s, setup_s
        Seconds to hand over at a door, and to park and walk there from another place.
    lead_s
        Seconds from when a tour is told to when its van leaves, at least: its goods are picked and loaded.
    stability
        How far people's plans keep what drivers were told: 0 plans afresh, 1 moves nobody to another van.
    keeps
        The same for plans that a machine makes because something went wrong.
    balance, balance_tolerance
        What drivers share evenly, None for nothing; 0.2 lets a tour be a fifth above the average.
    speeds
        How fast traffic is by the hour of the day, 24 factors against the map, 0.5 for half as fast; () for
        as the map says.
    cost_per_km, cost_per_hour
        Of a van that says nothing of its own; None for what the planner takes by itself.
    late_cost_per_hour
        What an hour of lateness is worth avoiding; None where no tour may be late.
    slots_first
        Where not all can be brought, what was promised in a slot goes before what was not.
    inserts
        An order is put into the tours that drivers were told as soon as it is booked, where one can take it.
    mends
        A machine plans again when a stop falls out, a driver does, or a van gets late.
    improves
        Once orders have gone into tours and nobody asks for anything, a machine makes the tours better and
        tells their drivers, where that pays.

    Raises
    ------
    ValueError
        If something is out of its range.
    """

    service_s: int = SERVICE_S
    setup_s: int = 0
    stability: float = 0.5
    keeps: float = 0.9
    balance: BalanceMeasure | None = None
    balance_tolerance: float = 0.2
    speeds: tuple[float, ...] = ()
    cost_per_km: Money | None = None
    cost_per_hour: Money | None = None
    late_cost_per_hour: Money | None = None
    slots_first: bool = True
    inserts: bool = True
    mends: bool = True
    improves: bool = True
    lead_s: int = LEAD_S

    def __post_init__(self) -> None:
        if min(self.service_s, self.setup_s, self.lead_s) < 0:
            raise ValueError("service_s, setup_s and lead_s must not be negative")
        for name in ("stability", "keeps"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)}")
        if self.balance_tolerance < 0:
            raise ValueError(f"balance_tolerance must not be negative, got {self.balance_tolerance}")
        if self.speeds and len(self.speeds) != 24:
            raise ValueError(f"speeds must be 24 factors, one for each hour, got {len(self.speeds)}")
        if any(not 0.05 <= factor <= 20 for factor in self.speeds):
            raise ValueError("speeds must lie between 0.05 and 20")
