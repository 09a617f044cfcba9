"""Letting another location ship a fulfillment order or a part of it, Admin API 2026-10.

`fulfillmentOrderMove` does both: with line items it cuts these off and moves them, so that an order never
stands between a split and a move. What is moved whole keeps its gid at the new location; a part, and what
stays behind after a shipment, gets another one, or joins a fulfillment order that is there already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.stores.shopify.answers import SYSTEM, Answer, read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import MOVE_UNIT, UNIT_GOODS, Document
from connectors.stores.shopify.payload import Field
from doorstep.errors import (
    AccountProblem,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
    UnreadablePayload,
)
from doorstep.order import FulfillmentLine

_OVER = frozenset({"CLOSED", "CANCELLED", "INCOMPLETE"})
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class _Goods:
    """What a fulfillment order has still to ship: (gid of its own line, pieces) by gid of an order's line."""

    location_id: str
    status: str
    lines: Mapping[str, tuple[str, int]]


async def move_unit(
    client: ShopifyClient, unit_id: str, location_id: str, lines: Sequence[FulfillmentLine]
) -> str:
    """Move a fulfillment order, or these pieces of it; see `doorstep.ports.MovesUnits`.

    Raises
    ------
    UnknownOutcome
        If the answer was lost.
    RemoteRefused
        With Shopify's words, or if there are not so many pieces to be moved.
    AccountProblem, RateLimited, RemoteUnavailable
        As `ShopifyClient.send` says.
    """
    goods = await _look(client, unit_id)
    if goods is None or goods.status in _OVER:
        raise _refused("the fulfillment order is over", "over")
    pieces = {line.line_external_id: line.quantity for line in lines if line.quantity}
    is_whole = not pieces or all(pieces.get(line_id) == left for line_id, (_, left) in goods.lines.items())
    if is_whole and goods.location_id == location_id:
        return unit_id
    if any(quantity > goods.lines.get(line_id, ("", 0))[1] for line_id, quantity in pieces.items()):
        raise _refused("less is left to be shipped than should be moved", "too_few")
    variables: dict[str, Any] = {"id": unit_id, "to": location_id, "pieces": None}
    if not is_whole:
        variables["pieces"] = [
            {"id": goods.lines[line_id][0], "quantity": quantity} for line_id, quantity in pieces.items()
        ]
    return _moved(await _ask(client, MOVE_UNIT, variables))


async def _look(client: ShopifyClient, unit_id: str) -> _Goods | None:
    lines: dict[str, tuple[str, int]] = {}
    after: str | None = None
    while True:
        unit = Field((await _ask(client, UNIT_GOODS, {"id": unit_id, "after": after})).data)[
            "fulfillmentOrder"
        ]
        if not unit:
            return None
        try:
            nodes, after = read_page(unit["lineItems"])
            for node in nodes:
                left = node["remainingQuantity"].count()
                if left:
                    lines[node["lineItem"]["id"].text()] = (node["id"].text(), left)
            if after is None:
                place = unit["assignedLocation"]["location"] if unit["assignedLocation"] else None
                return _Goods(place["id"].text() if place else "", unit["status"].text(), lines)
        except UnreadablePayload:
            text = "Shopify's answer lacks what was asked for"
            raise RemoteUnavailable(text, system=SYSTEM, raw_code="no_data") from None


async def _ask(client: ShopifyClient, document: Document, variables: Mapping[str, Any]) -> Answer:
    """Send an operation of which nothing may be withheld."""
    answer = await client.send(document, variables)
    if answer.denied:
        text = "Shopify denies the app the shop's fulfillment orders; an access scope is missing"
        raise AccountProblem(text, system=SYSTEM, raw_code="ACCESS_DENIED")
    return answer


def _moved(answer: Answer) -> str:
    payload = Field(answer.data)["payload"]
    try:
        errors = list(payload["userErrors"].items())
        if errors:
            words = "; ".join(error["message"].text_or_empty() for error in errors)[:_LONGEST_WORDS]
            raise _refused(words, errors[0]["code"].text_or_empty())
        return payload["movedFulfillmentOrder"]["id"].text()
    except UnreadablePayload:
        text = "Shopify's answer to a move lacks what was asked for"
        raise UnknownOutcome(text, system=SYSTEM, raw_code="no_data") from None


def _refused(words: str, code: str) -> RemoteRefused:
    text = f"Shopify does not let it be moved: {words}"
    return RemoteRefused(text, system=SYSTEM, raw_code=code, raw_message=words)
