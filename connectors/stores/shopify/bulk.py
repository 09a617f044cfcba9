"""Bulk operations: every order of a shop, read by Shopify itself and handed over as one file.

An operation that fails is tried again over shorter spans of time, and in the end its orders are read page by
page. What a failed one leaves behind is only a hint of orders that there are: these are fetched by id.

Nobody waits for a look at an operation: its calls stand behind those that somebody waits for, as pages do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import IO

from connectors.stores.shopify.answers import SYSTEM
from connectors.stores.shopify.assemble import OrderBook, read_lines
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import BULK_CANCEL, BULK_ORDERS, BULK_RUN, BULK_STATUS
from connectors.stores.shopify.download import Downloader, FileExpired, chunks_of
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.whole import raw_order
from doorstep.clock import Clock
from doorstep.errors import RemoteError, RemoteUnavailable, UnknownOutcome, UnreadablePayload
from doorstep.ports import RawOrder

_EVERYTHING = '"status:any"'
_BUSY = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
_RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_STARTS, _FILES = 3, 3
_BUSY_PATIENCE = timedelta(hours=1)
_STALLED = timedelta(minutes=30)
_AT_ONCE = 200


class Ending(StrEnum):
    """How an operation ended."""

    DONE = "DONE"
    EMPTY = "EMPTY"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation left.

    Attributes
    ----------
    url
        Of the whole file where it is DONE; of what there is of it, or "", where it FAILED.
    size, roots
        Bytes and orders in it, None where Shopify did not say.
    """

    ending: Ending
    id: str = ""
    url: str = ""
    size: int | None = None
    roots: int | None = None


class BulkFailed(RemoteUnavailable):
    """No whole file was to be had; `hints` are ids of orders that there are."""

    def __init__(self, hints: list[str], raw_code: str = "bulk_failed") -> None:
        super().__init__("Shopify's bulk operation did not succeed", system=SYSTEM, raw_code=raw_code)
        self.hints = hints


class BulkOrders:
    """Runs bulk operations for one shop.

    Parameters
    ----------
    sleep
        Handed in by tests.
    """

    def __init__(
        self,
        client: ShopifyClient,
        downloader: Downloader,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._downloader = downloader
        self._clock = clock
        self._sleep = sleep

    async def read(self, search: str) -> AsyncGenerator[RawOrder]:
        """Every order that a search finds.

        Raises
        ------
        BulkFailed
            If it cannot be had this way.
        """
        asked_at = self._clock.now()
        book = await self._book(search)
        if book is None:
            return
        fetched_at = self._clock.now()
        try:
            place = 0
            while True:
                orders, place = await asyncio.to_thread(book.orders, place, _AT_ONCE)
                if not orders:
                    return
                for order in orders:
                    yield raw_order(order, [], asked_at, fetched_at)
        finally:
            book.close()

    async def _book(self, search: str) -> OrderBook | None:
        """A whole file, taken in; None where there are no orders."""
        for _ in range(_STARTS):
            outcome = await self._run(search)
            if outcome.ending is Ending.EMPTY:
                return None
            if outcome.ending is Ending.FAILED:
                raise BulkFailed(await self._hints(outcome.url))
            if outcome.ending is Ending.DONE:
                book = await self._taken_in(outcome)
                if book is not None:
                    return book
        raise BulkFailed([])

    async def _taken_in(self, outcome: Outcome) -> OrderBook | None:
        """The file of an operation; None where it is gone and has to be made again."""
        for _ in range(_FILES):
            try:
                with await self._downloader.fetch(outcome.url, outcome.size) as file:
                    return await asyncio.to_thread(_filled, file, outcome.roots)
            except FileExpired:
                outcome = await self._state(outcome.id)
                if outcome.ending is not Ending.DONE:
                    return None
            except UnreadablePayload:
                continue  # it came damaged
            except RemoteError as error:
                raise BulkFailed([], error.raw_code) from None
        raise BulkFailed([], "half_file")

    async def _hints(self, url: str) -> list[str]:
        """Ids in what a failed operation left; whether they are all that there are, nobody knows."""
        if not url:
            return []
        try:
            with await self._downloader.fetch(url, None) as file:
                return await asyncio.to_thread(_ids_in, file)
        except RemoteError:
            return []

    async def _run(self, search: str) -> Outcome:
        """Start an operation and wait for its end."""
        operation_id = await self._start(BULK_ORDERS.text.replace(_EVERYTHING, json.dumps(search)))
        pause_s, seen, moved_at = _FIRST_PAUSE_S, -1, self._clock.now()
        while True:
            answer = await self._client.send(BULK_STATUS, {"id": operation_id}, is_walk=True)
            operation = Field(answer.data)["bulkOperation"]
            if not operation or operation["status"].text_or_empty() not in _RUNNING:
                return _outcome(operation)
            count = _number(operation["objectCount"]) or 0
            if count != seen:
                seen, moved_at = count, self._clock.now()
            elif self._clock.now() - moved_at > _STALLED:
                await self._give_up(operation_id)
                return Outcome(Ending.FAILED)
            await self._sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _start(self, query: str) -> str:
        """The id of a new operation; waits while Shopify is busy with others."""
        pause_s, began_at = _FIRST_PAUSE_S, self._clock.now()
        waited_s = 0.0
        while True:
            try:
                answer = await self._client.send(BULK_RUN, {"query": query}, is_walk=True)
            except UnknownOutcome:
                # One that was started unheard reads on by itself and harms nobody.
                codes, operation_id = set(_BUSY), ""
            else:
                payload = Field(answer.data)["bulkOperationRunQuery"]
                codes = {error["code"].text_or_empty() for error in payload["userErrors"].items()}
                operation = payload["bulkOperation"]
                operation_id = operation["id"].text_or_empty() if operation else ""
            if operation_id and not codes:
                return operation_id
            waited = max(timedelta(seconds=waited_s), self._clock.now() - began_at)
            if not codes & _BUSY or waited > _BUSY_PATIENCE:
                raise BulkFailed([], ", ".join(sorted(codes)) or "bulk_refused")
            await self._sleep(pause_s)
            waited_s += pause_s
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _state(self, operation_id: str) -> Outcome:
        answer = await self._client.send(BULK_STATUS, {"id": operation_id}, is_walk=True)
        return _outcome(Field(answer.data)["bulkOperation"])

    async def _give_up(self, operation_id: str) -> None:
        try:
            await self._client.send(BULK_CANCEL, {"id": operation_id}, is_walk=True)
        except RemoteError:
            pass  # it ends by itself after ten days


def _outcome(operation: Field) -> Outcome:
    if not operation:
        return Outcome(Ending.EXPIRED)
    operation_id = operation["id"].text()
    status = operation["status"].text_or_empty()
    url = operation["url"].text_or_empty()
    if status == "COMPLETED" and not url:
        return Outcome(Ending.EMPTY, operation_id)
    if status == "COMPLETED":
        size, roots = _number(operation["fileSize"]), _number(operation["rootObjectCount"])
        return Outcome(Ending.DONE, operation_id, url, size, roots)
    if status == "EXPIRED":
        return Outcome(Ending.EXPIRED, operation_id)
    return Outcome(Ending.FAILED, operation_id, operation["partialDataUrl"].text_or_empty() or url)


def _number(field: Field) -> int | None:
    """An UnsignedInt64, which Shopify writes as text."""
    text = str(field.value)
    return int(text) if text.isdecimal() else None


def _filled(file: IO[bytes], roots: int | None) -> OrderBook:
    """The orders of a file.

    Raises
    ------
    UnreadablePayload
        If it is damaged, or holds less than Shopify counted.
    """
    book = OrderBook()
    try:
        book.fill(read_lines(chunks_of(file)))
        book.require_whole(roots)
    except BaseException:
        book.close()
        raise
    return book


def _ids_in(file: IO[bytes]) -> list[str]:
    """Ids of orders in a file that may end anywhere."""
    found: dict[str, None] = {}
    for line in read_lines(chunks_of(file)):
        try:
            node = json.loads(line)
        except ValueError:
            continue
        for name in ("id", "__parentId"):
            gid = node.get(name) if isinstance(node, dict) else None
            if isinstance(gid, str) and gid.startswith("gid://shopify/Order/"):
                found[gid] = None
    return list(found)
