"""What a shop shows of one fulfillment order: its goods, its holds and its fulfillments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.stores.shopify.answers import SYSTEM, read_page
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.reporting.access import Sender, ask
from connectors.stores.shopify.reporting.documents import UNIT
from connectors.stores.shopify.reporting.wish import Tracking
from doorstep.errors import RemoteUnavailable, UnreadablePayload

_DEAD = frozenset({"CANCELLED", "ERROR", "FAILURE"})
_OVER = frozenset({"CLOSED", "CANCELLED", "INCOMPLETE"})


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """How much of an order's line is still to be sent."""

    id: str
    line_id: str
    remaining: int


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold; `is_from_app` says that it was this app that placed it."""

    id: str
    handle: str
    reason: str
    text: str
    is_from_app: bool


@dataclass(frozen=True, slots=True)
class Shipment:
    """A fulfillment.

    Attributes
    ----------
    pieces, events
        By gid of the order's line, and by (status, time): {} unless the shop was looked at closely.
    """

    id: str
    status: str
    created_at: datetime
    tracking: tuple[Tracking, ...]
    pieces: Mapping[str, int]
    events: Mapping[tuple[str, datetime], str]

    @property
    def is_live(self) -> bool:
        """Whether it counts; of a status that Shopify adds later it is safer to think so."""
        return self.status not in _DEAD


@dataclass(frozen=True, slots=True)
class Unit:
    """A fulfillment order; `shipments` oldest first."""

    id: str
    status: str
    lines: tuple[GoodsLine, ...]
    holds: tuple[ShownHold, ...]
    shipments: tuple[Shipment, ...]

    @property
    def is_over(self) -> bool:
        """Whether Shopify takes neither goods nor holds for it."""
        return self.status in _OVER

    @property
    def live_shipments(self) -> tuple[Shipment, ...]:
        """Those that count."""
        return tuple(shipment for shipment in self.shipments if shipment.is_live)


async def look(client: Sender, unit_id: str, *, closely: bool) -> Unit | None:
    """Read a fulfillment order, `closely` with what its fulfillments contain and tell; None where it is gone.

    Raises
    ------
    AccountProblem, RateLimited, RemoteUnavailable, RemoteRefused
        As `ask` says.
    """
    lines: list[GoodsLine] = []
    shipments: list[Shipment] = []
    after: dict[str, str | None] = {"afterLine": None, "afterFulfillment": None}
    while True:
        answer = await ask(client, UNIT, {"id": unit_id, "closely": closely, **after})
        unit = Field(answer.data)["fulfillmentOrder"]
        if not unit:
            return None
        try:
            goods, next_line = read_page(unit["lineItems"])
            sent, next_shipment = read_page(unit["fulfillments"])
            lines += [_line(node) for node in goods]
            shipments += [_shipment(node) for node in sent]
            if next_line is None and next_shipment is None:
                return _unit(unit, lines, shipments)
            # One list may be longer than the other: where it ended, the next page of it is empty.
            after = {
                "afterLine": next_line or _end(unit["lineItems"], after["afterLine"]),
                "afterFulfillment": next_shipment or _end(unit["fulfillments"], after["afterFulfillment"]),
            }
        except UnreadablePayload:
            text = "Shopify's answer lacks what was asked for"
            raise RemoteUnavailable(text, system=SYSTEM, raw_code="no_data") from None


def _end(connection: Field, before: str | None) -> str | None:
    return connection["pageInfo"]["endCursor"].text_or_empty() or before


def _unit(unit: Field, lines: list[GoodsLine], shipments: list[Shipment]) -> Unit:
    # A change between two pages may show a fulfillment twice.
    known = {shipment.id: shipment for shipment in shipments}
    return Unit(
        id=unit["id"].text(),
        status=unit["status"].text(),
        lines=tuple({line.id: line for line in lines}.values()),
        holds=tuple(_hold(hold) for hold in unit["fulfillmentHolds"].items()),
        shipments=tuple(sorted(known.values(), key=lambda shipment: shipment.created_at)),
    )


def _line(node: Field) -> GoodsLine:
    return GoodsLine(node["id"].text(), node["lineItem"]["id"].text(), node["remainingQuantity"].count())


def _hold(hold: Field) -> ShownHold:
    return ShownHold(
        id=hold["id"].text(),
        handle=hold["handle"].text_or_empty(),
        reason=hold["reason"].text(),
        text=hold["reasonNotes"].text_or_empty(),
        is_from_app=hold["heldByRequestingApp"].flag(),
    )


def _shipment(node: Field) -> Shipment:
    pieces: Counter[str] = Counter()
    for line in node["fulfillmentLineItems"].nodes():
        pieces[line["lineItem"]["id"].text()] += line["quantity"].count() if line["quantity"] else 0
    return Shipment(
        id=node["id"].text(),
        status=node["status"].text(),
        created_at=node["createdAt"].instant(),
        tracking=tuple(_tracking(row) for row in node["trackingInfo"].items()),
        pieces=dict(pieces),
        events={
            (event["status"].text(), event["happenedAt"].instant().replace(microsecond=0)): event["id"].text()
            for event in node["events"].nodes()
        },
    )


def _tracking(row: Field) -> Tracking:
    return Tracking(*(row[name].text_or_empty() for name in ("company", "number", "url")))
