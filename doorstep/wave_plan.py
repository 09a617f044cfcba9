"""A chooser's answer: who takes each order of a wave, why, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.route_solution import EngineStep, RouteSolution


class ModeReason(StrEnum):
    """Why an order goes as it does.

    CHEAPER_FULL: something cheaper has no room. FOR_VOLUME: it helps to a discount or a commitment.
    ONLY_WAY: nothing else can take it.
    """

    CHEAPEST = "CHEAPEST"
    CHEAPER_FULL = "CHEAPER_FULL"
    FOR_VOLUME = "FOR_VOLUME"
    ONLY_WAY = "ONLY_WAY"
    LEFT_OUT = "LEFT_OUT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """Who takes an order, and why.

    Attributes
    ----------
    mode
        None where nobody takes it.
    option_id, van_id
        The offer or the van; "" for what it is not.
    cost
        What it costs here with the chance of coming late: a van's is what its tour would save without it.
        None for nobody.
    next_best, next_best_name
        The cheapest other offer that may take it, whether it has room or not.
    text
        A sentence for a dispatcher.
    """

    order_id: str
    mode: DeliveryMode | None
    reason: ModeReason
    text: str
    option_id: str = ""
    van_id: str = ""
    cost: Money | None = None
    next_best: Money | None = None
    next_best_name: str = ""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a pool got: parcels, prices before discounts, what they saved, and what missing ones cost."""

    pool_id: str
    parcels: int
    spent: Money
    discount: Money
    shortfall: Money


@dataclass(frozen=True, slots=True)
class WavePlan:
    """The answer of a chooser, checked.

    Attributes
    ----------
    choices
        In the wave's order.
    cost
        Of everything: tours, prices less discounts, missed commitments, and promises that may be broken and
        orders that nobody takes, where they have a price.
    carriers_cost, carriers_bound
        What carriers get for what the vans leave, counted likewise; and what any other choice among them
        would cost at least.
    routes
        None without vans.
    """

    choices: tuple[ModeChoice, ...]
    cost: Money
    carriers_cost: Money
    carriers_bound: Money
    pools: tuple[PoolUse, ...]
    method: str
    routes: RouteSolution | None = None
    steps: tuple[EngineStep, ...] = ()

    @property
    def gap(self) -> float:
        """How much dearer the choice among carriers is than its bound at most, as a fraction."""
        above = self.carriers_cost.minor - self.carriers_bound.minor
        return above / max(1, self.carriers_cost.minor)
