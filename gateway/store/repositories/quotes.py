"""Quote sets and choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.quote import Choice, QuoteSet
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.turns import take_turns

_LATEST_FOR = Kept(
    select(t.quote_sets.c.doc)
    .where(t.quote_sets.c.fulfillment_order_id == bindparam("unit_id"))
    .order_by(t.quote_sets.c.asked_at.desc(), t.quote_sets.c.id.desc())
    .limit(1)
)
_SHOWN = Kept(
    select(t.quote_sets.c.doc)
    .where(t.quote_sets.c.cart_key == bindparam("key"), t.quote_sets.c.asked_at >= bindparam("since"))
    .order_by(t.quote_sets.c.asked_at.desc(), t.quote_sets.c.id.desc())
    .limit(20)
)
_OF_CART = Kept(
    select(t.choices.c.doc)
    .where(
        t.choices.c.doc["cart_id"].astext == bindparam("cart_id"),
        t.choices.c.doc["cart_part"].astext == bindparam("cart_part"),
        t.choices.c.order_id.is_(None),
    )
    .order_by(t.choices.c.chosen_at.desc(), t.choices.c.id.desc())
    .limit(20)
)


class SqlQuotes:
    """Quote sets and choices; see `gateway.flow.ports.Quotes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._sets = Documents(connection, t.quote_sets, QuoteSet, columns.quote_set)
        self._choices = Documents(connection, t.choices, Choice, columns.choice)

    async def get(self, quote_set_id: str) -> QuoteSet | None:
        return await self._sets.get(quote_set_id)

    async def latest_for(self, fulfillment_order_id: str) -> QuoteSet | None:
        found = await self._sets.ask(_LATEST_FOR, unit_id=fulfillment_order_id)
        return found[0] if found else None

    async def shown(self, cart_key: str, since: datetime) -> Sequence[QuoteSet]:
        return await self._sets.ask(_SHOWN, key=cart_key, since=since)

    async def put(self, quote_set: QuoteSet) -> None:
        await self._sets.put(quote_set)

    async def choice(self, choice_id: str) -> Choice | None:
        return await self._choices.get(choice_id)

    async def put_choice(self, choice: Choice) -> None:
        await self._choices.put(choice)

    async def choices_of_cart(self, cart_id: str, cart_part: str) -> Sequence[Choice]:
        await take_turns(self._connection, f"cart {cart_id} {cart_part}")
        return await self._choices.ask(_OF_CART, cart_id=cart_id, cart_part=cart_part)
