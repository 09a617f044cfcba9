"""The API's use cases about goods and their handling, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.calendar import HandlingRules
from doorstep.goods import GoodsRules
from doorstep.merchant import Merchant
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.packing import save


@dataclass(frozen=True, slots=True)
class GoodsCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_goods_rules(self, *, rules: GoodsRules, expected_version: int | None) -> Merchant:
        return await save.save_goods_rules(self.means, self.merchant_id, rules, expected_version)

    async def save_handling_rules(
        self, *, location_id: str | None, rules: HandlingRules | None, expected_version: int | None
    ) -> Merchant:
        return await save.save_handling_rules(
            self.means, self.merchant_id, location_id, rules, expected_version
        )
