"""Bulk operations of the simulated shop: started and asked after over GraphQL, written while time goes on."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from starlette.requests import Request

from simulator.stores.shopify.bulk_records import LIVE, Operation
from simulator.stores.shopify.ledger import number_of
from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.plain import View, stamp
from simulator.stores.shopify.projecting import BulkQuery
from simulator.stores.shopify.schema import edition

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

MOST_AT_ONCE = 5
LIFE = timedelta(days=7)
_SECOND = timedelta(seconds=1)
_LONGEST_QUERY = 65_535
_OBJECTS_AT_ONCE = 50


class Bulk:
    """Runs the app's bulk operations.

    Attributes
    ----------
    duration_s
        World seconds that an operation takes at least.
    operations
        All there were, by number.
    """

    def __init__(self, shop: FakeShopify) -> None:
        self.duration_s = 10.0
        self.operations: dict[int, Operation] = {}
        self._shop = shop
        self._rng = random.Random(shop.rng.getrandbits(64))
        self._failures: deque[tuple[str, int]] = deque()
        self._base_url = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def fail_next(self, error_code: str = "INTERNAL_SERVER_ERROR", after_objects: int = 0) -> None:
        """Let the next operation fail, with so many of its objects in the partial file."""
        self._failures.append((error_code, after_objects))

    def learn_base_url(self, request: Request) -> None:
        """Remember by which address the app reaches this shop: its files lie there too."""
        self._base_url = str(request.base_url)

    def queries(self) -> Mapping[str, Callable[..., Any]]:
        """Resolvers of QueryRoot."""
        return {
            "bulkOperation": self._by_id,
            "bulkOperations": connection(list(self.operations.values()), self.view, lambda one: one.number),
            "currentBulkOperation": lambda _, **__: next(
                (self.view(one) for one in reversed(self.operations.values())), None
            ),
        }

    def mutations(self) -> Mapping[str, Callable[..., View]]:
        """Resolvers of Mutation."""
        return {"bulkOperationRunQuery": self._run, "bulkOperationCancel": self._cancel}

    def path(self, name: str) -> Path | None:
        """The file of that name, while it is kept."""
        if self._folder is None:
            return None
        file = Path(self._folder.name) / name
        return file if name.endswith(".jsonl") and file.exists() else None

    async def close(self) -> None:
        """Stop writing, and forget the files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def view(self, one: Operation) -> View:
        """A BulkOperation."""
        url = f"{self._base_url}bulk/{one.number}.jsonl" if one.has_file else None
        return {
            "__typename": "BulkOperation",
            "id": one.gid,
            "type": "QUERY",
            "query": one.query,
            "status": one.status,
            "errorCode": one.error_code or None,
            "createdAt": stamp(one.created_at),
            "completedAt": stamp(one.completed_at),
            "objectCount": str(one.objects),
            "rootObjectCount": str(one.roots),
            "fileSize": str(one.size) if one.has_file else None,
            "url": url if one.status == "COMPLETED" else None,
            "partialDataUrl": url if one.status in {"FAILED", "CANCELED"} else None,
        }

    def _by_id(self, _info: Any, id: str) -> View | None:  # noqa: A002 - GraphQL's name
        one = self.operations.get(number_of(id, "BulkOperation"))
        return self.view(one) if one else None

    def _run(self, _info: Any, query: str, groupObjects: bool = False) -> View:  # noqa: N803 - GraphQL's name
        shop = self._shop
        if sum(one.status in LIVE for one in self.operations.values()) >= MOST_AT_ONCE:
            return _refused("A bulk operation is already in progress.", "OPERATION_IN_PROGRESS", None)
        if len(query.encode()) > _LONGEST_QUERY:
            return _refused("Query is too long (maximum is 65535 bytes)", "INVALID")
        api = edition(shop.admin_api)
        checked = api.check(query)
        if checked.errors:
            return _refused(f"Invalid bulk query: {checked.errors[0].message}", "INVALID")
        plan = BulkQuery(api.schema, checked)
        trouble = plan.trouble()
        if trouble:
            return _refused(trouble, "INVALID")
        one = Operation(shop.next_number(), query, shop.now(), groupObjects)
        self.operations[one.number] = one
        refused = checked.refused(shop.scopes)
        one.failure = (
            ("ACCESS_DENIED", 0) if refused else self._failures.popleft() if self._failures else None
        )
        created = self.view(one)
        one.status = "RUNNING"
        shop.writes["bulkOperationRunQuery", one.gid] += 1
        task = asyncio.get_running_loop().create_task(self._write(one, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        shop.later(shop.clock.now() + timedelta(seconds=self.duration_s), lambda: self._end(one))
        return {"bulkOperation": created, "userErrors": []}

    def _cancel(self, _info: Any, id: str) -> View:  # noqa: A002 - GraphQL's name
        one = self.operations.get(number_of(id, "BulkOperation"))
        if one is None:
            return _refused("Bulk operation does not exist", None)
        if one.status not in LIVE:
            words = f"A bulk operation cannot be canceled when it is {one.status.lower()}"
            return _refused(words, None) | {"bulkOperation": self.view(one)}
        one.status = "CANCELING"
        self._shop.later(self._shop.clock.now() + _SECOND, lambda: self._end(one))
        return {"bulkOperation": self.view(one), "userErrors": []}

    async def _write(self, one: Operation, plan: BulkQuery) -> None:
        """Write the file bit by bit, so that the shop goes on answering."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="simulated-shopify-")
        try:
            await self._write_to(Path(self._folder.name) / f"{one.number}.jsonl", one, plan)
        except GraphQLError:
            one.failure = ("ACCESS_DENIED", one.objects)
        except Exception as mistake:  # told by `_end`: a mistake must not pass for Shopify's
            one.mistake = mistake
        one.is_written = True

    async def _write_to(self, file: Path, one: Operation, plan: BulkQuery) -> None:
        with file.open("wb") as out:
            pages = one.pages(plan.lines(self._shop.visible_queries()), self._rng)
            for number, written in enumerate(pages):
                out.write(written)
                one.size += len(written)
                if number % _OBJECTS_AT_ONCE == 0:
                    await asyncio.sleep(0)
                if one.status != "RUNNING":
                    break

    def _end(self, one: Operation) -> None:
        """The operation is over, if it is written; else look again."""
        shop = self._shop
        if one.status not in LIVE:
            return
        if not one.is_written:
            shop.later(shop.clock.now() + _SECOND, lambda: self._end(one))
            return
        if one.mistake is not None:
            raise one.mistake
        one.completed_at = shop.now()
        one.error_code = one.failure[0] if one.failure else ""
        ended = "CANCELED" if one.status == "CANCELING" else "FAILED" if one.failure else "COMPLETED"
        one.status = ended
        one.has_file = one.objects > 0
        shop.later(shop.clock.now() + LIFE, lambda: self._expire(one))
        payload = {
            "admin_graphql_api_id": one.gid,
            "created_at": stamp(one.created_at),
            "completed_at": stamp(one.completed_at),
            "error_code": one.error_code.lower() or None,
            "status": ended.lower(),
            "type": "query",
        }
        shop.tell(("BULK_OPERATIONS_FINISH", payload))

    def _expire(self, one: Operation) -> None:
        file = self.path(f"{one.number}.jsonl")
        if file is not None:
            file.unlink()
        one.has_file = False
        one.status = "EXPIRED" if one.status == "COMPLETED" else one.status


def _refused(message: str, code: str | None, field: str | None = "query") -> View:
    error = {"field": [field] if field else None, "message": message, "code": code}
    return {"bulkOperation": None, "userErrors": [error]}
