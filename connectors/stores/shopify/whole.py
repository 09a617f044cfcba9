"""Whole orders: what did not fit on a page is fetched, and an order that changes meanwhile is read anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.stores.shopify.answers import SYSTEM, Answer
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import (
    MORE_FULFILLMENT_LINES,
    MORE_FULFILLMENT_ORDERS,
    MORE_LINES,
    ORDERS_BY_ID,
    Document,
)
from connectors.stores.shopify.payload import Field
from doorstep.clock import Clock
from doorstep.errors import AccountProblem, RemoteUnavailable, UnreadablePayload
from doorstep.ports import RawOrder

TRIES = 3
"""How often an order is read that changes while it is read."""

AT_ONCE = 13
"""Orders that are fetched by id in one call. What Shopify counts for that is not documented: one order costs
69 points, and 13 times as many are still below the 1,000 that a query may cost."""

Withheld = Mapping[tuple[str, ...], list[str]]


class ChangedMeanwhile(RemoteUnavailable):
    """The order changed between its first part and its last."""

    def __init__(self) -> None:
        text = "an order changed while it was read"
        super().__init__(text, system=SYSTEM, raw_code="changed_meanwhile")


class OrderReader:
    """Makes raw orders of what Shopify answered."""

    def __init__(self, client: ShopifyClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def by_id(self, gid: str) -> RawOrder | None:
        """One order now; None where Shopify has none of that id.

        Raises
        ------
        ChangedMeanwhile
            If it changed under every try.
        """
        return (await self.by_ids([gid]))[gid]

    async def by_ids(self, gids: Sequence[str]) -> dict[str, RawOrder | None]:
        """Orders now; None where Shopify itself says that there is none of that id.

        Raises
        ------
        ChangedMeanwhile
            If one changed under every try.
        """
        found: dict[str, RawOrder | None] = {}
        for _ in range(TRIES):
            wanted = [gid for gid in gids if gid not in found]
            for start in range(0, len(wanted), AT_ONCE):
                found |= await self._batch(wanted[start : start + AT_ONCE])
        if len(found) < len(set(gids)):
            raise ChangedMeanwhile
        return found

    async def _batch(self, gids: Sequence[str]) -> dict[str, RawOrder | None]:
        """Those that stood still while they were read."""
        asked_at = self._clock.now()
        answer = await self._client.send(ORDERS_BY_ID, {"ids": list(gids)})
        withheld = withheld_by_place(answer, 2)
        nodes = list(Field(answer.data)["nodes"].items())
        if len(nodes) != len(gids):
            text = "Shopify's answer lacks what was asked for"
            raise RemoteUnavailable(text, system=SYSTEM, raw_code="no_data")
        found: dict[str, RawOrder | None] = {}
        for index, (gid, order) in enumerate(zip(gids, nodes, strict=True)):
            denied = withheld.get(("nodes", str(index)), [])
            if not order and denied:
                # What may not be seen leaves a hole that looks as if the order were gone.
                text = "Shopify denies the app a part of an order; an access scope is missing"
                raise AccountProblem(text, system=SYSTEM, raw_code="ACCESS_DENIED")
            try:
                found[gid] = await self.whole(order, denied, asked_at) if order else None
            except ChangedMeanwhile:
                continue
        return found

    async def whole(self, order: Field, withheld: Iterable[str], asked_at: datetime) -> RawOrder:
        """An order of an answer, with the lines and fulfillment orders that the answer had no room for.

        An order that is in disorder is given as it came: mapping it says what is wrong.

        Raises
        ------
        ChangedMeanwhile
            If it changed or went between its parts.
        """
        denied = list(withheld)
        try:
            denied += await self._complete(order)
        except UnreadablePayload:
            pass  # the flow keeps it in quarantine, and the walk goes on
        return raw_order(order.value, denied, asked_at, self._clock.now())

    async def _complete(self, order: Field) -> list[str]:
        gid = order["id"].text()
        denied = await self._rest(order, order["lineItems"], MORE_LINES, gid)
        denied += await self._rest(order, order["fulfillmentOrders"], MORE_FULFILLMENT_ORDERS, gid)
        for unit in order["fulfillmentOrders"].nodes():
            denied += await self._rest(unit, unit["lineItems"], MORE_FULFILLMENT_LINES, unit["id"].text())
        return denied

    async def _rest(self, owner: Field, part: Field, document: Document, gid: str) -> list[str]:
        """Append to a connection what did not fit on its first page; gives what was withheld of that."""
        denied: list[str] = []
        after = _next_cursor(part)
        while after is not None:
            answer = await self._client.send(document, {"id": gid, "after": after})
            name, found = next(iter(answer.data.items()), ("", None))
            holder = Field(found, (name,))
            # `updatedAt` has whole seconds: of two changes in one second the second is told by the next walk.
            if not holder or holder["updatedAt"].value != owner["updatedAt"].value:
                raise ChangedMeanwhile
            more = holder[part.path[-1]]
            part.value["nodes"].extend(node.value for node in more.nodes())
            after = _next_cursor(more)
            denied += [".".join(path[1:]) for path in answer.denied]
        return denied


def withheld_by_place(answer: Answer, depth: int) -> Withheld:
    """Which fields were withheld, by the place of their order in the answer, `depth` names deep."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in answer.denied:
        found.setdefault(path[:depth], []).append(".".join(path[depth:]))
    return found


def raw_order(value: object, denied: list[str], asked_at: datetime, fetched_at: datetime) -> RawOrder:
    """An order as `mapping.read_order` takes it, however odd it is."""
    body = json.dumps({"order": value, "denied": denied}, ensure_ascii=False)
    order = Field(value if isinstance(value, dict) else {})
    gid = order["id"].value
    if not isinstance(gid, str) or not gid:
        gid = "unknown:" + hashlib.sha256(body.encode()).hexdigest()[:32]
    return RawOrder(gid, body, asked_at, fetched_at, _instant_or_none(order["updatedAt"]))


def _next_cursor(part: Field) -> str | None:
    info = part["pageInfo"]
    return info["endCursor"].text() if info["hasNextPage"].flag() else None


def _instant_or_none(field: Field) -> datetime | None:
    try:
        return field.instant_or_none()
    except UnreadablePayload:
        return None
