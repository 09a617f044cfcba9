"""Walks over a connection of any length, sorted by time.

Shopify ends a connection after 25,000 objects (its documentation, November 2026), so that a walk starts anew
from where it is well before. Objects that change during the walk move behind it and are met again there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.stores.shopify.answers import Answer, read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ORDER_IDS, ORDERS_PAGE, TOUCHED_UNITS, Document
from connectors.stores.shopify.payload import Field
from doorstep.clock import Clock
from doorstep.errors import UnreadablePayload
from doorstep.window import Window

PAGE_SIZE = 244
"""Objects a page. Cost grows with floor(2 ln size): 244 orders cost 692 points of the 1,000 that one query
may, 2.84 an order, where 250 cost 761, which is 3.04."""

WALK_LENGTH = 20_000

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Trail:
    """A connection and the time that it is sorted and searched by.

    Attributes
    ----------
    term, field, sort
        The same time as search term, as field of a node, and as sort key.
    also
        A further search term.
    """

    document: Document
    connection: str
    term: str
    field: str
    sort: str
    also: str = ""

    def search(self, start: datetime | None, end: datetime | None, above: str = "") -> str:
        """Search text for what was at `start` or later and before `end`, with numbers above `above`."""
        terms = []
        if start is not None:
            terms.append(f"{self.term}:>='{stamp(start)}'")
        if end is not None:
            terms.append(f"{self.term}:<'{stamp(end)}'")
        if above:
            terms.append(f"id:>{above}")
        return " AND ".join([*terms, self.also] if self.also else terms)


CHANGED_ORDERS = Trail(ORDERS_PAGE, "orders", "updated_at", "updatedAt", "UPDATED_AT", "status:any")
PLACED_ORDERS = Trail(ORDERS_PAGE, "orders", "created_at", "createdAt", "CREATED_AT", "status:any")
PLACED_IDS = Trail(ORDER_IDS, "orders", "created_at", "createdAt", "CREATED_AT", "status:any")
TOUCHED = Trail(TOUCHED_UNITS, "fulfillmentOrders", "updated_at", "updatedAt", "UPDATED_AT")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a walk, with the moment just before it was asked for."""

    nodes: Sequence[Field]
    after: str | None
    answer: Answer
    asked_at: datetime


class Walker:
    """Walks trails.

    Parameters
    ----------
    page_size
        Objects a page, 1 to 250.
    walk_length
        Objects after which the connection is started anew.
    """

    def __init__(
        self,
        client: ShopifyClient,
        clock: Clock,
        *,
        page_size: int = PAGE_SIZE,
        walk_length: int = WALK_LENGTH,
    ) -> None:
        self.client = client
        self._clock = clock
        self.page_size = page_size
        self._walk_length = walk_length

    async def pages(
        self, trail: Trail, start: datetime | None, end: datetime | None = None
    ) -> AsyncIterator[Page]:
        """Every object from `start` up to, not including, `end`, oldest first; None is without a bound."""
        after: str | None = None
        walked = 0
        while True:
            page = await self._page(trail, trail.search(start, end), after, trail.sort)
            yield page
            after = page.after
            if after is None:
                return
            walked += len(page.nodes)
            reached = _last_time(page, trail) if walked >= self._walk_length else None
            if reached is None:
                continue
            if reached == start:
                # Thousands of one second, after an import: these are walked by their numbers.
                async for same in self._one_second(trail, reached):
                    yield same
                reached += _SECOND
            start, after, walked = reached, None, 0

    async def _one_second(self, trail: Trail, second: datetime) -> AsyncIterator[Page]:
        """All of one second by number, always the first page above the last number seen."""
        above = "0"
        while True:
            page = await self._page(trail, trail.search(second, second + _SECOND, above), None, "ID")
            yield page
            numbers = [_number(node) for node in page.nodes]
            if page.after is None or not any(numbers):
                return
            above = str(max(numbers))

    async def _page(self, trail: Trail, query: str, after: str | None, sort: str) -> Page:
        variables: dict[str, Any] = {"first": self.page_size, "after": after, "query": query, "sort": sort}
        asked_at = self._clock.now()
        answer = await self.client.send(trail.document, variables, is_walk=True)
        nodes, following = read_page(Field(answer.data)[trail.connection])
        return Page(nodes, following, answer, asked_at)


def stamp(instant: datetime) -> str:
    """Whole seconds in UTC, rounded down: Shopify keeps no fractions."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def whole_seconds(window: Window) -> Window:
    """The window's whole seconds: of times without fractions it has the same ones."""
    return Window(_rounded_up(window.start), _rounded_up(window.end))


def _rounded_up(instant: datetime) -> datetime:
    whole = instant.replace(microsecond=0)
    return whole if whole == instant else whole + _SECOND


def _last_time(page: Page, trail: Trail) -> datetime | None:
    """The latest time of a page that can be read; one bad object must not end the walk."""
    for node in reversed(page.nodes):
        try:
            return node[trail.field].instant()
        except UnreadablePayload:
            continue
    return None


def _number(node: Field) -> int:
    try:
        tail = node["id"].text_or_empty().rpartition("/")[2]
    except UnreadablePayload:
        return 0
    return int(tail) if tail.isdecimal() else 0
