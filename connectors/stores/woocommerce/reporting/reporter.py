"""Compares what an order shows with what it should show, and writes the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.stores.woocommerce import mapping
from connectors.stores.woocommerce.diagnosis import Fault, problem
from connectors.stores.woocommerce.memory import MEMORY_KEY, ON_HOLD, Memory
from connectors.stores.woocommerce.reading import Document, OrderReader, is_draft
from connectors.stores.woocommerce.reporting.fulfillments import Fulfillments, wanted_of
from connectors.stores.woocommerce.reporting.notes import Note, missing_notes, notes_of
from connectors.stores.woocommerce.reporting.outcome import Outcome, outcome_of
from connectors.stores.woocommerce.reporting.told import Told
from connectors.stores.woocommerce.reporting.tracking import ITEMS_KEY, tracking_items
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.clock import Clock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import UnreadablePayload
from doorstep.report import DeliveryReport


class Reporter:
    """Tells one store how deliveries stand.

    The order is read at every report and written at most once, meta and status together: even a write that
    changes nothing stamps the order and fires `order.updated` (measured), which comes back to us and must
    find nothing to do. Fulfillments come before the status, since a completed order may be fulfilled by the
    store itself; notes come last.
    """

    def __init__(self, api: StoreApi, orders: OrderReader, clock: Clock) -> None:
        self._api = api
        self._orders = orders
        self._clock = clock
        self._fulfillments = Fulfillments(api, clock)

    async def report(self, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        """Write what the store does not show yet; see `StoreConnector.report`.

        An order in the trash is left as it is: nobody looks at it.

        Raises
        ------
        RemoteRefused
            If the order is gone for good.
        """
        before = Told.of_text(told)
        order = await self._read(report.order_external_id)
        if order.get("status") == "trash" or is_draft(order):
            return told
        fulfillment = wanted_of(report)
        if in_doubt or fulfillment != before.fulfillment:
            await self._fulfillments.settle(report)
            # A person may have changed the status meanwhile, and WooCommerce has no write on condition.
            order = await self._read(report.order_external_id)
        outcome = await self._show(order, report)
        notes = await self._write_notes(report, outcome.memory, before)
        return replace(before, notes=notes, fulfillment=fulfillment).as_text()

    async def _read(self, order_id: str) -> Document:
        order = await self._orders.document(order_id)
        if order is None:
            raise problem(Fault.QUESTION_REFUSED, f"order {order_id} is gone")
        return order

    async def _show(self, order: Document, report: DeliveryReport) -> Outcome:
        meta = _meta_of(order)
        known = Memory.of_meta(meta.get(MEMORY_KEY))
        status = str(order.get("status", ""))
        may_complete = report.status is DeliveryStatus.DELIVERED and status in {"processing", ON_HOLD}
        is_all = may_complete and await self._is_all(order, report)
        outcome = outcome_of(known, status, report, is_all=is_all)
        items = tracking_items(meta.get(ITEMS_KEY), known.delivery_id, report, self._clock.now())
        changes: dict[str, Any] = {}
        entries: list[dict[str, Any]] = []
        if outcome.memory != known:
            entries.append({"key": MEMORY_KEY, "value": outcome.memory.as_meta()})
        if items != (meta.get(ITEMS_KEY) or []):
            entries.append({"key": ITEMS_KEY, "value": items or None})  # null deletes (measured)
        if entries:
            changes["meta_data"] = entries
        if outcome.status != status:
            changes["status"] = outcome.status
        if changes:
            await self._api.write("PUT", f"orders/{order['id']}", changes)
        return outcome

    async def _is_all(self, order: Document, report: DeliveryReport) -> bool:
        """Whether a delivery, and other parts that are delivered, carry everything that ships.

        What was refunded does not count any more.

        An order that cannot be read is never completed by us.
        """
        if not report.lines and not report.beside:
            return True  # nothing is under way any more, and the order is a single unit
        (raw,) = await self._orders.complete([order], self._clock.now())
        try:
            units = mapping.read_order(raw).fulfillment_orders
        except UnreadablePayload:
            return False
        carried = Counter[str]()
        delivered = [line for part in report.beside if part.is_delivered for line in part.lines]
        for line in (*report.lines, *delivered):
            carried[line.line_external_id] += line.quantity
        return all(carried[line.line_external_id] >= line.quantity for unit in units for line in unit.lines)

    async def _write_notes(self, report: DeliveryReport, memory: Memory, told: Told) -> tuple[str, ...]:
        """Write the notes that are missing; the references of all that are wanted, which then are there."""
        order_id = report.order_external_id
        wanted = notes_of(report, memory, store_mails=False)
        if any(note.reference not in told.notes for note in wanted):
            if any(note.is_for_customer for note in wanted) and await self._fulfillments.are_on(order_id):
                wanted = notes_of(report, memory, store_mails=True)
            # Read even where nothing is in doubt: notes that somebody lost on the way must not be doubled.
            shown = (await self._api.read(f"orders/{order_id}/notes")).rows()
            for note in missing_notes(wanted, shown):
                if note.reference not in told.notes:  # else a person took it out again
                    await self._write(order_id, note)
        return tuple(sorted(note.reference for note in wanted))

    async def _write(self, order_id: str, note: Note) -> None:
        await self._api.write(
            "POST", f"orders/{order_id}/notes", {"note": note.text, "customer_note": note.is_for_customer}
        )


def _meta_of(order: Document) -> dict[str, Any]:
    rows = order.get("meta_data")
    entries = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return {str(row.get("key")): row.get("value") for row in entries}
