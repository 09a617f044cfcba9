"""Rules: what the merchant wants of the list, compiled once, then applied to every question, with reasons."""

from gateway.flow.rules.book import RuleBook, check_rule, compile_rules
from gateway.flow.rules.explanation import Explanation
from gateway.flow.rules.facts import Facts, Option
from gateway.flow.rules.outcome import OptionOutcome, RuleOutcome
from gateway.flow.rules.preview import RulesPreview, preview
from gateway.flow.rules.shelf import RuleShelf

__all__ = [
    "Explanation",
    "Facts",
    "Option",
    "OptionOutcome",
    "RuleBook",
    "RuleOutcome",
    "RuleShelf",
    "RulesPreview",
    "check_rule",
    "compile_rules",
    "preview",
]
