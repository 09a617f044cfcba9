"""How a merchant wants tours to be planned."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import planning_rules as ground
from doorstep.route_problem import BalanceMeasure
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

_SERVICE = "To hand over at a door."
_SETUP = "To park and walk, when the van comes from another place."
_LEAD = "From when a tour is told to when its van leaves, at least: its goods are picked and loaded."
_STABILITY = "How far people's plans keep what drivers were told: 0 free, 1 moves nothing to another van."
_KEEPS = "The same for plans that a machine makes because something went wrong."
_BALANCE = "What drivers share evenly; null for nothing."
_TOLERANCE = "0.2 lets a tour be a fifth above the average."
_SPEEDS = "How fast traffic is by the hour, 24 factors against the map, 0.5 for half as fast; or empty."
_COST = "Of a van that says nothing of its own; null for what the planner takes by itself."
_LATE = "What an hour of lateness is worth avoiding; null where no tour may be late."
_SLOTS = "Where not all can be brought, what was promised in a slot goes before what was not."
_INSERTS = "An order goes into a tour that a driver was told as soon as it is booked, where there is room."
_MENDS = "A machine plans again when a stop falls out, a driver does, or a van gets late."
_IMPROVES = "Once orders have gone into tours, a machine makes them better and tells drivers, where it pays."


@shape()
class PlanningRules:
    """How tours are planned."""

    service_seconds: int = part(_SERVICE)
    setup_seconds: int = part(_SETUP)
    lead_seconds: int = part(_LEAD)
    stability: float = part(_STABILITY)
    stability_when_mending: float = part(_KEEPS)
    balance: BalanceMeasure | None = part(_BALANCE)
    balance_tolerance: float = part(_TOLERANCE)
    speeds: list[float] = part(_SPEEDS, most=24)
    cost_per_kilometer: Money | None = part(_COST)
    cost_per_hour: Money | None = part(_COST)
    late_cost_per_hour: Money | None = part(_LATE)
    slots_first: bool = part(_SLOTS)
    inserts: bool = part(_INSERTS)
    mends: bool = part(_MENDS)
    improves: bool = part(_IMPROVES)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.PlanningRules) -> PlanningRules:
        return PlanningRules(
            service_seconds=rules.service_s,
            setup_seconds=rules.setup_s,
            lead_seconds=rules.lead_s,
            stability=rules.stability,
            stability_when_mending=rules.keeps,
            balance=rules.balance,
            balance_tolerance=rules.balance_tolerance,
            speeds=list(rules.speeds),
            cost_per_kilometer=Money.maybe(rules.cost_per_km),
            cost_per_hour=Money.maybe(rules.cost_per_hour),
            late_cost_per_hour=Money.maybe(rules.late_cost_per_hour),
            slots_first=rules.slots_first,
            inserts=rules.inserts,
            mends=rules.mends,
            improves=rules.improves,
            version=version_of(rules),
        )


@entry
class SavePlanningRulesInput:
    """The rules whole: what is left out is as it usually is."""

    service_seconds: int = part(_SERVICE, default=ground.SERVICE_S)
    setup_seconds: int = part(_SETUP, default=0)
    lead_seconds: int = part(_LEAD, default=ground.LEAD_S)
    stability: float = part(_STABILITY, default=0.5)
    stability_when_mending: float = part(_KEEPS, default=0.9)
    balance: BalanceMeasure | None = part(_BALANCE, default=None)
    balance_tolerance: float = part(_TOLERANCE, default=0.2)
    speeds: list[float] | None = part(_SPEEDS, most=24, default=None)
    cost_per_kilometer: MoneyInput | None = part(_COST, default=None)
    cost_per_hour: MoneyInput | None = part(_COST, default=None)
    late_cost_per_hour: MoneyInput | None = part(_LATE, default=None)
    slots_first: bool = part(_SLOTS, default=True)
    inserts: bool = part(_INSERTS, default=True)
    mends: bool = part(_MENDS, default=True)
    improves: bool = part(_IMPROVES, default=True)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SavePlanningRulesSuccess:
    """They are kept; the next plan goes by them."""

    planning_rules: PlanningRules


SavePlanningRulesResult = Annotated[
    SavePlanningRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SavePlanningRulesResult", description="What saving the rules of planning led to."),
]
