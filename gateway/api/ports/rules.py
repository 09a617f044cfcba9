"""What the API must be handed for rules and boxes; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from doorstep.address import Address
from doorstep.packing import Box
from doorstep.rule import Rule
from gateway.api.ports import records as r
from gateway.flow.ports import KeptBox
from gateway.flow.quoting.try_rules import TriedRules
from gateway.store.queries.rules import RuleFilter

__all__ = ["KeptBox", "ReadsRules", "RuleCommands", "RuleFilter", "RuleSample", "TriedRules"]


@dataclass(frozen=True, slots=True)
class RuleSample:
    """What rules are tried on: a past question, or (`quote_set_id` is "") a cart for a destination."""

    quote_set_id: str = ""
    destination: Address | None = None
    items: tuple[r.CartItem, ...] = ()
    cart: r.Cart = field(default_factory=r.Cart)


class ReadsRules(Protocol):
    """Part of what one merchant's callers can read. By id archived ones are found too."""

    async def rules(self, ids: Sequence[str]) -> Mapping[str, Rule]: ...
    async def find_rules(self, which: RuleFilter, page: r.PageRequest) -> r.Page[Rule]:
        """In the order in which they act."""
        ...

    async def count_rules(self, which: RuleFilter, up_to: int) -> int: ...
    async def boxes(self, ids: Sequence[str]) -> Mapping[str, KeptBox]: ...
    async def find_boxes(self, page: r.PageRequest) -> r.Page[KeptBox]: ...
    async def count_boxes(self, up_to: int) -> int: ...


class RuleCommands(Protocol):
    """The use cases about rules and boxes."""

    async def save_rule(self, *, rule: Rule, expected_version: int | None) -> Rule:
        """Keep it whole; None is the version of what is not there yet."""
        ...

    async def archive_rule(self, *, rule_id: str, expected_version: int) -> Rule: ...
    async def enable_rule(self, *, rule_id: str, expected_version: int, enabled: bool) -> Rule: ...
    async def reorder_rules(self, *, rule_ids: Sequence[str]) -> Sequence[Rule]:
        """Let these act in this order on the places that they have; the rules in that order."""
        ...

    async def preview_rules(self, *, drafts: Sequence[Rule], sample: RuleSample) -> TriedRules:
        """What drafts would do beside today's rules; one with the id of a rule takes its place."""
        ...

    async def save_box(self, *, box: Box, expected_version: int | None) -> KeptBox: ...
    async def archive_box(self, *, box_id: str, expected_version: int) -> KeptBox: ...
