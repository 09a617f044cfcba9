"""Drafts are tried out beside today's rules, and nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.flow.rules import compile_rules, preview
from gateway.flow.rules.preview import MOST_TRACES
from tests.unit.flow.test_rules import NOW, WINE, does, option, rule, staying, usd, when

OPTIONS = [option("ups", "9.00"), option("fleet", "4.00")]
FREE_ABOVE_400 = rule("free", when("ORDER_VALUE", "GREATER", "400"), does("MAKE_FREE"))
FREE_ABOVE_300 = rule("free", when("ORDER_VALUE", "GREATER", "300"), does("MAKE_FREE"))
NO_UPS = rule("noups", does("EXCLUDE", "ups"))


def test_the_same_options_are_shown_under_both_books() -> None:
    shown = preview(
        compile_rules([FREE_ABOVE_400], "USD"), compile_rules([FREE_ABOVE_300, NO_UPS], "USD"), WINE, OPTIONS
    )
    assert [one.charge for one in shown.before.options] == [None, None]
    assert staying(shown.before) == [True, True]
    assert staying(shown.after) == [False, True]
    assert [one.charge for one in shown.after.options] == [None, usd("0.00")]


def test_a_draft_is_traced_for_each_option_also_where_it_does_nothing() -> None:
    same = rule("same", when("COUNTRY", "EQUALS", "CA"), does("EXCLUDE"))
    before = compile_rules([NO_UPS, same], "USD")
    after = compile_rules(
        [NO_UPS, replace(same, updated_at=NOW + timedelta(days=1), version=2), FREE_ABOVE_400], "USD"
    )
    shown = preview(before, after, WINE, OPTIONS)
    # The draft first, with the condition that fails; then what matched of the rest. The saved one says the
    # same as before.
    assert [(trace.rule_id, trace.option_code, trace.matched) for trace in shown.traces] == [
        ("free", "ups:std", False),
        ("free", "fleet:std", False),
        ("noups", "ups:std", True),
        ("noups", "fleet:std", True),
    ]
    assert shown.traces[0].failed == FREE_ABOVE_400.groups[0].all[0]


def test_a_rule_that_says_something_else_is_traced_as_a_draft() -> None:
    shown = preview(
        compile_rules([NO_UPS, FREE_ABOVE_400], "USD"),
        compile_rules([NO_UPS, FREE_ABOVE_300], "USD"),
        WINE,
        OPTIONS,
    )
    assert [(trace.rule_id, trace.option_code, trace.effect) for trace in shown.traces] == [
        ("free", "ups:std", "Made free."),
        ("free", "fleet:std", "Made free."),
        ("noups", "ups:std", "Left out."),
        ("noups", "fleet:std", "It is not what the effect names."),
    ]


def test_drafts_come_before_everything_else_and_traces_end_somewhere() -> None:
    many = [rule(f"r{number:04d}", does("MARK_UP", "1")) for number in range(MOST_TRACES)]
    shown = preview(compile_rules(many, "USD"), compile_rules([*many, FREE_ABOVE_400], "USD"), WINE, OPTIONS)
    assert len(shown.traces) == MOST_TRACES
    assert [trace.rule_id for trace in shown.traces[:3]] == ["free", "free", "r0000"]


def test_a_preview_changes_neither_book() -> None:
    before, after = compile_rules([NO_UPS], "USD"), compile_rules([FREE_ABOVE_300], "USD")
    first = preview(before, after, WINE, OPTIONS)
    again = preview(before, after, WINE, OPTIONS)
    assert (first.before.options, first.after.options, first.traces) == (
        again.before.options,
        again.after.options,
        again.traces,
    )
