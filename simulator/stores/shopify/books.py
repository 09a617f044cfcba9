"""What the shop holds, for comparing with what others hold of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.money import Money
from simulator.stores.shopify.ledger import Ledger
from simulator.stores.shopify.records import OrderRecord
from simulator.stores.shopify.units import FulfillmentRecord, UnitRecord


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A fulfillment order: `remaining` counts pieces by line."""

    external_id: str
    status: str
    location_external_id: str
    remaining: Mapping[str, int]
    holds: Sequence[tuple[str, str, bool]]
    """Reason, handle, and whether the app asked for it."""


@dataclass(frozen=True, slots=True)
class FulfillmentRow:
    """A shipment: `quantities` counts pieces by line, `events` are (status, happened at)."""

    external_id: str
    status: str
    display_status: str
    location_external_id: str
    quantities: Mapping[str, int]
    tracking: Sequence[tuple[str, str, str]]
    events: Sequence[tuple[str, datetime]]
    by_app: bool


@dataclass(frozen=True, slots=True)
class BookRow:
    """One order as the shop itself counts it; `lines` are what edits and refunds left, by line."""

    external_id: str
    number: str
    needs_shipping: bool
    cancelled: bool
    shipped: bool
    is_test: bool
    pieces: int
    total: Money
    updated_at: datetime
    lines: Mapping[str, int]
    units: Sequence[UnitRow]
    fulfillments: Sequence[FulfillmentRow]


@dataclass(frozen=True, slots=True)
class WriteRow:
    """What the app did to one thing, and how often: more than once is a duplicate or an echo."""

    mutation: str
    target: str
    times: int


def book_row(order: OrderRecord) -> BookRow:
    """One order."""
    return BookRow(
        external_id=order.gid,
        number=order.name,
        needs_shipping=order.needs_shipping,
        cancelled=order.cancelled_at is not None,
        shipped=bool(order.shipped_as),
        is_test=order.is_test,
        pieces=sum(line.current_quantity for line in order.lines if line.article.requires_shipping),
        total=order.total,
        updated_at=order.updated_at,
        lines={line.gid: line.current_quantity for line in order.lines},
        units=[_unit_row(unit) for unit in order.units],
        fulfillments=[_fulfillment_row(shipment) for shipment in order.fulfillments],
    )


def write_rows(ledger: Ledger) -> list[WriteRow]:
    """Everything that the app did."""
    return [WriteRow(mutation, target, times) for (mutation, target), times in ledger.writes.items()]


def repeated_events(ledger: Ledger) -> int:
    """Events of shipments that say what another says: the same status at the same instant."""
    return sum(
        len(shipment.events) - len({(event.status, event.happened_at) for event in shipment.events})
        for shipment in ledger.fulfillments.values()
    )


def over_shipped(ledger: Ledger) -> list[str]:
    """Gids of orders of which more was shipped than was sold."""
    return [
        order.gid
        for order in ledger.orders
        if any(line.fulfilled > line.article.quantity for line in order.lines)
    ]


def _unit_row(unit: UnitRecord) -> UnitRow:
    return UnitRow(
        external_id=unit.gid,
        status=unit.status,
        location_external_id=unit.place.gid,
        remaining={line.line.gid: line.remaining for line in unit.lines},
        holds=[(hold.reason, hold.handle, hold.by_app) for hold in unit.holds],
    )


def _fulfillment_row(shipment: FulfillmentRecord) -> FulfillmentRow:
    quantities: dict[str, int] = {}
    for part in shipment.picked:
        gid = part.unit_line.line.gid
        quantities[gid] = quantities.get(gid, 0) + part.quantity
    return FulfillmentRow(
        external_id=shipment.gid,
        status=shipment.status,
        display_status=shipment.display_status,
        location_external_id=shipment.place.gid,
        quantities=quantities,
        tracking=[(row.company, row.number, row.url) for row in shipment.tracking],
        events=[(event.status, event.happened_at) for event in shipment.events],
        by_app=shipment.by_app,
    )
