"""Writes about when own vans, couriers and parcel carriers compete for orders; part of the root of writes."""

from __future__ import annotations

import math
from typing import Annotated

from doorstep import mode_rules as ground
from doorstep.money import Money
from doorstep.wave import Tier
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, built, read_money, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.modes import (
    CarrierPoolInput,
    ModeRules,
    SaveModeRulesInput,
    SaveModeRulesResult,
    SaveModeRulesSuccess,
)
from gateway.api.types.money import MoneyInput

_AT = ("input",)
_DAY_S = 86_400
_MOST_PARCELS = 1_000_000


@shape()
class ModeRulesMutations:
    """Writes about when own vans, couriers and parcel carriers compete for orders."""

    @root(scope=Scope.CONFIGURE)
    async def save_mode_rules(
        self, info: Info, given: Annotated[SaveModeRulesInput, INPUT]
    ) -> SaveModeRulesResult:
        """Says whether orders wait to be compared together, and by which limits of carriers."""
        rules = built(
            ground.ModeRules,
            _AT,
            is_on=given.enabled,
            longest_wait_s=read_span(given.longest_wait_seconds, (*_AT, "longestWaitSeconds"), 0, _DAY_S),
            spare_s=read_span(given.spare_seconds, (*_AT, "spareSeconds"), 0, _DAY_S),
            search_s=_read_search(given.search_seconds),
            gives_on=given.gives_on,
            pools=tuple(
                _read_pool(pool, (*_AT, "pools", str(place))) for place, pool in enumerate(given.pools or ())
            ),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveModeRulesSuccess(mode_rules=ModeRules.of(kept.modes))


def _read_search(given: float) -> float:
    if not (math.isfinite(given) and 0.1 <= given <= 600):
        raise wrong((*_AT, "searchSeconds"), f"searchSeconds must be 0.1 to 600, got {given}")
    return given


def _read_pool(given: CarrierPoolInput, path: Path) -> ground.CarrierPool:
    name = read_text(given.name, (*path, "name"), 100)
    if not name:
        raise wrong((*path, "name"), "name must not be empty")
    try:
        return ground.CarrierPool(
            name=name,
            carriers=tuple(dict.fromkeys(given.carriers or ())),
            modes=tuple(dict.fromkeys(given.modes or ())),
            most=None if given.most is None else read_span(given.most, (*path, "most"), 0, _MOST_PARCELS),
            least=read_span(given.least, (*path, "least"), 0, _MOST_PARCELS),
            shortfall=_read_amount(given.shortfall, (*path, "shortfall")),
            most_spent=_read_amount(given.most_spent, (*path, "mostSpent")),
            tiers=tuple(
                Tier(one.from_parcel, read_money(one.off, (*path, "tiers", str(place), "off")))
                for place, one in enumerate(given.tiers or ())
            ),
            tier_kind=given.tier_kind,
        )
    except ValueError as fault:
        raise wrong(path, str(fault)) from None


def _read_amount(given: MoneyInput | None, path: Path) -> Money | None:
    return None if given is None else read_money(given, path)
