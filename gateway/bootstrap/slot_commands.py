"""The API's use cases about delivery slots, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.fleet import FleetSettings
from connectors.fleet.preview import zones_at
from doorstep.errors import InvalidInput, NotFound
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.slot import Slot, SlotHold, SlotTemplate
from doorstep.window import Window
from gateway.bootstrap.store_commands import StoreCommands
from gateway.flow.slots import chosen, hold, offer, save

ZONES_BUDGET_S = 0.5
"""For the roads, where a zone is drawn by the time of the drive."""


@dataclass(frozen=True, slots=True)
class SlotCommands(StoreCommands):
    """See `gateway.api.ports.Commands`."""

    async def slots_of(self, *, quote_set_id: str, quote_id: str, within: Window) -> Sequence[Slot]:
        async with self.means.begin(self.merchant_id) as work:
            quote_set = await work.quotes.get(quote_set_id)
        quote = quote_set.quote(quote_id) if quote_set else None
        if quote_set is None or quote is None or quote.offer.mode is not DeliveryMode.OWN_FLEET:
            return ()
        zones = await self._zones(quote_set, quote)
        async with self.means.begin(self.merchant_id) as work:
            found = await offer.slots(work, quote_set.origin_id, zones, within, self.means.clock.now())
        return [slot for slot in found if slot.price.currency == quote.offer.price.currency]

    async def slot(self, *, slot_id: str) -> Slot | None:
        async with self.means.begin(self.merchant_id) as work:
            try:
                return (await offer.find_slot(work, slot_id, self.means.clock.now())).slot
            except NotFound:
                return None

    async def hold_slot(
        self,
        *,
        idempotency_key: str,
        quote_set_id: str,
        quote_id: str,
        slot_id: str,
        replaces: str,
        held_by: str = "",
    ) -> SlotHold:
        zones = await self._zones_of(quote_set_id, quote_id)
        holder = hold.Holder(held_by, quote_set_id) if held_by else None
        wish = hold.Wish(slot_id, idempotency_key, replaces=replaces, zones=zones, holder=holder)
        async with self.means.begin(self.merchant_id) as work:
            now = self.means.clock.now()
            return await chosen.hold_for_option(work, quote_set_id, quote_id, wish, now)

    async def confirm_slot_hold(self, *, hold_id: str) -> SlotHold:
        async with self.means.begin(self.merchant_id) as work:
            held = await work.slots.hold(hold_id)
            if held is None:
                raise NotFound(hold_id, path=("input", "holdId"))
            # Without a choice the hold stands for itself.
            owner = held.owner or hold_id
            return await hold.confirm_hold(work, hold_id, owner, self.means.clock.now())

    async def release_slot_hold(self, *, hold_id: str, is_confirmed_too: bool) -> SlotHold:
        now = self.means.clock.now()
        async with self.means.begin(self.merchant_id) as work:
            if is_confirmed_too:
                # Confirmed by this API: no order comes whose cancelling would give it back.
                given_back = await hold.give_back(work, hold_id, now)
                if given_back is not None:
                    return given_back
            return await hold.release_hold(work, hold_id, now)

    async def save_slot_template(
        self, *, template: SlotTemplate, expected_version: int | None
    ) -> SlotTemplate:
        async with self.means.begin(self.merchant_id) as work:
            mine = replace(template, merchant_id=self.merchant_id)
            return await save.save_template(work, mine, expected_version, self.means.clock.now())

    async def archive_slot_template(self, *, template_id: str, expected_version: int) -> SlotTemplate:
        async with self.means.begin(self.merchant_id) as work:
            now = self.means.clock.now()
            return await work.slots.archive_template(template_id, expected_version, now)

    async def _zones_of(self, quote_set_id: str, quote_id: str) -> frozenset[str]:
        """Zones of an option's door; none where there is no such option, which others say better."""
        async with self.means.begin(self.merchant_id) as work:
            quote_set = await work.quotes.get(quote_set_id)
        quote = quote_set.quote(quote_id) if quote_set else None
        return frozenset() if quote_set is None or quote is None else await self._zones(quote_set, quote)

    async def _zones(self, quote_set: QuoteSet, quote: Quote) -> frozenset[str]:
        if quote.offer.mode is not DeliveryMode.OWN_FLEET:
            return frozenset()
        async with self.house().transactions.begin_sql(self.merchant_id) as work:
            kept = await work.accounts.carrier_settings(quote.account_id)
        if not kept:
            return frozenset()
        try:
            settings = FleetSettings.from_json(kept)
        except InvalidInput:
            return frozenset()  # of a fleet that cannot be read no zones are known
        found = await zones_at(
            settings,
            self.means.roads,
            pickup=quote_set.request.pickup,
            dropoff=quote_set.request.dropoff,
            budget_s=ZONES_BUDGET_S,
        )
        return frozenset(found)
