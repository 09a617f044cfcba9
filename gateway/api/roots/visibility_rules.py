"""Writes about who sees what of tracking; part of the root."""

from __future__ import annotations

from typing import Annotated

from doorstep import visibility as ground
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import built, read_span
from gateway.api.roots.given import INPUT
from gateway.api.types.visibility_rules import (
    SaveVisibilityRulesInput,
    SaveVisibilityRulesResult,
    SaveVisibilityRulesSuccess,
    VisibilityRuleInput,
    VisibilityRules,
)

_AT = ("input",)


@shape()
class VisibilityRulesMutations:
    """Writes about visibility."""

    @root(scope=Scope.CONFIGURE)
    async def save_visibility_rules(
        self, info: Info, given: Annotated[SaveVisibilityRulesInput, INPUT]
    ) -> SaveVisibilityRulesResult:
        """Says who sees what of tracking, and how long places are kept exactly."""
        rules = built(
            ground.VisibilityRules,
            _AT,
            rules=tuple(_read_rule(rule, place) for place, rule in enumerate(given.rules or ())),
            exact_days=read_span(given.exact_days, (*_AT, "exactDays"), 1, ground.MOST_EXACT_DAYS),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveVisibilityRulesSuccess(visibility_rules=VisibilityRules.of(kept.visibility))


def _read_rule(given: VisibilityRuleInput, place: int) -> ground.VisibilityRule:
    return built(
        ground.VisibilityRule,
        (*_AT, "rules", str(place)),
        audience=given.audience,
        field=given.field,
        shown=given.shown,
        stops_before=given.stops_before,
        minutes_before=given.minutes_before,
    )
