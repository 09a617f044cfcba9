"""Save: a merchant's rules, checked field by field, put in order, switched on and off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.errors import InvalidInput, Issue, NotFound
from doorstep.rule import Rule
from gateway.flow.ports.choosing import Rules
from gateway.flow.rules.book import check_rule
from gateway.flow.rules.reading import unknown_parts

LONGEST_NAME = 100
MOST_PRIORITY = 1_000_000
MOST_RULES = 10_000
"""Of one merchant, without those that are archived: so many are compiled and applied in time."""

_AT = ("input",)


async def save_rule(
    kept: Rules, rule: Rule, expected_version: int | None, now: datetime, *, currency: str
) -> Rule:
    """Keep a rule whole.

    Parameters
    ----------
    expected_version
        The one that was seen before; None for one that is not there yet.
    currency
        Of the merchant: amounts must be in it.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong.
    NotFound
        If a version was seen of what is not there.
    StateConflict
        If somebody saved in between, or it is archived.
    """
    require_sound(rule, currency, _AT)
    if expected_version is None and len(await kept.rules()) >= MOST_RULES:
        raise InvalidInput(f"There are {MOST_RULES} rules already; archive some.", path=_AT)
    return await kept.save(replace(rule, updated_at=now), expected_version)


async def enable_rule(
    kept: Rules, rule_id: str, expected_version: int, now: datetime, *, enabled: bool, currency: str
) -> Rule:
    """Switch a rule on or off; one that cannot be used is not switched on. Raises as `save_rule`."""
    rule = await kept.rule(rule_id)
    if rule is None:
        raise NotFound(rule_id, path=(*_AT, "id"))
    if enabled:
        require_sound(rule, currency, _AT)
    return await kept.save(replace(rule, enabled=enabled, updated_at=now), expected_version)


async def reorder_rules(kept: Rules, rule_ids: Sequence[str], now: datetime) -> Sequence[Rule]:
    """Let these rules act in this order, on the places that they have together among all others.

    Priorities are moved as little as that takes: of what is not named only rules that shared a priority with
    others, and those that make room below the highest priority.

    Raises
    ------
    InvalidInput
        If one is named twice.
    NotFound
        If one is not there or archived.
    StateConflict
        If somebody saves one of them at the same moment.
    """
    if len(set(rule_ids)) < len(rule_ids):
        raise InvalidInput("ruleIds names one of them twice.", path=(*_AT, "ruleIds"))
    before = await kept.rules()
    known = {rule.id: rule for rule in before}
    for place, rule_id in enumerate(rule_ids):
        if rule_id not in known:
            raise NotFound(rule_id, path=(*_AT, "ruleIds", str(place)))
    named = iter(rule_ids)
    wanted = [known[next(named)] if rule.id in set(rule_ids) else rule for rule in before]
    moved = dict(_moved(wanted, [rule.priority for rule in before]))
    # In one order everywhere, so that two who order the same rules do not wait for each other.
    for rule_id in sorted(moved):
        rule = known[rule_id]
        changed = replace(rule, priority=moved[rule_id], updated_at=now)
        known[rule_id] = await kept.save(changed, rule.version)
    return [known[rule_id] for rule_id in rule_ids]


def require_sound(rule: Rule, currency: str, path: tuple[str, ...]) -> None:
    """Refuse a rule that could not be used, or would do nothing.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong, whose path begins with `path`.
    """
    found = [*_wrong_fields(rule), *check_rule(rule, currency), *unknown_parts(rule)]
    if found:
        issues = [replace(issue, path=(*path, *issue.path), code="INVALID_INPUT") for issue in found]
        raise InvalidInput(issues[0].message, path=issues[0].path, issues=issues)


def _wrong_fields(rule: Rule) -> Iterator[Issue]:
    if not 0 < len(rule.name.strip()) <= LONGEST_NAME:
        yield Issue(("name",), f"name must have 1 to {LONGEST_NAME} letters.")
    if not 0 <= rule.priority <= MOST_PRIORITY:
        yield Issue(("priority",), f"priority must be 0 to {MOST_PRIORITY}, got {rule.priority}.")


def _moved(wanted: Sequence[Rule], priorities: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Id and priority of each rule that needs another one to stand where it is wanted."""
    next_one = (MOST_PRIORITY + 1, "")
    raised = list(zip(wanted, _raised(wanted, priorities), strict=True))
    for rule, least in reversed(raised):
        priority = least
        # Those that would stand above the highest priority go down, and who stands before them as well.
        # That always finds a place: there are many more priorities than rules.
        if (priority, rule.id) >= next_one:
            priority = next_one[0] if rule.id < next_one[1] else next_one[0] - 1
        next_one = (priority, rule.id)
        if priority != rule.priority:
            yield rule.id, priority


def _raised(wanted: Sequence[Rule], priorities: Sequence[int]) -> Iterator[int]:
    """The priority of each, as given, or the least above it that keeps the order."""
    last, last_id = -1, ""
    for rule, priority in zip(wanted, priorities, strict=True):
        # Of two with the same priority the one acts first whose id sorts first.
        if (priority, rule.id) <= (last, last_id):
            priority = last if rule.id > last_id else last + 1  # noqa: PLW2901  # the least that is left
        last, last_id = priority, rule.id
        yield priority
