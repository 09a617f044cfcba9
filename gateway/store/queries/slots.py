"""Reads of slots for the API: templates, places, and what was chosen of a quote set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.quote import Choice
from doorstep.slot import SlotHold, SlotTemplate
from gateway.flow.slots.chosen import place_key
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, grouped, page_of


class SqlSlotReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def slot_templates(self, ids: Sequence[str]) -> Mapping[str, SlotTemplate]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, t.slot_templates, SlotTemplate, ids)

    async def slot_holds(self, ids: Sequence[str]) -> Mapping[str, SlotHold]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, t.slot_holds, SlotHold, ids)

    async def slot_holds_of_choices(self, choice_ids: Sequence[str]) -> Mapping[str, SlotHold]:
        choice_of = {place_key(choice_id): choice_id for choice_id in choice_ids}
        c = t.slot_holds.c
        async with self._database.tenant(self._merchant_id) as connection:
            found = await grouped(connection, t.slot_holds, SlotHold, c.key, list(choice_of), (c.id,), 1)
        return {choice_of[key]: holds[0] for key, holds in found.items()}

    async def choices_of_quote_sets(self, quote_set_ids: Sequence[str]) -> Mapping[str, Choice]:
        key, newest = t.choices.c.doc["quote_set_id"].astext, (t.choices.c.chosen_at.desc(),)
        async with self._database.tenant(self._merchant_id) as connection:
            found = await grouped(connection, t.choices, Choice, key, quote_set_ids, newest, 1)
        return {quote_set_id: choices[0] for quote_set_id, choices in found.items()}

    async def find_slot_templates(self, page: s.PageRequest) -> s.Page[SlotTemplate]:
        c = t.slot_templates.c
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(
                connection, t.slot_templates, SlotTemplate, [c.archived_at.is_(None)], c.id, page
            )

    async def count_slot_templates(self, up_to: int) -> int:
        is_kept = t.slot_templates.c.archived_at.is_(None)
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, t.slot_templates, [is_kept], up_to)
