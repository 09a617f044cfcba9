"""Reads whole rules: their conditions and effects in the forms that work, or all that is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.errors import Issue
from doorstep.rule import ConditionField, ConditionOperator, Rule, RuleAction
from gateway.flow.rules.actions import read_effect
from gateway.flow.rules.conditions import Criterion, read_condition
from gateway.flow.rules.effects import Effect, SetWeights


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule as it was understood.

    Attributes
    ----------
    groups
        Of conditions in normal form; () holds always.
    effects, list_effects
        What it does to each option, and to the list as a whole.
    """

    rule: Rule
    groups: tuple[tuple[Criterion, ...], ...]
    effects: tuple[Effect, ...]
    list_effects: tuple[SetWeights, ...]


def read_rule(rule: Rule, currency: str) -> Reading | list[Issue]:
    """What a rule means, or everything that is wrong with it.

    Paths are those of what a merchant saves: ("conditions", "0", "all", "1", "values").
    """
    issues: list[Issue] = []
    groups: list[tuple[Criterion, ...]] = []
    for number, group in enumerate(rule.groups):
        path = ("conditions", str(number), "all")
        if not group.all:
            text = "A group needs a condition; a rule that shall always act has no groups."
            issues.append(Issue(path, text))
        read = [read_condition(one, currency, (*path, str(at))) for at, one in enumerate(group.all)]
        groups.append(tuple(one for one in read if isinstance(one, Criterion)))
        issues += [issue for one in read if not isinstance(one, Criterion) for issue in one]
    effects: list[Effect] = []
    list_effects: list[SetWeights] = []
    if not rule.effects:
        issues.append(Issue(("effects",), "A rule needs an effect."))
    for number, effect in enumerate(rule.effects):
        done = read_effect(effect, rule, currency, ("effects", str(number)))
        if isinstance(done, list):
            issues += done
        elif isinstance(done, SetWeights):
            list_effects.append(done)
        else:
            effects.append(done)
    return issues or Reading(rule, tuple(groups), tuple(effects), tuple(list_effects))


def unknown_parts(rule: Rule) -> list[Issue]:
    """What of a rule has no effect since this version does not know it: no mistake, but worth saying."""
    notes: list[Issue] = []
    for number, group in enumerate(rule.groups):
        for at, one in enumerate(group.all):
            if one.field is ConditionField.OTHER or one.operator is ConditionOperator.OTHER:
                part = "field" if one.field is ConditionField.OTHER else "operator"
                text = "It is not known here; the condition never holds."
                notes.append(Issue(("conditions", str(number), "all", str(at), part), text, "UNKNOWN"))
    for number, effect in enumerate(rule.effects):
        if effect.action is RuleAction.OTHER:
            text = "It is not known here; nothing will be done."
            notes.append(Issue(("effects", str(number), "action"), text, "UNKNOWN"))
    return notes
