"""The API's use cases about delivery slots, bound to one merchant."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
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
    """See `gateway.api.ports.session.Commands`."""

    async def slots_of(
        self, *, options: Sequence[tuple[QuoteSet, Quote]], within: Window
    ) -> Sequence[Sequence[Slot]]:
        zones = await self._zones_of_doors(options)
        origins = [quote_set.origin_id for quote_set, _ in options]
        places = list(zip(origins, zones, strict=True))
        now = self.means.clock.now()
        async with self.means.begin(self.merchant_id) as work:
            # Many doors lie in the same zones: what a place offers there is looked up once.
            found = {place: await offer.slots(work, *place, within, now) for place in set(places)}
        return [
            [slot for slot in found[place] if slot.price.currency == quote.offer.price.currency]
            for (_, quote), place in zip(options, places, strict=True)
        ]

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
        if quote_set is None or quote is None or quote.offer.mode is not DeliveryMode.OWN_FLEET:
            return frozenset()
        (zones,) = await self._zones_of_doors([(quote_set, quote)])
        return zones

    async def _zones_of_doors(self, options: Sequence[tuple[QuoteSet, Quote]]) -> Sequence[frozenset[str]]:
        """Zones that the door of each option of own vans lies in; none of a fleet that cannot be read."""
        fleets = await self._fleets({quote.account_id for _, quote in options})

        async def zones_of(quote_set: QuoteSet, quote: Quote) -> frozenset[str]:
            settings = fleets.get(quote.account_id)
            if settings is None:
                return frozenset()
            found = await zones_at(
                settings,
                self.means.roads,
                pickup=quote_set.request.pickup,
                dropoff=quote_set.request.dropoff,
                budget_s=ZONES_BUDGET_S,
            )
            return frozenset(found)

        return await asyncio.gather(*(zones_of(quote_set, quote) for quote_set, quote in options))

    async def _fleets(self, account_ids: Collection[str]) -> Mapping[str, FleetSettings]:
        fleets = {}
        async with self.house.transactions.begin_sql(self.merchant_id) as work:
            for account_id in account_ids:
                kept = await work.accounts.carrier_settings(account_id)
                if not kept:
                    continue
                with contextlib.suppress(InvalidInput):  # `doorstep doctor` says what is wrong with it
                    fleets[account_id] = FleetSettings.from_json(kept)
        return fleets
