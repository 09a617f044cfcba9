"""Who sees what of tracking, and how long places are kept exactly."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import visibility as ground
from doorstep.visibility import Shown, TrackingAudience, TrackingField
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

MOST_RULES = 40

_STOPS = "With NEAR: no more stops than these lie before; null for any number."
_MINUTES = "With NEAR: it arrives within so many minutes; null for any time."
_DAYS = "Where vans were is kept to the metre for so many days, then as cells of a kilometre."
_TABLE = "Every field that an audience can be told, with what this merchant wants otherwise."
_OTHERWISE = "What is otherwise than usual."


@shape()
class VisibilityRule:
    """When an audience sees a field of tracking."""

    audience: TrackingAudience
    field: TrackingField
    shown: Shown
    stops_before: int | None = part(_STOPS)
    minutes_before: int | None = part(_MINUTES)
    is_usual: bool = part("Whether it is what holds where nobody says otherwise.")

    @staticmethod
    def of(rule: ground.VisibilityRule) -> VisibilityRule:
        return VisibilityRule(
            audience=rule.audience,
            field=rule.field,
            shown=rule.shown,
            stops_before=rule.stops_before,
            minutes_before=rule.minutes_before,
            is_usual=rule == ground.USUAL[rule.audience, rule.field],
        )


@shape()
class VisibilityRules:
    """Who sees what of tracking, and how long places are kept exactly."""

    rules: list[VisibilityRule] = part(_TABLE, most=MOST_RULES, usual=25)
    exact_days: int = part(_DAYS)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.VisibilityRules) -> VisibilityRules:
        found = (rules.of(audience, field) for audience, field in ground.USUAL)
        return VisibilityRules(
            rules=[VisibilityRule.of(rule) for rule in found if rule is not None],
            exact_days=rules.exact_days,
            version=version_of(rules),
        )


@entry
class VisibilityRuleInput:
    """When an audience sees a field of tracking."""

    audience: TrackingAudience
    field: TrackingField
    shown: Shown
    stops_before: int | None = part(_STOPS, default=None)
    minutes_before: int | None = part(_MINUTES, default=None)


@entry
class SaveVisibilityRulesInput:
    """The rules whole: what is left out is as it usually is."""

    rules: list[VisibilityRuleInput] | None = part(_OTHERWISE, most=MOST_RULES, default=None)
    exact_days: int = part(_DAYS, default=30)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveVisibilityRulesSuccess:
    """They are kept, and hold from now on, for what is watched live too."""

    visibility_rules: VisibilityRules


SaveVisibilityRulesResult = Annotated[
    SaveVisibilityRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveVisibilityRulesResult", description="What saving who sees what led to."),
]
