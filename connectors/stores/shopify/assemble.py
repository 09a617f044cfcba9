"""Orders out of the lines of a bulk operation's file.

Without grouping, children stand anywhere: far from their parents, even before them (Shopify's documentation
of bulk operations, November 2026). A private database of SQLite's on the disk puts them together; it has no
name in the file system and is gone with its connection, however that ends.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from doorstep.errors import UnreadablePayload

# The connections of each parent in `bulk_orders.graphql`, by the type of the child.
_CONNECTIONS = {
    "LineItem": "lineItems",
    "ShippingLine": "shippingLines",
    "FulfillmentOrder": "fulfillmentOrders",
    "FulfillmentOrderLineItem": "lineItems",
}
_ORDER = "Order"
_BATCH = 2_000
_END = {"hasNextPage": False, "endCursor": None}


class OrderBook:
    """The lines of one file, and the orders that they are."""

    def __init__(self) -> None:
        # The file is filled in one worker thread and read in others, never at once.
        self._database = sqlite3.connect("", check_same_thread=False)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;"
            "CREATE TABLE node (place INTEGER PRIMARY KEY, id TEXT, parent TEXT, kind TEXT, body TEXT);"
        )
        self.roots = 0

    def fill(self, lines: Iterable[bytes]) -> None:
        """Take in a file.

        Raises
        ------
        UnreadablePayload
            If a line is not one of Shopify's: the file is damaged.
        """
        batch: list[tuple[str, str | None, str, str]] = []
        for line in lines:
            if not line.strip():
                continue
            batch.append(_row(line))
            if len(batch) == _BATCH:
                self._insert(batch)
                batch.clear()
        self._insert(batch)
        self._database.executescript(
            "CREATE INDEX by_parent ON node (parent); CREATE INDEX by_id ON node (id);"
            # An order that changed while the file was written may be in it twice: the later lines count.
            "DELETE FROM node WHERE place NOT IN (SELECT max(place) FROM node GROUP BY id, parent);"
        )
        query = "SELECT count(*) FROM node WHERE parent IS NULL"
        self.roots = self._database.execute(query).fetchone()[0]

    def require_whole(self, roots: int | None) -> None:
        """Check that no parent is missing, and that there are as many orders as Shopify counted.

        Raises
        ------
        UnreadablePayload
            If it is not so.
        """
        query = (
            "SELECT count(*) FROM node AS child WHERE parent IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM node WHERE node.id = child.parent)"
        )
        lost_children = self._database.execute(query).fetchone()[0]
        if lost_children or (roots is not None and self.roots < roots):
            raise UnreadablePayload("the bulk file is not whole")

    def orders(self, after: int, count: int) -> tuple[list[dict[str, Any]], int]:
        """Up to `count` orders beyond a place in the file, and the place of the last; 0 begins."""
        query = "SELECT place, id, body FROM node WHERE parent IS NULL AND place > ? ORDER BY place LIMIT ?"
        rows = self._database.execute(query, (after, count)).fetchall()
        found = []
        for place, gid, body in rows:
            order = json.loads(body)
            self._add_children(order, gid, ("lineItems", "shippingLines", "fulfillmentOrders"))
            for unit in order["fulfillmentOrders"]["nodes"]:
                self._add_children(unit, unit["id"], ("lineItems",))
            found.append(order)
            after = place
        return found, after

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def _add_children(self, parent: dict[str, Any], gid: str, connections: tuple[str, ...]) -> None:
        for name in connections:
            parent[name] = {"pageInfo": _END, "nodes": []}
        query = "SELECT kind, body FROM node WHERE parent = ? ORDER BY place"
        for kind, body in self._database.execute(query, (gid,)).fetchall():
            parent[_CONNECTIONS[kind]]["nodes"].append(json.loads(body))

    def _insert(self, batch: list[tuple[str, str | None, str, str]]) -> None:
        self._database.executemany("INSERT INTO node (id, parent, kind, body) VALUES (?, ?, ?, ?)", batch)


def _row(line: bytes) -> tuple[str, str | None, str, str]:
    try:
        text = line.decode()
        node = json.loads(text)
        kind, parent = node["__typename"], node.get("__parentId")
        # Shopify gives some shipping lines no id: these are told apart by what they say.
        gid = node.get("id") or (f"{parent}#{text}" if parent else None)
    except (ValueError, KeyError, TypeError):
        raise UnreadablePayload("a line of the bulk file is damaged") from None
    is_known = kind in _CONNECTIONS if parent else kind == _ORDER
    if not is_known or not isinstance(gid, str):
        raise UnreadablePayload("a line of the bulk file is of an unknown kind")
    return gid, parent, kind, text


def read_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in pieces."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest
