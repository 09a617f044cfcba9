"""Moving, splitting and merging fulfillment orders by Shopify's rules.

What is moved as a whole and of which nothing was shipped keeps its id at another location; a part of one is
made a fulfillment order of its own (Shopify's schema 2026-10). None of it touches the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.stores.shopify.fulfilling import Wanted
from simulator.stores.shopify.ledger import Ledger, Notice, Refusal
from simulator.stores.shopify.records import Place
from simulator.stores.shopify.units import DONE, UnitLine, UnitRecord

Notes = list[Notice]
NO_UNIT = "The fulfillment order could not be found."


@dataclass(frozen=True, slots=True)
class Moved:
    """A move, as its webhook tells of it."""

    original: UnitRecord
    moved: UnitRecord
    source: Place
    asked: Wanted


@dataclass(frozen=True, slots=True)
class Split:
    """A split, as its webhook tells of it."""

    unit: UnitRecord
    rest: UnitRecord
    asked: Wanted


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge, as its webhook tells of it."""

    unit: UnitRecord
    sources: Sequence[tuple[UnitRecord, Wanted]]


def move(ledger: Ledger, unit: UnitRecord, place: Place, wanted: Wanted = ()) -> Moved:
    """Let another location ship it, or a part of it.

    Raises
    ------
    Refusal
        If it is done, in progress, or there are not so many pieces. The wording is from memory.
    """
    if unit.status in DONE:
        raise Refusal("Fulfillment order is closed and cannot be moved.", "id")
    if unit.status == "IN_PROGRESS":
        raise Refusal(
            "Cannot move a fulfillment order that has progress reported.",
            "id",
            code="CANNOT_MOVE_FULFILLMENT_ORDER_WITH_REPORTED_PROGRESS",
        )
    if not place.is_active:
        raise Refusal("Location is not active.", "newLocationId")
    source = unit.place
    is_whole = not wanted or _is_everything(unit, wanted)
    if is_whole and not unit.is_touched:
        unit.place = place
        moved = unit
        ledger.touch_unit(unit)
    else:
        rest = wanted or [(line.number, line.remaining) for line in unit.lines if line.remaining]
        moved = cut_off(ledger, unit, rest, place)
    told = Moved(unit, moved, source, wanted)
    ledger.tell(("FULFILLMENT_ORDERS_MOVED", told))
    return told


def split(ledger: Ledger, unit: UnitRecord, wanted: Wanted) -> Split:
    """Make a fulfillment order of its own of some pieces.

    Raises
    ------
    Refusal
        If nothing is selected, or nothing would be left.
    """
    if not wanted:
        raise Refusal(
            "You must select at least one item to split into a new fulfillment order.",
            code="NO_LINE_ITEMS_PROVIDED_TO_SPLIT",
        )
    if unit.status in DONE:
        raise Refusal(NO_UNIT, code="FULFILLMENT_ORDER_NOT_FOUND")
    if _is_everything(unit, wanted):
        raise Refusal(
            "There must be at least one item selected in this fulfillment to split it.",
            code="NO_LINE_ITEMS_PROVIDED_TO_SPLIT",
        )
    told = Split(unit, cut_off(ledger, unit, wanted), wanted)
    ledger.tell(("FULFILLMENT_ORDERS_SPLIT", told))
    return told


def merge(ledger: Ledger, sources: Sequence[tuple[UnitRecord, Wanted]]) -> Merged:
    """Put pieces of several fulfillment orders into the first of them.

    Raises
    ------
    Refusal
        If they are not of one order, location and delivery method. The wording is from memory.
    """
    units = [unit for unit, _ in sources]
    if len(units) < 2 or any(unit.status in DONE for unit in units):
        raise Refusal(NO_UNIT, code="FULFILLMENT_ORDER_NOT_FOUND")
    if len({(unit.order.number, unit.place.number, unit.method) for unit in units}) > 1:
        raise Refusal("Fulfillment orders must have the same order, location and delivery method.")
    target = units[0]
    for unit, wanted in sources[1:]:
        for line, quantity in _pieces(unit, wanted):
            _take(line, quantity)
            _give(ledger, target, line, quantity)
        _settle(ledger, unit)
    ledger.touch_unit(target)
    told = Merged(target, sources)
    ledger.tell(("FULFILLMENT_ORDERS_MERGED", told))
    return told


def cut_off(ledger: Ledger, unit: UnitRecord, wanted: Wanted, place: Place | None = None) -> UnitRecord:
    """Make a fulfillment order of some pieces of another.

    Raises
    ------
    Refusal
        If there are not so many.
    """
    pieces = _pieces(unit, wanted)
    now = ledger.now()
    part = UnitRecord(
        number=ledger.next_number(),
        order=unit.order,
        place=place or unit.place,
        lines=[],
        created_at=now,
        updated_at=now,
        method=unit.method,
        service_code=unit.service_code,
        fulfill_at=unit.fulfill_at,
        status="SCHEDULED" if unit.status == "SCHEDULED" else "OPEN",
    )
    for line, quantity in pieces:
        _take(line, quantity)
        part.lines.append(UnitLine(ledger.next_number(), line.line, quantity, quantity))
    ledger.add_unit(part)
    _settle(ledger, unit)
    return part


def _pieces(unit: UnitRecord, wanted: Wanted) -> list[tuple[UnitLine, int]]:
    lines = {line.number: line for line in unit.lines}
    if not wanted:
        return [(line, line.remaining) for line in unit.lines if line.remaining]
    for number, quantity in wanted:
        if quantity <= 0:
            raise Refusal(
                "The fulfillment order line item quantity must be greater than 0.", code="GREATER_THAN"
            )
        if number not in lines or quantity > lines[number].remaining:
            raise Refusal(
                "The fulfillment order line item quantity is invalid.", code="INVALID_LINE_ITEM_QUANTITY"
            )
    return [(lines[number], quantity) for number, quantity in wanted]


def _is_everything(unit: UnitRecord, wanted: Wanted) -> bool:
    asked = dict(wanted)
    return all(asked.get(line.number, 0) >= line.remaining for line in unit.lines)


def _take(line: UnitLine, quantity: int) -> None:
    line.total -= quantity
    line.remaining -= quantity


def _give(ledger: Ledger, unit: UnitRecord, line: UnitLine, quantity: int) -> None:
    own = next((one for one in unit.lines if one.line is line.line), None)
    if own is None:
        unit.lines.append(UnitLine(ledger.next_number(), line.line, quantity, quantity))
        return
    own.total += quantity
    own.remaining += quantity


def _settle(ledger: Ledger, unit: UnitRecord) -> None:
    """Lines without pieces go; a fulfillment order that has nothing left to ship is closed."""
    unit.lines = [line for line in unit.lines if line.total]
    ledger.touch_unit(unit, None if unit.remaining else "CLOSED")
