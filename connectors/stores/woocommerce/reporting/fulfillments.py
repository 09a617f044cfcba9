"""WooCommerce's native fulfillments, where they are on: one for each delivery.

They came with 10.1 behind a feature flag and are off by default; the shape is that captured on 10.5. A
fulfillment that is created as fulfilled mails the shopper, so it is read for before it is written.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.stores.woocommerce.diagnosis import Fault, fault_of
from connectors.stores.woocommerce.memory import MEMORY_KEY
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.clock import Clock
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.report import DeliveryReport

Row = Mapping[str, Any]

_OFF = {Fault.PLUGIN_MISSING, Fault.RIGHTS_MISSING}
"""No such route, or a user below shop manager, who may not use it: the order itself was read before."""


class Fulfillments:
    """The fulfillments of one store.

    Parameters
    ----------
    keep
        How long it is believed that they are off.
    """

    def __init__(self, api: StoreApi, clock: Clock, keep: timedelta = timedelta(hours=6)) -> None:
        self._api = api
        self._clock = clock
        self._keep = keep
        self._off_since: datetime | None = None

    async def are_on(self, order_id: str) -> bool:
        """Whether the store has them."""
        return await self._rows(order_id) is not None

    async def settle(self, report: DeliveryReport) -> None:
        """Write what the store does not show yet of a delivery.

        Earlier deliveries of ours make way, those of other parts of the order stay. What somebody else has
        fulfilled is not fulfilled again, and a fulfillment that has our tracking number is ours whoever typed
        it in.
        """
        rows = await self._rows(report.order_external_id)
        if rows is None:
            return
        current = _current(rows, report)
        beside = {part.delivery_id for part in report.beside if part.delivery_id}
        for row in rows:
            if _meta(row).get(MEMORY_KEY) in beside:
                continue
            is_stale = row is not current or not report.is_shipped
            if _meta(row).get(MEMORY_KEY) and is_stale:
                await self._delete(report, row)
        if not report.is_shipped:
            return
        if current is None:
            await self._create(report, _items(report, rows))
        elif _meta(current).get(MEMORY_KEY):
            await self._update(report, current)

    async def _rows(self, order_id: str) -> list[dict[str, Any]] | None:
        now = self._clock.now()
        if self._off_since is not None and now - self._off_since < self._keep:
            return None
        try:
            rows = (await self._api.read(f"orders/{order_id}/fulfillments")).rows()
        except RemoteError as error:
            if fault_of(error) not in _OFF:
                raise
            self._off_since = now
            return None
        self._off_since = None
        return rows

    async def _create(self, report: DeliveryReport, items: list[dict[str, int]]) -> None:
        if not items:
            return
        meta = {"_items": items, **_tracking(report)}
        await self._api.write(
            "POST",
            f"orders/{report.order_external_id}/fulfillments",
            {
                "status": "fulfilled",
                "is_fulfilled": True,
                "meta_data": _entries(meta),
                "notify_customer": report.notify_shopper,
            },
        )

    async def _update(self, report: DeliveryReport, row: Row) -> None:
        shown, wanted = _meta(row), _tracking(report)
        if all(str(shown.get(key, "")) == value for key, value in wanted.items()):
            return
        # Keys that are not sent are deleted (OrderFulfillmentsRestController::update_fulfillment).
        await self._api.write(
            "PUT",
            f"orders/{report.order_external_id}/fulfillments/{row['id']}",
            {"meta_data": _entries(shown | wanted), "notify_customer": False},
        )

    async def _delete(self, report: DeliveryReport, row: Row) -> None:
        with contextlib.suppress(RemoteRefused):  # a person has just deleted it
            await self._api.write("DELETE", f"orders/{report.order_external_id}/fulfillments/{row['id']}")


def wanted_of(report: DeliveryReport) -> str:
    """All that decides about a delivery's fulfillment, to see whether it changed; "" where there is none."""
    if not report.is_shipped:
        return ""
    lines = [[line.line_external_id, line.quantity] for line in report.lines]
    return json.dumps([*_tracking(report).values(), lines])


def _tracking(report: DeliveryReport) -> dict[str, str]:
    return {
        "_tracking_number": report.tracking_number or report.reference,
        "_shipment_provider": "other",
        "_provider_name": report.carrier or "Doorstep",
        "_tracking_url": report.tracking_url,
        MEMORY_KEY: report.delivery_id,
    }


def _current(rows: list[dict[str, Any]], report: DeliveryReport) -> Row | None:
    for row in rows:
        if _meta(row).get(MEMORY_KEY) == report.delivery_id:
            return row
    number = report.tracking_number
    return next((row for row in rows if number and _meta(row).get("_tracking_number") == number), None)


def _items(report: DeliveryReport, rows: list[dict[str, Any]]) -> list[dict[str, int]]:
    """What the delivery carries, less what somebody else has already fulfilled."""
    covered: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        meta = _meta(row)
        for item in meta.get("_items") or [] if not meta.get(MEMORY_KEY) and row.get("is_fulfilled") else []:
            if isinstance(item, Mapping) and str(item.get("qty", "")).isdecimal():
                covered[str(item.get("item_id"))] += int(item["qty"])
    left = [(line.line_external_id, line.quantity - covered[line.line_external_id]) for line in report.lines]
    return [{"item_id": int(line), "qty": quantity} for line, quantity in left if quantity > 0]


def _meta(row: Row) -> dict[str, Any]:
    entries = row.get("meta_data")
    rows = entries if isinstance(entries, list) else []
    return {str(entry.get("key")): entry.get("value") for entry in rows if isinstance(entry, Mapping)}


def _entries(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in meta.items()]
