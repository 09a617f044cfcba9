"""The compiled rules of each merchant, kept until one of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from doorstep.merchant import Merchant
from doorstep.rule import Rule
from gateway.flow.rules.book import RuleBook, check_rule, compile_rules

log = structlog.get_logger(__name__)


class KeptRules(Protocol):
    """As much of `gateway.flow.ports.Rules` as it takes to compile them."""

    async def rules(self) -> Sequence[Rule]: ...
    async def stamp(self) -> int: ...


class RuleShelf:
    """One for a process."""

    def __init__(self) -> None:
        self._books: dict[str, tuple[int, str, RuleBook]] = {}

    async def book(self, kept: KeptRules, merchant: Merchant) -> RuleBook:
        """The merchant's rules; one that can no longer be read is left out, so that the others hold."""
        stamp = await kept.stamp()
        known = self._books.get(merchant.id)
        if known is not None and known[:2] == (stamp, merchant.currency):
            return known[2]
        sound = []
        for rule in await kept.rules():
            if rule.enabled and not check_rule(rule, merchant.currency):
                sound.append(rule)
            elif rule.enabled:
                log.warning("a rule cannot be read", merchant_id=merchant.id, rule_id=rule.id)
        book = compile_rules(sound, merchant.currency)
        self._books[merchant.id] = (stamp, merchant.currency, book)
        return book
