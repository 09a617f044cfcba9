"""What privacy needs of the store; see `gateway.flow.ports`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol


class Redaction(Protocol):
    """Finds people in every table and takes them out; `gateway.flow.privacy.residue` says what is left."""

    async def orders_of_shopper(
        self, store_id: str, external_ids: Sequence[str], email: str, phone: str
    ) -> Sequence[str]:
        """Ids of the named orders of a store and of all that go to this e-mail address or number."""
        ...

    async def newest_order(self, store_id: str, before: datetime) -> str:
        """Id of the newest order of a store among those not read from it since; "" where there is none."""
        ...

    async def orders_of_store(self, store_id: str, after: str, until: str, limit: int) -> Sequence[str]:
        """Ids of the next orders of a store behind an id, "" for the first, and up to another."""
        ...

    async def under_way(self, order_ids: Sequence[str]) -> frozenset[str]:
        """Those of which a delivery is not over, or whose van is still on its tour."""
        ...

    async def words_of(self, order_ids: Sequence[str]) -> frozenset[str]:
        """Names, streets, numbers and addresses of the people in orders, as others may have quoted them."""
        ...

    async def erase_orders(self, order_ids: Sequence[str], at: datetime) -> None:
        """Take the people out of orders and of everything that belongs to them."""
        ...

    async def erase_mentions(self, store_id: str, words: Iterable[str], at: datetime) -> None:
        """Take out what mentions any of the words and belongs to no order that is known."""
        ...

    async def erase_store(self, store_id: str, before: datetime, at: datetime) -> None:
        """Take out what a store and the carriers have sent by then, and what was asked at its checkout."""
        ...

    async def is_erased(self, order_id: str) -> bool:
        """Whether somebody asked that the shopper of an order is forgotten."""
        ...

    async def known_of(self, order_ids: Sequence[str]) -> Mapping[str, Sequence[object]]:
        """Everything that is kept of the people in orders, as plain JSON by the kind of thing."""
        ...
