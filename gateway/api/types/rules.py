"""Rules: what a merchant has decided about options, and what each of them did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import rule as ground
from doorstep.rule import ConditionField, ConditionOperator, RuleAction
from gateway.api.context import Context
from gateway.api.marks import entry, open_enum, part, shape
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.node import Node

MOST_GROUPS = MOST_CONDITIONS = MOST_EFFECTS = 20
MOST_VALUES = 200
MOST_REORDERED = 500

for _shown in (ConditionField, ConditionOperator, RuleAction):
    open_enum(_shown)

_WANTED = (
    'Money in major units of the merchant\'s currency ("300.00"), times "HH:MM" of the place that it leaves '
    'from, weekdays "1" (Monday) to "7".'
)
_VALUE = (
    'What the action wants beside money: a choice of carriers, services ("ups:ground"), modes or vehicles '
    'parted by commas for EXCLUDE, REQUIRE and PREFER (which takes a place, "1", as well); "cost" or '
    '"charge" for CAP_PRICE; a percentage for MARK_UP and SPLIT_COST without an amount; requirements for '
    'REQUIRE_HANDOVER; "price=1,speed=0.5" for SET_WEIGHTS.'
)


@shape()
class Condition:
    """One comparison. What is not known fulfils none."""

    field: ConditionField
    operator: ConditionOperator
    values: list[str] = part(_WANTED, most=MOST_VALUES, usual=3)

    @staticmethod
    def of(kept: ground.Condition) -> Condition:
        return Condition(field=kept.field, operator=kept.operator, values=list(kept.values[:MOST_VALUES]))


@shape()
class ConditionGroup:
    """All of these."""

    all: list[Condition] = part(most=MOST_CONDITIONS, usual=2)

    @staticmethod
    def of(kept: ground.ConditionGroup) -> ConditionGroup:
        return ConditionGroup(all=[Condition.of(one) for one in kept.all[:MOST_CONDITIONS]])


@shape()
class RuleEffect:
    """One thing that a rule does."""

    action: RuleAction
    value: str | None = part(_VALUE)
    amount: Money | None

    @staticmethod
    def of(kept: ground.RuleEffect) -> RuleEffect:
        return RuleEffect(action=kept.action, value=kept.value or None, amount=Money.maybe(kept.amount))


@shape()
class Rule(Node):
    """If any group of conditions holds, act; without groups it always acts."""

    name: str
    enabled: bool
    version: int
    updated_at: datetime
    priority: int = part("Smaller acts first.")
    conditions: list[ConditionGroup] = part(most=MOST_GROUPS, usual=2)
    effects: list[RuleEffect] = part(most=MOST_EFFECTS, usual=2)

    @staticmethod
    def of(kept: ground.Rule) -> Rule:
        return Rule(
            id=strawberry.ID(kept.id),
            name=kept.name,
            enabled=kept.enabled,
            version=kept.version,
            updated_at=kept.updated_at,
            priority=kept.priority,
            conditions=[ConditionGroup.of(group) for group in kept.groups[:MOST_GROUPS]],
            effects=[RuleEffect.of(effect) for effect in kept.effects[:MOST_EFFECTS]],
        )


async def load_rule(context: Context, rule_id: str) -> Rule | None:
    """The rule as it stands, archived or not; None for "" and for one that never was."""
    kept = await context.loaders.rule.load(rule_id) if rule_id else None
    return None if kept is None else Rule.of(kept)


@shape()
class RuleTrace:
    """What one rule did to one option."""

    rule: Rule
    option_code: str = part("Carrier and service; empty where it acted on the whole list.")
    matched: bool
    effect: str = part("In words; empty where it did not match.")
    failed_condition: Condition | None = part(
        "The first condition that did not hold, of the group that came furthest."
    )

    @staticmethod
    def of(trace: ground.RuleTrace, rule: ground.Rule) -> RuleTrace:
        return RuleTrace(
            rule=Rule.of(rule),
            option_code=trace.option_code,
            matched=trace.matched,
            effect=trace.effect,
            failed_condition=None if trace.failed is None else Condition.of(trace.failed),
        )


@entry
class RuleFilter:
    """Which rules; values of one field are OR, fields are AND."""

    enabled: bool | None = None
    fields: list[ConditionField] | None = part("Rules that look at one of these.", most=30, default=None)
    actions: list[RuleAction] | None = part("Rules that do one of these.", most=20, default=None)
    search: str | None = part("Part of the name.", default=None)


@entry
class ConditionInput:
    """One comparison."""

    field: ConditionField
    operator: ConditionOperator
    values: list[str] = part(_WANTED, most=MOST_VALUES)


@entry
class ConditionGroupInput:
    """All of these."""

    all: list[ConditionInput] = part(most=MOST_CONDITIONS)


@entry
class RuleEffectInput:
    """One thing that a rule does."""

    action: RuleAction
    value: str | None = part(_VALUE, default=None)
    amount: MoneyInput | None = part("Negative takes off, for MARK_UP.", default=None)


@entry
class SaveRuleInput:
    """A rule, whole; without an id a new one."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    enabled: bool = True
    priority: int = part("0 to 1,000,000; smaller acts first.", default=100)
    conditions: list[ConditionGroupInput] = part("Empty for a rule that always acts.", most=MOST_GROUPS)
    effects: list[RuleEffectInput] = part(most=MOST_EFFECTS)


@entry
class ArchiveRuleInput:
    """Put a rule away for good."""

    id: strawberry.ID
    expected_version: int


@entry
class EnableRuleInput:
    """Switch a rule on or off."""

    id: strawberry.ID
    expected_version: int
    enabled: bool


@entry
class ReorderRulesInput:
    """Let these rules act in this order, on the places that they have together among all others."""

    rule_ids: list[strawberry.ID] = part("First to last.", most=MOST_REORDERED)


@shape()
class SaveRuleSuccess:
    """The rule as it is kept."""

    rule: Rule


@shape()
class ArchiveRuleSuccess:
    """The rule as it was put away."""

    rule: Rule


@shape()
class EnableRuleSuccess:
    """The rule as it is kept."""

    rule: Rule


@shape()
class ReorderRulesSuccess:
    """The rules that were named, in the order in which they act."""

    rules: list[Rule] = part(most=MOST_REORDERED, usual=20)


SaveRuleResult = Annotated[
    SaveRuleSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveRuleResult", description="What saving a rule led to."),
]
ArchiveRuleResult = Annotated[
    ArchiveRuleSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchiveRuleResult", description="What putting a rule away led to."),
]
EnableRuleResult = Annotated[
    EnableRuleSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("EnableRuleResult", description="What switching a rule on or off led to."),
]
ReorderRulesResult = Annotated[
    ReorderRulesSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ReorderRulesResult", description="What putting rules in order led to."),
]
