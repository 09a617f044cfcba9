"""What the API must be handed of goods and their handling; part of `session.Commands`."""

from __future__ import annotations

from typing import Protocol

from doorstep.calendar import HandlingRules
from doorstep.goods import GoodsRules
from doorstep.merchant import Merchant


class GoodsCommands(Protocol):
    """The use cases of goods and handling."""

    async def save_goods_rules(self, *, rules: GoodsRules, expected_version: int | None) -> Merchant:
        """Keep them; raises `StateConflict` where they are of another version, None taking any."""
        ...

    async def save_handling_rules(
        self, *, location_id: str | None, rules: HandlingRules | None, expected_version: int | None
    ) -> Merchant:
        """Keep them for a place, or for all without rules of their own; None takes a place's away.

        Raises
        ------
        InvalidInput
            If it is no location of the merchant.
        StateConflict
            If the rules of all places together are of another version; None takes any.
        """
        ...
