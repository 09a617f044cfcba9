"""Letting fulfillment orders wait, and reporting progress, by Shopify's rules.

Codes are those of Shopify's schema 2026-10 and most messages are its descriptions of them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from simulator.stores.shopify.fulfilling import FULFILLABLE, Wanted
from simulator.stores.shopify.ledger import Ledger, Refusal
from simulator.stores.shopify.rearranging import Notes, cut_off
from simulator.stores.shopify.units import DONE, Hold, UnitRecord

MOST_HOLDS = 10
"""Of one app on one fulfillment order at a time."""


def hold(
    ledger: Ledger,
    unit: UnitRecord,
    reason: str,
    *,
    notes: str = "",
    handle: str = "",
    external_id: str = "",
    by_app: bool = False,
    wanted: Wanted = (),
) -> tuple[Hold, UnitRecord | None]:
    """Let a fulfillment order wait; with `wanted` only these pieces, and what remains is made one apart.

    Raises
    ------
    Refusal
        If it is done, the handle is taken, or there are ten holds of the app's on it.
    """
    _check(unit, handle, by_app, bool(wanted))
    rest = _without(ledger, unit, wanted) if wanted else None
    record = Hold(ledger.next_number(), reason, notes, handle, external_id, by_app)
    unit.holds.append(record)
    ledger.touch_unit(unit, "ON_HOLD")
    ledger.touch(unit.order)
    ledger.tell(
        ("FULFILLMENT_HOLDS_ADDED", (unit, record)),
        ("FULFILLMENT_ORDERS_PLACED_ON_HOLD", (unit, record, rest)),
        ("ORDERS_UPDATED", unit.order),
    )
    return record, rest


def _check(unit: UnitRecord, handle: str, by_app: bool, is_partial: bool) -> None:
    if unit.status in DONE:
        raise Refusal(
            "The fulfillment order is not in a state that can be held.",
            "id",
            code="FULFILLMENT_ORDER_NOT_FOUND",
        )
    own = [one for one in unit.holds if one.by_app == by_app]
    if by_app and len(own) >= MOST_HOLDS:
        raise Refusal(
            "The maximum number of fulfillment holds for this fulfillment order has been reached for this "
            "app. An app can only have up to 10 holds on a single fulfillment order at any one time.",
            "id",
            code="FULFILLMENT_ORDER_HOLD_LIMIT_REACHED",
        )
    if by_app and any(one.handle == handle for one in own):
        raise Refusal(
            "The handle provided for the fulfillment hold is already in use by this app for another hold on "
            "this fulfillment order.",
            "fulfillmentHold",
            "handle",
            code="DUPLICATE_FULFILLMENT_HOLD_HANDLE",
        )
    if is_partial and unit.holds:
        raise Refusal(
            "The fulfillment order is not in a splittable state.",
            "id",
            code="FULFILLMENT_ORDER_NOT_SPLITTABLE",
        )


def _without(ledger: Ledger, unit: UnitRecord, wanted: Wanted) -> UnitRecord | None:
    """Keep the wanted pieces in the fulfillment order and put the others into one of their own."""
    kept = dict(wanted)
    lines = {line.number: line.remaining for line in unit.lines}
    for number, quantity in kept.items():
        if quantity <= 0:
            raise Refusal(
                "The fulfillment order line item quantity must be greater than 0.",
                "fulfillmentHold",
                code="GREATER_THAN_ZERO",
            )
        if quantity > lines.get(number, 0):
            raise Refusal(
                "The fulfillment order line item quantity is invalid.",
                "fulfillmentHold",
                code="INVALID_LINE_ITEM_QUANTITY",
            )
    rest = [(number, left - kept.get(number, 0)) for number, left in lines.items()]
    rest = [(number, quantity) for number, quantity in rest if quantity]
    return cut_off(ledger, unit, rest) if rest else None


def release(ledger: Ledger, unit: UnitRecord, holds: Collection[int] | None = None) -> None:
    """Let go of some holds, or of all; without any left it may be shipped again."""
    gone = [one for one in unit.holds if holds is None or one.number in holds]
    unit.holds = [one for one in unit.holds if one not in gone]
    if not gone:
        return
    now = ledger.now()
    waits = unit.fulfill_at is not None and unit.fulfill_at > now
    ledger.touch_unit(unit, "ON_HOLD" if unit.holds else "SCHEDULED" if waits else "OPEN")
    ledger.touch(unit.order)
    notices: Notes = [("FULFILLMENT_HOLDS_RELEASED", (unit, one)) for one in gone]
    if not unit.holds:
        notices.append(("FULFILLMENT_ORDERS_HOLD_RELEASED", unit))
    ledger.tell(*notices, ("ORDERS_UPDATED", unit.order))


def report_progress(ledger: Ledger, unit: UnitRecord, notes: str = "") -> None:
    """Work on it has begun.

    Raises
    ------
    Refusal
        If it is neither open nor in progress.
    """
    if unit.status not in FULFILLABLE:
        raise Refusal(
            "The fulfillment order status is invalid.", "id", code="FULFILLMENT_ORDER_STATUS_INVALID"
        )
    before = unit.status
    ledger.touch_unit(unit, "IN_PROGRESS")
    ledger.touch(unit.order)
    ledger.tell(
        ("FULFILLMENT_ORDERS_PROGRESS_REPORTED", (unit, notes, before)), ("ORDERS_UPDATED", unit.order)
    )


def reopen(ledger: Ledger, unit: UnitRecord) -> None:
    """A scheduled one may be shipped, or one in progress is put back."""
    was_scheduled = unit.status == "SCHEDULED"
    unit.fulfill_at = None if was_scheduled else unit.fulfill_at
    ledger.touch_unit(unit, "OPEN")
    topic = "SCHEDULED_FULFILLMENT_ORDER_READY" if was_scheduled else "MANUALLY_REPORTED_PROGRESS_STOPPED"
    ledger.tell((f"FULFILLMENT_ORDERS_{topic}", unit))


def reschedule(ledger: Ledger, unit: UnitRecord, fulfill_at: datetime) -> None:
    """Let it wait for another day."""
    unit.fulfill_at = fulfill_at
    ledger.touch_unit(unit, "SCHEDULED")
    ledger.tell(("FULFILLMENT_ORDERS_RESCHEDULED", unit))
