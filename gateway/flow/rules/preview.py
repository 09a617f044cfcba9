"""Preview: what drafts would do, beside what today's rules do. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from doorstep.rule import Rule, RuleTrace
from gateway.flow.rules.book import RuleBook
from gateway.flow.rules.explanation import Explanation
from gateway.flow.rules.facts import Facts, Option
from gateway.flow.rules.outcome import RuleOutcome

MOST_TRACES = 1000
"""Of one preview."""


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """The same options under two books.

    Attributes
    ----------
    traces
        Under the book after the change: what each rule that is new or another one did to each option, or why
        not; then what the other rules did that matched. At most `MOST_TRACES`.
    """

    before: RuleOutcome
    after: RuleOutcome
    traces: tuple[RuleTrace, ...]


def preview(before: RuleBook, after: RuleBook, facts: Facts, options: Sequence[Option]) -> RulesPreview:
    """Apply two books to the same options for the same order."""
    outcome = after.apply(facts, options)
    explanation = outcome.explanation
    # It was asked for.
    assert explanation is not None  # noqa: S101
    drafted = _drafted(before, after)
    traces = tuple(islice(_traces(explanation, drafted), MOST_TRACES))
    return RulesPreview(before.apply(facts, options, explain=False), outcome, traces)


def _drafted(before: RuleBook, after: RuleBook) -> Sequence[str]:
    """Ids of rules that are not in the book before, or say something else there."""
    said = {rule.id: _saying(rule) for rule in before.rules}
    return [rule.id for rule in after.rules if said.get(rule.id) != _saying(rule)]


def _saying(rule: Rule) -> Rule:
    """What a rule says, whenever it was saved."""
    return replace(rule, version=0, updated_at=rule.updated_at.min)


def _traces(explanation: Explanation, drafted: Sequence[str]) -> Iterator[RuleTrace]:
    for rule_id in drafted:
        yield from explanation.of_rule(rule_id)
    shown = set(drafted)
    yield from (trace for trace in explanation.matched() if trace.rule_id not in shown)
