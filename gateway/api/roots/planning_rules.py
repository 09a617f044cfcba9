"""Writes about how tours are planned; part of the root of writes."""

from __future__ import annotations

import math
from typing import Annotated

from doorstep import planning_rules as ground
from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import read_money, read_span, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.money import MoneyInput
from gateway.api.types.planning_rules import (
    PlanningRules,
    SavePlanningRulesInput,
    SavePlanningRulesResult,
    SavePlanningRulesSuccess,
)

_AT = ("input",)
_HOUR_S = 3600


@shape()
class PlanningRulesMutations:
    """Writes about how tours are planned."""

    @root(scope=Scope.CONFIGURE)
    async def save_planning_rules(
        self, info: Info, given: Annotated[SavePlanningRulesInput, INPUT]
    ) -> SavePlanningRulesResult:
        """Says how tours are planned, and what machines do about them; the next plan goes by it."""
        kept = await info.context.commands.save_merchant_rules(
            rules=_read_rules(given), expected_version=given.expected_version
        )
        return SavePlanningRulesSuccess(planning_rules=PlanningRules.of(kept.planning))


def _read_rules(given: SavePlanningRulesInput) -> ground.PlanningRules:
    return ground.PlanningRules(
        service_s=read_span(given.service_seconds, (*_AT, "serviceSeconds"), 0, 4 * _HOUR_S),
        setup_s=read_span(given.setup_seconds, (*_AT, "setupSeconds"), 0, _HOUR_S),
        lead_s=read_span(given.lead_seconds, (*_AT, "leadSeconds"), 0, 4 * _HOUR_S),
        stability=_read_share(given.stability, "stability", 0, 1),
        keeps=_read_share(given.stability_when_mending, "stabilityWhenMending", 0, 1),
        balance=given.balance,
        balance_tolerance=_read_share(given.balance_tolerance, "balanceTolerance", 0, 10),
        speeds=_read_speeds(given.speeds),
        cost_per_km=_read_amount(given.cost_per_kilometer, "costPerKilometer"),
        cost_per_hour=_read_amount(given.cost_per_hour, "costPerHour"),
        late_cost_per_hour=_read_amount(given.late_cost_per_hour, "lateCostPerHour"),
        slots_first=given.slots_first,
        inserts=given.inserts,
        mends=given.mends,
        improves=given.improves,
    )


def _read_speeds(given: list[float] | None) -> tuple[float, ...]:
    speeds = tuple(given or ())
    if speeds and len(speeds) != 24:
        text = f"speeds must be 24 factors, one for each hour, or none at all; got {len(speeds)}"
        raise wrong((*_AT, "speeds"), text)
    for hour, factor in enumerate(speeds):
        _read_share(factor, "speeds", 0.05, 20, str(hour))
    return speeds


def _read_share(given: float, name: str, least: float, most: float, *more: str) -> float:
    if not (math.isfinite(given) and least <= given <= most):
        raise wrong((*_AT, name, *more), f"{name} must lie between {least:g} and {most:g}, got {given:g}")
    return given


def _read_amount(given: MoneyInput | None, name: str) -> Money | None:
    return None if given is None else read_money(given, (*_AT, name))
