"""The API's use cases about rules and boxes, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorstep.errors import InvalidInput
from doorstep.packing import Box
from doorstep.rule import Rule
from gateway.api.ports import records as r
from gateway.api.ports.rules import RuleSample
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.packing.save_box import save_box
from gateway.flow.ports import KeptBox
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.try_rules import TriedRules, try_on_cart, try_on_quote_set
from gateway.flow.rules import save

PREVIEW_BUDGET_S = 2.0
"""How long carriers have to answer for a sample cart: a person waits, no shopper."""


@dataclass(frozen=True, slots=True)
class RuleCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_rule(self, *, rule: Rule, expected_version: int | None) -> Rule:
        mine = replace(rule, merchant_id=self.merchant_id)
        async with self.means.begin(self.merchant_id) as work:
            currency, now = (await work.accounts.merchant()).currency, self.means.clock.now()
            return await save.save_rule(work.rules, mine, expected_version, now, currency=currency)

    async def archive_rule(self, *, rule_id: str, expected_version: int) -> Rule:
        async with self.means.begin(self.merchant_id) as work:
            return await work.rules.archive(rule_id, expected_version, self.means.clock.now())

    async def enable_rule(self, *, rule_id: str, expected_version: int, enabled: bool) -> Rule:
        async with self.means.begin(self.merchant_id) as work:
            currency, now = (await work.accounts.merchant()).currency, self.means.clock.now()
            return await save.enable_rule(
                work.rules, rule_id, expected_version, now, enabled=enabled, currency=currency
            )

    async def reorder_rules(self, *, rule_ids: Sequence[str]) -> Sequence[Rule]:
        async with self.means.begin(self.merchant_id) as work:
            return await save.reorder_rules(work.rules, rule_ids, self.means.clock.now())

    async def preview_rules(self, *, drafts: Sequence[Rule], sample: RuleSample) -> TriedRules:
        mine = [replace(draft, merchant_id=self.merchant_id) for draft in drafts]
        if sample.quote_set_id:
            return await try_on_quote_set(self.means, self.merchant_id, mine, sample.quote_set_id)
        if sample.destination is None:
            raise InvalidInput("A cart needs a destination.", path=("destination",))
        cart = cart_of(sample.items, sample.cart)
        return await try_on_cart(
            self.means, self.merchant_id, mine, sample.destination, cart, PREVIEW_BUDGET_S
        )

    async def save_box(self, *, box: Box, expected_version: int | None) -> KeptBox:
        async with self.means.begin(self.merchant_id) as work:
            return await save_box(work.boxes, box, expected_version, self.means.clock.now())

    async def archive_box(self, *, box_id: str, expected_version: int) -> KeptBox:
        async with self.means.begin(self.merchant_id) as work:
            return await work.boxes.archive(box_id, expected_version, self.means.clock.now())


def cart_of(items: Sequence[r.CartItem], cart: r.Cart) -> Cart:
    """A cart in the words of the flow."""
    lines = [
        CartItem(
            quantity=item.quantity,
            line_id=item.line_id,
            sku=item.sku,
            unit_price=item.unit_price,
            weight_g=item.parcel.weight_g if item.parcel else None,
            requires_shipping=item.requires_shipping,
        )
        for item in items
    ]
    return Cart(lines, cart.currency, cart.store_id, cart.cart_id)
